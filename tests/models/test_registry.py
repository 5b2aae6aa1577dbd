"""Models are folders; a bad one is left out, a changed one is not run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard.errors import MissingExtra, ModelDigestMismatch, UnsafeModel
from dashboard.models import check_model, installed_models, model_folders, segment, shipped_folder
from dashboard.models.engines import default_threads, open_engines
from tests.builders.manifests import a_detector_manifest, a_segmentation_manifest
from tests.builders.onnx_models import (
    a_detector_network,
    a_graph,
    a_model_folder,
    a_segmentation_network,
    an_installed_model,
)


def test_models_are_found_below_a_folder_and_in_a_folder_itself(tmp_path):
    one = a_model_folder(tmp_path / "site" / "one", a_segmentation_manifest(id="one"), a_segmentation_network())
    two = a_model_folder(tmp_path / "site" / "two", a_detector_manifest(id="two"), a_detector_network())
    assert model_folders([tmp_path / "site", tmp_path / "not-there", one]) == (one, two)
    assert [m.manifest.id for m in installed_models([tmp_path / "site"])] == ["one", "two"]
    assert [m.manifest.id for m in installed_models([two])] == ["two"]


def test_a_bad_manifest_is_left_out_and_logged(tmp_path, caplog):
    a_model_folder(tmp_path / "good", a_segmentation_manifest(id="good"), a_segmentation_network())
    a_model_folder(tmp_path / "bad", a_segmentation_manifest(id="BAD"), a_segmentation_network())
    assert [m.manifest.id for m in installed_models([tmp_path])] == ["good"]
    assert "bad" in caplog.text and str(tmp_path) not in caplog.text


def test_of_two_with_the_same_id_the_first_is_used(tmp_path):
    for name in ("a", "b"):
        a_model_folder(tmp_path / name, a_segmentation_manifest(title=f"Model {name}"), a_segmentation_network())
    assert [m.manifest.title for m in installed_models([tmp_path])] == ["Model a"]


def test_the_headline_is_the_cards_first_paragraph(tmp_path):
    model = an_installed_model(tmp_path / "m")
    assert model.headline == "Worst case: everything bright is marked."
    (model.folder / "card.md").unlink()
    assert model.headline == "This model has no card."


def test_the_identity_names_the_file(tmp_path):
    model = an_installed_model(tmp_path / "m")
    assert model.identity.digest == model.manifest.sha256 == model.digest
    assert (model.identity.id, model.identity.version) == ("tiny-unet", "1.0.0")


def test_a_changed_file_is_not_run(tmp_path):
    model = an_installed_model(tmp_path / "m")
    with (model.folder / "model.onnx").open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(ModelDigestMismatch):
        segment(model, np.ones((2, 8, 8, 8), np.float32), (True, True), (1, 1, 1), device="cpu")


def test_a_missing_file_is_named(tmp_path):
    model = an_installed_model(tmp_path / "m")
    (model.folder / "model.onnx").unlink()
    with pytest.raises(ModelDigestMismatch, match=r"model\.onnx can't be read"):
        open_engines(model)


def test_an_unsafe_file_with_the_right_digest_is_not_run(tmp_path):
    from onnx import helper

    node = helper.make_node("Gelu", ["image"], ["probability"], domain="com.microsoft")
    network = a_graph([node], {"image": [1]}, {"probability": [1]}, opsets={"": 17, "com.microsoft": 1})
    folder = a_model_folder(tmp_path / "m", a_segmentation_manifest(), network)
    with pytest.raises(UnsafeModel):
        open_engines(installed_models([folder])[0])


def test_an_ensemble_member_is_checked_too(tmp_path):
    member = {"file": "second.onnx", "sha256": "0" * 64}
    folder = a_model_folder(tmp_path / "m", a_segmentation_manifest(ensemble=[member]), a_segmentation_network())
    (folder / "second.onnx").write_bytes(b"anything")
    with pytest.raises(ModelDigestMismatch, match=r"second\.onnx"):
        open_engines(installed_models([folder])[0])


def test_openvino_is_run_or_its_extra_named(tmp_path):
    model = an_installed_model(tmp_path / "m")
    image = np.random.default_rng(1).uniform(1, 4, (2, 8, 8, 8)).astype(np.float32)
    try:
        found = segment(model, image, (True, True), (1, 1, 1), device="openvino")
    except MissingExtra as error:
        assert 'pip install "overread[openvino]"' in error.what_to_do
    else:
        usual = segment(model, image, (True, True), (1, 1, 1), device="cpu")
        assert "OpenVINO" in found.provider
        np.testing.assert_allclose(found.probability, usual.probability, atol=1e-5)


def test_a_card_that_is_not_there_is_named(tmp_path):
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        assert "CUDA" in open_engines(an_installed_model(tmp_path / "m"), device="cuda")[0].provider
    else:
        with pytest.raises(MissingExtra, match=r"overread\[gpu\]"):
            open_engines(an_installed_model(tmp_path / "m"), device="cuda")
        assert "CPU" in open_engines(an_installed_model(tmp_path / "m"), device="auto")[0].provider


def test_one_core_is_left_for_the_pages():
    assert default_threads() >= 1


def _checks(folder):
    return {check.name: check for check in check_model(folder)}


@pytest.mark.parametrize("kind", ["segmentation", "events"])
def test_a_sound_folder_passes_every_check(tmp_path, kind):
    checks = check_model(an_installed_model(tmp_path / "m", kind).folder)
    assert {"manifest", "network", "trial", "card", "licence", "evaluation"} <= {check.name for check in checks}
    assert all(check.ok for check in checks), checks


def test_a_bad_manifest_is_all_that_is_said(tmp_path):
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    checks = check_model(tmp_path)
    assert [(c.name, c.ok) for c in checks] == [("manifest", False)]


def test_a_changed_network_is_found_and_not_tried(tmp_path):
    folder = an_installed_model(tmp_path / "m").folder
    (folder / "model.onnx").write_bytes(b"other")
    checks = _checks(folder)
    assert not checks["network"].ok and "trial" not in checks


def test_a_network_that_is_not_as_the_manifest_says_is_found(tmp_path):
    network = a_segmentation_network(regions=3)
    checks = _checks(a_model_folder(tmp_path / "m", a_segmentation_manifest(), network))
    assert not checks["trial"].ok and "shape" in checks["trial"].what


def test_a_wrong_tensor_name_is_found(tmp_path):
    manifest = a_detector_manifest()
    manifest["output"]["tensor"] = "risk"
    checks = _checks(a_model_folder(tmp_path / "m", manifest, a_detector_network()))
    assert not checks["trial"].ok


def test_missing_papers_are_found(tmp_path):
    folder = an_installed_model(tmp_path / "m").folder
    (folder / "LICENSE").unlink()
    (folder / "card.md").write_text("# Only a title\n", encoding="utf-8")
    checks = _checks(folder)
    assert not checks["licence"].ok and not checks["card"].ok


@pytest.mark.parametrize("text, ok", [('{"cases": [{"case": "a"}]}', True), ('{"cases": []}', False), ("[", False)])
def test_the_evaluation_is_held_against_its_digest(tmp_path, text, ok):
    import hashlib

    digest = hashlib.sha256(text.encode()).hexdigest()
    folder = an_installed_model(tmp_path / "m", evaluation={"file": "evaluation.json", "digest": digest}).folder
    assert not _checks(folder)["evaluation"].ok
    (folder / "evaluation.json").write_text(text, encoding="utf-8")
    assert _checks(folder)["evaluation"].ok is ok
    (folder / "evaluation.json").write_text(text + " ", encoding="utf-8")
    assert not _checks(folder)["evaluation"].ok


@pytest.mark.parametrize("folder", model_folders([shipped_folder()]), ids=lambda folder: folder.name)
def test_every_shipped_model_passes_every_check(folder):
    wrong = [check for check in check_model(folder) if not check.ok]
    assert wrong == []
    assert json.loads((folder / "manifest.json").read_text())["id"] == folder.name
