"""Montage arithmetic, what is missing, and what a detector gets instead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.eeg import form_site_montage, montages_for, site_montages
from dashboard.eeg.montages import MontageName, detector_rows, montage
from dashboard.errors import UsageError
from tests.builders.eeg_files import ELECTRODES

BANANA = [
    "Fp1-F7", "F7-T3", "T3-T5", "T5-O1", "Fp2-F8", "F8-T4", "T4-T6", "T6-O2",
    "Fp1-F3", "F3-C3", "C3-P3", "P3-O1", "Fp2-F4", "F4-C4", "C4-P4", "P4-O2", "Fz-Cz", "Cz-Pz",
]  # fmt: skip
"""LB-18.1 of ACNS Guideline 3 (2016), temporal chains first."""
ACROSS = [
    "F7-Fp1", "Fp1-Fp2", "Fp2-F8", "F7-F3", "F3-Fz", "Fz-F4", "F4-F8", "T3-C3", "C3-Cz", "Cz-C4", "C4-T4",
    "T5-P3", "P3-Pz", "Pz-P4", "P4-T6", "T5-O1", "O1-O2", "O2-T6",
]  # fmt: skip
"""TB-18.1 of the same."""


def values(rows, signals):
    return np.array([sum(weight * signals[label] for label, weight in row.plus.items()) for row in rows])


def labels_of(rows):
    return [row.label for row in rows]


def test_nineteen_electrodes_allow_every_montage():
    formed = montages_for(ELECTRODES)
    assert [one.name for one in formed] == list(MontageName)
    assert all(one.missing == () and not one.reduced for one in formed)
    assert labels_of(formed[0].rows) == BANANA
    assert labels_of(formed[1].rows) == ACROSS
    assert labels_of(formed[4].rows) == list(ELECTRODES)


def test_rows_are_differences_of_their_electrodes():
    signals = {label: float(n**2 + 1) for n, label in enumerate(ELECTRODES)}
    for name in ("longitudinal_bipolar", "transverse"):
        for row in montage(name, ELECTRODES).rows:
            first, second = row.label.split("-")
            assert values([row], signals)[0] == signals[first] - signals[second]


def test_the_average_takes_the_mean_of_all_away():
    signals = {label: float(n**2) for n, label in enumerate(ELECTRODES)}
    got = values(montage("average", ELECTRODES).rows, signals)
    assert got == pytest.approx(np.array(list(signals.values())) - np.mean(list(signals.values())))
    assert got.sum() == pytest.approx(0, abs=1e-9)


@given(st.floats(-1e4, 1e4))
def test_what_all_electrodes_have_in_common_is_gone(level):
    signals = dict.fromkeys(ELECTRODES, level)
    for name in ("longitudinal_bipolar", "transverse", "average", "laplacian"):
        assert values(montage(name, ELECTRODES).rows, signals) == pytest.approx(0, abs=1e-9)


def test_a_chain_of_the_banana_telescopes():
    signals = {label: float(n**2) for n, label in enumerate(ELECTRODES)}
    rows = montage("longitudinal_bipolar", ELECTRODES).rows
    assert values(rows[:4], signals).sum() == pytest.approx(signals["Fp1"] - signals["O1"])


def test_a_missing_electrode_takes_its_derivations_with_it_and_they_are_named():
    one = montage("longitudinal_bipolar", [label for label in ELECTRODES if label != "T3"])
    assert one.missing == ("F7-T3", "T3-T5")
    assert len(one.rows) == 16


def test_a_small_array_is_joined_over_what_it_lacks():
    one = montage("longitudinal_bipolar", ("Fp1", "Fp2", "C3", "C4", "O1", "O2"))
    assert one.reduced
    assert labels_of(one.rows) == ["Fp1-O1", "Fp2-O2", "Fp1-C3", "C3-O1", "Fp2-C4", "C4-O2", "C3-C4"]


def test_a_bipolar_file_gives_its_own_derivations_also_turned_round():
    one = montage("longitudinal_bipolar", ("Fp1-F7", "T3-F7"))
    assert [(row.label, row.plus) for row in one.rows] == [("Fp1-F7", {"Fp1-F7": 1}), ("F7-T3", {"T3-F7": -1})]
    assert [found.name for found in montages_for(("Fp1-F7", "T3-F7"))] == ["longitudinal_bipolar", "referential"]


def test_a_numbered_label_is_in_no_derivation_and_no_average():
    labels = ("Fp1 (1)", "Fp1 (2)", "F7", "T3", "O1")
    for name in ("longitudinal_bipolar", "average"):
        assert all("(" not in label for row in montage(name, labels).rows for label in row.plus)
    assert labels_of(montage("referential", labels).rows) == list(labels)


def test_no_such_montage():
    with pytest.raises(ValueError):
        montage("circular", ELECTRODES)


class TestDetectorRows:
    """What stands in where the montage can't be formed."""

    def test_the_montage_itself(self):
        assert labels_of(detector_rows("longitudinal_bipolar", ELECTRODES)) == BANANA
        assert len(detector_rows("average", ELECTRODES)) == 19

    def test_a_bipolar_file_as_it_is(self):
        labels = ("Fp1-F7", "F7-T3", "T3-T5", "T5-O1", "T3-FT9")
        for name in ("longitudinal_bipolar", "average"):
            assert labels_of(detector_rows(name, labels)) == list(labels)

    def test_unknown_names_against_their_average(self):
        rows = detector_rows("longitudinal_bipolar", ("Ch1", "Ch2", "Ch3", "Ch4"))
        assert labels_of(rows) == ["Ch1-Avg", "Ch2-Avg", "Ch3-Avg", "Ch4-Avg"]
        assert rows[0].plus == {"Ch1": 0.75, "Ch2": -0.25, "Ch3": -0.25, "Ch4": -0.25}

    def test_one_or_two_channels_as_recorded(self):
        assert labels_of(detector_rows("longitudinal_bipolar", ("Ch1", "Ch2"))) == ["Ch1", "Ch2"]
        assert labels_of(detector_rows("average", ("Fp1",))) == ["Fp1"]

    def test_nothing_of_nothing(self):
        assert detector_rows("longitudinal_bipolar", ()) == ()

    @given(st.lists(st.sampled_from([*ELECTRODES, "Fp1-F7", "C3-A2", "Ch1", "Ch2", "A7"]), unique=True, max_size=24))
    def test_rows_use_channels_that_are_there_and_something_is_always_given(self, labels):
        for name in MontageName:
            rows = detector_rows(name, labels)
            assert bool(rows) == bool(labels)
            assert {label for row in rows for label in row.plus} <= set(labels)
            assert len({row.label for row in rows}) == len(rows)


def test_the_laplacian_takes_the_mean_of_the_neighbours_away():
    one = montage("laplacian", ELECTRODES)
    assert len(one.rows) == 19 and one.missing == ()
    signals = {label: float(n**2) for n, label in enumerate(ELECTRODES)}
    cz = next(row for row in one.rows if row.label == "Cz-Lap")
    around = np.mean([signals[label] for label in ("Fz", "C3", "C4", "Pz")])
    assert values([cz], signals)[0] == pytest.approx(signals["Cz"] - around)
    mirrored = {"Fp1": "Fp2", "F7": "F8", "F3": "F4", "T3": "T4", "C3": "C4", "T5": "T6", "P3": "P4", "O1": "O2"}
    swap = {**mirrored, **{right: left for left, right in mirrored.items()}}
    of = {row.label.removesuffix("-Lap"): row.plus for row in one.rows}
    for label, plus in of.items():
        assert {swap.get(other, other): weight for other, weight in plus.items()} == of[swap.get(label, label)]


def test_a_laplacian_row_needs_all_its_neighbours():
    one = montage("laplacian", [label for label in ELECTRODES if label != "T3"])
    assert {"F7-Lap", "C3-Lap", "T5-Lap"} <= set(one.missing)
    assert all("T3" not in row.plus for row in one.rows)


def test_a_site_writes_its_own_montages():
    first, second = site_montages("Neonatal: Fp1-t7, C3-Avg , Cz, X1-C4; Own : O1-O2")
    formed = form_site_montage(first, ELECTRODES)
    assert (formed.title, formed.name, formed.missing) == ("Neonatal", "site: Neonatal", ("X1-C4",))
    assert labels_of(formed.rows) == ["Fp1-T3", "C3-Avg", "Cz"]
    assert formed.rows[0].plus == {"Fp1": 1.0, "T3": -1.0} and formed.rows[0].side == "left"
    assert formed.rows[1].plus == montage("average", ELECTRODES).rows[ELECTRODES.index("C3")].plus
    assert labels_of(form_site_montage(second, ELECTRODES).rows) == ["O1-O2"]


def test_a_sites_montage_takes_derivations_of_the_file_also_turned_round():
    (one,) = site_montages("Own: Fp1-F7, F7-T3")
    formed = form_site_montage(one, ("Fp1-F7", "T3-F7"))
    assert [row.plus for row in formed.rows] == [{"Fp1-F7": 1.0}, {"T3-F7": -1.0}]


@pytest.mark.parametrize(
    "text", ["no colon", ": Cz", "Empty:", "Two: Cz; Two: Pz", "Odd: A-B-C", "Long: " + "Cz," * 65]
)
def test_what_a_site_wrote_wrongly_is_told(text):
    with pytest.raises(UsageError, match="montages"):
        site_montages(text)
