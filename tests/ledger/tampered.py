"""What can be done to a ledger's files, and what verifying says of it: one table, for the tests and for the docs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashboard.chain import COLUMNS, HEADER, HEADER_HASH, Head
from dashboard.files import encode_field, join_fields, split_fields
from tests.builders.rows import a_ledger, a_row

__all__ = ["KINDS", "LIVE", "OLD", "Kind", "a_series", "table"]

OLD, LIVE = "reviews-6.csv", "reviews.csv"
Files = dict[str, bytes]


@dataclass(frozen=True)
class Kind:
    """One kind of tampering or damage, and what verifying must say: file, row in it, code ('' where it can't show).

    `against` is what it is verified against: nothing, a head kept elsewhere, or `reviews.head`.
    """

    what: str
    do: Callable[[Files], None]
    code: str
    row: int | None = None
    file: str = LIVE
    against: str = ""


def a_series(folder: Path) -> tuple[Files, Head]:
    """A ledger of two files: `reviews-6.csv` with rows 1 to 6, and `reviews.csv` with its link and rows 8 to 12."""
    ledger = a_ledger(folder)
    ledger.append(*(a_row("reject", reason=f'why {n} \r\n = "x"', comment=f"text {n}") for n in range(1, 7)))
    ledger.rotate()
    ledger.append(*(a_row("reject", reason=f"=why {n}", score=n / 8, details={"dice": 0.5}) for n in range(8, 13)))
    return {name: (ledger.folder / name).read_bytes() for name in (OLD, LIVE)}, ledger.head()


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\r\n")[:-1]


def _joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\r\n" for line in lines)


def _rehashed(lines: list[bytes], first: int) -> list[bytes]:
    """Rows from `first` on with hashes made right again, as a forger with time makes them."""
    previous = HEADER_HASH if first == 1 else lines[first - 1][-65:-1].decode()
    kept = lines[:first]
    for line in lines[first:]:
        body = line[:-66]
        previous = hashlib.sha256(previous.encode() + body).hexdigest()
        kept.append(body + f'"{previous}"'.encode())
    return kept


def _with_field(line: bytes, column: str, value: str, *, raw: bool = False) -> bytes:
    fields = split_fields(line, len(COLUMNS))
    fields[COLUMNS.index(column)] = value if raw else encode_field(value)
    return join_fields(fields)


def _bytes(change: Callable[[bytes], bytes], name: str = LIVE) -> Callable[[Files], None]:
    def do(files: Files) -> None:
        files[name] = change(files[name])

    return do


def _rows(change: Callable[[list[bytes]], list[bytes]], name: str = LIVE) -> Callable[[Files], None]:
    return _bytes(lambda data: _joined(change(_lines(data))), name)


def _swapped(first: int, second: int) -> Callable[[Files], None]:
    def change(lines: list[bytes]) -> list[bytes]:
        lines[first], lines[second] = lines[second], lines[first]
        return lines

    return _rows(change)


def _forged(row: int, column: str, value: str, *, raw: bool = False, name: str = LIVE) -> Callable[[Files], None]:
    """A field written anew, and every hash from there on made right."""

    def change(lines: list[bytes]) -> list[bytes]:
        return _rehashed([*lines[:row], _with_field(lines[row], column, value, raw=raw), *lines[row + 1 :]], row)

    return _rows(change, name)


def _edited(row: int, change: Callable[[bytes], bytes], *, rehash: bool = False) -> Callable[[Files], None]:
    """One line's bytes changed, with right hashes or not."""

    def all_rows(lines: list[bytes]) -> list[bytes]:
        lines[row] = change(lines[row])
        return _rehashed(lines, row) if rehash else lines

    return _rows(all_rows)


def _without(name: str) -> Callable[[Files], None]:
    return lambda files: files.pop(name) and None


def _head(files: Files, seq: int, digest: str) -> None:
    files["reviews.head"] = f"{seq} {digest} 1\n".encode()


def _cut_below_the_head_file(files: Files) -> None:
    _head(files, 12, _lines(files[LIVE])[-1][-65:-1].decode())
    files[LIVE] = _joined(_lines(files[LIVE])[:-2])


def _rewritten_below_the_head_file(files: Files) -> None:
    _head(files, 12, _lines(files[LIVE])[-1][-65:-1].decode())
    _forged(3, "reason", "another")(files)


def _link(**said: object) -> Callable[[Files], None]:
    """The rotate row says something else, and every hash in its file is made right."""

    def do(files: Files) -> None:
        link = json.loads(split_fields(_lines(files[LIVE])[1], len(COLUMNS))[31].replace('""', '"'))
        text = json.dumps({**link, **said}, sort_keys=True, separators=(",", ":"))
        _forged(1, "details", text)(files)

    return do


def _semicolons(data: bytes) -> bytes:
    return data.replace(b'","', b'";"')


def _spreadsheet(line: bytes) -> bytes:
    """Texts quoted, numbers not, as a spreadsheet asked to quote all texts writes them."""
    fields = split_fields(line, len(COLUMNS))
    bare = {"schema", "seq", "score", "confidence", "active_s"}
    return ",".join(f if n in bare else f'"{f}"' for n, f in zip(COLUMNS, fields, strict=True)).encode()


def _resaved_rows(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *map(_spreadsheet, lines[1:])]


def _copied_id(lines: list[bytes]) -> list[bytes]:
    old = split_fields(lines[2], len(COLUMNS))[2]
    return _rehashed([*lines[:6], _with_field(lines[6], "event_id", old)], 6)


def _nul_block(data: bytes) -> bytes:
    """512 bytes from the middle on, as a block that never reached the disk."""
    at = len(HEADER) + (len(data) - len(HEADER)) // 2
    return data[:at] + b"\0" * 512 + data[at + 512 :]


def _guard_lost(line: bytes) -> bytes:
    return line.replace(b"\"'=why", b'"=why')


def _upper_hash(line: bytes) -> bytes:
    return line[:-65] + line[-65:].upper()


KINDS = (
    Kind("nothing", lambda _files: None, ""),
    Kind("a word edited", _bytes(lambda d: d.replace(b"why 9", b"why 7")), "edited", 3),
    Kind("one byte of the last row edited", _edited(6, lambda x: x.replace(b"lesion", b"lesiom")), "edited", 6),
    Kind("a time edited", _edited(4, lambda x: x.replace(b'Z","reject"', b'X","reject"')), "edited", 4),
    Kind("a score edited", _bytes(lambda d: d.replace(b'"1.25"', b'"1.26"')), "edited", 4),
    Kind("a reader's name edited", _edited(5, lambda x: x.replace(b"R-01", b"R-02")), "edited", 5),
    Kind("a hash digit edited", _edited(6, lambda x: x[:-2] + (b"0" if x[-2:-1] != b"0" else b"1") + b'"'), "edited",
         6),
    Kind("a hash of another row: a whole line with a wrong hash",
         _rows(lambda r: [*r[:5], r[5][:-66] + r[4][-66:], r[6]]), "edited", 5),
    Kind("a hash in upper case", _edited(4, _upper_hash), "malformed", 4),
    Kind("all hashes in upper case", _rows(lambda r: [r[0], *map(_upper_hash, r[1:])]), "malformed", 1),
    Kind("a hash cut short", _edited(4, lambda x: x[:-9] + b'"'), "malformed", 4),
    Kind("a row copied and inserted", _rows(lambda r: [*r[:4], r[3], *r[4:]]), "inserted", 4),
    Kind("a new row inserted", _rows(lambda r: [*r[:3], _with_field(r[3], "reason", "z"), *r[3:]]), "inserted", 3),
    Kind("an old row put at the end", _rows(lambda r: [*r, r[2]]), "inserted", 7),
    Kind("a row deleted", _rows(lambda r: [*r[:3], *r[4:]]), "deleted", 3),
    Kind("three rows deleted", _rows(lambda r: [*r[:2], *r[5:]]), "deleted", 2),
    Kind("the link, the first row of the live file, deleted", _rows(lambda r: [r[0], *r[2:]]), "deleted", 1),
    Kind("two rows swapped", _swapped(3, 4), "reordered", 3),
    Kind("the first row after the link and the last swapped", _swapped(2, 6), "reordered", 2),
    Kind("a row renumbered and all hashes made right: a gap", _forged(6, "seq", "13"), "seq_wrong", 6),
    Kind("a number used twice, all hashes made right", _forged(6, "seq", "11"), "seq_wrong", 6),
    Kind("an event id used twice, all hashes made right", _rows(_copied_id), "duplicate_id", 6),
    Kind("another schema, all hashes made right", _forged(6, "schema", "2"), "schema", 6),
    Kind("a number with a leading zero, all hashes made right", _forged(6, "seq", "012", raw=True), "malformed", 6),
    Kind("a score as 1e-5, all hashes made right", _forged(6, "score", "1e-5", raw=True), "malformed", 6),
    Kind("details that are no object, all hashes made right", _forged(6, "details", "[1]"), "malformed", 6),
    Kind("details that are no JSON, all hashes made right", _forged(6, "details", "{x}"), "malformed", 6),
    Kind("an unknown escape, all hashes made right", _forged(6, "reason", "\\q", raw=True), "malformed", 6),
    Kind("the guard before a formula lost", _edited(3, _guard_lost), "malformed", 3),
    Kind("the guard before a formula lost, all hashes made right", _edited(3, _guard_lost, rehash=True), "malformed",
         3),
    Kind("a guard where none belongs, all hashes made right", _forged(6, "reason", "'abc", raw=True), "malformed", 6),
    Kind("quotes taken off one field", _edited(3, lambda x: x.replace(b'"lesion"', b"lesion")), "malformed", 3),
    Kind("quotes taken off all numbers, as a spreadsheet does", _rows(_resaved_rows), "resaved", 1),
    Kind("all quotes taken off", _bytes(lambda d: d.replace(b'"', b"")), "resaved"),
    Kind("separators made semicolons", _bytes(_semicolons), "resaved"),
    Kind("separators made semicolons, quotes taken off", _bytes(lambda d: _semicolons(d).replace(b'"', b"")),
         "resaved"),
    Kind("separators made tabs, quotes taken off",
         _bytes(lambda d: d.replace(b'","', b"\t").replace(b'"', b"")), "resaved"),
    Kind("saved as UTF-16", _bytes(lambda d: d.decode().encode("utf-16")), "resaved"),
    Kind("a byte order mark, all quotes taken off", _bytes(lambda d: b"\xef\xbb\xbf" + d.replace(b'"', b"")),
         "resaved"),
    Kind("a byte order mark", _bytes(lambda d: b"\xef\xbb\xbf" + d), "bom"),
    Kind("dates written as a spreadsheet shows them",
         _rows(lambda r: [r[0], *(x.replace(b"T", b" ", 1) for x in r[1:])]), "edited", 1),
    Kind("all line ends made LF", _bytes(lambda d: d.replace(b"\r\n", b"\n")), "line_ends"),
    Kind("all line ends made CR", _bytes(lambda d: d.replace(b"\r\n", b"\r")), "line_ends"),
    Kind("line ends of the rows made LF", _bytes(lambda d: HEADER + d[len(HEADER):].replace(b"\r\n", b"\n")),
         "line_ends", 1),
    Kind("one line end made LF", _bytes(lambda d: _joined(_lines(d)[:3]) + _lines(d)[3] + b"\n" +
                                        _joined(_lines(d)[4:])), "line_ends", 3),
    Kind("line ends doubled", _bytes(lambda d: d.replace(b"\r\n", b"\r\r\n")), "line_ends"),
    Kind("a raw newline in a field, all hashes made right", _edited(3, lambda x: x.replace(b"why", b"w\ny"),
                                                                     rehash=True), "line_ends", 3),
    Kind("a raw tab in a field, all hashes made right", _edited(3, lambda x: x.replace(b"why", b"w\ty"), rehash=True),
         "malformed", 3),
    Kind("U+0085, where splitlines breaks", _edited(3, lambda x: x.replace(b"why", "w\u0085".encode())), "malformed",
         3),
    Kind("U+2028, all hashes made right", _edited(3, lambda x: x.replace(b"why", "w\u2028".encode()), rehash=True),
         "malformed", 3),
    Kind("a form feed, all hashes made right", _edited(3, lambda x: x.replace(b"why", b"w\x0cy"), rehash=True),
         "malformed", 3),
    Kind("bytes that are not UTF-8", _edited(3, lambda x: x.replace(b"why", b"\xff\xfe")), "malformed", 3),
    Kind("a character cut in two, all hashes made right",
         _edited(3, lambda x: x.replace(b"why", b"w\xc3"), rehash=True), "malformed", 3),
    Kind("NUL bytes in a row", _edited(3, lambda x: x.replace(b"why", b"\0\0\0")), "nul_bytes", 3),
    Kind("a block of NUL bytes in the middle", _bytes(_nul_block), "nul_bytes", 4),
    Kind("a line of NUL bytes at the end", _bytes(lambda d: d + b"\0" * 510 + b"\r\n"), "nul_bytes", 7),
    Kind("NUL bytes behind the last row", _bytes(lambda d: d + b"\0" * 512), "torn_tail", 7),
    Kind("a file of NUL bytes", _bytes(lambda d: b"\0" * len(d)), "nul_bytes"),
    Kind("the last line torn", _bytes(lambda d: d[:-30]), "torn_tail", 6),
    Kind("the last line end torn", _bytes(lambda d: d[:-1]), "torn_tail", 6),
    Kind("bytes behind the last row", _bytes(lambda d: d + b"x"), "torn_tail", 7),
    Kind("an empty line at the end", _bytes(lambda d: d + b"\r\n"), "malformed", 7),
    Kind("an empty line in the middle", _rows(lambda r: [*r[:3], b"", *r[3:]]), "malformed", 3),
    Kind("a column more in a row", _edited(3, lambda x: x + b',""'), "malformed", 3),
    Kind("a column less in a row", _edited(3, lambda x: x.replace(b'"lesion",', b"")), "malformed", 3),
    Kind("a column more in the header", _bytes(lambda d: HEADER[:-2] + b',"more"\r\n' + d[len(HEADER):]), "header"),
    Kind("a word of the header edited", _bytes(lambda d: d.replace(b'"seq"', b'"nr"', 1)), "header"),
    Kind("the header deleted", _bytes(lambda d: d[len(HEADER):]), "header"),
    Kind("the header torn", _bytes(lambda d: d[:40]), "torn_header"),
    Kind("an empty file", _bytes(lambda d: b""), "empty"),
    Kind("the closed file missing", _without(OLD), "missing_file", 1),
    Kind("the closed file named for another row", lambda f: f.update({"reviews-5.csv": f.pop(OLD)}), "cut", None,
         "reviews-5.csv"),
    Kind("a row of the closed file edited", _bytes(lambda d: d.replace(b"why 2", b"why 7"), OLD), "edited", 2, OLD),
    Kind("the closed file's last row cut", _rows(lambda r: r[:-1], OLD), "cut", None, OLD),
    Kind("the closed file torn", _bytes(lambda d: d[:-30], OLD), "torn_tail", 6, OLD),
    Kind("the closed file rewritten, all its hashes made right", _forged(2, "reason", "another", name=OLD),
         "rewritten", None, OLD),
    Kind("the link names another hash", _link(hash="0" * 64), "rewritten", None, OLD),
    Kind("the link names another last row", _link(seq=7), "cut", None, OLD),
    Kind("the link names another file", _link(file="reviews-5.csv"), "missing_file", 1),
    Kind("the link made another action, all hashes made right", _forged(1, "action", "fault"), "rotation", 1),
    Kind("rows cut, verified against nothing", _rows(lambda r: r[:-2]), ""),
    Kind("rows cut", _rows(lambda r: r[:-2]), "cut", None, LIVE, "a head kept elsewhere"),
    Kind("rows cut", _cut_below_the_head_file, "cut", None, LIVE, "reviews.head"),
    Kind("the live file missing", _without(LIVE), "cut", None, LIVE, "a head kept elsewhere"),
    Kind("all rewritten, verified against nothing", _forged(3, "reason", "another"), ""),
    Kind("all rewritten", _forged(3, "reason", "another"), "rewritten", 6, LIVE, "a head kept elsewhere"),
    Kind("all rewritten", _rewritten_below_the_head_file, "rewritten", 6, LIVE, "reviews.head"),
)  # fmt: skip


def table() -> str:
    """The lines of docs/tampering.md's table."""
    lines = ["| what was done | verified against | said |", "|---|---|---|"]
    for kind in KINDS:
        where = "" if kind.file == LIVE else f" of `{kind.file}`"
        row = f", row {kind.row}" if kind.row else ""
        lines.append(f"| {kind.what} | {kind.against} | {f'`{kind.code}`{row}{where}' if kind.code else 'nothing'} |")
    return "\n".join(lines)
