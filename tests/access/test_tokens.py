"""Capability tokens: genuine, of this session, for this study, for these bytes, until then; else refused."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.access import CAPABILITIES, issue_token, read_token
from dashboard.domain import Session
from dashboard.errors import TokenRefused
from dashboard.terms import Identity, Role

KEY = b"k" * 32
NOW = 1_800_000_000.0
SESSION = Session("s" * 64, "R-01", Role.RADIOLOGIST, Identity.INVITED, NOW + 12 * 3600)


def _token(now: float = NOW, session: Session = SESSION, what=("volume", "mask"), **given) -> str:
    return issue_token(KEY, session, "S-AAAAAAAAAA", what, clock=lambda: now, **given)


def _read(token: str, what: str = "mask", *, key: bytes = KEY, session: Session = SESSION, now: float = NOW):
    return read_token(key, token, session, what, clock=lambda: now)


def test_a_token_says_what_it_allows():
    found = _read(_token())
    assert (found.session, found.reader, found.study) == (SESSION.id, "R-01", "S-AAAAAAAAAA")
    assert found.what == {"volume", "mask"}


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("another session", {"session": replace(SESSION, id="t" * 64)}),
        ("another session", {"session": replace(SESSION, reader="R-02")}),
        ("not genuine", {"key": b"j" * 32}),
        ("expired", {"now": NOW + 8 * 3600 + 1}),
        ("something else", {"what": "risk"}),
        ("something else", {"what": ""}),
    ],
)
def test_a_token_is_refused_for_anything_else(why, given):
    with pytest.raises(TokenRefused, match=why):
        _read(_token(), **given)


@pytest.mark.parametrize("token", ["", ".", "x", "e30=.", "a.b.c", "\xff.\xff", "\udcff"])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(TokenRefused, match="missing or not genuine"):
        _read(token)


@given(at=st.integers(0, 10_000), bit=st.integers(0, 6))
def test_one_changed_bit_anywhere_is_refused(at, bit):
    token = _token()
    at %= len(token)
    changed = token[:at] + chr(ord(token[at]) ^ (1 << bit)) + token[at + 1 :]
    with pytest.raises(TokenRefused):
        _read(changed)


def test_a_body_rewritten_under_the_old_signature_is_refused():
    body, _, signature = _token().partition(".")
    said = json.loads(base64.urlsafe_b64decode(body))
    said["w"] = sorted(CAPABILITIES)
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).decode()
    with pytest.raises(TokenRefused, match="not genuine"):
        _read(f"{forged}.{signature}", "risk")


def test_a_token_ends_with_its_session():
    ending = replace(SESSION, expires_at=NOW + 600)
    assert _read(_token(session=ending), session=ending, now=NOW + 599)
    with pytest.raises(TokenRefused, match="expired"):
        _read(_token(session=ending), session=ending, now=NOW + 600)


@given(start=st.floats(1e9, 2e9), ttl=st.floats(60, 1e5))
def test_a_token_lives_at_least_three_quarters_and_at_most_the_whole_of_its_time(start, ttl):
    session = replace(SESSION, expires_at=0.0)
    expires = _read(_token(start, session, ttl_s=ttl), session=session, now=start).expires
    assert 0.75 * ttl - 1e-3 <= expires - start <= ttl + 1e-3


def test_the_same_question_gives_the_same_token_for_a_while():
    """A browser keeps images under their token: a new one at each rerun would fetch them anew."""
    begun = NOW - NOW % 7200
    assert _token(begun) == _token(begun + 7199)
    assert _token(begun) != _token(begun + 7200)
    assert _token(begun, what=("mask", "volume")) == _token(begun)


def test_nothing_is_signed_that_is_no_capability():
    with pytest.raises(ValueError, match="ledger"):
        _token(what=("volume", "ledger"))
