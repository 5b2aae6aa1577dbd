"""Bench of the ledger: durable appends a second against SQLite, from one process and from eight, and verifying."""

from __future__ import annotations

import hashlib
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import __version__
from ..ledger import COLUMNS, HEADER_HASH, Ledger, NewRow
from ..terms import Action, Identity, Role

__all__ = ["bench_ledger", "writer"]

Progress = Callable[[int, int, str], None]

_PROCESSES = (1, 8)
_SIDES = ("ledger", "sqlite", "sqlite_unchained")
_ROUND_S = 0.2
_DATABASES = {"sqlite": ("chained.sqlite", True), "sqlite_unchained": ("plain.sqlite", False)}
_VERIFIED_ROWS = 100_000
_BATCH = 1_000
_START = "import sys; from dashboard.cli.bench_ledger import writer; writer(sys.argv[1])"
_ROW = NewRow(
    action=Action.ACCEPT,
    reader="R-BENCH",
    role=Role.RADIOLOGIST,
    identity=Identity.SCRIPT,
    exposure="PRESENCE+LOCALIZATION+QUANTITATIVE",
    study="S-AAAAAAAAAA",
    subject="P-AAAAAAAAAA",
    kind="mr",
    input_digest="1" * 64,
    model="bench",
    model_version="1.0.0",
    model_digest="2" * 64,
    prediction="3" * 64,
    finding="1",
    finding_kind="lesion",
    score=0.87,
    active_s=12.5,
    protocol="4" * 64,
)


def bench_ledger(rounds: int, on_progress: Progress) -> dict[str, dict[str, Any]]:
    """Durable appends a second by our ledger and by SQLite in turn, and the time to verify 100,000 rows.

    SQLite runs in WAL with synchronous=FULL and keeps the same columns. It does so twice: with the same hash chain,
    which is the work that our ledger does and what the ratios are against, and without it (`sqlite_unchained`).

    Parameters
    ----------
    rounds : int
        Turns of each side, with one process and with eight; the figures are medians over them.
    """
    ratios: dict[str, float] = {}
    figures: dict[str, Any] = {}
    steps = len(_PROCESSES) * rounds + 1
    with tempfile.TemporaryDirectory(prefix="overread-bench-") as folder:
        for at, count in enumerate(_PROCESSES):
            words = f"{count} process{'es' if count > 1 else ''}"
            rates: dict[str, list[float]] = {side: [] for side in _SIDES}
            with _writers(Path(folder) / str(count), count) as turn:
                for side in _SIDES:
                    turn(side)
                for number in range(rounds):
                    on_progress(at * rounds + number, steps, words)
                    for side in _SIDES:
                        rates[side].append(turn(side))
            name = words.replace(" ", "_")
            medians = {side: statistics.median(found) for side, found in rates.items()}
            ratios[f"append_{name}"] = medians["ledger"] / medians["sqlite"]
            figures |= {f"{side}_rows_a_second_{name}": round(rate) for side, rate in medians.items()}
        on_progress(steps - 1, steps, f"verify {_VERIFIED_ROWS} rows")
        figures[f"verify_{_VERIFIED_ROWS}_rows_s"] = _verify_s(Path(folder) / "long")
    figures["sqlite"] = f"{sqlite3.sqlite_version}, WAL, synchronous=FULL"
    figures["machine"] = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    on_progress(steps, steps, "done")
    return {"ratios": ratios, "figures": figures}


def writer(folder: str) -> None:
    """One writing process: for each side named on standard input, append for a fifth of a second and say how much.

    Each line of the answer is the number of rows made durable and the seconds that they took.
    """
    appends = {
        "ledger": _ledger_append(Path(folder)),
        **{side: _sqlite_append(Path(folder) / name, chained=chained) for side, (name, chained) in _DATABASES.items()},
    }
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        append = appends[line.strip()]
        begun = time.perf_counter()
        rows = 0
        while time.perf_counter() - begun < _ROUND_S:
            append()
            rows += 1
        sys.stdout.write(f"{rows} {time.perf_counter() - begun}\n")
        sys.stdout.flush()


@contextmanager
def _writers(folder: Path, count: int) -> Iterator[Callable[[str], float]]:
    """Several writing processes over one folder; gives a function from a side to their rows a second together."""
    folder.mkdir()
    for (
        name,
        chained,
    ) in _DATABASES.values():  # Of several processes that begin one at once SQLite sends all but one away.
        _sqlite_append(folder / name, chained=chained)
    children: list[subprocess.Popen[str]] = []

    def turn(side: str) -> float:
        for child in children:
            child.stdin.write(f"{side}\n")  # type: ignore[union-attr]
            child.stdin.flush()  # type: ignore[union-attr]
        answers = [child.stdout.readline().split() for child in children]  # type: ignore[union-attr]
        return sum(int(rows) / float(seconds) for rows, seconds in answers)

    try:
        for _ in range(count):
            children.append(
                subprocess.Popen(
                    [sys.executable, "-c", _START, str(folder)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        for child in children:
            child.stdout.readline()  # type: ignore[union-attr]
        yield turn
    finally:
        for child in children:
            child.kill()
            child.communicate()


def _ledger_append(folder: Path) -> Callable[[], object]:
    ledger = _ledger(folder)
    return lambda: ledger.append(_ROW)


def _ledger(folder: Path) -> Ledger:
    return Ledger(folder / "reviews", software=f"overread {__version__}", comment_key=bytes(32))


def _sqlite_append(path: Path, *, chained: bool) -> Callable[[], object]:
    """The same columns in a table, one transaction a row, durable at its commit."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    columns = ", ".join(
        {"seq": "seq INTEGER PRIMARY KEY", "event_id": "event_id TEXT UNIQUE"}.get(name, f'"{name}" TEXT')
        for name in COLUMNS
    )
    connection.execute(f"CREATE TABLE IF NOT EXISTS reviews ({columns})")
    insert = f"INSERT INTO reviews VALUES ({', '.join('?' * len(COLUMNS))})"
    fixed = {name: _text(getattr(_ROW, name, "")) for name in COLUMNS}

    def append() -> None:
        connection.execute("BEGIN IMMEDIATE")
        seq, previous = None, HEADER_HASH
        if chained:
            last = connection.execute("SELECT seq, hash FROM reviews ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous = (last[0] + 1, last[1]) if last else (1, HEADER_HASH)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = fixed | {"schema": "1", "seq": seq, "event_id": str(uuid.uuid4()), "recorded_at": now, "occurred_at": now}
        if chained:
            body = ",".join(f'"{value}"' for value in list(row.values())[:-1])
            row["hash"] = hashlib.sha256(f"{previous}{body},".encode()).hexdigest()
        connection.execute(insert, tuple(row.values()))
        connection.execute("COMMIT")

    return append


def _text(value: object) -> str:
    return "" if value is None or value == {} else str(value)


def _verify_s(folder: Path) -> float:
    ledger = _ledger(folder)
    for _ in range(0, _VERIFIED_ROWS, _BATCH):
        ledger.append(*[_ROW] * _BATCH)
    begun = time.perf_counter()
    found = ledger.verify()
    seconds = round(time.perf_counter() - begun, 2)
    assert found.rows == _VERIFIED_ROWS and not found.problems
    return seconds
