"""Reading the chain: which rows of a file hold together, and what is wrong with the first that does not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from ..terms import Action
from .codec import END
from .rows import HEADER, HEADER_HASH, LedgerEntry, parse_line

__all__ = ["BrokenRow", "Head", "Problem", "Verification", "next_entry", "verify_bytes"]


@dataclass(frozen=True)
class Head:
    """The last row: its number and hash. Kept elsewhere, it shows later that a tail was cut."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `row` counts from 1 in the file, None for the file as a whole."""

    row: int | None
    code: str
    what: str


@dataclass(frozen=True)
class Verification:
    """What verifying found; nothing was changed."""

    rows: int
    head: Head
    problems: tuple[Problem, ...]


class BrokenRow(ValueError):
    """A line that does not continue the chain; `code` is the problem's."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what


def next_entry(line: bytes, previous: Head | None) -> LedgerEntry:
    """The entry of a line (without its end) that must continue the chain after `previous`.

    Raises
    ------
    BrokenRow
        It does not: its code is malformed, hash_wrong or seq_wrong.
    """
    try:
        entry = parse_line(line)
    except (ValueError, UnicodeDecodeError) as exc:
        raise BrokenRow("malformed", f"not a row as the ledger writes it: {exc}") from exc
    body = line[: line.rfind(b',"') + 1]
    before = previous.hash if previous else HEADER_HASH
    if hashlib.sha256(before.encode() + body).hexdigest() != entry.hash:
        raise BrokenRow("hash_wrong", "its hash does not follow from the row before and its own bytes")
    expected = previous.seq + 1 if previous else _first_seq(entry)
    if entry.seq != expected:
        raise BrokenRow("seq_wrong", f"it is numbered {entry.seq} and should be {expected}")
    return entry


def _first_seq(entry: LedgerEntry) -> int:
    """1, or one more than the closed file's last where the first row says that it follows one."""
    closed = entry.details.get("seq") if entry.action == Action.ROTATE else 0
    return closed + 1 if isinstance(closed, int) else 1


def verify_bytes(
    data: bytes, *, head: Head | None = None, on_row: Callable[[LedgerEntry], None] | None = None
) -> Verification:
    """Check a whole file; the first bad row is named with what is wrong, and what that looks like.

    Parameters
    ----------
    head : Head, optional
        A head kept elsewhere: a file that ends before it, or has another hash there, was cut or rewritten.
    """
    if not data.startswith(HEADER):
        return Verification(0, Head(0, HEADER_HASH), (_header_problem(data),))
    lines = data[len(HEADER) :].split(END)
    tail = lines.pop()
    problems: list[Problem] = []
    last: Head | None = None
    rows, ids, hash_at_head = 0, set(), ""
    for number, line in enumerate(lines, start=1):
        try:
            entry = next_entry(line, last)
        except BrokenRow as broken:
            problems.append(_named(number, broken, line, lines, last))
            break
        if entry.event_id in ids:
            problems.append(Problem(number, "duplicate_id", "its event id stands in an earlier row"))
            break
        ids.add(entry.event_id)
        last, rows = Head(entry.seq, entry.hash), number
        if head is not None and entry.seq == head.seq:
            hash_at_head = entry.hash
        if on_row is not None:
            on_row(entry)
    if tail and not problems:
        problems.append(Problem(len(lines) + 1, "torn_tail", f"{len(tail)} bytes after the last whole row"))
    found = last or Head(0, HEADER_HASH)
    if head is not None and not problems:
        if found.seq < head.seq:
            problems.append(
                Problem(None, "cut", f"the file ends at row {found.seq}; the head kept elsewhere is row {head.seq}")
            )
        elif head.seq and hash_at_head != head.hash:
            problems.append(Problem(head.seq, "rewritten", "its hash is not that of the head kept elsewhere"))
    return Verification(rows, found, tuple(problems))


def _header_problem(data: bytes) -> Problem:
    if data.startswith(b"\xef\xbb\xbf"):
        return Problem(None, "bom", "the file begins with a byte order mark: it was saved again by another program")
    if data.startswith(HEADER[:-2]) and not data.startswith(HEADER):
        return Problem(None, "line_ends", "the header does not end with CR LF: line ends were changed")
    if data.startswith(b"schema,seq,"):
        return Problem(None, "resaved", "the quotes are gone: the file was saved again by a spreadsheet")
    if not data:
        return Problem(None, "empty", "the file is empty")
    return Problem(None, "header", "the first line is not the ledger's header")


def _named(number: int, broken: BrokenRow, line: bytes, lines: list[bytes], last: Head | None) -> Problem:
    """The same break told by what it looks like: inserted, deleted, reordered, edited, NUL bytes, changed ends."""
    if b"\0" in line:
        return Problem(number, "nul_bytes", "it holds NUL bytes, as a crash of the machine leaves them")
    if b"\n" in line or b"\r" in line:
        return Problem(number, "line_ends", "a line end within it: line ends were changed")
    if broken.code == "malformed":
        return Problem(number, "malformed", broken.what)
    entry = parse_line(line)
    expected = (last.seq if last else 0) + 1
    if broken.code == "seq_wrong":
        return Problem(number, "seq_wrong", broken.what)
    if entry.seq > expected:
        others = {seq for seq in map(_seq_of, lines[number:]) if seq is not None}
        if expected in others:
            return Problem(number, "reordered", f"row {entry.seq} stands where row {expected} should")
        return Problem(number, "deleted", f"rows {expected} to {entry.seq - 1} are missing before it")
    if entry.seq < expected:
        return Problem(number, "inserted", f"a row numbered {entry.seq} stands after row {expected - 1}")
    following = lines[number] if number < len(lines) else b""
    if following and last is not None and _follows(following, last):
        return Problem(number, "inserted", "the row after it follows from the row before it")
    return Problem(number, "edited", broken.what)


def _seq_of(line: bytes) -> int | None:
    fields = line.split(b'","', 2)
    return int(fields[1]) if len(fields) == 3 and fields[1].isdigit() else None


def _follows(line: bytes, previous: Head) -> bool:
    body, _, digest = line.rpartition(b',"')
    return hashlib.sha256(previous.hash.encode() + body + b",").hexdigest().encode() == digest[:-1]
