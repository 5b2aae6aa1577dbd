"""The share of air around the brain parts heads with skull from heads without."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.errors import GuardFailed, NotSkullStripped, TooFewChannels
from dashboard.models import Manifest, installed_models, read_manifest, shipped_folder
from dashboard.models.guards import air_around_brain, apply_guards, default_guards
from tests.builders.manifests import a_detector_manifest, a_segmentation_manifest
from tests.builders.onnx_models import a_model_folder
from tests.builders.shared import shared_data, shared_root

STRIPPED = sorted(p.name for p in (shared_root() / "data" / "mri" / "glioma").glob("*") if p.is_dir())
WITH_SKULL = (
    "healthy_brainchop_t1",
    "healthy_nibabel_t1",
    "meningioma_mida_M013",
    "meningioma_mida_M025",
    "native_tcga_fg6692",
)


def _shells(spacing=(2.0, 2.0, 2.0), extent_mm=200.0, depths=(65.0, 71.0, 78.0)):
    """A head on a grid: brain, skull without signal, scalp; masks of brain and scalp."""
    axes = [np.arange(0, extent_mm, s) - extent_mm / 2 for s in spacing]
    radius = np.sqrt((np.stack(np.meshgrid(*axes, indexing="ij")) ** 2).sum(0))
    brain, skull, scalp = (radius <= depth for depth in depths)
    return brain, scalp & ~skull


def _volume(mask, level, seed=0):
    values = np.random.default_rng(seed).normal(level, level / 20, mask.shape)
    return np.where(mask, values, 0).astype(np.float32)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.0, 2.0, 2.0), (1.0, 1.0, 5.0)])
def test_a_stripped_head_is_surrounded_by_air(spacing):
    brain, _ = _shells(spacing)
    assert air_around_brain([_volume(brain, 100)], spacing) > 0.95


@pytest.mark.parametrize("scalp_level", [80, 150, 400])
def test_a_head_with_scalp_is_not_even_where_the_background_is_zero(scalp_level):
    brain, scalp = _shells()
    head = _volume(brain, 100) + _volume(scalp, scalp_level)
    assert air_around_brain([head], (2.0, 2.0, 2.0)) < 0.4


def test_noise_around_the_head_is_not_air():
    brain, _ = _shells()
    noise = np.random.default_rng(1).uniform(1, 5, brain.shape).astype(np.float32)
    assert air_around_brain([_volume(brain, 100) + noise], (2.0, 2.0, 2.0)) == 0


def test_one_sequence_with_skull_among_stripped_ones_is_enough():
    brain, scalp = _shells()
    head = _volume(brain, 100) + _volume(scalp, 150)
    assert air_around_brain([_volume(brain, 90), head], (2.0, 2.0, 2.0)) < 0.4


@pytest.mark.parametrize("shape", [(40, 40, 40), (1, 1, 1), (2, 40, 40)])
def test_nothing_is_no_air(shape):
    assert air_around_brain([np.zeros(shape, np.float32)], (1.0, 1.0, 1.0)) == 0
    assert air_around_brain([np.ones(shape, np.float32)], (1.0, 1.0, 1.0)) == 0


def _manifest(tmp_path, given):
    return read_manifest(a_model_folder(tmp_path / "m", given, b""))


@pytest.mark.parametrize("code, error", [("not_skull_stripped", NotSkullStripped), ("guard_failed", GuardFailed)])
def test_a_guards_code_is_the_errors(tmp_path, code, error):
    guard = [{"code": code, "measure": "air_around_brain", "limit": 0.5}]
    manifest = _manifest(tmp_path, a_segmentation_manifest(guard=guard))
    assert apply_guards(manifest, {"air_around_brain": 0.5}) == ()
    with pytest.raises(error) as caught:
        apply_guards(manifest, {"air_around_brain": 0.4})
    assert caught.value.code == code and "0.4" in caught.value.why and "0.5" in caught.value.why


def test_too_few_channels_are_counted_in_the_message(tmp_path):
    with pytest.raises(TooFewChannels, match="3 usable rows"):
        apply_guards(_manifest(tmp_path, a_detector_manifest()), {"usable_channels": 3})


def _volumes(*place):
    import nibabel

    for path in sorted(shared_data(*place).glob("*.nii.gz")):
        if path.name.split(".")[0] in ("t1", "t1c", "t2", "flair"):
            image = nibabel.load(path)
            yield np.asarray(image.dataobj, dtype=np.float32), image.header.get_zooms()[:3]


def _limit():
    model = next(m for m in installed_models([shipped_folder()]) if m.manifest.id == "glioma-unet")
    return next(g.limit for g in model.manifest.guard if g.measure == "air_around_brain")


@pytest.mark.shared
@pytest.mark.parametrize("case", STRIPPED or ["no shared data"])
def test_every_glioma_case_passes_with_room(case):
    volumes = list(_volumes("mri", "glioma", case))
    found = air_around_brain([v for v, _ in volumes], volumes[0][1])
    assert found > _limit() + 0.25


@pytest.mark.shared
@pytest.mark.parametrize("case", WITH_SKULL)
def test_every_head_with_skull_fails_with_room(case):
    for volume, spacing in _volumes("mri", "clinical", case):
        assert air_around_brain([volume], spacing) < _limit() - 0.25


def test_a_detector_without_guards_of_its_own_gets_the_defaults_and_a_named_measure_replaces_its():
    bare = a_detector_manifest(guard=[])
    own = [{"code": "guard_failed", "measure": "amplitude_uv", "limit": 5000.0, "bound": "most", "action": "warn"}]
    assert {guard.measure for guard in default_guards(Manifest.model_validate(bare))} == {
        "rate_hz", "amplitude_uv", "mains_share", "lost_share"
    }  # fmt: skip
    named = Manifest.model_validate(a_detector_manifest(guard=own))
    assert "amplitude_uv" not in {guard.measure for guard in default_guards(named)}
    assert apply_guards(named, {"amplitude_uv": 4999.0}) == ()
    assert "5000" in apply_guards(named, {"amplitude_uv": 5001.0})[0]
    with pytest.raises(GuardFailed, match="39 samples a second"):
        apply_guards(named, {"rate_hz": 39.0})
    assert default_guards(Manifest.model_validate(a_segmentation_manifest())) == ()


def test_what_could_not_be_measured_stops_nothing_and_a_wrong_unit_is_said_before_too_few_rows():
    manifest = Manifest.model_validate(a_detector_manifest())
    assert apply_guards(manifest, {"amplitude_uv": None, "mains_share": None, "usable_channels": 9.0}) == ()
    with pytest.raises(GuardFailed, match="unit or scale"):
        apply_guards(manifest, {"usable_channels": 0.0, "amplitude_uv": 0.01})
    named = {"mains_share": "60 Hz, in 7 of 9 rows: Cz-Pz"}
    (words,) = apply_guards(manifest, {"mains_share": 0.7}, named)
    assert "70 %" in words and "(60 Hz, in 7 of 9 rows: Cz-Pz)" in words and "50 %" in words
