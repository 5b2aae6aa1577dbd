"""Checks a ledger of Overread: one file, standard library only, changes nothing.

    python verify.py FOLDER [--head 'SEQ HASH']

FOLDER is a workspace's `reviews`, with `reviews.csv`, the closed `reviews-<last seq>.csv` before it, and perhaps
`reviews.head`. The first thing that is wrong is named; the exit code is 1 if anything is. Not checked: the texts of
comments, since their digests need the workspace's key. The format is told in docs/ledger.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "COLUMNS",
    "END",
    "HEADER",
    "HEADER_HASH",
    "SCHEMA",
    "Head",
    "Problem",
    "Verification",
    "closed_files",
    "link_problem",
    "main",
    "read_head",
    "row_values",
    "source",
    "verify_bytes",
    "verify_files",
]

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


class _Found(Exception):
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
    found = _LINE.fullmatch(line.decode())
    if found is None:
        return None
    fields, together = found.groups(), "\0".join(found.groups())
    if '"' not in together and "\\" not in together and "\0'" not in together:
        return fields  # Nothing in it is doubled, escaped or guarded, as in most rows.
    return [_decoded(field) for field in fields]


def _decoded(written: str) -> str:
    if "\\" in written or '"' in written:
        written = re.sub(r'""|\\.', lambda found: _UNESCAPES[found.group()], written)
    return written[1:] if written.startswith("'") else written


def link_problem(values: Sequence[str] | None, closed: str, last: Head, name: str = _LIVE) -> Problem | None:
    """What is wrong with the first row of a file after a closed one: it names that, its last number and its hash."""
    link = _object(values[_AT["details"]]) if values and values[_AT["action"]] == "rotate" else {}
    if not link:
        return Problem(1, "rotation", f"it follows {closed} and does not begin with a rotate row", name)
    if link.get("file") != closed:
        return Problem(1, "missing_file", f"it follows {link.get('file')}, which is not there", name)
    if link.get("seq") != last.seq:
        what = f"its successor says that it ends at row {link.get('seq')}; it ends at {last.seq}"
        return Problem(None, "cut", what, closed)
    if link.get("hash") != last.hash:
        return Problem(None, "rewritten", "its last hash is not the one that its successor names", closed)
    return None


def closed_files(folder: Path) -> list[Path]:
    """The closed files of a ledger folder, oldest first."""
    found = [(int(named.group(1)), path) for path in folder.iterdir() if (named := _CLOSED.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


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


def verify_bytes(data: bytes, *, head: Head | None = None) -> Verification:
    """Check one file that stands alone; see `verify_files`."""
    return verify_files([(_LIVE, data)], head=head)


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
    walk = _Walk({h.seq for h in (head, kept) if h is not None}, on_row)
    try:
        for name, data in files:
            walk.file(name, data)
        for known, whose in ((head, "the head kept elsewhere"), (kept, "reviews.head")):
            if known is not None:
                walk.against(known, whose)
    except _Found as found:
        return Verification(walk.rows, walk.last, (found.problem,))
    return Verification(walk.rows, walk.last, ())


class _Walk:
    """What has been seen of the series so far."""

    def __init__(self, wanted: set[int], on_row: Callable[[str, int, Sequence[str]], None] | None) -> None:
        self.rows = 0
        self.last = Head(0, HEADER_HASH)
        self._closed = ""
        self._ids: set[str] = set()
        self._wanted = wanted
        self._met: dict[int, tuple[str, int, str]] = {}
        self._on_row = on_row

    def file(self, name: str, data: bytes) -> None:
        if not data.startswith(HEADER):
            raise _Found(None, *_header_problem(data), name)
        lines = data[len(HEADER) :].split(END)
        tail = lines.pop()
        before = HEADER_HASH
        for number, line in enumerate(lines, start=1):
            fields = self._row(name, number, line, lines, before)
            before = fields[-1]
            self.last = Head(int(fields[1]), before)
            self.rows += 1
            if self.last.seq in self._wanted:
                self._met[self.last.seq] = (name, number, before)
            if self._on_row is not None:
                self._on_row(name, number, fields)
        if b"\n" in tail:
            raise _Found(len(lines) + 1, "line_ends", "a line end that is not CR LF: line ends were changed", name)
        if tail:
            raise _Found(len(lines) + 1, "torn_tail", f"{len(tail)} bytes after the last whole row", name)
        if name != _LIVE and name != f"reviews-{self.last.seq}.csv":
            raise _Found(
                None, "cut", f"a closed file is named for its last row, and this one's is {self.last.seq}", name
            )
        self._closed = name

    def _row(self, name: str, number: int, line: bytes, lines: list[bytes], before: str) -> Sequence[str]:
        fields = _fields(name, number, line)
        if hashlib.sha256(before.encode() + line[:-66]).hexdigest() != fields[-1]:
            raise _Found(number, *_named(number, line, lines, self.last.seq, before), name)
        if number == 1 and (self._closed or fields[_AT["action"]] == "rotate"):
            wrong = link_problem(fields, self._closed, self.last, name)
            if wrong is not None:
                raise _Found(wrong.row, wrong.code, wrong.what, wrong.file)
        if int(fields[1]) != self.last.seq + 1:
            raise _Found(number, "seq_wrong", f"it is numbered {fields[1]} and should be {self.last.seq + 1}", name)
        if fields[2] in self._ids:
            raise _Found(number, "duplicate_id", "its event id stands in an earlier row", name)
        self._ids.add(fields[2])
        return fields

    def against(self, known: Head, whose: str) -> None:
        """Hold what was read against a head."""
        if self.last.seq < known.seq:
            raise _Found(None, "cut", f"the ledger ends at row {self.last.seq}; by {whose} row {known.seq} was there")
        name, number, digest = self._met.get(known.seq, (_LIVE, 0, HEADER_HASH))
        if digest != known.hash:
            raise _Found(number or None, "rewritten", f"its hash is not that of {whose}", name)


def _fields(name: str, number: int, line: bytes) -> Sequence[str]:
    """The values of a row that is written as the ledger writes one."""
    if b"\0" in line:
        raise _Found(number, "nul_bytes", "it holds NUL bytes, as a crash of the machine leaves them", name)
    if b"\n" in line or b"\r" in line:
        raise _Found(number, "line_ends", "a line end within it: line ends were changed", name)
    try:
        values = row_values(line)
        whole = values is not None and all(_object(values[_AT[n]]) is not None for n in ("view", "details"))
    except (ValueError, RecursionError):
        values, whole = None, False
    if values is None and re.match(rb"[0-9]+[,;\t]", line):
        raise _Found(number, "resaved", "its quotes are gone: the file was saved again by a spreadsheet", name)
    if values is None or not whole:
        raise _Found(number, "malformed", "it is not written as the ledger writes a row", name)
    if values[0] != str(SCHEMA):
        raise _Found(number, "schema", f"its schema is {values[0][:12]} and should be {SCHEMA}", name)
    return values


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


def _named(number: int, line: bytes, lines: list[bytes], last: int, before: str) -> tuple[str, str]:
    """A hash that does not follow, told by what it looks like: inserted, deleted, reordered or edited."""
    seq = _seq_of(line) or 0
    if seq > last + 1:
        if last + 1 in map(_seq_of, lines[number:]):
            return "reordered", f"row {seq} stands where row {last + 1} should"
        return "deleted", f"rows {last + 1} to {seq - 1} are missing before it"
    if seq <= last:
        return "inserted", f"a row numbered {seq} stands after row {last}"
    following = lines[number] if number < len(lines) else b""
    if number > 1 and hashlib.sha256(before.encode() + following[:-66]).hexdigest().encode() == following[-65:-1]:
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
    paths = [*closed_files(folder), *([folder / _LIVE] if (folder / _LIVE).exists() else [])]
    kept = read_head(folder / "reviews.head")
    found = verify_files(((p.name, p.read_bytes()) for p in paths), head=head, kept=kept[0] if kept else None)
    for problem in found.problems:
        sys.stdout.write(f"{problem.file} row {problem.row or '-'}: {problem.what} [{problem.code}]\n")
    if not found.problems:
        sys.stdout.write(f"{found.rows} rows, chain whole, head {found.head.seq} {found.head.hash}\n")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
