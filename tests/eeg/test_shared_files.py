"""Every shared file is read or refused in our words; values and times where another reader, or the file itself, is right."""

from __future__ import annotations

import csv
import warnings

import numpy as np
import pytest

from dashboard.domain import Gap
from dashboard.eeg import find_recordings, montages_for, open_signal, store_signal
from tests.builders.eeg_files import read_one
from tests.builders.shared import shared_data

pytestmark = pytest.mark.shared

REFUSED = {
    "broken/brainvision_missing_eeg/sub-05_task-matchingpennies_eeg.vhdr": "truncated",
    "broken/derived_empty.edf": "empty_file",
    "broken/derived_not_edf_html.edf": "not_a_recording",
    "broken/derived_zero_records.edf": "empty_file",
    "broken/real_bids_header_shifted_one_byte.edf": "bad_header",
    "broken/real_cpap_minus1_records_no_data.edf": "empty_file",
    "broken/real_eegmmidb_S001R01_utf8_mangled_first400k.edf": "not_a_recording",
    "broken/real_eeglab_set_missing_fdt.set": "truncated",
    "broken/real_git_lfs_pointer_micromed.TRC": "not_a_recording",
    "bdfplus/evt.bdf": "no_signal",
    "edfplus/SC4001EC-Hypnogram.edf": "no_signal",
    "edfplus/test_edfann.edf": "no_signal",
    "neuroscan_cnt/test_CNT_events_mne_JWoess_clipped.cnt": "bad_header",
    "xdf/test.xdf": "not_recognised",
}
NAMED = {
    "broken/derived_date_colons.edf": "start_date",
    "broken/derived_date_zero.edf": "start_date",
    "broken/derived_decimal_comma.edf": "decimal_comma",
    "broken/derived_digmin_gt_digmax.edf": "channel_left_out",
    "broken/derived_header_bytes_wrong.edf": "header_length",
    "broken/derived_nrec_minus1.edf": "record_count",
    "broken/derived_nrec_too_large.edf": "truncated",
    "broken/derived_physmin_eq_physmax.edf": "channel_left_out",
    "broken/derived_reserved_junk.edf": "reserved_field",
    "broken/derived_trailing_garbage.edf": "trailing_bytes",
    "broken/derived_truncated_mid_record.edf": "truncated",
    "broken/derived_unit_blank.edf": "unit_blank",
    "broken/derived_unit_mV_but_uV.edf": "unit_contradicted",
    "broken/quirk_duplicate_label.edf": "duplicate_label",
}


def test_every_file_of_every_format_is_read_refused_or_left_in_our_words():
    root = shared_data("eeg", "formats")
    files = sorted(path for path in root.rglob("*") if path.is_file())
    intake = find_recordings(files, root)
    refused = {path: error.code for path, error in intake.refused}
    assert len(intake.recordings) + len(intake.refused) + len(intake.unused) + len(intake.parts) == len(files)
    assert refused == REFUSED
    assert [path.name for path in intake.unused] == ["raw_v7.mat"]
    for found in intake.recordings:
        name = found.path.relative_to(root).as_posix()
        codes = [issue.code for issue in found.recording.issues]
        if name in NAMED:
            assert NAMED[name] in codes, name
        rates = {channel.rate_hz for channel in found.recording.channels}
        for rate in rates:
            wanted = [n for n, channel in enumerate(found.recording.channels) if channel.rate_hz == rate]
            signal = found.recording.source.read(0, min(60, found.recording.duration_s), wanted)
            assert np.isfinite(signal).any() or found.recording.gaps, name


def test_the_repaired_copies_hold_the_same_microvolts():
    """All `derived_` files are edits of one recording: what was broken in them does not change a microvolt."""
    reference = read_one(shared_data("eeg", "iiic", "LPD_irr_E.edf")).source.read(0, 7, (0, 5, 18))
    for name in NAMED:
        if "derived" in name and "_dig" not in name and "_phys" not in name:
            got = read_one(shared_data("eeg", "formats", *name.split("/"))).source.read(0, 7, (0, 5, 18))
            if name.endswith("decimal_comma.edf"):  # its edit made 128,5 of the first channel's 128
                got[0] = (got[0] + 92) * 220 / 220.5 - 92
            np.testing.assert_allclose(got, reference, atol=1e-3, err_msg=name)


@pytest.mark.parametrize(
    "name",
    ["formats/edf/siena_PN00-5_sample_1s.edf", "formats/edf/mne_test.edf", "formats/edf/szcore_unipolar.edf",
     "formats/bdf/eeglab_test.bdf", "formats/nihon_kohden/MB0400FU.EDF", "seizure/ombao_tle.edf",
     "iiic/SZ_sparcnet_sample1.edf", "normal/eegmat_rest_s00.edf"],
)  # fmt: skip
def test_values_are_those_of_mne(name):
    import mne

    path = shared_data("eeg", *name.split("/"))
    recording = read_one(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = mne.io.read_raw_bdf if path.suffix == ".bdf" else mne.io.read_raw_edf
        raw = read(path, infer_types=False, verbose="ERROR")
    eeg = recording.eeg_channels
    places = [raw.ch_names.index(recording.channels[n].source_label.strip()) for n in eeg]
    got = recording.source.read(0, 10, eeg)
    assert np.abs(got - raw.get_data(picks=places, start=0, stop=got.shape[1]) * 1e6).max() < 2e-3
    assert len(eeg) >= 16


def test_values_are_those_of_edfio_at_two_rates():
    import edfio

    path = shared_data("eeg", "formats", "edfplus", "short_psg.edf")
    recording, edf = read_one(path), edfio.read_edf(path)
    for n, (channel, signal) in enumerate(zip(recording.channels, edf.signals, strict=True)):
        got = recording.source.read(0, 300, (n,))[0]
        assert channel.rate_hz == signal.sampling_frequency
        assert np.abs(got - signal.data).max() < 1e-3, channel.label


class TestEdfPlusD:
    """Record starts 0, 2, 4 to 9, 12, 15, 19 s (MANIFEST.csv); other readers join the eleven seconds together."""

    starts = (0, 2, 4, 5, 6, 7, 8, 9, 12, 15, 19)

    @pytest.fixture
    def path(self):
        return shared_data("eeg", "formats", "edfplus_d", "edfPlusD.edf")

    def test_gaps_lie_where_the_time_stamps_say(self, path):
        recording = read_one(path)
        assert recording.duration_s == 20
        assert recording.gaps == (Gap(1, 1), Gap(3, 1), Gap(10, 2), Gap(13, 2), Gap(16, 3))

    @pytest.mark.parametrize("stored", [False, True])
    def test_every_record_has_its_own_second(self, path, stored, tmp_path):
        import edfio

        recording = read_one(path)
        if stored:
            store_signal(recording, tmp_path / "signal")
            recording = open_signal(tmp_path / "signal")
        joined = [signal.data for signal in edfio.read_edf(path).signals]
        eeg = recording.eeg_channels
        for n in eeg:
            rate = round(recording.channels[n].rate_hz)
            whole = recording.source.read(0, 20, (n,))[0]
            assert np.isfinite(whole).sum() == 11 * rate
            for record, start in enumerate(self.starts):
                here = whole[start * rate : (start + 1) * rate]
                assert np.abs(here - joined[n][record * rate : (record + 1) * rate]).max() < 1e-3


@pytest.mark.parametrize(
    "name, seconds, channels",
    [
        ("seizure/ombao_tle.edf", 500, 21),
        ("iiic/SZ_sparcnet_sample1.edf", 50, 19),
        ("normal/eegmat_rest_s00.edf", 182, 19),
    ],
)
def test_recordings_of_the_issue_are_read_without_a_flaw(name, seconds, channels, tmp_path):
    recording = read_one(shared_data("eeg", *name.split("/")))
    assert (recording.duration_s, len(recording.eeg_channels), recording.issues) == (seconds, channels, ())
    labels = [recording.channels[n].label for n in recording.eeg_channels]
    formed = montages_for(labels)
    assert len(formed) >= 4 and len(formed[0].rows) == 18
    store_signal(recording, tmp_path / "signal")
    eeg = recording.eeg_channels
    stored = open_signal(tmp_path / "signal").source.read(0, seconds, eeg)
    np.testing.assert_array_equal(stored, recording.source.read(0, seconds, eeg))


def test_every_recording_of_the_manifest_is_read():
    root = shared_data("eeg")
    with (root / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["file"] for row in csv.DictReader(stream) if row["file"].endswith(".edf") and row["split"]]
    names = [name for name in names if not name.startswith(("formats", "bonn"))]
    intake = find_recordings([root / name for name in names], root)
    assert intake.refused == ()
    assert len(intake.recordings) == len(names) > 80
