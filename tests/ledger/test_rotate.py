"""Rotation: a file closed with its head, the next linked to it, every row read and verified across both."""

from __future__ import annotations

import errno
import os
import time

import pytest

from dashboard.chain import HEADER, HEADER_HASH, Chain
from dashboard.errors import LedgerDamaged, LedgerRefused, LedgerWriteFailed
from dashboard.ledger import current_verdicts
from dashboard.ledger.writing import Writer
from tests.builders.rows import a_ledger, a_row
from tests.ledger.test_append import a_writer


def test_a_file_is_closed_with_its_head_and_the_next_names_it(tmp_path):
    ledger, other = a_ledger(tmp_path), a_ledger(tmp_path)
    (first,) = ledger.append(a_row())
    (_, last) = other.append(a_row(finding="2"), a_row(finding="3"))
    whole = ledger.path.read_bytes()
    link = ledger.rotate()
    assert (ledger.folder / "reviews-3.csv").read_bytes() == whole
    assert (link.seq, link.action, link.identity) == (4, "rotate", "system")
    assert link.details == {"file": "reviews-3.csv", "seq": 3, "hash": last.hash}
    assert ledger.path.read_bytes().startswith(HEADER) and ledger.path.read_bytes().count(b"\r\n") == 2
    assert (ledger.folder / "reviews.head").read_text().split()[:2] == ["4", link.hash]
    (amend,) = other.append(a_row("amend", supersedes=first.event_id))
    assert amend.seq == 5 and ledger.append(a_row(event_id=last.event_id)) == (last,)
    for reader in (ledger, other, a_ledger(tmp_path)):
        assert [e.seq for e in reader.entries()] == [1, 2, 3, 4, 5]
        assert {key[2] for key in current_verdicts(reader.entries())} == {"2", "3"}, "a rotated row can be withdrawn"
        assert reader.find(first.event_id) == first and reader.check().problems == ()
    found = ledger.verify()
    assert (found.rows, found.head.seq, found.problems) == (5, 5, ())


def test_a_ledger_is_rotated_again_and_never_for_nothing(tmp_path):
    ledger = a_ledger(tmp_path)
    with pytest.raises(LedgerRefused):
        ledger.rotate()
    for n in range(3):
        ledger.append(a_row(finding=str(n)))
        ledger.rotate()
        with pytest.raises(LedgerRefused, match="No row was written"):
            ledger.rotate()
    assert sorted(p.name for p in ledger.folder.glob("*.csv")) == [
        "reviews-1.csv", "reviews-3.csv", "reviews-5.csv", "reviews.csv",
    ]  # fmt: skip
    assert [e.seq for e in a_ledger(tmp_path).entries()] == list(range(1, 7))
    assert ledger.verify().problems == ()


def test_a_crash_between_closing_and_beginning_is_made_good(tmp_path, monkeypatch):
    ledger, other = a_ledger(tmp_path), a_ledger(tmp_path)
    ledger.append(a_row(), a_row(finding="2"))
    assert len(other.entries()) == 2

    def crash(_self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "_begin", crash)
        with pytest.raises(KeyboardInterrupt):
            ledger.rotate()
    assert not ledger.path.exists()
    later = a_ledger(tmp_path)
    assert [e.finding for e in later.entries()] == ["1", "2"] and later.verify().problems == ()
    for writer in (other, later, ledger):
        writer.append(a_row(finding="3"))
    assert [e.action for e in ledger.entries()] == ["accept", "accept", "rotate", "accept", "accept", "accept"]
    assert ledger.verify().problems == ()


@pytest.mark.parametrize("call", ["fsync", "rename", "replace"])
def test_a_disk_that_refuses_leaves_every_row_where_it_was(tmp_path, monkeypatch, call):
    ledger = a_ledger(tmp_path)
    ledger.append(a_row(), a_row(finding="2"))

    def refuse(*_given, **_named):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(LedgerWriteFailed):
            ledger.rotate()
    assert [e.finding for e in ledger.entries()] == ["1", "2"]
    ledger.append(a_row(finding="3"))
    assert [e.finding for e in a_ledger(tmp_path).entries() if e.action == "accept"] == ["1", "2", "3"]
    assert ledger.verify().problems == ()


@pytest.mark.parametrize("harm", ["gone", "edited", "torn", "link torn"])
@pytest.mark.parametrize("with_head", [True, False])
def test_a_series_that_does_not_hold_takes_no_row(tmp_path, harm, with_head):
    ledger = a_ledger(tmp_path)
    ledger.append(a_row(), a_row(finding="2"))
    ledger.rotate()
    closed = ledger.folder / "reviews-2.csv"
    data = closed.read_bytes()
    if harm == "gone":
        closed.unlink()
    elif harm == "link torn":
        ledger.path.write_bytes(ledger.path.read_bytes()[:-40])
    else:
        closed.write_bytes(data.replace(b'"lesion"', b'"lesiom"', 1) if harm == "edited" else data + b"x")
    if not with_head:
        (ledger.folder / "reviews.head").unlink()
    before = {p.name: p.read_bytes() for p in ledger.folder.iterdir()}
    with pytest.raises(LedgerDamaged):
        a_ledger(tmp_path).append(a_row(finding="3"))
    assert {p.name: p.read_bytes() for p in ledger.folder.iterdir()} == before
    assert a_ledger(tmp_path).check().problems


def test_a_first_row_chains_from_its_own_header(tmp_path):
    import hashlib

    ledger = a_ledger(tmp_path)
    ledger.append(a_row())
    ledger.rotate()
    line = ledger.path.read_bytes().split(b"\r\n")[1]
    assert hashlib.sha256(HEADER_HASH.encode() + line[:-66]).hexdigest().encode() == line[-65:-1]


def test_four_processes_append_while_another_rotates(tmp_path):
    a_ledger(tmp_path).append(a_row(reader="R-first"))
    writers = [a_writer(tmp_path, f"R-{n}", 60) for n in range(4)]
    ledger, rotations, deadline = a_ledger(tmp_path), 0, time.monotonic() + 60
    while any(w.poll() is None for w in writers) and time.monotonic() < deadline:
        try:
            ledger.rotate()
            rotations += 1
        except LedgerRefused:
            time.sleep(0.002)
        time.sleep(0.02)
    acknowledged = [line for w in writers for line in w.communicate(timeout=30)[0].split()]
    assert [w.returncode for w in writers] == [0] * 4 and len(acknowledged) == 240 and rotations >= 2
    entries = a_ledger(tmp_path).entries()
    ids = [e.event_id for e in entries]
    assert {i: ids.count(i) for i in acknowledged} == dict.fromkeys(acknowledged, 1)
    assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    for name in {f"R-{n}" for n in range(4)}:
        assert [int(e.finding) for e in entries if e.reader == name] == list(range(60))
    found = ledger.verify()
    assert found.problems == () and found.rows == len(entries) == 241 + rotations
    assert len(list(ledger.folder.glob("reviews-*.csv"))) == rotations and len(ledger.comments()) == 48


def test_after_a_rotation_others_read_only_what_is_new(tmp_path, monkeypatch):
    ledger, other = a_ledger(tmp_path), a_ledger(tmp_path)
    ledger.append(*(a_row(finding=str(n)) for n in range(20)))
    assert len(other.entries()) == 20
    ledger.append(a_row(finding="20"))
    ledger.rotate()
    ledger.append(a_row(finding="21"))
    ledger.rotate()
    ledger.append(a_row(finding="22"))
    taken: list[bytes] = []
    real = Chain.take
    monkeypatch.setattr(Chain, "take", lambda chain, lines, at: (taken.append(lines[at]), real(chain, lines, at))[-1])
    rows = other.entries()
    assert [e.finding for e in rows if e.action == "accept"] == [str(n) for n in range(23)] and len(rows) == 25
    assert len(taken) == 5, "rows that had been read were read again"
    assert other.append(a_row(finding="23"))[0].seq == 26 and ledger.verify().problems == ()


def test_a_closed_file_that_is_another_than_the_one_read_is_read_anew(tmp_path):
    ledger, other = a_ledger(tmp_path), a_ledger(tmp_path)
    ledger.append(a_row(), a_row(finding="2"))
    assert len(other.entries()) == 2
    ledger.rotate()
    closed = ledger.folder / "reviews-2.csv"
    copy = closed.with_suffix(".copy")
    copy.write_bytes(closed.read_bytes())
    copy.replace(closed)
    assert [e.seq for e in other.entries()] == [1, 2, 3] and other.check().problems == ()
    closed.write_bytes(closed.read_bytes().replace(b'"lesion"', b'"lesiom"', 1))
    fresh = a_ledger(tmp_path)
    assert [p.code for p in fresh.check().problems] == ["closed_file", "ledger_damaged"]
