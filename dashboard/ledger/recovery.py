"""After a crash: what stands behind the last whole row is set aside and reported, never thrown away."""

from __future__ import annotations

from ..chain import HEADER, Head
from ..errors import LedgerDamaged
from ..files import digest_file, move_tail, moved_tails
from ..terms import Action
from .series import Series

__all__ = ["refuse_if_damaged", "set_tail_aside", "unreported_tails"]


def refuse_if_damaged(series: Series, kept: tuple[Head, int] | None) -> None:
    """Refuse to write where a row known durable is not in the chain any more.

    Parameters
    ----------
    kept : (Head, int) or None
        What `reviews.head` says.

    Raises
    ------
    LedgerDamaged
        The header is another, or the chain ends before that head, or has another hash there, or holds a row that a hand made.
    """
    broken, forged = series.broken, series.forged
    if series.files.inode == 0:
        why = "reviews.csv is gone, and reviews.head says that it held rows"
    elif broken is not None and broken.code == "closed_file":
        why = broken.what
    elif forged is not None:
        why = f"{forged.file}, row {forged.row or '-'}: {forged.what}"
    elif series.files.closed and series.files.offset == len(HEADER):
        why = "its first row, which names the closed file before it, is not there"
    elif series.files.offset == 0:
        why = "its first line is not the ledger's header"
    elif kept is not None and kept[0].seq > series.chain.seq:
        found = broken.what if broken else "the rows behind it are not there"
        why = f"row {series.chain.seq + 1} is broken or missing, and row {kept[0].seq} was known durable: {found}"
    elif kept is not None and kept[0].seq > 0 and series.hash_of(kept[0].seq) != kept[0].hash:
        why = f"row {kept[0].seq} has another hash than when it was last written"
    else:
        return
    raise LedgerDamaged(
        "The ledger is read-only.",
        f"Reason: {why}.",
        "Run `overread ledger verify`, and restore the file, or the file and reviews.head together, from a backup.",
    )


def set_tail_aside(series: Series, size: int) -> bool:
    """Move what stands behind the last whole row to `reviews.torn-<n>`, durable there before it goes here."""
    if size == series.files.offset:
        return False
    move_tail(series.files.path, series.files.offset)
    series.broken = None
    return True


def unreported_tails(series: Series) -> list[dict[str, object]]:
    """The details of a fault row for each tail set aside that no row names yet, as a crash between the two leaves it."""
    aside = moved_tails(series.files.path)
    said = {entry.details.get("file") for entry in series.entries() if entry.action == Action.FAULT} if aside else set()
    return [
        {"code": "torn_tail", "file": path.name, "bytes": path.stat().st_size, "sha256": digest_file(path)}
        for path in aside
        if path.name not in said
    ]
