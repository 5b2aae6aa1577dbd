"""After a crash or a hand in the file: what is set aside, what makes the ledger read-only, and what it says."""

from __future__ import annotations

import hashlib
import os

import pytest

from dashboard.chain import HEADER, HEADER_HASH
from dashboard.errors import LedgerDamaged
from dashboard.files import rewrite_from
from tests.builders.rows import a_ledger, a_row
from tests.ledger.test_chain import independent_check


def _three(folder):
    ledger = a_ledger(folder)
    ledger.append(a_row(finding="1"), a_row(finding="2"), a_row(finding="3"))
    return ledger.path


@pytest.mark.parametrize(
    "tail",
    [
        b'"1","4","half a row',
        b"\0" * 512,
        b"\0" * 512 + b"\r\n",
        b"\xff\xfe",
        b'"1","4"\r\n"1","5"\r\n',
        b"\r\n",
        b"\r",
    ],
    ids=["half a row", "NUL bytes", "a NUL line", "not UTF-8", "two whole lines", "an empty line", "half a line end"],
)
def test_a_torn_tail_is_set_aside_and_reported(tmp_path, tail):
    path = _three(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    ledger = a_ledger(tmp_path)
    assert [e.finding for e in ledger.entries()] == ["1", "2", "3"], "reading stops where the chain does"
    assert path.read_bytes() == whole + tail, "reading changes nothing"
    ledger.append(a_row(finding="4"))
    assert (tmp_path / "reviews" / "reviews.torn-1").read_bytes() == tail
    fault = ledger.entries()[3]
    assert (fault.action, fault.identity, ledger.entries()[4].finding) == ("fault", "system", "4")
    assert fault.details == {
        "code": "torn_tail", "file": "reviews.torn-1", "bytes": len(tail), "sha256": hashlib.sha256(tail).hexdigest(),
    }  # fmt: skip
    assert path.read_bytes().startswith(whole)
    assert len(independent_check(path.read_bytes())) == 5 and ledger.verify().problems == ()


def test_every_cut_of_a_row_is_recovered(tmp_path):
    whole = _three(tmp_path).read_bytes()
    last = len(whole) - len(whole.split(b"\r\n")[3]) - 2
    for cut in range(last + 1, len(whole), 23):
        ledger = a_ledger(tmp_path / str(cut))
        ledger.folder.mkdir(parents=True)
        ledger.path.write_bytes(whole[:cut])
        ledger.append(a_row(finding="again"))
        assert [e.finding for e in ledger.entries()] == ["1", "2", "", "again"]
        assert (ledger.folder / "reviews.torn-1").read_bytes() == whole[last:cut]
        assert ledger.verify().problems == ()


def test_a_tail_whose_fault_row_was_lost_is_reported_the_next_time(tmp_path):
    path = _three(tmp_path)
    (path.parent / "reviews.torn-3").write_bytes(b"left by a crash between two steps")
    ledger = a_ledger(tmp_path)
    ledger.append(a_row(finding="4"))
    assert [e.details.get("file", "") for e in ledger.entries()[3:]] == ["reviews.torn-3", ""]
    a_ledger(tmp_path).append(a_row(finding="5"))
    assert [e.action for e in ledger.entries()].count("fault") == 1
    with path.open("ab") as stream:
        stream.write(b"torn again")
    ledger.append(a_row(finding="6"))
    assert ledger.entries()[6].details["file"] == "reviews.torn-4"


def test_a_crash_within_recovery_loses_no_byte(tmp_path, monkeypatch):
    """The tail is durable in its own file before it goes from the ledger."""
    path = _three(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + b"torn")
    steps: list[tuple[str, bool]] = []
    real = os.fsync

    def note(descriptor):
        steps.append((os.readlink(f"/proc/self/fd/{descriptor}").rsplit("/", 1)[-1], path.stat().st_size > len(whole)))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    a_ledger(tmp_path).append(a_row(finding="4"))
    assert steps[:3] == [("reviews.torn-1", True), ("reviews", True), ("reviews.csv", False)]


def _damaged(folder, match):
    ledger = a_ledger(folder)
    before = ledger.path.read_bytes() if ledger.path.exists() else None
    with pytest.raises(LedgerDamaged, match=match):
        ledger.append(a_row(finding="9"))
    assert (ledger.path.read_bytes() if ledger.path.exists() else None) == before
    assert not list(ledger.folder.glob("reviews.torn-*"))
    return ledger


def test_an_edited_row_before_the_known_head_makes_the_ledger_read_only(tmp_path):
    path = _three(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"2","lesion"', b'"7","lesion"'))
    ledger = _damaged(tmp_path, "row 2 is broken or missing, and row 3 was known durable")
    assert [e.finding for e in ledger.entries()] == ["1"]
    assert [p.code for p in ledger.check().problems] == ["edited", "ledger_damaged"]


def test_a_cut_below_the_known_head_makes_the_ledger_read_only(tmp_path):
    path = _three(tmp_path)
    path.write_bytes(b"".join(line + b"\r\n" for line in path.read_bytes().split(b"\r\n")[:3]))
    _damaged(tmp_path, "not there")
    assert [p.code for p in a_ledger(tmp_path).check().problems] == ["ledger_damaged"]


def test_a_file_that_is_gone_is_not_begun_anew(tmp_path):
    _three(tmp_path).unlink()
    _damaged(tmp_path, "gone")


def test_a_file_rewritten_below_the_known_head_makes_the_ledger_read_only(tmp_path):
    path = _three(tmp_path)
    head = (path.parent / "reviews.head").read_bytes()
    a_ledger(tmp_path / "forged").append(a_row(finding="1"), a_row(finding="2"), a_row(finding="x"))
    path.write_bytes((tmp_path / "forged" / "reviews" / "reviews.csv").read_bytes())
    assert (path.parent / "reviews.head").read_bytes() == head
    _damaged(tmp_path, "another hash")


@pytest.mark.parametrize("data", [b"", HEADER[:50], HEADER[:-2] + b"\n", b"\xef\xbb\xbf" + HEADER])
def test_a_file_that_does_not_begin_with_the_header_takes_no_row(tmp_path, data):
    path = _three(tmp_path)
    (path.parent / "reviews.head").unlink()
    path.write_bytes(data)
    _damaged(tmp_path, "header")


def test_without_a_head_file_a_broken_row_goes_aside_with_all_behind_it(tmp_path):
    path = _three(tmp_path)
    (path.parent / "reviews.head").unlink()
    path.write_bytes(path.read_bytes().replace(b'"2","lesion"', b'"7","lesion"'))
    ledger = a_ledger(tmp_path)
    ledger.append(a_row(finding="4"))
    assert [e.finding for e in ledger.entries()] == ["1", "", "4"]
    assert (path.parent / "reviews.torn-1").read_bytes().count(b"\r\n") == 2


def test_a_torn_comment_harms_no_other(tmp_path):
    ledger = a_ledger(tmp_path)
    (first,) = ledger.append(a_row(comment="one"))
    path = ledger.folder / "comments.csv"
    with path.open("ab") as stream:
        stream.write(b'"0b6c6f0e-1f0e","half')
    assert ledger.comments() == {first.event_id: "one"}
    (second,) = ledger.append(a_row(finding="2", comment="two"))
    assert ledger.comments() == {first.event_id: "one", second.event_id: "two"}
    assert b"half" not in path.read_bytes()


def test_a_file_put_back_from_a_backup_is_read_anew(tmp_path):
    path = _three(tmp_path)
    ledger = a_ledger(tmp_path)
    backup = path.read_bytes(), (path.parent / "reviews.head").read_bytes()
    ledger.append(a_row(finding="4"))
    assert len(ledger.entries()) == 4
    path.write_bytes(backup[0])
    (path.parent / "reviews.head").write_bytes(backup[1])
    assert [e.finding for e in ledger.entries()] == ["1", "2", "3"]
    other = path.with_name("other")
    other.write_bytes(backup[0])
    other.replace(path)
    ledger.append(a_row(finding="5"))
    assert [e.finding for e in a_ledger(tmp_path).entries()] == ["1", "2", "3", "5"]


def test_bytes_behind_the_last_durable_one_are_written_anew(tmp_path):
    path = _three(tmp_path)
    whole = path.read_bytes()
    os.utime(path, (1, 1))
    rewrite_from(path, len(HEADER))
    assert path.read_bytes() == whole and path.stat().st_mtime > 1, "the same bytes, but no write"


def _changed_and_hashed_anew(path, change):
    """The second of three rows changed by a hand that makes all hashes right again; the head file is gone."""
    header, *lines = path.read_bytes().split(b"\r\n")[:-1]
    lines[1] = change(lines)
    previous = HEADER_HASH
    for at, line in enumerate(lines):
        previous = hashlib.sha256(previous.encode() + line[:-66]).hexdigest()
        lines[at] = line[:-66] + f'"{previous}"'.encode()
    path.write_bytes(b"".join(line + b"\r\n" for line in (header, *lines)))
    (path.parent / "reviews.head").unlink()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda rows: rows[1].replace(rows[1].split(b'","')[2], rows[0].split(b'","')[2]),
            "duplicate_id",
        ),
        (lambda rows: rows[1].replace(b'"2","lesion"', b'"2","les\\ion"'), "malformed"),
        (lambda rows: rows[1].replace(b'"2","lesion"', b'"=2","lesion"'), "malformed"),
        (lambda rows: rows[1].replace(b'"1","2"', b'"1","02"'), "malformed"),
        (lambda rows: rows[1].replace(b'"1","2"', b'"2","2"', 1), "schema"),
    ],
    ids=["duplicate id", "an unknown escape", "a formula", "a number of another writing", "another schema"],
)
def test_a_row_in_the_middle_that_only_its_fields_give_away(tmp_path, change, code):
    path = _three(tmp_path)
    _changed_and_hashed_anew(path, change)
    ledger = a_ledger(tmp_path)
    assert [e.finding for e in ledger.entries()] == ["1"] and ledger.head().seq == 1
    assert ledger.check().problems[0].code == code and ledger.check().rows == 1
    assert [(p.row, p.code) for p in ledger.verify().problems] == [(2, code)]


def test_a_wrong_hash_in_the_middle_is_found_while_reading(tmp_path):
    path = _three(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"2","lesion"', b'"2","lesiom"'))
    ledger = a_ledger(tmp_path)
    assert [e.finding for e in ledger.entries()] == ["1"]
    assert [p.code for p in ledger.check().problems] == ["edited", "ledger_damaged"]


def test_behind_a_row_that_is_known_to_be_malformed_nothing_is_written(tmp_path):
    """No crash leaves a row whose hash holds and whose fields do not: it is not set aside as a torn tail."""
    path = _three(tmp_path)
    _changed_and_hashed_anew(path, lambda rows: rows[1].replace(b'"2","lesion"', b'"=2","lesion"'))
    ledger = a_ledger(tmp_path)
    assert len(ledger.entries()) == 1
    before = path.read_bytes()
    with pytest.raises(LedgerDamaged, match="row 2: it is not written as the ledger writes a row"):
        ledger.append(a_row(finding="4"))
    assert path.read_bytes() == before and not list(path.parent.glob("reviews.torn-*"))


def test_a_header_that_was_put_right_is_read(tmp_path):
    path = _three(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(b"x" + whole)
    ledger = a_ledger(tmp_path)
    assert ledger.entries() == () and ledger.check().problems
    path.write_bytes(whole)
    assert len(ledger.entries()) == 3 and ledger.check().problems == ()


def test_a_repeat_is_never_answered_with_a_malformed_row(tmp_path):
    path = _three(tmp_path)
    _changed_and_hashed_anew(path, lambda rows: rows[1].replace(b'"2","lesion"', b'"=2","lesion"'))
    event_id = path.read_bytes().split(b"\r\n")[2].split(b'","')[2].decode()
    with pytest.raises(LedgerDamaged):
        a_ledger(tmp_path).append(a_row(event_id=event_id))
    assert a_ledger(tmp_path).find(event_id) is None
