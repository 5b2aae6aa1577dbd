"""Probability map and comparison on a real glioma: six masks of other tools and the shipped model's result beside them."""

from __future__ import annotations

import re

import nibabel
import numpy as np
import pytest

from dashboard.casework import add_paths, add_prediction, difference, model_for, predict
from dashboard.domain import Session
from dashboard.terms import Identity, Role, StudyKind, WorkspaceKind
from dashboard.workspace import Workspace
from dashboard.workspace.predictions import PredictionStore
from tests.browser.screen import pixels, until
from tests.browser.site import Site, served, stopped
from tests.browser.test_layers import compare_on, heat_on, look, ml_above
from tests.builders.shared import shared_data

pytestmark = [pytest.mark.browser, pytest.mark.shared]

LABELS = {"whole_tumour": (1, 2, 3, 4), "tumour_core": (1, 3, 4), "enhancing_tumour": (3, 4)}


@pytest.fixture(scope="module")
def case():
    return shared_data("mri", "glioma", "brats20_001")


@pytest.fixture(scope="module")
def site(browser, case, tmp_path_factory):
    """The patient with six tools' masks, and the shipped model's result as the newest."""
    root = tmp_path_factory.mktemp("glioma") / "workspace"
    workspace = Workspace.open(root, create=WorkspaceKind.CLINICAL)
    study = workspace.study(add_paths(workspace, [case]).added[0].study)
    for file in sorted(case.glob("seg_ai_*.nii.gz")):
        name = file.name.removeprefix("seg_ai_").removesuffix(".nii.gz")
        add_prediction(workspace, study, file, model_name=name.replace("_", "-"), model_version="1.0")
    predict(workspace, study, model_for(workspace, StudyKind.MR))
    built = served(Site(root, left=study.id))
    yield built
    stopped(built)


def labels_of(case, name):
    """(i, j, k) of a tool's label map; all files of the case lie on one grid."""
    return np.asarray(nibabel.load(case / f"seg_ai_{name}.nii.gz").dataobj)


def test_each_pair_of_tools_is_counted_as_numpy_counts_the_files(site, case):
    workspace = site.workspace
    study = workspace.study(site.left)
    session = Session(id="s", reader="R-01", role=Role.RADIOLOGIST, identity=Identity.INVITED)
    by_name = {p.model.id: p.digest for p in PredictionStore(workspace.predictions_folder).of(study.id)}
    for first, second in (("deepscan", "brats_toolkit"), ("unet_attention", "wave_no_attention")):
        for region, labels in LABELS.items():
            found = difference(workspace, session, study, by_name[first.replace("_", "-")],
                               by_name[second.replace("_", "-")], region)  # fmt: skip
            one, two = (np.isin(labels_of(case, name), labels) for name in (first, second))
            counts = [(one & two).sum(), (one & ~two).sum(), (two & ~one).sum()]
            ml = [found.whole.agree_ml, found.whole.only_first_ml, found.whole.only_second_ml]
            assert ml == pytest.approx([n / 1000 for n in counts], abs=1e-6), (first, second, region)
            assert found.whole.dice == pytest.approx(2 * counts[0] / (one.sum() + two.sum()))


def test_the_shipped_models_probabilities_and_other_tools_masks_are_laid_on_the_glioma(enter, site, case, screenshots):
    page = enter("mri", site.left)
    plain = pixels(page)
    heat_on(page)
    page.wait_for_timeout(300)
    store = PredictionStore(site.workspace.predictions_folder)
    ours = store.of(site.left)[-1]
    steps = store.probability(site.left, ours.digest)[0]
    words = page.locator(".heat-words").inner_text()
    assert ml_above(page) == pytest.approx((steps >= 128).sum() / 1000, abs=0.06)
    assert float(re.search(r"the mask has ([\d.]+)", words)[1]) == pytest.approx(ml_above(page), abs=0.2)
    page.screenshot(path=screenshots / "mri_probability_glioma.png")
    for _ in range(30):
        page.keyboard.press(",")
    page.wait_for_timeout(150)
    assert ml_above(page) == pytest.approx((steps >= 51).sum() / 1000, abs=0.06)
    page.screenshot(path=screenshots / "mri_probability_glioma_low.png")
    compare_on(page)
    until(lambda: page.wait_for_timeout(40) or "heat" not in look(page), "one layer at a time")
    page.locator('[data-side="first"]').select_option(label="deepscan 1.0")
    page.locator('[data-side="second"]').select_option(label="brats-toolkit 1.0")
    page.locator('[data-side="region"]').select_option("enhancing_tumour")
    one, two = (np.isin(labels_of(case, name), (3, 4)) for name in ("deepscan", "brats_toolkit"))
    both = (one & two).sum() / 1000
    until(
        lambda: page.wait_for_timeout(60) or f"both {both:.1f} ml" in page.locator(".compare-legend").inner_text(), "it"
    )
    dice = 2 * (one & two).sum() / (one.sum() + two.sum())
    assert f"Dice {dice:.2f}" in page.locator(".compare-legend").inner_text()
    page.wait_for_timeout(200)
    assert (pixels(page)[: min(len(plain), 600)] != plain[:600]).any()
    page.screenshot(path=screenshots / "mri_compare_glioma.png")
