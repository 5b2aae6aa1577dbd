"""A drawn outline leaves the house as drawn: every region, as the reader's, in each format."""

from __future__ import annotations

import nibabel
import numpy as np

from dashboard.casework import record_verdict
from dashboard.domain import new_own_finding
from dashboard.terms import Action
from dashboard.workspace.predictions import PredictionStore
from tests.builders.drawings import a_drawing, framed
from tests.builders.results import a_reviewed_phantom
from tests.casework.test_dicom_results import seg_of


def voxels_of(seg, kind):
    """How many voxels each segment of a kind of algorithm has, by its label."""
    wanted = {s.SegmentNumber: s.SegmentLabel for s in seg.SegmentSequence if s.SegmentAlgorithmType == kind}
    counts = dict.fromkeys(wanted.values(), 0)
    for pixels, group in zip(seg.pixel_array, seg.PerFrameFunctionalGroupsSequence, strict=True):
        number = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        if number in wanted:
            counts[wanted[number]] += int(pixels.sum())
    return counts


def drawn(case, bits, finding, action=Action.MODIFY):
    """Record bits as the reader's drawing of a finding."""
    grid = case.study.volume(case.prediction.grid)
    data = framed({"base": ""}, a_drawing(grid, case.prediction, bits))
    reader = case.reader.session.reader
    name = str(finding) if finding else new_own_finding()
    digest = case.workspace.drafts.put(reader, case.study.id, name, data)
    if finding:
        return case.reader.judges(case.study, case.prediction, finding, action, draft=digest)
    intent = case.reader.intent(case.study, draft=digest, own=name)
    return record_verdict(case.workspace, case.reader.session, case.study, Action.ADD, case.prediction, None, intent)


def test_all_regions_of_a_drawn_edit_are_exported_as_drawn(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    store = PredictionStore(case.workspace.predictions_folder)
    bits = store.mask(case.study.id, case.prediction.digest)
    lesion_map = store.lesion_map(case.study.id, case.prediction.digest)
    mine = np.where(lesion_map == 1, bits, 0).astype(np.uint8)
    outer, core, inner = (1 << region.bit for region in case.prediction.regions)
    i, j, k = np.argwhere(mine & inner)[0]
    mine[i, j, k] = outer  # One voxel of the enhancing part is none, says the reader, and the lesion is larger.
    grown = np.roll(mine > 0, 1, axis=0) & (mine == 0) & (lesion_map == 0)
    mine[grown] = outer | core
    row = drawn(case, mine, 1)
    seg = seg_of(case.export("dicom-seg"))
    counts = sorted(voxels_of(seg, "SEMIAUTOMATIC").values(), reverse=True)
    evaluated = [region for region in case.prediction.regions if region.evaluated]
    assert counts == sorted((int((mine >> r.bit & 1).sum()) for r in evaluated), reverse=True)
    assert row.details["regions"] == [region.name for region in case.prediction.regions]
    files = {file.name.rpartition("_")[2]: file for file in case.export("nifti", to="nifti")}
    labels = np.asarray(nibabel.load(files["by-reader.nii.gz"]).dataobj)
    assert np.array_equal(labels > 0, mine > 0) and set(np.unique(labels)) <= {0, 1, 2, 3}
    assert (labels == 3).sum() == int((mine & inner > 0).sum())


def test_a_drawn_lesion_of_the_readers_own_is_exported_as_manual(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    bits = np.zeros(case.labels.shape, np.uint8)
    bits[2:5, 3:6, 4:6] = 1 | 1 << case.prediction.regions[-1].bit
    bits[2, 3, 4] = 1
    row = drawn(case, bits, 0)
    counts = voxels_of(seg_of(case.export("dicom-seg")), "MANUAL")
    assert sorted(counts.values()) == [17, 18]
    assert row.details["volume_ml"] > 0 and row.artifact
