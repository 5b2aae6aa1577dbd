"""Checks a ledger of Overread: one file, standard library only, changes nothing.

    python verify.py FOLDER [--head 'SEQ HASH']

FOLDER is a workspace's `reviews`, with `reviews.csv`, the closed `reviews-<last seq>.csv` before it, and perhaps
`reviews.head`. The first thing that is wrong is named; the exit code is 1 if anything is. Not checked: the texts of
comments, since their digests need the workspace's key. The format is told in docs/ledger.md.
"""

from __future__ import annotations

import hashlib
import json
import operator
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

__all__ = [
    "COLUMNS", "END", "HEADER", "HEADER_HASH", "SCHEMA", "Chain", "Found", "Head", "Problem", "Verification",
    "closed_files", "follows", "main", "read_files", "read_head", "row_values", "source", "verify_files",
]  # fmt: skip

T = TypeVar("T")

SCHEMA = 1
END = b"\r\n"
COLUMNS = (
    "schema", "seq", "event_id", "recorded_at", "occurred_at", "action", "supersedes", "reader", "role", "identity",
    "exposure", "study", "subject", "kind", "input_digest", "model", "model_version", "model_digest", "prediction",
    "finding", "finding_kind", "score", "reason", "comment", "confidence", "scope", "artifact", "artifact_digest",
    "view", "active_s", "protocol", "details", "software", "hash",
)  # fmt: skip
HEADER = ",".join(f'"{name}"' for name in COLUMNS).encode() + END
HEADER_HASH = hashlib.sha256(HEADER).hexdigest()
"""The previous hash of a file's first row."""

_LIVE = "reviews.csv"
_CLOSED = re.compile(r"reviews-([1-9][0-9]*)\.csv")
_PLAIN = '[^"\\\\\x00-\x1f\x7f-\x9f\u2028\u2029]*'
_TEXT = rf"((?:'(?=[=+\-@'])|(?![=+\-@'])){_PLAIN}(?:(?:\"\"|\\[\\nrt]){_PLAIN})*)"
_NUMBER = r"((?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)?)"
_FIELDS = {
    "schema": _NUMBER,
    "seq": "([1-9][0-9]{0,17})",
    "score": _NUMBER,
    "confidence": "([0-9]?)",
    "active_s": _NUMBER,
    "hash": "([0-9a-f]{64})",
}
_LINE = re.compile(",".join(f'"{_FIELDS.get(name, _TEXT)}"' for name in COLUMNS))
"""A row without its end; its groups are what stands between the quotes."""
_ASCII = bytes(byte for byte in range(0x20, 0x7F) if byte != ord("\\"))
_GUARDED = re.compile(rb"\"[=+\-@']")
_NARROW = operator.itemgetter(*(index for index, name in enumerate(COLUMNS) if name in _FIELDS))
_NARROW_FORM = re.compile("\0".join(_FIELDS[name] for name in COLUMNS if name in _FIELDS))
"""Of most rows only these fields need a look: where nothing is escaped, doubled, guarded or beyond ASCII."""
_AT = {name: index for index, name in enumerate(COLUMNS)}
_UNESCAPES = {'""': '"', "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}


@dataclass(frozen=True)
class Head:
    """The last row: its number and hash. Kept elsewhere, it shows later that a tail was cut."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `row` counts from 1 in its file, None for the file as a whole."""

    row: int | None
    code: str
    what: str
    file: str = _LIVE


@dataclass(frozen=True)
class Verification:
    """What verifying found; nothing was changed. `rows` counts all files of the series."""

    rows: int
    head: Head
    problems: tuple[Problem, ...]


class Found(Exception):
    """The first thing that is wrong; ends the walk."""

    def __init__(self, row: int | None, code: str, what: str, file: str = _LIVE) -> None:
        super().__init__(what)
        self.problem = Problem(row, code, what, file)


def row_values(line: bytes) -> Sequence[str] | None:
    """The values of a row's 34 fields, as text; None where it is not written as the ledger writes a row.

    Raises
    ------
    ValueError
        It is not UTF-8.
    """
    if not line.translate(None, _ASCII) and line.count(b'"') == 2 * len(COLUMNS) and not _GUARDED.search(line):
        fields = line.decode().removeprefix('"').removesuffix('"').split('","')
        if len(fields) == len(COLUMNS) and _NARROW_FORM.fullmatch("\0".join(_NARROW(fields))):
            return fields  # Quicker than the expression, by which all others are judged.
    found = _LINE.fullmatch(line.decode())
    return [_decoded(field) for field in found.groups()] if found else None


def _decoded(written: str) -> str:
    if "\\" in written or '"' in written:
        written = re.sub(r'""|\\.', lambda found: _UNESCAPES[found.group()], written)
    return written[1:] if written.startswith("'") else written


def follows(before: str, line: bytes) -> bool:
    """Whether a line's last field is the hash of the 64 digits before and of its own bytes up to there."""
    return line[-66:].decode("latin-1") == f'"{hashlib.sha256(before.encode() + line[:-66]).hexdigest()}"'


def closed_files(folder: Path) -> list[Path]:
    """The closed files of a ledger folder, oldest first."""
    found = [(int(named.group(1)), path) for path in folder.iterdir() if (named := _CLOSED.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


def read_files(folder: Path) -> list[tuple[str, bytes]]:
    """Names and contents of a ledger folder's files, oldest first."""
    live = folder / _LIVE
    paths = [*closed_files(folder), *([live] if live.exists() else [])]
    return [(path.name, path.read_bytes()) for path in paths]


def read_head(path: str | Path) -> tuple[Head, int] | None:
    """What a `reviews.head` says, and the end of its row in bytes; None where it is missing or unreadable."""
    try:
        descriptor = os.open(path, os.O_RDONLY)  # Twice a row: `open` takes twice as long.
        try:
            said, again = os.read(descriptor, 200), b""
            while said != again:  # A ledger at work may be writing it, and half of that is seen by who reads meanwhile.
                os.lseek(descriptor, 0, os.SEEK_SET)
                said, again = os.read(descriptor, 200), said
            seq, digest, offset = said.split()
        finally:
            os.close(descriptor)
        return Head(int(seq), digest.decode("ascii")), int(offset)
    except (OSError, ValueError):
        return None


def verify_files(
    files: Iterable[tuple[str, bytes]],
    *,
    head: Head | None = None,
    kept: Head | None = None,
    on_row: Callable[[str, int, Sequence[str]], None] | None = None,
) -> Verification:
    """Check a series of files; the first bad row is named with what is wrong, and what that looks like.

    Parameters
    ----------
    files : iterable of (str, bytes)
        Names and contents, oldest first.
    head : Head, optional
        A head kept elsewhere: a ledger that ends before it, or has another hash there, was cut or rewritten.
    kept : Head, optional
        The same, from `reviews.head`.
    on_row : callable, optional
        Called with file, row and values of each row that holds.
    """
    known = [(it, whose) for it, whose in ((head, "the head kept elsewhere"), (kept, "reviews.head")) if it is not None]
    met = {it.seq: (_LIVE, 0, HEADER_HASH) for it, _ in known}
    chain, closed, problem = Chain(_checked), "", None
    try:
        for name, data in files:
            chain.begin(name, closed)
            for values in _rows(chain, data):
                if chain.seq in met:
                    met[chain.seq] = (name, chain.row, chain.digest)
                if on_row is not None:
                    on_row(name, chain.row, values)
            closed = name
        for it, whose in known:
            name, row, digest = met[it.seq]
            if chain.seq < it.seq:
                raise Found(None, "cut", f"the ledger ends at row {chain.seq}; by {whose} row {it.seq} was there")
            if digest != it.hash:
                raise Found(row or None, "rewritten", f"its hash is not that of {whose}", name)
    except Found as found:
        problem = found.problem
    return Verification(chain.seq, Head(chain.seq, chain.digest), (problem,) if problem else ())


def _rows(chain: Chain[T], data: bytes) -> Iterator[T]:
    """Take a whole file's rows, which `chain` has begun."""
    if not data.startswith(HEADER):
        raise Found(None, *_header_problem(data), chain.file)
    *lines, tail = data[len(HEADER) :].split(END)
    for at in range(len(lines)):
        row = chain.read(lines[at])
        chain.take(lines, at)
        yield row
    if b"\n" in tail:
        what = "a line end that is not CR LF: line ends were changed"
        raise Found(len(lines) + 1, "line_ends", what, chain.file)
    if tail:
        raise Found(len(lines) + 1, "torn_tail", f"{len(tail)} bytes after the last whole row", chain.file)
    if chain.file not in (_LIVE, f"reviews-{chain.seq}.csv"):
        what = f"a closed file is named for its last row, and this one's is {chain.seq}"
        raise Found(None, "cut", what, chain.file)


def _checked(values: Sequence[str]) -> Sequence[str]:
    """The values themselves, once view and details are known to be JSON objects."""
    if _object(values[_AT["view"]]) is None or _object(values[_AT["details"]]) is None:
        raise ValueError("no JSON object")
    return values


class Chain(Generic[T]):
    """The rows of a series in their order; each is held against those before it.

    Parameters
    ----------
    made : callable
        What becomes of a row's 34 values; raises ValueError where `view` or `details` are no JSON objects.

    Attributes
    ----------
    file, row, closed : str, int, str
        The file being read, how many of its rows were taken, and the closed file before it ('' for none).
    seq, digest : int, str
        Number and hash of the last row; 0 and the header's hash where there is none.
    before : str
        The hash that the next row follows.
    ids : dict
        Index of each row by its event id, as written.
    """

    def __init__(self, made: Callable[[Sequence[str]], T]) -> None:
        self._made = made
        self.file, self.row, self.closed = _LIVE, 0, ""
        self.seq, self.digest, self.before = 0, HEADER_HASH, HEADER_HASH
        self.ids: dict[bytes, int] = {}

    def begin(self, file: str, closed: str) -> None:
        """What is taken next is the first row of a file, which follows a closed one or none."""
        self.file, self.row, self.closed, self.before = file, 0, closed, HEADER_HASH

    def take(self, lines: Sequence[bytes], at: int = 0) -> None:
        """Take a line, without its end, as the next row: its hash, number and id hold. Its fields are for `read` to judge.

        Those lines behind it tell what is wrong where it does not follow.

        Raises
        ------
        Found
            It does not follow; nothing was taken.
        """
        line = lines[at]
        start, holds = line.split(b'","', 3), follows(self.before, line)
        begins = self.row == 0 and (self.closed != "" or b'","rotate","' in line)
        if not holds or begins or start[:2] != [b'"%d' % SCHEMA, b"%d" % (self.seq + 1)]:
            self.read(line)  # What is wrong with some can be told by how they are written.
            values = row_values(line) or ()
            if not holds:
                raise self._wrong(*_named(line, lines[at + 1 :], self.seq, self.before, first=self.row == 0))
            if begins:
                self._check_link(values)
            if values[1] != str(self.seq + 1):
                raise self._wrong("seq_wrong", f"it is numbered {values[1]} and should be {self.seq + 1}")
        if start[2] in self.ids:
            raise self._wrong("duplicate_id", "its event id stands in an earlier row")
        self.accept(start[2], line)

    def accept(self, written_id: bytes, line: bytes) -> None:
        """Go on behind a row that is known to follow."""
        self.ids[written_id] = self.seq
        self.digest = self.before = line[-65:-1].decode()
        self.seq += 1
        self.row += 1

    def _wrong(self, code: str, what: str) -> Found:
        return Found(self.row + 1, code, what, self.file)

    def read(self, line: bytes) -> T:
        """What is made of a row that is written as the ledger writes one; it need not be the next.

        Raises
        ------
        Found
            It is not written so.
        """
        if b"\0" in line:
            raise self._wrong("nul_bytes", "it holds NUL bytes, as a crash of the machine leaves them")
        if b"\n" in line or b"\r" in line:
            raise self._wrong("line_ends", "a line end within it: line ends were changed")
        try:
            values = row_values(line)
            if values is not None and values[0] == str(SCHEMA):
                return self._made(values)
        except (ValueError, RecursionError):
            values = None
        if values is not None:
            raise self._wrong("schema", f"its schema is {values[0][:12]} and should be {SCHEMA}")
        if re.match(rb"[0-9]+[,;\t]", line):
            raise self._wrong("resaved", "its quotes are gone: the file was saved again by a spreadsheet")
        raise self._wrong("malformed", "it is not written as the ledger writes a row")

    def _check_link(self, values: Sequence[str]) -> None:
        """The first row of a file after a closed one names that file, its last number and its hash."""
        link = _object(values[_AT["details"]]) if values[_AT["action"]] == "rotate" else {}
        if not link:
            raise self._wrong("rotation", f"it follows {self.closed} and does not begin with a rotate row")
        if link.get("file") != self.closed:
            raise self._wrong("missing_file", f"it follows {link.get('file')}, which is not there")
        if link.get("seq") != self.seq:
            what = f"its successor says that it ends at row {link.get('seq')}; it ends at {self.seq}"
            raise Found(None, "cut", what, self.closed)
        if link.get("hash") != self.digest:
            raise Found(None, "rewritten", "its last hash is not the one that its successor names", self.closed)


def _object(text: str) -> dict[str, Any] | None:
    value = json.loads(text) if text else {}
    return value if isinstance(value, dict) else None


def _header_problem(data: bytes) -> tuple[str, str]:
    bare = re.sub(rb'\A\xef\xbb\xbf|["\0\xff\xfe]', b"", data[:60])
    if not data:
        return "empty", "the file is empty"
    if not data.strip(b"\0"):
        return "nul_bytes", "the file is NUL bytes only, as a crash of the machine leaves them"
    if HEADER.startswith(data):
        return "torn_header", "the file ends within its header"
    if data.startswith(HEADER[:-2] + b"\n") or data.startswith(HEADER[:-2] + b"\r"):
        return "line_ends", "the header does not end with CR LF: line ends were changed"
    if data.startswith(b"\xef\xbb\xbf" + HEADER[:-2]):
        return "bom", "the file begins with a byte order mark: it was saved again by another program"
    if re.match(rb"schema[,;\t]seq[,;\t]", bare) and not data.startswith(HEADER[:16]):
        return "resaved", "quotes, separators or encoding are others: the file was saved again by a spreadsheet"
    return "header", "the first line is not the ledger's header"


def _named(line: bytes, behind: Sequence[bytes], last: int, before: str, *, first: bool) -> tuple[str, str]:
    """A hash that does not follow, told by what it looks like: inserted, deleted, reordered or edited."""
    seq = _seq_of(line) or 0
    if seq > last + 1:
        if last + 1 in map(_seq_of, behind):
            return "reordered", f"row {seq} stands where row {last + 1} should"
        return "deleted", f"rows {last + 1} to {seq - 1} are missing before it"
    if seq <= last:
        return "inserted", f"a row numbered {seq} stands after row {last}"
    if not first and behind and follows(before, behind[0]):
        return "inserted", "the row after it follows from the row before it"
    return "edited", "its hash does not follow from the row before and its own bytes"


def _seq_of(line: bytes) -> int | None:
    fields = line.split(b'","', 2)
    return int(fields[1]) if len(fields) == 3 and fields[1].isdigit() and len(fields[1]) < 19 else None


def source() -> str:
    """The text of this file."""
    return Path(__file__).read_text(encoding="utf-8")


def main(words: list[str]) -> int:
    """Check the folder that the words name and say what was found; the exit code."""
    if len(words) not in (1, 3) or (len(words) == 3 and words[1] != "--head"):
        sys.stderr.write((__doc__ or "") + "\n")
        return 2
    head = None
    if len(words) == 3:
        seq, _, digest = words[2].partition(" ")
        head = Head(int(seq), digest.strip())
    folder = Path(words[0])
    kept = read_head(folder / "reviews.head")
    found = verify_files(read_files(folder), head=head, kept=kept[0] if kept else None)
    for problem in found.problems:
        sys.stdout.write(f"{problem.file} row {problem.row or '-'}: {problem.what} [{problem.code}]\n")
    if not found.problems:
        sys.stdout.write(f"{found.rows} rows, chain whole, head {found.head.seq} {found.head.hash}\n")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
