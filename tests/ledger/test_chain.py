"""The chain: checked by a dozen lines that share nothing with ours, and by ours, on files that were tampered with."""

from __future__ import annotations

import hashlib

import pytest

from dashboard.chain import verify_files
from dashboard.files import encode_field, join_fields, split_fields
from dashboard.ledger import COLUMNS, HEADER_HASH, Head, Verification
from tests.builders.read_only import an_open_folder, read_only
from tests.builders.rows import a_ledger, a_row


def independent_check(data: bytes) -> list[str]:
    """The event ids of a ledger file, or an AssertionError; written from the design alone."""
    *lines, rest = data.split(b"\r\n")
    assert rest == b"", "torn"
    previous = hashlib.sha256(lines[0] + b"\r\n").hexdigest()
    ids = []
    for number, line in enumerate(lines[1:], start=1):
        body, digest = line[:-66], line[-65:-1].decode()
        assert line[-66:-65] == b'"' and line[-1:] == b'"' and body.endswith(b'",')
        assert hashlib.sha256(previous.encode() + body).hexdigest() == digest, f"row {number}"
        fields = line[1:-1].decode().split('","')
        assert int(fields[1]) == number
        ids.append(fields[2])
        previous = digest
    return ids


def a_file(folder, rows=6) -> bytes:
    """A ledger of some rows, each with a word of its own."""
    ledger = a_ledger(folder)
    for n in range(rows):
        ledger.append(a_row("reject", reason=f'why {n} \r\n = "x"', comment=f"text {n}"))
    return ledger.path.read_bytes()


def _verified(data: bytes, head: Head | None = None) -> Verification:
    return verify_files([("reviews.csv", data)], head=head)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> bytes:
    return a_file(tmp_path_factory.mktemp("chain"))


def test_a_dozen_lines_of_anybodys_agree(data):
    found = _verified(data)
    ids = independent_check(data)
    assert len(set(ids)) == found.rows == 6 and found.problems == ()
    assert found.head == Head(6, data[-67:-3].decode())


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\r\n")[:-1]


def _joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\r\n" for line in lines)


def _rewritten(lines: list[bytes], first: int) -> list[bytes]:
    """Rows from `first` on with hashes made right again, as a forger with time makes them."""
    previous = HEADER_HASH if first == 1 else lines[first - 1][-65:-1].decode()
    kept = lines[:first]
    for line in lines[first:]:
        body = line[:-66]
        previous = hashlib.sha256(previous.encode() + body).hexdigest()
        kept.append(body + f'"{previous}"'.encode())
    return kept


def _with_field(line: bytes, column: str, value: str) -> bytes:
    fields = split_fields(line, len(COLUMNS))
    fields[COLUMNS.index(column)] = encode_field(value)
    return join_fields(fields)


def test_a_cut_tail_shows_only_against_a_head_kept_elsewhere(data):
    whole = _verified(data).head
    cut = _joined(_lines(data)[:5])
    assert _verified(cut).problems == ()
    (problem,) = _verified(cut, head=whole).problems
    assert problem.code == "cut"
    assert _verified(data, head=Head(3, _lines(data)[3][-65:-1].decode())).problems == ()


def test_a_file_rewritten_whole_shows_only_against_a_head_kept_elsewhere(data):
    whole = _verified(data).head
    lines = _lines(data)
    lines[2] = _with_field(lines[2], "reason", "another")
    forged = _joined(_rewritten(lines, 2))
    assert _verified(forged).problems == ()
    (problem,) = _verified(forged, head=whole).problems
    assert (problem.row, problem.code) == (6, "rewritten")


def test_a_changed_comment_shows_and_an_erased_one_does_not(tmp_path):
    a_file(tmp_path)
    ledger = a_ledger(tmp_path)
    path = ledger.folder / "comments.csv"
    assert ledger.verify().problems == ()
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"text 3", b"test 3"))
    (problem,) = ledger.verify().problems
    assert (problem.row, problem.code) == (4, "comment_changed")
    path.write_bytes(kept)
    gone = ledger.entries()[3].event_id
    assert ledger.erase_comments({gone}) == 1
    assert b"text 3" not in b"".join(p.read_bytes() for p in ledger.folder.iterdir())
    assert gone not in ledger.comments() and len(ledger.comments()) == 5
    assert ledger.verify().problems == ()
    path.unlink()
    assert ledger.comments() == {} and ledger.verify().problems == ()


def test_a_comment_cannot_be_guessed_from_its_digest(tmp_path):
    first, second = a_ledger(tmp_path / "a"), a_ledger(tmp_path / "b", comment_key=b"other" * 8)
    row = a_row(comment="yes", event_id="0b6c6f0e-1f0e-4f4e-8f6e-0a1b2c3d4e5f")
    digests = {ledger.append(row)[0].comment for ledger in (first, second)}
    assert len(digests) == 2 and hashlib.sha256(b"yes").hexdigest() not in digests
    assert b"yes" not in first.path.read_bytes()


def test_verify_changes_nothing_and_needs_no_writable_folder():
    with an_open_folder() as folder:
        data = a_file(folder)
        ledger = a_ledger(folder)
        ledger.path.write_bytes(data + b"torn")
        before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in ledger.folder.iterdir()}
        with read_only(folder):
            found = ledger.verify()
        assert [p.code for p in found.problems] == ["torn_tail"] and found.rows == 6
        assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in ledger.folder.iterdir()} == before


def test_verify_knows_the_head_file(tmp_path):
    data = a_file(tmp_path)
    ledger = a_ledger(tmp_path)
    (ledger.folder / "reviews.head").write_text(f"6 {_lines(data)[6][-65:-1].decode()} {len(data)}\n")
    assert ledger.verify().problems == ()
    ledger.path.write_bytes(_joined(_lines(data)[:5]))
    assert [p.code for p in ledger.verify().problems] == ["cut"]
    ledger.path.unlink()
    assert [p.code for p in ledger.verify().problems] == ["cut"]
    lines = _lines(data)
    lines[2] = _with_field(lines[2], "reason", "another")
    ledger.path.write_bytes(_joined(_rewritten(lines, 2)))
    assert [p.code for p in ledger.verify().problems] == ["rewritten"]
