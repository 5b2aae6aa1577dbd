"""The glioma recipe from a folder of cases to model.onnx, on tiny heads; and the laws of its parts."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

import nibabel  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402

from dashboard.errors import ModelRefused, NothingToRead  # noqa: E402
from dashboard.recipes.glioma_augmentation import moved, varied  # noqa: E402
from dashboard.recipes.glioma_data import TrainingCase, patient_cases, tumour_free_half  # noqa: E402
from dashboard.recipes.glioma_losses import careful_loss, regions_of  # noqa: E402
from dashboard.recipes.glioma_network import GliomaNetwork, Probability  # noqa: E402
from dashboard.recipes.glioma_onnx import export_network, read_weights  # noqa: E402
from dashboard.recipes.glioma_patches import carve_mixed  # noqa: E402
from dashboard.recipes.glioma_training import StagePlan  # noqa: E402
from dashboard.recipes.train_glioma import Plan, main, train_glioma  # noqa: E402

WIDTHS = (4, 6, 8)
TINY = Plan(
    patches=StagePlan(3, (16, 16, 16), 2, 1e-3, warm_up=1),
    careful_patches=StagePlan(2, (16, 16, 16), 1, 1e-3, decays=False),
    heads=StagePlan(2, (24, 24, 24), 1, 1e-3),
    synthetic=1,
    synthetic_free=1,
    widths=WIDTHS,
)


def a_folder_of_cases(root, splits=("train", "train", "dev")):
    """Cases of 30 voxels a side: a ball of brain with a ball of tumour on one side, in T1c and FLAIR, RAS on disk."""
    rng = np.random.default_rng(0)
    lines = ["case,split"]
    for number, split in enumerate(splits):
        place = np.indices((30, 30, 30)) - 15
        brain = (place**2).sum(axis=0) < 13**2
        off = np.array([6 if number % 2 else -6, 0, 0])[:, None, None, None]
        distance = np.sqrt(((place - off) ** 2).sum(axis=0))
        labels = np.where(distance < 3, 3, np.where(distance < 5, 2, 0)).astype(np.uint8)
        folder = root / f"case_{number}"
        folder.mkdir(parents=True)
        for name, bright in (("t1c", 3), ("flair", 2)):
            image = np.where(brain, 100 + rng.normal(0, 5, brain.shape) + 60 * (labels == bright), 0)
            nibabel.save(nibabel.Nifti1Image(image.astype(np.float32), np.eye(4)), folder / f"{name}.nii.gz")
        nibabel.save(nibabel.Nifti1Image(labels, np.eye(4)), folder / "seg.nii.gz")
        lines.append(f"case_{number},{split}")
    (root / "MANIFEST.csv").write_text("\n".join(lines) + "\n")
    return root


def a_case(tumour_at=10, name="case", present=(True,) * 4, source="patient"):
    """A head of 40 x 20 x 20 voxels with tumour voxels about i = `tumour_at`, or none."""
    rng = np.random.default_rng(len(name))
    image = rng.normal(0, 1, (4, 40, 20, 20)).astype(np.float16)
    image[image == 0] = 1
    image[[n for n in range(4) if not present[n]]] = 0
    labels = np.zeros((40, 20, 20), np.uint8)
    if tumour_at is not None:
        labels[tumour_at - 3 : tumour_at + 3, 8:14, 8:14] = 3
    return TrainingCase(name, image, labels, present, source)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Both stages run once: the folder of cases, the folder of results, the report."""
    root = tmp_path_factory.mktemp("glioma")
    data = a_folder_of_cases(root / "data")
    report = train_glioma(data, root / "out", TINY, start=None, device="cpu", say=lambda _: None)
    return data, root / "out", report


def test_both_stages_are_told_with_their_curves_and_the_dev_case_is_measured(trained):
    _, out, report = trained
    saved = json.loads((out / "training.json").read_text())
    assert list(saved["stages"]) == ["1_patches", "2a_patches", "2b_whole_heads"]
    assert saved["stages"]["1_patches"]["curve"][-1]["step"] == 3
    assert [row["case"] for row in saved["dev"]] == ["case_2"]
    assert {c["source"] for c in saved["cases"]} == {"patient", "mirrored", "synthetic"}
    assert report["onnx"]["difference_from_torch"] < 1e-4


def test_the_model_takes_any_grid_and_stores_half_precision(trained):
    path = trained[1] / "model.onnx"
    session = onnxruntime.InferenceSession(path)
    for grid in ((8, 8, 8), (16, 12, 8)):
        (found,) = session.run(["probability"], {"image": np.ones((1, 4, *grid), np.float32)})
        assert found.shape == (1, 3, *grid)
        assert ((found >= 0) & (found <= 1)).all()
    model = onnx.load(path)
    assert model.opset_import[0].version == 17
    weights = [t for t in model.graph.initializer if len(t.dims) == 5]
    assert weights and all(t.data_type == onnx.TensorProto.FLOAT16 for t in weights)


def test_a_start_leaves_the_first_stage_out(trained, tmp_path):
    data, out, _ = trained
    report = train_glioma(data, tmp_path, TINY, start=out / "model.onnx", device="cpu", say=lambda _: None)
    assert list(report["stages"]) == ["2a_patches", "2b_whole_heads"]
    assert report["start"] == "model.onnx"


def test_weights_survive_the_way_out_and_back(tmp_path):
    network, other = GliomaNetwork(WIDTHS), GliomaNetwork(WIDTHS)
    export_network(network, tmp_path / "model.onnx")
    image = torch.randn(1, 4, 16, 16, 16)
    read_weights(other, tmp_path / "model.onnx")
    with torch.inference_mode():
        assert torch.equal(Probability(network.eval())(image), Probability(other.eval())(image))


def test_another_networks_weights_are_refused(tmp_path):
    export_network(GliomaNetwork(WIDTHS), tmp_path / "model.onnx")
    with pytest.raises(ModelRefused):
        read_weights(GliomaNetwork((4, 6)), tmp_path / "model.onnx")


def test_a_folder_without_cases_is_refused_in_words(tmp_path, capsys):
    assert main([str(tmp_path), "--out", str(tmp_path / "out"), "--quick"]) == 1
    assert "no case" in capsys.readouterr().err
    with pytest.raises(NothingToRead):
        patient_cases(tmp_path, "train", lambda _: None)


def test_cases_come_in_lps_order_normalised(tmp_path):
    case = patient_cases(a_folder_of_cases(tmp_path, ("train",)), "train", lambda _: None)[0]
    inside = case.image[1][case.brain].astype(np.float32)
    assert (case.present, inside.mean()) == ((False, True, False, True), pytest.approx(0, abs=1e-2))
    # On disk the tumour lies at low i of RAS, the patient's left: at high i of LPS.
    assert np.argwhere(case.labels > 0)[:, 0].mean() > case.labels.shape[0] / 2


def test_regions_nest():
    regions = regions_of(torch.tensor([[[[0, 1, 2, 3]]]]))[0, :, 0, 0]
    assert regions.tolist() == [[0, 1, 1, 1], [0, 1, 0, 1], [0, 0, 0, 1]]


def test_marking_costs_more_where_there_is_nothing_to_mark():
    logits = torch.full((1, 3, 16, 16, 16), -4.0)
    logits[..., :6, :6, :6] = 4.0
    empty, full = torch.zeros(1, 16, 16, 16, dtype=torch.long), torch.zeros(1, 16, 16, 16, dtype=torch.long)
    full[:, :6, :6, :6] = 3
    assert careful_loss(logits, empty) > 5 * careful_loss(logits, full)
    assert careful_loss(torch.full_like(logits, -9.0), empty) < 0.1


def test_image_and_labels_move_together():
    labels = torch.zeros(40, 40, 40, dtype=torch.uint8)
    labels[8:20, 10:30, 15:35] = 1
    for seed in range(8):
        image, there = moved(labels[None].float(), labels, np.random.default_rng(seed), (24, 28, 24))
        assert ((image[0] > 0.5) == (there > 0)).float().mean() > 0.97


def test_variation_keeps_air_at_zero_and_a_sequence_at_least():
    image = torch.from_numpy(a_case(present=(False, True, False, True)).image.astype(np.float32))
    image[:, :5] = 0
    for seed in range(12):
        made = varied(image.clone(), np.random.default_rng(seed))
        assert (made[:, :5] == 0).all() and (made[[0, 2]] == 0).all()
        assert (made != 0).any() and torch.isfinite(made).all()


def test_a_carved_lesion_brings_its_voxels_and_labels():
    into, lesion = a_case(None, "healthy"), a_case(30, "ill one")
    made = carve_mixed(into, lesion, np.random.default_rng(1))
    moved_in = made.labels == 3
    assert moved_in.any() and not (moved_in & (lesion.labels != 3)).any()
    assert np.array_equal(made.image[:, moved_in], lesion.image[:, moved_in])
    assert not into.labels.any()
    lacking = a_case(30, "lacks t2", present=(True, True, False, True))
    assert carve_mixed(into, lacking, np.random.default_rng(1)) is into


def test_a_tumour_free_half_is_mirrored_and_a_head_ill_on_both_sides_gives_none():
    half = tumour_free_half(a_case(30))
    assert not half.labels.any() and np.array_equal(half.image, half.image[:, ::-1])
    assert tumour_free_half(a_case(20)) is None
