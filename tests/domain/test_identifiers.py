"""Pseudonyms: keyed, well formed, shortened no further than they stay unique."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain import (
    is_own_finding,
    is_study,
    is_subject,
    keyed_pseudonym,
    new_own_finding,
    random_pseudonym,
    shorten,
)


@given(st.binary(min_size=16, max_size=32), st.text(max_size=80))
def test_a_keyed_pseudonym_is_made_again_only_with_its_key(key, message):
    made = keyed_pseudonym("S", key, message)
    assert is_study(made)
    assert made == keyed_pseudonym("S", key, message)
    assert made != keyed_pseudonym("S", key + b"x", message)
    assert not is_subject(made)


@given(st.sets(st.text("ABCDEFGH234567", min_size=10, max_size=10), min_size=1, max_size=30))
def test_short_forms_stay_unique_and_hold_six_characters(bodies):
    names = [f"S-{body}" for body in bodies]
    short = [shorten(name, names) for name in names]
    assert len(set(short)) == len(names)
    assert all(len(s) >= 8 and name.startswith(s) for s, name in zip(short, names, strict=True))


def test_random_pseudonyms_are_well_formed():
    assert is_subject(random_pseudonym("P"))
    assert is_own_finding(new_own_finding())
    assert not is_study("S-../../etc")
