"""Segmentation: what is absent, normalisation, boxes and tiles, layouts, memory."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dashboard.errors import EngineFailed, GuardFailed, NoSequenceForModel, NotSkullStripped
from dashboard.models import load_model, mask_bits, read_manifest, segment
from dashboard.models import segmentation as segmentation_module
from dashboard.models.engines import OutOfMemory, open_engine, open_engines
from dashboard.models.tiles import in_tiles, tile_starts
from tests.builders.manifests import a_segmentation_manifest
from tests.builders.onnx_models import a_graph, a_model_folder, a_segmentation_network, an_installed_model, bytes_of

MM = (1.0, 1.0, 1.0)


def _head(shape=(21, 18, 15), channels=2, seed=3):
    """An ellipsoid of signal in air, another contrast in each channel."""
    grid = np.stack(np.meshgrid(*(np.linspace(-1.2, 1.2, n) for n in shape), indexing="ij"))
    inside = (grid**2).sum(0) < 1
    values = np.random.default_rng(seed).uniform(50, 200, (channels, *shape)).astype(np.float32)
    return np.where(inside, values, 0).astype(np.float32), inside


def _model(tmp_path, network=None, **inputs):
    manifest = a_segmentation_manifest()
    manifest["input"].update(inputs)
    return load_model(a_model_folder(tmp_path / "m", manifest, network or a_segmentation_network()))


def _expected(channel, inside):
    values = channel[inside].astype(np.float64)
    z = np.where(inside, (channel - values.mean()) / values.std(), 0)
    return 1 / (1 + np.exp(-(3 * z - 3)))


def test_each_region_is_what_the_network_says_on_the_normalised_brain(tmp_path):
    head, inside = _head()
    found = segment(_model(tmp_path), head, (True, True), MM, device="cpu", threads=1)
    assert found.probability.shape == head.shape and found.probability.dtype == np.float32
    for region in range(2):
        np.testing.assert_allclose(
            found.probability[region][inside], _expected(head[region], inside)[inside], atol=1e-5
        )
    assert found.evaluated == (True, True) and found.warnings == ()
    assert found.settings["sequences"] == ["t1c", "flair"] and found.settings["tile"] == 0
    assert "CPU" in found.provider and found.seconds > 0


def test_outside_the_brains_box_nothing_is_marked(tmp_path):
    head, inside = _head((12, 12, 12))
    wide = np.pad(head, [(0, 0), (5, 9), (7, 3), (0, 4)])
    found = segment(_model(tmp_path), wide, (True, True), MM, device="cpu")
    alone = segment(_model(tmp_path), head, (True, True), MM, device="cpu")
    np.testing.assert_array_equal(found.probability[:, 5:17, 7:19, :12][:, inside], alone.probability[:, inside])
    assert found.probability[:, :5].max() == 0


def test_an_absent_sequence_is_zero_and_its_regions_are_not_evaluated(tmp_path):
    head, inside = _head()
    model = _model(tmp_path)
    found = segment(model, head, (False, True), MM, device="cpu")
    assert found.evaluated == (True, False)
    assert found.probability[1].max() == 0
    np.testing.assert_allclose(found.probability[0][inside], 1 / (1 + np.exp(3)), atol=1e-6)
    bits = mask_bits(model.manifest, np.ones_like(head), found.evaluated, MM)
    assert set(np.unique(bits)) == {1}


def test_alternatives_suffice_and_nothing_to_evaluate_refuses(tmp_path):
    manifest = a_segmentation_manifest()
    manifest["output"]["regions"][0]["needs"] = [["t1c", "flair"]]
    model = load_model(a_model_folder(tmp_path / "m", manifest, a_segmentation_network()))
    head, _ = _head()
    assert segment(model, head, (False, True), MM, device="cpu").evaluated == (True, False)
    manifest["output"]["regions"][0]["needs"] = ["t1c"]
    model = load_model(a_model_folder(tmp_path / "n", manifest, a_segmentation_network()))
    with pytest.raises(NoSequenceForModel, match="t1c"):
        segment(model, head, (False, True), MM, device="cpu")


@pytest.mark.parametrize("present", [(False, False), (True, False)])
def test_a_needed_sequence_that_is_absent_refuses(tmp_path, present):
    model = _model(tmp_path, sequences=[{"name": "t1c"}, {"name": "flair", "required": True}])
    with pytest.raises(NoSequenceForModel, match="flair"):
        segment(model, _head()[0], present, MM, device="cpu")


def test_missing_refuse_refuses_any_absence(tmp_path):
    with pytest.raises(NoSequenceForModel, match="t1c"):
        segment(_model(tmp_path, missing="refuse"), _head()[0], (False, True), MM, device="cpu")


def test_no_signal_at_all_is_refused(tmp_path):
    with pytest.raises(GuardFailed):
        segment(_model(tmp_path), np.zeros((2, 8, 8, 8), np.float32), (True, True), MM, device="cpu")


def test_a_given_brain_is_used_and_its_absence_refused(tmp_path):
    head, inside = _head()
    model = _model(tmp_path, brain_mask="given")
    with pytest.raises(GuardFailed, match="mask"):
        segment(model, head, (True, True), MM, device="cpu")
    half = inside.copy()
    half[10:] = False
    found = segment(model, head, (True, True), MM, brain=half, device="cpu")
    np.testing.assert_allclose(found.probability[0][half], _expected(head[0], half)[half], atol=1e-5)


@pytest.mark.parametrize("how", ["zscore", "percentile", "none"])
def test_other_normalisations(tmp_path, how):
    head, inside = _head()
    head = head / 100 if how == "none" else head
    found = segment(_model(tmp_path, normalisation=how), head, (True, True), MM, device="cpu")
    values = head[1]
    if how == "zscore":
        values = (values - values.mean()) / values.std()
    elif how == "percentile":
        low, high = np.percentile(values[inside], (1, 99))
        values = np.clip((values - low) / (high - low), 0, 1)
    expected = 1 / (1 + np.exp(-(3 * values - 3)))
    np.testing.assert_allclose(found.probability[1][inside], expected[inside], atol=1e-4)


def test_tiles_give_what_one_piece_gives_where_the_network_sees_single_voxels(tmp_path):
    head, inside = _head((41, 30, 26))
    whole = segment(_model(tmp_path), head, (True, True), MM, device="cpu")
    tiled = segment(_model(tmp_path, tile=16, overlap=0.5), head, (True, True), MM, device="cpu")
    np.testing.assert_allclose(tiled.probability[:, inside], whole.probability[:, inside], atol=1e-5)
    assert tiled.settings["tile"] == 16


def test_tiles_differ_where_the_network_normalises_over_what_it_sees(tmp_path):
    head, inside = _head((41, 30, 26))
    head[:, :20] *= 3
    network = a_segmentation_network(instance_norm=True)
    whole = segment(_model(tmp_path, network), head, (True, True), MM, device="cpu")
    tiled = segment(_model(tmp_path, network, tile=16), head, (True, True), MM, device="cpu")
    assert np.abs(tiled.probability - whole.probability)[:, inside].max() > 0.05


class _SmallMachine:
    """A true engine on a machine without memory for more than `most` voxels."""

    def __init__(self, engine, most):
        self.engine, self.most, self.provider = engine, most, engine.provider

    def run(self, tensor, array, outputs):
        if array[0, 0].size > self.most:
            raise OutOfMemory
        return self.engine.run(tensor, array, outputs)


def test_too_little_memory_falls_back_to_tiles_with_a_warning(tmp_path, monkeypatch):
    head, inside = _head((100, 90, 70))
    model = _model(tmp_path)
    whole = segment(model, head, (True, True), MM, device="cpu")
    monkeypatch.setattr(
        segmentation_module,
        "open_engines",
        lambda *a, **k: tuple(_SmallMachine(e, 64**3) for e in open_engines(*a, **k)),
    )
    found = segment(model, head, (True, True), MM, device="cpu")
    assert found.settings["tile"] == 64 and "memory" in found.warnings[0]
    np.testing.assert_allclose(found.probability[:, inside], whole.probability[:, inside], atol=1e-5)
    monkeypatch.setattr(
        segmentation_module, "open_engines", lambda *a, **k: tuple(_SmallMachine(e, 8) for e in open_engines(*a, **k))
    )
    with pytest.raises(EngineFailed, match="Memory"):
        segment(model, head, (True, True), MM, device="cpu")


def test_onnx_runtimes_own_words_for_too_little_memory_are_understood():
    """A tensor of 4 TB: the engine says that it could not allocate it, in words that change with its version."""
    from onnx import helper

    nodes = [
        helper.make_node("Expand", ["image", "shape"], ["z"]),
        helper.make_node("ReduceSum", ["z"], ["probability"], keepdims=0),
    ]
    shape = np.array([1, 1_000_000, 1_000_000], dtype=np.int64)
    model = a_graph(nodes, {"image": ["n", 1, 1]}, {"probability": []}, {"shape": shape})
    engine = open_engine(bytes_of(model), "Tiny", device="cpu", threads=1)
    with pytest.raises(OutOfMemory):
        engine.run("image", np.ones((1, 1, 1), np.float32), ("probability",))


@pytest.mark.parametrize("layout", ["nckji", "nijkc", "nkjic"])
def test_layouts_are_turned_there_and_back(tmp_path, layout):
    from onnx import helper

    order = ["ncijk".index(axis) for axis in layout]
    network = a_segmentation_network()
    back = [layout.index(axis) for axis in "ncijk"]
    network.graph.node[0].CopyFrom(helper.make_node("Transpose", ["image"], ["x"], perm=back))
    network.graph.node[2].output[0] = "p"
    network.graph.node.append(helper.make_node("Transpose", ["p"], ["probability"], perm=order))
    for value in (network.graph.input[0], network.graph.output[0]):
        for dim in value.type.tensor_type.shape.dim:
            dim.Clear()
    head, inside = _head()
    usual = segment(_model(tmp_path / "a"), head, (True, True), MM, device="cpu")
    turned = segment(_model(tmp_path / "b", network, layout=layout), head, (True, True), MM, device="cpu")
    np.testing.assert_allclose(turned.probability[:, inside], usual.probability[:, inside], atol=1e-6)


def test_mirrored_views_and_ensembles_are_averaged(tmp_path):
    import hashlib

    network = bytes_of(a_segmentation_network())
    member = {"file": "second.onnx", "sha256": hashlib.sha256(network).hexdigest()}
    manifest = a_segmentation_manifest(mirror_axes=["i", "k"], ensemble=[member])
    folder = a_model_folder(tmp_path / "m", manifest, network)
    (folder / "second.onnx").write_bytes(network)
    head, inside = _head()
    found = segment(load_model(folder), head, (True, True), MM, device="cpu")
    usual = segment(_model(tmp_path / "n"), head, (True, True), MM, device="cpu")
    np.testing.assert_allclose(found.probability[:, inside], usual.probability[:, inside], atol=1e-6)


def test_labels_of_a_softmax_become_regions(tmp_path):
    from onnx import helper

    network = a_segmentation_network(regions=4)
    network.graph.node[2].CopyFrom(helper.make_node("Softmax", ["z"], ["probability"], axis=1))
    manifest = a_segmentation_manifest()
    manifest["output"]["kind"] = "softmax_labels"
    model = load_model(a_model_folder(tmp_path / "m", manifest, network))
    head, inside = _head()
    found = segment(model, head, (True, True), MM, device="cpu")
    whole, enhancing = found.probability
    assert (enhancing[inside] <= whole[inside] + 1e-6).all() and 0 < enhancing[inside].min() < whole[inside].max() < 1


def test_a_network_that_gives_no_numbers_is_refused(tmp_path):
    network = a_segmentation_network()
    network.graph.node[2].op_type = "Log"
    head, _ = _head()
    with pytest.raises(EngineFailed, match="finite"):
        segment(_model(tmp_path, network), head, (True, True), MM, device="cpu")


def test_progress_is_told_to_the_end(tmp_path):
    told = []
    head, _ = _head()
    segment(_model(tmp_path, tile=8), head, (True, True), MM, device="cpu", on_progress=lambda *step: told.append(step))
    assert told[-1][0] == told[-1][1] > 1
    assert all(0 <= done <= total and label for done, total, label in told)


def test_a_guard_warns_or_refuses(tmp_path):
    head, _ = _head((40, 40, 40))
    noise = np.random.default_rng(0).uniform(1, 2, head.shape).astype(np.float32)
    guard = {"code": "not_skull_stripped", "measure": "air_around_brain", "limit": 0.45}
    for action in ("warn", "refuse"):
        model = an_installed_model(tmp_path / action, guard=[{**guard, "action": action}])
        assert segment(model, head, (True, True), MM, device="cpu").warnings == ()
        if action == "warn":
            assert "air around the brain" in segment(model, head + noise, (True, True), MM, device="cpu").warnings[0]
        else:
            with pytest.raises(NotSkullStripped, match="air around the brain"):
                segment(model, head + noise, (True, True), MM, device="cpu")


def test_the_settings_name_the_manifest(tmp_path):
    head, _ = _head()
    one = segment(_model(tmp_path / "a"), head, (True, True), MM, device="cpu")
    same = segment(_model(tmp_path / "b"), head, (True, True), MM, device="cpu")
    other = segment(_model(tmp_path / "c", overlap=0.25), head, (True, True), MM, device="cpu")
    assert one.settings == same.settings != other.settings


@pytest.mark.parametrize("length", [64, 65, 100, 128, 200])
@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5])
def test_tiles_cover_an_axis(length, overlap):
    starts = tile_starts(length, 64, overlap)
    assert starts[0] == 0 and starts[-1] == length - 64
    assert all(0 < b - a <= 64 * (1 - overlap) + 1 for a, b in itertools.pairwise(starts))


def test_a_padded_image_comes_back_in_its_own_size():
    image = np.random.default_rng(0).normal(size=(2, 13, 7, 5)).astype(np.float32)
    for tile in (0, 8):
        seen = []
        maps = in_tiles(lambda x, seen=seen: (seen.append(x.shape), x[:1])[1], image, tile, 0.5, 4)
        assert maps.shape == (1, 13, 7, 5) and all(n % 4 == 0 for n in seen[0][1:])
        np.testing.assert_allclose(maps[0], image[0], atol=1e-6)


def _bits(tmp_path, probability, evaluated=(True, True), spacing=MM, **output):
    manifest = a_segmentation_manifest()
    manifest["output"].update(output)
    return mask_bits(read_manifest(a_model_folder(tmp_path / "m", manifest, b"")), probability, evaluated, spacing)


def test_masks_are_thresholded_at_or_above(tmp_path):
    probability = np.zeros((2, 3, 1, 1), np.float32)
    probability[0, :, 0, 0] = (0.49, 0.5, 0.51)
    assert _bits(tmp_path, probability)[:, 0, 0].tolist() == [0, 1, 1]


def test_an_inner_region_is_cut_to_the_outer(tmp_path):
    probability = np.zeros((2, 3, 1, 1), np.float32)
    probability[0, :2] = 1
    probability[1, 1:] = 1
    assert _bits(tmp_path, probability)[:, 0, 0].tolist() == [1, 3, 0]
    assert _bits(tmp_path, probability, hierarchy=[])[:, 0, 0].tolist() == [1, 3, 2]
    assert _bits(tmp_path, probability, evaluated=(False, True))[:, 0, 0].tolist() == [0, 2, 2]


def test_small_pieces_fall_away_by_volume_not_by_voxels(tmp_path):
    probability = np.zeros((2, 8, 8, 8), np.float32)
    probability[0, 0, 0, 0] = 1
    probability[0, 4:6, 4:6, 4:6] = 1
    assert (_bits(tmp_path, probability, min_component_ml=0.008) & 1).sum() == 8
    assert (_bits(tmp_path, probability, min_component_ml=0.009) & 1).sum() == 0
    assert (_bits(tmp_path, probability, spacing=(2, 2, 2), min_component_ml=0.008) & 1).sum() == 9


def test_holes_are_filled_where_the_manifest_says(tmp_path):
    probability = np.zeros((2, 7, 7, 7), np.float32)
    probability[0, 1:6, 1:6, 1:6] = 1
    probability[0, 3, 3, 3] = 0
    assert (_bits(tmp_path, probability) & 1).sum() == 124
    assert (_bits(tmp_path, probability, fill_holes=True) & 1).sum() == 125
