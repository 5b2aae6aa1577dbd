"""The file to the byte: header, one golden row, what fields may hold and what is refused."""

from __future__ import annotations

import csv
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.chain import COLUMNS, HEADER, HEADER_HASH, SCHEMA, Chain, Found, follows, prepared
from dashboard.chain.verifier import _LINE, _decoded, row_values
from dashboard.domain import LedgerEntry
from dashboard.errors import LedgerValueRefused
from dashboard.files import decode_field, encode_field, join_fields, split_fields
from tests.builders.rows import a_ledger, a_row

DESIGN_HEADER = (
    "schema seq event_id recorded_at occurred_at action supersedes reader role identity exposure study subject kind "
    "input_digest model model_version model_digest prediction finding finding_kind score reason comment confidence "
    "scope artifact artifact_digest view active_s protocol details software hash"
)
GOLDEN = (
    b'"1","1","0b6c6f0e-1f0e-4f4e-8f6e-0a1b2c3d4e5f","2026-11-22T10:15:30.123Z","2026-11-22T10:15:29.000Z","modify","",'
    b'"\'@R-01","radiologist","unverified","PRESENCE+LOCALIZATION","S-AAAAAAAAAA","P-AAAAAAAAAA","mr","","m","","",'
    b'"' + b"p" * 64 + b'","1","lesion","0.87","a \\\\ b\\n""c""","","4","","","",'
    b'"{""slice"":41,""window"":[40,400]}","12.5","","{""dice"":0.91,""edit"":""drawn""}","overread test",'
)
REFUSED = [chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029) if chr(c) not in "\n\r\t"]
ALLOWED = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="".join(REFUSED)))

SHORT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="".join(REFUSED)), max_size=20)


def test_the_header_is_the_designs():
    assert tuple(DESIGN_HEADER.split()) == COLUMNS and len(COLUMNS) == 34 and SCHEMA == 1
    assert (",".join(f'"{name}"' for name in COLUMNS) + "\r\n").encode() == HEADER
    assert hashlib.sha256(HEADER).hexdigest() == HEADER_HASH
    assert HEADER_HASH == "970d001d1b35f49dbdfbe7d181d1772301214f48aba935e3ebe460c27ebe630c"


def test_a_golden_row():
    row = a_row(
        "modify",
        reader="@R-01",
        score=0.87,
        reason='a \\ b\n"c"',
        confidence=4,
        view={"window": [40, 400], "slice": 41},
        active_s=12.50,
        details={"edit": "drawn", "dice": 0.91},
        event_id="0b6c6f0e-1f0e-4f4e-8f6e-0a1b2c3d4e5f",
        occurred_at="2026-11-22T10:15:29.000Z",
    )
    line = prepared(row, row.event_id, "", "overread test").line(1, "2026-11-22T10:15:30.123Z", HEADER_HASH)
    expected = hashlib.sha256(HEADER_HASH.encode() + GOLDEN).hexdigest()
    assert line == GOLDEN + f'"{expected}"'.encode()
    entry = Chain(LedgerEntry.of).read(line)
    assert (entry.reader, entry.reason, entry.score, entry.confidence) == ("@R-01", 'a \\ b\n"c"', 0.87, 4)
    assert entry.view == {"slice": 41, "window": [40, 400]} and entry.details == {"edit": "drawn", "dice": 0.91}


@given(ALLOWED)
def test_any_allowed_text_comes_back(text):
    line = join_fields([encode_field(text), encode_field("next")])
    assert b"\r" not in line and b"\n" not in line and b"\t" not in line
    assert [decode_field(f) for f in split_fields(line, 2)] == [text, "next"]


@given(st.lists(ALLOWED, min_size=1, max_size=6))
def test_a_spreadsheet_reader_sees_the_same_fields_and_runs_none(texts):
    line = join_fields([encode_field(t) for t in texts]).decode()
    (cells,) = list(csv.reader(io.StringIO(line, newline=""), strict=True))
    assert len(cells) == len(texts)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("'x", "''x"), ("a=b", "a=b"),
        ("\\n", "\\\\n"), ("\n", "\\n"), ("\t=", "\\t="), ('say "x"', 'say ""x""'), ("", ""), ("\\", "\\\\"),
        ("a\u0301\u00e4", "a\u0301\u00e4"),
    ],
)  # fmt: skip
def test_guards_and_escapes(text, written):
    assert encode_field(text) == written
    assert decode_field(written) == text


def test_numeric_fields_are_never_guarded():
    assert encode_field("-0.5", numeric=True) == "-0.5"
    assert decode_field("-0.5", numeric=True) == "-0.5"


@pytest.mark.parametrize("bad", [*REFUSED, "\ud800"], ids=lambda c: f"U+{ord(c):04X}")
def test_control_characters_are_refused_before_anything_is_written(tmp_path, bad):
    with pytest.raises(LedgerValueRefused):
        encode_field(f"a{bad}b")
    ledger = a_ledger(tmp_path)
    for name in ("reason", "comment", "reader"):
        with pytest.raises(LedgerValueRefused):
            ledger.append(a_row(**{name: f"a{bad}b"}))
    with pytest.raises(LedgerValueRefused):
        ledger.append(a_row(details={"event_type": f"{bad}"} if bad >= "\x7f" else {"no such": 1}))
    assert not ledger.path.exists()


@pytest.mark.parametrize("written", ["=1", "'abc", "a\\x", "a\\", 'a"b', "-x"])
def test_what_the_ledger_does_not_write_is_not_read(written):
    with pytest.raises(ValueError, match=r"escape|writes"):
        decode_field(written)


def test_text_is_kept_as_it_was_given_not_normalised(tmp_path):
    texts = ("e\u0301", "\u00e9", "\ufeffx", "\u200b\u00ad", "\U0001f9e0 ")
    ledger = a_ledger(tmp_path)
    ledger.append(*[a_row(reason=text) for text in texts])
    assert tuple(e.reason for e in a_ledger(tmp_path).entries()) == texts


@pytest.mark.parametrize(
    "said",
    [
        {"action": "agree"}, {"role": "surgeon"}, {"identity": "known"}, {"scope": "half"}, {"reader": ""},
        {"exposure": ""}, {"exposure": "SOME"}, {"exposure": "LOCALIZATION+PRESENCE"},
        {"exposure": "PRESENCE+PRESENCE"}, {"exposure": "", "study": ""}, {"score": float("nan")},
        {"active_s": float("inf")}, {"confidence": 6}, {"confidence": 0}, {"view": {"x": "y" * 2000}},
        {"view": {"x": object()}}, {"details": {"mood": "good"}}, {"details": {"dice": float("nan")}},
        {"occurred_at": "2026-11-22 10:15:30"}, {"occurred_at": "2026-11-22T10:15:30.123+01:00"},
        {"artifact": "/etc/passwd"}, {"artifact": "artifacts/../../x"},
    ],
    ids=lambda said: ",".join(f"{k}={str(v)[:20]}" for k, v in said.items()),
)  # fmt: skip
def test_words_that_are_none_are_refused(tmp_path, said):
    ledger = a_ledger(tmp_path)
    with pytest.raises(LedgerValueRefused):
        ledger.append(a_row(**{"action": "accept", **said}))
    assert not ledger.path.exists()


def test_numbers_are_plain_decimals_whatever_type_they_came_in(tmp_path):
    import numpy as np

    ledger = a_ledger(tmp_path)
    ledger.append(a_row(score=np.float32(1e-5), active_s=np.float64(1e7)), a_row(score=-0.0, active_s=3))
    first, second = ledger.path.read_bytes().split(b"\r\n")[1:3]
    assert b'"0.00001"' in first and b'"10000000"' in first
    assert b'"0"' in second and b'"3"' in second and b'e-5"' not in first
    assert [e.score for e in ledger.entries()] == [1e-5, 0.0]


@pytest.mark.parametrize(("column", "value"), [("seq", "01"), ("seq", " 1"), ("score", "1e-5"), ("score", ".5"), ("details", "[]"), ("schema", "2")])  # fmt: skip
def test_a_line_of_another_writing_is_malformed(tmp_path, column, value):
    ledger = a_ledger(tmp_path)
    ledger.append(a_row(score=0.5, details={"dice": 0.5}))
    fields = split_fields(ledger.path.read_bytes().split(b"\r\n")[1], len(COLUMNS))
    fields[COLUMNS.index(column)] = value
    with pytest.raises(Found) as found:
        Chain(LedgerEntry.of).read(join_fields(fields))
    assert found.value.problem.code == ("schema" if column == "schema" else "malformed")


@given(
    st.fixed_dictionaries(
        {
            name: st.one_of(ALLOWED, st.sampled_from(["", "=1", "-2", "'x", '","', '"', "\\n", "\t"]))
            for name in ("reader", "study", "finding", "reason", "event_id", "model_version")
        }
    ),
    st.one_of(st.none(), st.floats(-1e6, 1e6)),
    st.dictionaries(SHORT, st.one_of(SHORT, st.integers(-9, 9), st.lists(st.booleans(), max_size=3)), max_size=3),
)
def test_a_row_is_given_back_as_its_line_reads(texts, score, view):
    row = a_row(**{**texts, "reader": texts["reader"] or "R"}, score=score, view=view, details={"dice": 0.5})
    written = prepared(row, texts["event_id"], "c" * 64, "overread test")
    line = written.line(1, "2026-11-22T10:15:30.123Z", HEADER_HASH)
    read = Chain(LedgerEntry.of).read(line)
    assert written.entry(1, "2026-11-22T10:15:30.123Z", line) == read and follows(HEADER_HASH, line)
    assert read.view == view and read.reason == texts["reason"]


PIECES = st.lists(
    st.sampled_from(['"', '""', '","', ",", "x", "=", "-1", "0", "01", "1", "\\", "\\n", "é", "'", " ", "\x7f", "{}"])
)


@given(st.integers(0, 700), st.integers(0, 700), PIECES)
def test_the_quick_look_at_a_row_says_what_the_expression_says(start, end, pieces):
    """Any piece of a row replaced by any characters that mean something to a CSV reader."""
    row = prepared(a_row(score=0.5, active_s=2, confidence=3), "e" * 36, "", "overread test")
    line = row.line(1, "2026-11-22T10:15:30.123Z", HEADER_HASH).decode()
    changed = (line[:start] + "".join(pieces) + line[end:]).encode()
    found = _LINE.fullmatch(changed.decode())
    by_expression = None if found is None else [_decoded(field) for field in found.groups()]
    by_look = row_values(changed)
    assert (None if by_look is None else list(by_look)) == by_expression
