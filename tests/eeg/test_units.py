"""What is believed of a stated unit, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.eeg.units import amplitude, decide_unit, microvolts_per
from dashboard.errors import UnitUnknown
from tests.builders.eeg_files import a_square_wave, an_edf, read_one


@pytest.mark.parametrize(
    "unit, amplitudes, factor, code",
    [
        ("uV", [20, 30], 1, None),
        ("mV", [0.02, 0.03], 1e3, None),
        ("V", [2e-5, 3e-5], 1e6, None),
        ("", [20, 30], 1, "unit_blank"),
        ("", [0.02, 0.03], 1e3, "unit_blank"),
        ("", [2e-5, 3e-5], 1e6, "unit_blank"),
        ("mV", [20, 30], 1, "unit_contradicted"),
        ("V", [20, 30], 1, "unit_contradicted"),
        ("uV", [2e-5, 3e-5], 1e6, "unit_contradicted"),
        ("uV", [0.5, 0.7], 1, None),
        ("uV", [9000, 8000], 1, "amplitude_large"),
        ("uV", [0, 0], 1, None),
        ("uV", [0, 0, 0, 25], 1, None),
    ],
)
def test_a_unit_is_overruled_only_where_it_is_impossible(unit, amplitudes, factor, code):
    decision = decide_unit(unit, np.array(amplitudes, float), where="channels", name="a.edf")
    assert decision.factor == factor
    assert [issue.code for issue in decision.issues] == ([code] if code else [])


@pytest.mark.parametrize("unit, typical", [("", 0), ("", 2500), ("", 1e-9), ("mV", 5.0), ("uV", 1e-8)])
def test_what_nobody_can_tell_is_refused(unit, typical):
    with pytest.raises(UnitUnknown):
        decide_unit(unit, np.full(3, typical, float), where="channels", name="a.edf")


def test_amplitude_does_not_see_offset_drift_or_one_artefact():
    rng = np.random.default_rng(0)
    windows = [rng.normal(0, 20, (1, 512)) for _ in range(9)]
    plain = amplitude(windows)[0]
    drifting = [w + 5000 + np.linspace(0, 400, 512) for w in windows]
    drifting[4] = drifting[4] + 9000 * (np.arange(512) > 256)
    assert amplitude(drifting)[0] == pytest.approx(plain, rel=0.1)
    assert plain == pytest.approx(20 * 0.674, rel=0.05)


def test_millivolts_that_are_microvolts_come_out_as_microvolts_and_say_so(tmp_path):
    signals = {"Fp1": a_square_wave(4, 128), "Fp2": a_square_wave(4, 128)}
    recording = read_one(an_edf(tmp_path / "a.edf", signals, units="mV"))
    assert np.abs(recording.source.read(0, 4, (0,))[0] - a_square_wave(4, 128)).max() < 0.06
    assert "unit_contradicted" in [issue.code for issue in recording.issues]


def test_a_blank_unit_is_read_as_the_only_one_that_fits(tmp_path):
    recording = read_one(an_edf(tmp_path / "a.edf", {"Fp1": a_square_wave(4, 128)}, units=""))
    assert np.abs(recording.source.read(0, 4, (0,))[0] - a_square_wave(4, 128)).max() < 0.06
    assert "unit_blank" in [issue.code for issue in recording.issues]


def test_a_channel_of_another_quantity_keeps_its_numbers_and_its_unit_in_its_name(tmp_path):
    signals = {"Fp1": a_square_wave(4, 128), "SaO2": np.full(512, 97.0)}
    recording = read_one(an_edf(tmp_path / "a.edf", signals, units={"Fp1": "uV", "SaO2": "%"}))
    assert [(c.label, c.kind) for c in recording.channels] == [("Fp1", "eeg"), ("SaO2 (%)", "other")]
    assert recording.source.read(1, 2, (1,)) == pytest.approx(97, abs=0.06)


@pytest.mark.parametrize("unit", ["uV", "µV", "μV", "UV", " uV ", "microvolt"])
def test_micro_has_many_spellings(unit):
    assert microvolts_per(unit) == 1
