"""Samples of every shared file of every format against MNE's own reading; where MNE is wrong, it is shown here."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path

import numpy as np
import pytest

from dashboard.domain import Recording
from dashboard.eeg import find_recordings, open_signal, store_signal
from tests.builders.shared import shared_data

pytestmark = pytest.mark.shared

MNE_FAILS = {"broken/derived_header_bytes_wrong.edf"}
"""Read by us since the file's size proves the header's true length."""
MNE_TIMES = {
    "broken/derived_unit_blank.edf": 1e6,  # a blank unit is volts to MNE
    "broken/derived_unit_mV_but_uV.edf": 1e3,  # 31 mV are no EEG
}
"""By how much MNE's numbers are too large."""
JOINED = {"edfplus_d/edfPlusD.edf": 11.0, "edfplus_d/Discontinuous2.edf": 10992.0}
"""Seconds to which MNE joins files with gaps."""
LOST = {"broken/derived_digmin_gt_digmax.edf": 1, "broken/derived_physmin_eq_physmax.edf": 1}
"""Channels that have no scale: MNE shows them upside down, or as a flat line."""


def formats() -> Path:
    return shared_data("eeg", "formats")


@pytest.fixture(scope="module")
def intake():
    root = formats()
    return find_recordings(sorted(p for p in root.rglob("*") if p.is_file()), root)


def opened_by_mne(path: Path):
    """The file as MNE reads it."""
    import mne

    readers = {
        ".bdf": mne.io.read_raw_bdf, ".edf": mne.io.read_raw_edf, ".vhdr": mne.io.read_raw_brainvision,
        ".set": mne.io.read_raw_eeglab, ".raw": mne.io.read_raw_egi, ".fif": mne.io.read_raw_fif,
        ".gdf": mne.io.read_raw_gdf, ".eeg": mne.io.read_raw_nihon, ".lay": mne.io.read_raw_persyst,
        ".dat": mne.io.read_raw_curry, ".cdt": mne.io.read_raw_curry, ".cnt": mne.io.read_raw_ant,
        ".data": mne.io.read_raw_nicolet,
    }  # fmt: skip
    suffix = path.suffix.lower()
    more = {"infer_types": False, "stim_channel": False, "encoding": "latin1"} if suffix in (".edf", ".bdf") else {}
    more |= {"ch_type": "eeg"} if suffix == ".data" else {}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return readers[suffix](path, verbose="ERROR", **more)


def is_voltage(raw, place: int) -> bool:
    """Whether MNE's numbers of a channel are volts; of EDF and BDF it leaves other units as they are."""
    unit = raw._orig_units.get(raw.ch_names[place], "V")
    return int(raw.info["chs"][place]["unit"]) == 107 and unit.lower()[-1:] == "v"


def microvolts(recording: Recording, channel: int) -> np.ndarray:
    """All samples of one channel, gaps left out."""
    signal = recording.source.read(0, recording.duration_s, (channel,))[0]
    return signal[np.isfinite(signal)]


def test_every_format_is_among_them(intake):
    root = formats()
    read = {found.path.relative_to(root).parts[0] for found in intake.recordings}
    refused = {path.split("/")[0] for path, _ in intake.refused}
    kinds = {folder.name for folder in root.iterdir()}
    assert kinds - read == {"fieldtrip_mat", "neuroscan_cnt", "xdf"}
    assert {"neuroscan_cnt", "xdf"} <= refused
    assert len(intake.recordings) >= 55


def test_samples_are_those_of_mne(intake, tmp_path):
    """In the file and in the cache, every channel that MNE does not resample."""
    root, compared = formats(), 0
    for number, found in enumerate(intake.recordings):
        name = found.path.relative_to(root).as_posix()
        if name in MNE_FAILS:
            continue
        raw = opened_by_mne(found.path)
        assert (name in JOINED) == bool(found.recording.gaps)
        store_signal(found.recording, tmp_path / str(number))
        stored = open_signal(tmp_path / str(number))
        places = [n for n, label in enumerate(raw.ch_names) if "Annotations" not in label]
        ours = found.recording.channels
        assert len(places) - len(ours) == LOST.get(name, 0), name
        if name in LOST:
            places = places[1:]
        for n, place in enumerate(places):
            if abs(ours[n].rate_hz - raw.info["sfreq"]) > 1e-6:
                continue
            factor = 1e6 if is_voltage(raw, place) or name in MNE_TIMES else 1.0
            theirs = raw.get_data(picks=[place])[0] * factor / MNE_TIMES.get(name, 1.0)
            for got in (microvolts(found.recording, n), microvolts(stored, n)):
                assert got.shape == theirs.shape, (name, n)
                assert np.allclose(got, theirs, rtol=2e-6, atol=2e-3), (name, ours[n], np.abs(got - theirs).max())
            compared += 1
    assert compared > 1500


@pytest.mark.parametrize("name", MNE_FAILS)
def test_mne_does_not_open_it(name):
    with pytest.raises(Exception):  # noqa: B017 - whatever MNE throws
        opened_by_mne(formats() / name)


@pytest.mark.parametrize("name, times", MNE_TIMES.items())
def test_mne_is_wrong_about_the_unit(name, times):
    """The file is an edit of a recording of about 31 microvolts."""
    raw, was = opened_by_mne(formats() / name), opened_by_mne(shared_data("eeg", "iiic", "LPD_irr_E.edf"))
    assert np.allclose(raw.get_data(picks=[0]), was.get_data(picks=[0]) * times)
    assert np.median(np.std(raw.get_data(), axis=1)) > 0.03


@pytest.mark.parametrize("name, seconds", JOINED.items())
def test_mne_joins_over_gaps(name, seconds, intake):
    recording = next(f.recording for f in intake.recordings if f.path == formats() / name)
    raw = opened_by_mne(formats() / name)
    assert raw.n_times / raw.info["sfreq"] == pytest.approx(seconds, rel=1e-3)
    assert recording.duration_s - sum(gap.duration_s for gap in recording.gaps) == pytest.approx(seconds, rel=1e-3)
    assert recording.duration_s > seconds + 5
