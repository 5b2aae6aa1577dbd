"""After a crash: what stands behind the last whole row is set aside and reported, never thrown away."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from ..domain import LedgerEntry, NewRow
from ..errors import LedgerDamaged
from ..files import fsync_folder
from ..terms import Action, Identity, Role
from .reading import LiveFile
from .verifier import HEADER, Head

__all__ = ["fault", "refuse_if_damaged", "set_tail_aside", "unreported_tails", "write_again"]

_TORN = re.compile(r"reviews\.torn-(\d+)\Z")


def fault(code: str, **details: object) -> NewRow:
    """A row that says that something went wrong on this computer."""
    return NewRow(
        action=Action.FAULT,
        reader="overread",
        role=Role.OPERATOR,
        identity=Identity.SYSTEM,
        details={"code": code, **details},
    )


def refuse_if_damaged(live: LiveFile, kept: tuple[Head, int] | None) -> None:
    """Refuse to write where a row known durable is not in the chain any more.

    Parameters
    ----------
    kept : (Head, int) or None
        What `reviews.head` says.

    Raises
    ------
    LedgerDamaged
        The header is another, or the chain ends before that head, or has another hash there.
    """
    last = live.head.seq if live.head else 0
    if live.inode == 0:
        why = "reviews.csv is gone, and reviews.head says that it held rows"
    elif live.broken is not None and live.broken.code in ("closed_file", "rotation"):
        why = live.broken.what
    elif live.closed and live.offset == len(HEADER):
        why = "its first row, which names the closed file before it, is not there"
    elif live.offset == 0:
        why = "its first line is not the ledger's header"
    elif kept is not None and kept[0].seq > last:
        found = live.broken.what if live.broken else "the rows behind it are not there"
        why = f"row {last + 1} is broken or missing, and row {kept[0].seq} was known durable: {found}"
    elif kept is not None and kept[0].seq > 0 and _hash_at(live.entries, kept[0].seq) not in ("", kept[0].hash):
        why = f"row {kept[0].seq} has another hash than when it was last written"
    else:
        return
    raise LedgerDamaged(
        "The ledger is read-only.",
        f"Reason: {why}.",
        "Run `overread ledger verify`, and restore the file, or the file and reviews.head together, from a backup.",
    )


def _hash_at(entries: list[LedgerEntry], seq: int) -> str:
    index = seq - entries[0].seq if entries else -1
    return entries[index].hash if 0 <= index < len(entries) else ""


def set_tail_aside(live: LiveFile, size: int) -> bool:
    """Move what stands behind the last whole row to `reviews.torn-<n>`, durable there before it goes here."""
    if size == live.offset:
        return False
    folder = live.path.parent
    number = max(_torn_numbers(folder), default=0) + 1
    with live.path.open("r+b") as stream:
        stream.seek(live.offset)
        with (folder / f"reviews.torn-{number}").open("xb") as aside:
            aside.write(stream.read())
            aside.flush()
            os.fsync(aside.fileno())
        fsync_folder(folder)
        stream.truncate(live.offset)
        os.fsync(stream.fileno())
    live.broken = None
    return True


def unreported_tails(folder: Path, entries: Iterable[LedgerEntry]) -> list[NewRow]:
    """A fault row for each tail set aside that no row names yet, as a crash between the two leaves it."""
    reported = {entry.details.get("file") for entry in entries if entry.action == Action.FAULT}
    rows = []
    for number in sorted(_torn_numbers(folder)):
        name = f"reviews.torn-{number}"
        if name not in reported:
            tail = (folder / name).read_bytes()
            rows.append(fault("torn_tail", file=name, bytes=len(tail), sha256=hashlib.sha256(tail).hexdigest()))
    return rows


def _torn_numbers(folder: Path) -> list[int]:
    return [int(found.group(1)) for path in folder.iterdir() if (found := _TORN.match(path.name))]


def write_again(path: Path, offset: int) -> None:
    """After a failed sync: write what stands behind the last durable byte over itself, and sync it.

    A sync that failed once may call the same pages clean the next time; only bytes written anew are sure. They are
    written in place, since another process may have acknowledged rows among them.
    """
    with path.open("r+b") as stream:
        stream.seek(offset)
        behind = stream.read()
        stream.seek(offset)
        stream.write(behind)
        stream.flush()
        os.fsync(stream.fileno())
