"""Channel names as files have them, and what montages call them."""

from __future__ import annotations

import pytest

from dashboard.eeg.labels import electrode_side, is_derivation, label_channels


def named(*sources, unit="uV", volts=True, fingerprints=()):
    labelled, issues = label_channels([(source, unit, volts) for source in sources], fingerprints)
    return [(c.label, c.kind) for c in labelled], [issue.code for issue in issues]


@pytest.mark.parametrize(
    "source, label",
    [
        ("Fp1", "Fp1"),
        ("FP1", "Fp1"),
        ("EEG FP1-REF", "Fp1"),
        ("EEG Fp1-Ref", "Fp1"),
        ("EEG T3-LE", "T3"),
        ("T7", "T3"),
        ("EEG P8-REF", "T6"),
        ("Fp1-Avg", "Fp1"),
        ("Fc5.", "FC5"),
        ("Cz..", "Cz"),
        ("  O2  ", "O2"),
        ("T7-P7", "T3-T5"),
        ("FP1-F7", "Fp1-F7"),
        ("EEG Fpz-Cz", "Fpz-Cz"),
    ],
)
def test_an_electrode_has_one_name(source, label):
    assert named(source) == ([(label, "eeg")], [])


@pytest.mark.parametrize(
    "source, kind",
    [("ECG", "ecg"), ("EKG1", "ecg"), ("EOG horizontal", "eog"), ("EMG submental", "emg"), ("Status", "trigger"),
     ("A1", "reference"), ("Resp oro-nasal", "other"), ("DC01", "other"), ("$A1", "other")],
)  # fmt: skip
def test_what_is_no_eeg_is_told_from_it(source, kind):
    labelled, _ = named("Fp1", source)
    assert labelled[1][1] == kind


def test_what_is_no_voltage_is_never_eeg():
    labelled, codes = named("Fp1", unit="%", volts=False)
    assert labelled[0][1] == "other"
    assert codes == ["no_eeg_channel"]


def test_different_references_stay_in_the_names():
    labelled, codes = named("Fp1-A2", "Fp2-A1", "O1-A2")
    assert [label for label, _ in labelled] == ["Fp1-A2", "Fp2-A1", "O1-A2"]
    assert codes == ["mixed_references"]


def test_a_label_that_stands_twice_over_different_samples_is_numbered_both_times():
    labelled, codes = named("Fp1", "O1", "Fp1", fingerprints=("a", "b", "c"))
    assert [label for label, _ in labelled] == ["Fp1 (1)", "O1", "Fp1 (2)"]
    assert codes == ["duplicate_label"]


def test_the_same_channel_twice_keeps_its_name_once():
    labelled, codes = named("T8-P8", "T8-P8", fingerprints=("a", "a"))
    assert [label for label, _ in labelled] == ["T4-T6", "T4-T6 (2)"]
    assert codes == []


def test_unknown_names_are_taken_for_eeg_only_where_nothing_else_is():
    assert named("Ch1", "Ch2") == ([("Ch1", "eeg"), ("Ch2", "eeg")], ["electrodes_unknown"])
    assert named("Fp1", "Ch2")[0][1][1] == "other"


def test_biosemi_positions_are_no_ears():
    assert {kind for _, kind in named("A1", "A2", "A3", "A4", "A5")[0]} == {"eeg"}


@pytest.mark.parametrize(
    "label, side",
    [("Fp1", "left"), ("T6", "right"), ("Cz", "midline"), ("F3-Fz", "left"), ("O1-O2", "midline"), ("Ch7", "unknown")],
)
def test_odd_is_left(label, side):
    assert electrode_side(label) == side


def test_a_derivation_is_of_two_electrodes():
    assert is_derivation("Fp1-F7") and is_derivation("C3-A2")
    assert not is_derivation("Fp1") and not is_derivation("Fp1-Avg") and not is_derivation("T4-T6 (2)")
