"""Sampled controls: every moment in one window at most, a draw that anybody repeats, an interval that holds the truth."""

from __future__ import annotations

import hashlib
import itertools
from math import ceil, floor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.audit.coverage import Site, StudySite, coverage, recordings, studies
from dashboard.audit.sampling import (
    AFTER_S,
    BEFORE_S,
    Sampled,
    control_windows,
    draw,
    drawn_count,
    missed_bound,
    sampled_sensitivity,
    window_of,
)

spans = st.lists(st.tuples(st.floats(0, 4000), st.floats(0.1, 300)), max_size=8)


@given(st.floats(1, 4000), spans, spans)
def test_windows_part_what_belongs_to_no_alert_and_nothing_else(duration, alerts, gaps):
    windows = control_windows(duration, alerts, gaps)
    assert [w.index for w in windows] == list(range(len(windows)))
    edges = [(w.onset_s, w.onset_s + w.duration_s) for w in windows]
    assert all(a[1] <= b[0] + 2e-3 for a, b in itertools.pairwise(edges))
    taken = [(floor((a - BEFORE_S) / 30) * 30, ceil((a + d + AFTER_S) / 30) * 30) for a, d in alerts]
    taken += [(a, a + d) for a, d in gaps]
    for moment in np.linspace(0, duration, 97)[1:-1]:
        if min((abs(moment - e) for pair in (*edges, *taken) for e in pair), default=1) < 5e-3:
            continue
        belongs = any(a < moment < b for a, b in taken)
        assert sum(a <= moment < b for a, b in edges) == (not belongs)
    assert all(w.duration_s <= 35.001 for w in windows)


def test_windows_by_hand():
    assert [(w.onset_s, w.duration_s) for w in control_windows(200, [(90, 10)])] == [
        (0, 30), (30, 30), (180, 20)
    ]  # fmt: skip
    assert [(w.onset_s, w.duration_s) for w in control_windows(64, [])] == [(0, 30), (30, 34)]
    assert control_windows(100, [(0, 100)]) == ()
    assert [(w.onset_s, w.duration_s) for w in control_windows(90, [], [(20, 12)])] == [(0, 20), (32, 28), (60, 30)]
    assert (window_of(91, 200), window_of(199, 200), window_of(203, 203)) == ((90, 30), (180, 20), (180, 23))


@given(st.integers(0, 300), st.floats(0, 1), st.text("0123456789abcdef", min_size=1))
def test_a_draw_is_repeated_from_its_row_in_any_language(size, rate, seed):
    count = drawn_count(size, rate)
    drawn = draw(size, count, seed)
    assert drawn == draw(size, count, seed) and len(set(drawn)) == count and set(drawn) <= set(range(size))
    marks = [hashlib.sha256(f"{seed}:{n}".encode()).hexdigest() for n in range(size)]
    assert sorted(marks)[:count] == sorted(marks[n] for n in drawn)


def test_every_unit_is_as_likely_as_any_other():
    counts = np.zeros(20)
    for seed in range(4000):
        counts[list(draw(20, 5, str(seed)))] += 1
    assert counts == pytest.approx(np.full(20, 1000), abs=5 * np.sqrt(4000 * 0.25 * 0.75))


def test_off_draws_nothing_and_on_draws_at_least_one():
    assert (drawn_count(100, 0.0), drawn_count(3, 0.1), drawn_count(0, 0.5), drawn_count(100, 0.1)) == (0, 1, 0, 10)


def test_missed_ones_count_by_their_weight():
    items = [Sampled("S-1", "P-1", 6, 100, 10, 1), Sampled("S-2", "P-2", 4, 50, 10, 1)]
    made = sampled_sensitivity(items, group="all")
    assert made.value == pytest.approx(10 / (10 + 10 + 5)) and made.beside["missed_estimated"] == 15
    assert made.low < made.value and (made.n.findings, made.n.studies, made.n.patients) == (12, 2, 2)


def test_with_none_found_there_is_a_lower_bound_only():
    made = sampled_sensitivity([Sampled("S-1", "P-1", 10, 100, 10, 0)], group="all")
    assert made.value is None and made.high is None and "lower bound" in made.undefined
    assert made.low == pytest.approx(10 / (10 + np.log(0.05) / np.log(0.9)))
    whole = sampled_sensitivity([Sampled("S-1", "P-1", 10, 100, 100, 0)] * 2, group="all")
    assert whole.value == 1.0  # Every window was judged: nothing is left to be unsure of.
    assert sampled_sensitivity([], group="all").low is None
    assert sampled_sensitivity([Sampled("S-1", "P-1", 0, 100, 10, 0)], group="all").undefined


@pytest.mark.parametrize("missed", [1, 5, 28, 29, 60])
def test_the_bound_for_none_is_what_the_draw_can_rule_out(missed):
    none_seen = sum(not set(draw(400, 40, str(seed))) & set(range(missed)) for seed in range(3000)) / 3000
    assert (missed > missed_bound(0, 0.1)) == (none_seen < 0.05) or abs(none_seen - 0.05) < 0.012


def test_the_estimate_is_not_biased_by_the_draw():
    site, rng = Site(patients=60, rate=0.2), np.random.default_rng(5)
    sums = np.zeros(2)
    for _ in range(400):
        for item in recordings(site, rng):
            sums += (item.true_alerts, item.missed * item.weight)
    assert sums[0] / sums.sum() == pytest.approx(site.sensitivity, abs=0.01)


def test_the_estimate_of_studies_is_not_biased_by_the_draw():
    site, rng = StudySite(patients=200), np.random.default_rng(5)
    sums = np.zeros(2)
    for _ in range(300):
        for item in studies(site, rng):
            sums += (item.true_alerts, item.missed * item.weight)
    assert sums[0] / sums.sum() == pytest.approx(site.sensitivity, abs=0.005)


@pytest.mark.parametrize(
    "site",
    [
        Site(), Site(rate=0.05), Site(patients=15), Site(sensitivity=0.95), Site(rate=0.25),
        StudySite(), StudySite(rate=0.1), StudySite(patients=80), StudySite(sensitivity=0.7),
    ],
)  # fmt: skip
def test_the_interval_holds_the_truth_as_often_as_it_says(site):
    made = coverage(site, audits=300, resamples=500)
    assert made.holds > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)
    assert made.too_high < 0.025 + 4 * np.sqrt(0.025 * 0.975 / 300)


def test_the_command_prints_the_table_of_the_documentation():
    from dashboard.audit.coverage import SETTINGS, STUDY_SETTINGS
    from dashboard.cli.benches import BENCHES

    figures = BENCHES["sampling"](1, lambda *_: None)["figures"]
    assert figures["audits_a_site"] == 20
    text = (Path(__file__).resolve().parents[2] / "docs" / "sampling.md").read_text(encoding="utf-8")
    for kind, site in [*(("", site) for site in SETTINGS), *(("mr_", site) for site in STUDY_SETTINGS)]:
        assert f"{kind}patients_{site.patients}_rate_{site.rate:g}_sensitivity_{site.sensitivity:g}_holds" in figures
        assert f"| {site.patients} | {site.rate:g} | {site.sensitivity:g} |" in text


def test_a_bound_is_shown_as_one_on_the_page_and_in_the_report():
    from dashboard.audit.sampling import study_level_sensitivity
    from dashboard.casework import AuditReport
    from dashboard.viewmodels import interval_words, sampled_cards

    control = Sampled("S-2", "P-2", 0, 1, 1, 0, probability=0.5)
    made = study_level_sensitivity(
        [Sampled("S-1", "P-1", 1, 0, 0, 0), control], group="m", unmarked=2, marked_elsewhere=1
    )
    assert made.low == pytest.approx(1 / (1 + np.log(0.05) / np.log(0.5))) and made.value is None
    assert interval_words(made).startswith("at least 0.19: none was missed in the 1 control studies read")
    (card,) = sampled_cards(AuditReport((made,), (), {}, {}, (), False))
    assert (card.title, card.value) == ("Sensitivity at study level, sampled controls, m", "≥ 0.19")
    assert "1 marked elsewhere" in card.n and "n = 2 studies, 2 patients" in card.n
    assert "control studies read 1, drawn at probability 0.50" in card.n
    assert sampled_cards(AuditReport((), (), {}, {}, (), False)) == []


def test_patients_who_all_agree_do_not_prove_it():
    found = [Sampled(f"S-{n}", f"P-{n}", 1, 5, 5, 0) for n in range(3)]
    made = sampled_sensitivity([*found, Sampled("S-9", "P-9", 0, 5, 5, 0)], group="all")
    assert made.value == 1 and (made.low, made.high) == (pytest.approx(0.025 ** (1 / 3)), 1.0)
    missed = [Sampled(f"S-{n}", f"P-{n}", 0, 10, 5, 1) for n in range(3)]
    none = sampled_sensitivity(missed, group="all")
    assert none.value == 0 and (none.low, none.high) == (0.0, pytest.approx(1 - 0.025 ** (1 / 3)))
