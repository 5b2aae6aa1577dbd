"""The kill test in full: eight writers killed at random moments, thousands of rows, and none that was said is lost."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import LedgerRefused
from ..ledger import Ledger, NewRow
from ..terms import Action, Identity, Role

__all__ = ["bench_kill", "kill_writer"]

_WRITERS = 8
_ROWS_A_ROUND = 200
_MOST_S = 420
_START = "import sys; from dashboard.cli.bench_kill import kill_writer; kill_writer(*sys.argv[1:])"


def bench_kill(rounds: int, on_progress: Callable[[int, int, str], None]) -> dict[str, dict[str, Any]]:
    """Kill writers until so many times 200 rows are acknowledged, and count what became of them.

    A writer notes each row's id in a file of its own once the ledger has called it saved; it is killed by SIGKILL at a
    random moment within 0.3 s of its first row, and another takes its place. Now and then the ledger is rotated.

    Returns
    -------
    dict
        `ratios` is empty; `figures` has rows acknowledged, found once, lost, doubled, kills, tails set aside, files,
        problems that verifying names.
    """
    chance, wanted = random.Random(), rounds * _ROWS_A_ROUND
    with tempfile.TemporaryDirectory(prefix="overread-kill-") as place:
        folder, begun = Path(place), time.monotonic()
        running: list[tuple[subprocess.Popen[bytes], Path, float]] = []
        notes, kills, said, begun_writers = folder / "notes", 0, 0, 0
        notes.mkdir()
        try:
            while said < wanted and time.monotonic() - begun < _MOST_S:
                while len(running) < _WRITERS:
                    note, begun_writers = notes / str(begun_writers), begun_writers + 1
                    note.touch()
                    child = subprocess.Popen([sys.executable, "-c", _START, str(folder), str(note)])
                    running.append((child, note, 0.0))
                for at, (child, note, ends) in enumerate(running):
                    if not ends and note.stat().st_size:
                        running[at] = (child, note, time.monotonic() + chance.uniform(0, 0.3))
                    elif (ends and time.monotonic() > ends) or child.poll() is not None:
                        child.send_signal(signal.SIGKILL)
                        child.wait()
                        kills += child.returncode == -signal.SIGKILL
                        running[at] = (child, note, -1.0)
                running = [one for one in running if one[2] >= 0]
                if chance.random() < 0.01:
                    with contextlib.suppress(LedgerRefused):
                        _ledger(folder).rotate()
                said = sum(note.stat().st_size // 37 for note in notes.iterdir())
                on_progress(min(said, wanted), wanted, f"{kills} writers killed")
                time.sleep(0.005)
        finally:
            for child, _, _ in running:
                child.kill()
                child.wait()
        return {"ratios": {}, "figures": _figures(folder, notes) | {"writers_killed": kills + len(running)}}


def _figures(folder: Path, notes: Path) -> dict[str, Any]:
    ledger = _ledger(folder)
    ledger.append(_row("R-LAST"))
    texts = [note.read_bytes() for note in notes.iterdir()]
    said = [line for text in texts for line in text.decode().split("\n")[:-1]]
    entries, comments = ledger.entries(), ledger.comments()
    found = Counter(entry.event_id for entry in entries)
    commented = {entry.event_id for entry in entries if entry.comment}
    torn = {entry.details["file"] for entry in entries if entry.action == Action.FAULT and "file" in entry.details}
    figures = {
        "rows_acknowledged": len(said),
        "rows_found_once": sum(found[event_id] == 1 for event_id in said),
        "rows_lost": sum(found[event_id] == 0 for event_id in said),
        "rows_doubled": sum(found[event_id] > 1 for event_id in said),
        "comments_lost": sum(event_id in commented and event_id not in comments for event_id in said),
        "rows_written": len(entries),
        "tails_set_aside": len(list(ledger.folder.glob("reviews.torn-*"))),
        "tails_not_reported": len({p.name for p in ledger.folder.glob("reviews.torn-*")} - torn),
        "files": len(list(ledger.folder.glob("reviews*.csv"))),
        "problems": [problem.what for problem in ledger.verify().problems],
    }
    wrong = ("rows_lost", "rows_doubled", "comments_lost", "tails_not_reported", "problems")
    return {**figures, "holds": bool(said) and not any(figures[name] for name in wrong)}


def kill_writer(folder: str, note: str) -> None:
    """One writing process: append rows until it is killed, and note the id of each once it is acknowledged."""
    ledger = _ledger(Path(folder))
    descriptor = os.open(note, os.O_WRONLY | os.O_APPEND)
    while True:
        os.write(descriptor, f"{ledger.append(_row(Path(note).name))[0].event_id}\n".encode())


def _ledger(folder: Path) -> Ledger:
    return Ledger(folder / "reviews", software=f"overread {__version__}", comment_key=bytes(32))


def _row(reader: str) -> NewRow:
    row = NewRow(action=Action.ACCEPT, reader=reader, role=Role.RADIOLOGIST, identity=Identity.SCRIPT,
                 exposure="PRESENCE", study="S-AAAAAAAAAA", kind="mr", finding="1")  # fmt: skip
    return replace(row, comment="a comment") if random.random() < 0.2 else row
