"""Detection: windows, gaps, flat rows, channels, aggregation, progress."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import EngineFailed, TooFewChannels
from dashboard.models import detect, load_model
from dashboard.models import detection as detection_module
from dashboard.models.engines import OutOfMemory, open_engines
from dashboard.models.tensors import SignalInput
from dashboard.models.windows import windows_of
from tests.builders.manifests import a_detector_manifest
from tests.builders.onnx_models import a_detector_network, a_graph, a_model_folder, an_installed_model

RATE = 50
ROWS = tuple(f"row {n}" for n in range(6))


def _signal(seconds, rows=6, loud=(), seed=1):
    """Noise of 10 microvolts, 100 in the seconds of `loud` on rows 1 and 2."""
    signal = np.random.default_rng(seed).normal(0, 10, (rows, round(seconds * RATE))).astype(np.float32)
    for start, stop in loud:
        signal[1:3, start * RATE : stop * RATE] *= 10
    return signal


def _blocks(signal, size_s=7.3):
    size = round(size_s * RATE)
    for first in range(0, signal.shape[1], size):
        yield first / RATE, signal[:, first : first + size]


def _model(tmp_path, network=None, **changes):
    manifest = a_detector_manifest()
    for part in ("input", "output", "events"):
        manifest[part].update(changes.pop(part, {}))
    return load_model(a_model_folder(tmp_path / "m", {**manifest, **changes}, network or a_detector_network()))


def _sigmoid(microvolts):
    return 1 / (1 + np.exp(-(microvolts - 50) / 5))


def _detect(model, signal, labels=ROWS, **options):
    return detect(model, _blocks(signal), labels, signal.shape[1] / RATE, device="cpu", threads=1, **options)


def test_each_window_is_scored_at_its_centre(tmp_path):
    signal = _signal(60, loud=[(20, 40)])
    found = _detect(_model(tmp_path), signal)
    assert found.times_s.tolist() == [2.0 + 2 * n for n in range(29)]
    expected = [[_sigmoid(np.abs(signal[row, n * 100 : n * 100 + 200]).mean()) for n in range(29)] for row in range(6)]
    np.testing.assert_allclose(found.channel_scores, expected, atol=1e-5)
    np.testing.assert_allclose(found.scores, np.max(expected, axis=0), atol=1e-5)
    assert found.channel_labels == ROWS and found.step_s == 2.0
    assert found.scores[12] > 0.99 and found.scores[2] < 0.01
    assert found.not_evaluated_s == () and found.scores.dtype == np.float32


@pytest.mark.parametrize("size_s", [0.5, 3, 4, 60, 1000])
def test_the_blocks_length_changes_nothing(tmp_path, size_s):
    model, signal = _model(tmp_path), _signal(61, loud=[(20, 30)])
    found = detect(model, _blocks(signal, size_s), ROWS, 61, device="cpu")
    np.testing.assert_array_equal(found.scores, _detect(model, signal).scores)
    assert found.not_evaluated_s == ((60.0, 1.0),)


def test_a_gap_is_not_evaluated_and_never_quiet(tmp_path):
    signal = _signal(60)
    signal[:, 20 * RATE : 30 * RATE] = np.nan
    found = _detect(_model(tmp_path), signal)
    touching = (found.times_s + 2 > 20) & (found.times_s - 2 < 30)
    np.testing.assert_array_equal(np.isnan(found.scores), touching)
    assert found.not_evaluated_s == ((20.0, 10.0),)


def test_a_gap_without_any_block_is_the_same_gap(tmp_path):
    signal = _signal(600)
    filled = signal.copy()
    filled[:, 20 * RATE : 500 * RATE] = np.nan
    blocks = [(0.0, signal[:, : 20 * RATE]), (500.0, signal[:, 500 * RATE :])]
    found = detect(_model(tmp_path), blocks, ROWS, 600, device="cpu")
    usual = _detect(_model(tmp_path), filled)
    np.testing.assert_array_equal(found.scores, usual.scores)
    assert found.not_evaluated_s == usual.not_evaluated_s == ((20.0, 480.0),)


def test_a_flat_row_is_left_out_and_a_flat_recording_is_not_evaluated(tmp_path):
    signal = _signal(20)
    signal[4, 8 * RATE :] = 3.0
    found = _detect(_model(tmp_path), signal)
    assert np.isnan(found.channel_scores[4, 4:]).all() and not np.isnan(found.channel_scores[4, :4]).any()
    assert not np.isnan(found.scores).any()
    signal[:] = 7.0
    found = _detect(_model(tmp_path), signal)
    assert np.isnan(found.scores).all() and found.not_evaluated_s == ((0.0, 20.0),)


def test_too_few_usable_rows_leave_a_window_unjudged(tmp_path):
    """The guard's limit is 4 rows: with 3 of 6 left the window says nothing."""
    signal = _signal(20)
    signal[:3, 10 * RATE :] = np.nan
    found = _detect(_model(tmp_path), signal)
    np.testing.assert_array_equal(np.isnan(found.scores), found.times_s + 2 > 10)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_too_few_channels_are_refused(tmp_path, rows):
    with pytest.raises(TooFewChannels, match="4"):
        _detect(_model(tmp_path), _signal(20, rows), ROWS[:rows])


@pytest.mark.parametrize("rows", [4, 19, 40])
def test_any_number_of_channels_is_taken(tmp_path, rows):
    found = _detect(_model(tmp_path), _signal(20, rows), tuple(map(str, range(rows))))
    assert found.channel_scores.shape == (rows, 9) and not np.isnan(found.scores).any()


def test_named_channels_are_taken_in_the_models_order(tmp_path):
    model = _model(tmp_path, input={"channels": ["row 2", "row 0"]}, guard=[])
    signal = _signal(20, loud=[(0, 20)])
    found = _detect(model, signal)
    usual = _detect(_model(tmp_path / "b"), signal)
    assert found.channel_labels == ("row 2", "row 0")
    np.testing.assert_array_equal(found.channel_scores, usual.channel_scores[[2, 0]])
    signal[0, :200] = np.nan
    assert np.isnan(_detect(model, signal).scores[:2]).all()
    with pytest.raises(TooFewChannels, match="row 2"):
        _detect(model, signal[:2], ROWS[:2])


@pytest.mark.parametrize("how, over", [("max", np.nanmax), ("mean", np.nanmean), ("median", np.nanmedian)])
def test_rows_are_aggregated_as_the_manifest_says(tmp_path, how, over):
    signal = _signal(20, loud=[(0, 20)])
    signal[5] = np.nan
    found = _detect(_model(tmp_path, events={"channel_aggregation": how}), signal)
    np.testing.assert_allclose(found.scores, over(found.channel_scores, axis=0), atol=1e-6)


def test_a_network_without_rows_gives_no_rows(tmp_path):
    found = _detect(_model(tmp_path, output={"channel_tensor": None}), _signal(20))
    assert found.channel_scores.shape == (0, 9) and found.channel_labels == ()


def test_scores_of_samples_become_scores_of_windows(tmp_path):
    from onnx import helper

    nodes = [
        helper.make_node("Abs", ["signal"], ["a"]),
        helper.make_node("Min", ["a", "hundred"], ["b"]),
        helper.make_node("Div", ["b", "hundred"], ["c"]),
        helper.make_node("ReduceMax", ["c"], ["score"], axes=[1], keepdims=0),
    ]
    shapes = {"signal": ["n", "c", "s"]}, {"score": ["n", "s"]}
    network = a_graph(nodes, *shapes, {"hundred": np.float32(100)})
    model = _model(tmp_path, network, output={"kind": "sample_score", "channel_tensor": None})
    signal = _signal(20)
    expected = np.minimum(np.abs(signal).max(axis=0), 100)[50:150].mean() / 100
    assert _detect(model, signal).scores[0] == pytest.approx(expected, abs=1e-5)


def test_volts_and_zscores_reach_the_network(tmp_path):
    signal = _signal(20) * 1e6
    volts = _detect(_model(tmp_path / "v", input={"units": "volt"}), signal)
    np.testing.assert_allclose(volts.scores, _detect(_model(tmp_path), signal / 1e6).scores, atol=1e-5)
    scored = _detect(_model(tmp_path / "z", input={"normalisation": "zscore"}), signal)
    assert np.allclose(scored.scores, _sigmoid(0.8), atol=1e-4)


def test_an_ensemble_is_averaged(tmp_path):
    from onnx import helper

    louder = a_detector_network()
    louder.graph.node[4].CopyFrom(helper.make_node("HardSigmoid", ["z"], ["channel_score"], alpha=0.0, beta=1.0))
    data = louder.SerializeToString()
    model = _model(tmp_path, ensemble=[{"file": "b.onnx", "sha256": hashlib.sha256(data).hexdigest()}])
    (model.folder / "b.onnx").write_bytes(data)
    quiet = _detect(_model(tmp_path / "q"), _signal(20))
    np.testing.assert_allclose(_detect(model, _signal(20)).scores, (quiet.scores + 1) / 2, atol=1e-6)


def test_a_score_outside_0_to_1_is_refused(tmp_path):
    network = a_detector_network()
    network.graph.node[4].op_type = "Identity"
    with pytest.raises(EngineFailed, match="between 0 and 1"):
        _detect(_model(tmp_path, network), _signal(20))


def test_a_recording_shorter_than_a_window_is_said_to_be(tmp_path):
    found = _detect(_model(tmp_path), _signal(3))
    assert len(found.scores) == 0 and found.channel_scores.shape == (6, 0)
    assert found.not_evaluated_s == ((0.0, 3.0),) and "Shorter" in found.warnings[0]


class _SmallMachine:
    """A true engine on a machine without memory for more than three windows."""

    def __init__(self, engine):
        self.engine, self.provider, self.at_once = engine, engine.provider, 0

    def run(self, tensor, array, outputs):
        if len(array) > 3:
            raise OutOfMemory
        return self.engine.run(tensor, array, outputs)


def test_batches_are_halved_where_memory_does_not_suffice(tmp_path, monkeypatch):
    signal = _signal(60, loud=[(20, 30)])
    usual = _detect(_model(tmp_path), signal)
    monkeypatch.setattr(
        detection_module, "open_engines", lambda *a, **k: tuple(map(_SmallMachine, open_engines(*a, **k)))
    )
    np.testing.assert_allclose(_detect(_model(tmp_path), signal).scores, usual.scores, atol=1e-6)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_several_runs_at_the_same_time_score_as_one_after_another(tmp_path, monkeypatch, threads):
    signal, model = _signal(90, loud=[(20, 30)]), _model(tmp_path)
    labels = [f"row {n}" for n in range(len(signal))]
    found = [detect(model, _blocks(signal), labels, 90, device="cpu", threads=threads)]
    monkeypatch.setattr(detection_module, "open_engines", lambda *a, **k: open_engines(*a, **{**k, "apart": False}))
    found.append(detect(model, _blocks(signal), labels, 90, device="cpu", threads=threads))
    np.testing.assert_array_equal(found[0].times_s, found[1].times_s)
    np.testing.assert_allclose(found[0].scores, found[1].scores, atol=1e-6)
    np.testing.assert_allclose(found[0].channel_scores, found[1].channel_scores, atol=1e-6)


def test_progress_is_told_in_seconds(tmp_path):
    told = []
    _detect(_model(tmp_path), _signal(60), on_progress=lambda *step: told.append(step))
    assert told[-1] == (60, 60, "Scoring") and [t[0] for t in told] == sorted(t[0] for t in told)


def test_the_settings_name_the_manifest_and_no_time(tmp_path):
    model = an_installed_model(tmp_path / "m", "events")
    one, two = _detect(model, _signal(20)), _detect(model, _signal(20))
    assert one.settings == two.settings and json.dumps(one.settings)
    assert set(one.settings) == {"manifest", "rows"}


def _reads(window_s, stride_s):
    given = {
        **a_detector_manifest()["input"],
        "rate_hz": 10.0,
        "lowpass": None,
        "window_s": window_s,
        "stride_s": stride_s,
    }
    return SignalInput.model_validate(given)


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(st.tuples(st.integers(1, 30), st.integers(-2, 25)), max_size=8),
    window=st.integers(1, 20),
    stride=st.integers(1, 25),
)
def test_windows_are_those_of_the_whole_signal(pieces, window, stride):
    """Law: blocks of any length, with holes and repeats between them, give the windows of one laid-out signal."""
    laid = np.arange(600, dtype=np.float32)
    known = np.zeros(600, bool)
    blocks, at, start = [], 0, 0
    for length, jump in pieces:
        at = max(start, at + jump)
        start = at
        blocks.append((at / 10, laid[None, at : at + length]))
        known[at : at + length] = True
        at += length
    reach = max((round(begin * 10) + block.shape[1] for begin, block in blocks), default=0)
    whole = np.where(known, laid, np.nan)[:reach]
    found = list(windows_of(blocks, [0], _reads(window / 10, stride / 10)))
    starts = [n * stride for n in range(reach) if n * stride + window <= reach]
    assert [round(w.start_s * 10) for w in found] == starts
    for w, first in zip(found, starts, strict=True):
        np.testing.assert_array_equal(w.signal_uv[0], whole[first : first + window])
