"""A ledger's folder read whole and verified: its files, the heads that are known, and the texts of comments."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from .verifier import COLUMNS, Head, Problem, Verification, read_files, read_head, verify_files

__all__ = ["comment_digest", "verify_folder"]

_COMMENT = COLUMNS.index("comment")


def comment_digest(key: bytes, event_id: str, text: str) -> str:
    """The keyed digest of a comment that stands in its row; empty for no comment."""
    if not text:
        return ""
    return hmac.new(key, f"{event_id}\0{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def verify_folder(
    folder: Path,
    lock: AbstractContextManager[object],
    texts: Callable[[], Mapping[str, str]],
    key: bytes,
    *,
    head: Head | None = None,
) -> Verification:
    """Check what stands in a folder against `reviews.head`, a head kept elsewhere, and the comments that are there.

    Parameters
    ----------
    lock : context manager
        The lock of those who write, held while the files are read where it can be had, so that none is half written.
    texts : callable
        Gives the comments by event id; erased ones are absent, and nothing is said of them.
    key : bytes
        Key of the comments' digests.
    head : Head, optional
        A head kept elsewhere.
    """
    commented: list[tuple[str, int, str, str]] = []

    def look(file: str, row: int, values: Sequence[str]) -> None:
        if values[_COMMENT]:
            commented.append((file, row, values[2], values[_COMMENT]))

    kept, files = read_head(folder / "reviews.head"), []
    if folder.exists():
        try:
            with lock:
                files = read_files(folder)
        except OSError:
            files = read_files(folder)
    found = verify_files(files, head=head, kept=kept[0] if kept else None, on_row=look)
    there = texts() if commented else {}
    changed = tuple(
        Problem(row, "comment_changed", "its comment's text is not the one that was recorded", file)
        for file, row, event_id, digest in commented
        if event_id in there and comment_digest(key, event_id, there[event_id]) != digest
    )
    return replace(found, problems=found.problems + changed)
