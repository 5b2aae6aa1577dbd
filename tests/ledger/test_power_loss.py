"""A machine that loses power: what was not synced is dropped, cut or full of NUL bytes; what was acknowledged is there.

Every write and sync is interposed on. Before and after each, the disk is imagined as the power loss would leave it: of
each file what was synced last, and of what was written since then nothing, a part, sectors of NUL bytes, or all.
"""

from __future__ import annotations

import os
import random
import uuid
from pathlib import Path

import pytest

from tests.builders.rows import a_ledger, a_row

_SECTOR = 512


class Disk:
    """What is known of a folder's files: what was synced, by inode, and every moment at which the power might go."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._synced: dict[int, bytes] = {}
        self._acknowledged: list[tuple[str, str]] = []
        self.moments: list[tuple[dict[str, tuple[bytes, bytes | None]], tuple[tuple[str, str], ...]]] = []
        write, fsync = os.write, os.fsync

        def interposed_write(descriptor: int, data: bytes) -> int:
            self.moment()
            written = write(descriptor, data)
            self.moment()
            return written

        def interposed_fsync(descriptor: int) -> None:
            self.moment()
            fsync(descriptor)
            path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
            if path.is_file():
                self._synced[path.stat().st_ino] = path.read_bytes()
            self.moment()

        monkeypatch.setattr(os, "write", interposed_write)
        monkeypatch.setattr(os, "fsync", interposed_fsync)

    def acknowledge(self, event_id: str, comment: str) -> None:
        """The ledger has said that this row is saved."""
        self._acknowledged.append((event_id, comment))
        self.moment()

    def moment(self) -> None:
        """Keep what a power loss at this moment could leave."""
        files = {}
        for path in sorted(self._folder.iterdir()) if self._folder.exists() else ():
            if path.is_file():
                files[path.name] = (path.read_bytes(), self._synced.get(path.stat().st_ino))
        self.moments.append((files, tuple(self._acknowledged)))


def _after_power_loss(chance: random.Random, now: bytes, synced: bytes | None) -> bytes | None:
    """One of the states in which a file may be found; None where it is not there."""
    if synced is None:
        return chance.choice([None, b"", now[: chance.randint(0, len(now))], now])
    if not now.startswith(synced):
        return chance.choice([synced, now])
    since = now[len(synced) :]
    kind = chance.randrange(4)
    if kind == 0 or not since:
        return synced
    if kind == 1:
        return synced + since[: chance.randint(0, len(since))]
    if kind == 2:
        return now
    sectors = bytearray(now)
    for start in range(len(synced) // _SECTOR * _SECTOR, len(now), _SECTOR):
        if chance.random() < 0.6:
            first = max(start, len(synced))
            sectors[first : start + _SECTOR] = bytes(len(sectors[first : start + _SECTOR]))
    return bytes(sectors)


@pytest.mark.parametrize("seed", range(3))
def test_what_was_acknowledged_survives_a_loss_of_power_at_any_moment(tmp_path, monkeypatch, seed):
    chance = random.Random(seed)
    with monkeypatch.context() as patch:
        disk = Disk(tmp_path / "reviews", patch)
        writers = [a_ledger(tmp_path), a_ledger(tmp_path)]
        for n in range(8):
            rows = [
                a_row(finding=f"{n}.{m}", comment=f"text {n}.{m}" if chance.random() < 0.5 else "",
                      event_id=str(uuid.uuid4()), reason="x" * chance.choice([0, 10, 900]))
                for m in range(chance.randint(1, 3))
            ]  # fmt: skip
            chance.choice(writers).append(*rows)
            for row in rows:
                disk.acknowledge(row.event_id, row.comment)
            if n in (3, 6):
                chance.choice(writers).rotate()
    assert len(disk.moments) > 60
    lost_some = 0
    for number, (files, acknowledged) in enumerate(disk.moments):
        folder = tmp_path / f"crash-{number}" / "reviews"
        folder.mkdir(parents=True)
        for name, (now, synced) in files.items():
            left = _after_power_loss(chance, now, synced)
            lost_some += left != now
            if left is not None and name != "reviews.lock":
                (folder / name).write_bytes(left)
        ledger = a_ledger(folder.parent)
        (last,) = ledger.append(a_row(finding="after"))
        ids = [e.event_id for e in ledger.entries()]
        assert {i: ids.count(i) for i, _ in acknowledged} == {i: 1 for i, _ in acknowledged}
        assert ids[-1] == last.event_id and ledger.verify().problems == ()
        texts = ledger.comments()
        assert {i: texts.get(i, "") for i, _ in acknowledged} == dict(acknowledged)
    assert lost_some > 30, "hardly anything was lost: the test shows nothing"
