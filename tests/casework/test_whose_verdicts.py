"""Results of a study on which readers differed: by the adjudicator's decision, and by one's own verdicts."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from dashboard.casework import adjudication_of, is_adjudicated, record_adjudication, record_read, reopen
from dashboard.errors import FindingNotFound, UsageError
from dashboard.imaging import read_label_map
from dashboard.terms import Action, Role
from tests.builders.cases import a_reader
from tests.builders.results import a_mask_file, a_reviewed_phantom

TWO = "[review]\nreaders = 2\n"


def a_differing_pair(tmp_path):
    """Finding 1: accepted by one, redrawn smaller by the other; finding 2: rejected by one, accepted by the other."""
    case = a_reviewed_phantom(tmp_path, settings=TWO)
    one, other, judge = (
        case.reader,
        a_reader(case.workspace, "R-02"),
        a_reader(case.workspace, "J-01", Role.ADJUDICATOR),
    )
    smaller = np.where(case.labels == 3, 3, 0).astype(np.uint8)
    drawn = a_mask_file(tmp_path / "drawn.nii.gz", smaller, case.study)
    for reader, verdicts in (
        (one, ((1, Action.ACCEPT, {}), (2, Action.REJECT, {"reason": "vessel"}))),
        (other, ((1, Action.MODIFY, {"mask": drawn}), (2, Action.ACCEPT, {}))),
    ):
        reader.opens(case.study)
        for number, action, said in verdicts:
            reader.judges(case.study, case.prediction, number, action, **said)
        reader.signs(case.study)
    record_read(case.workspace, judge.session, case.study, present=False, intent=judge.intent(case.study))
    judge.opens(case.study)
    return case, one, other, judge, smaller


def decides(case, judge, first, second):
    told = adjudication_of(case.workspace, judge.session, case.study)
    decisions = dict(zip(told.findings, (first, second), strict=True))
    record_adjudication(case.workspace, judge.session, case.study, decisions, shown=told.shown,
                        intent=judge.intent(case.study))  # fmt: skip


def segments(files):
    seg = pydicom.dcmread(next(f for f in files if f.name.endswith("_seg.dcm")))
    return seg, {s.TrackingID.rpartition(".")[2]: s.SegmentAlgorithmType for s in seg.SegmentSequence}


def test_where_a_decision_stands_it_counts_and_the_files_say_so(tmp_path):
    case, one, other, judge, smaller = a_differing_pair(tmp_path)
    decides(case, judge, Action.MODIFY, Action.REJECT)
    files = case.export("dicom-sr", "decided", one.session)
    seg, held = segments(files)
    assert held == {"1": "SEMIAUTOMATIC"}, "the other reader's outline, which the adjudicator let stand"
    assert all("_adjudicated" in f.name for f in files if f.suffix == ".dcm" and f.parent.name == "decided")
    assert seg.ContentDescription == "Model result as adjudicated" and "adjudicated" in seg.SeriesDescription
    report = pydicom.dcmread(next(f for f in files if f.name.endswith("_sr.dcm")))
    words = str(report)
    assert "Adjudicator who decided between readers" in words and "unverified, adjudicated" in words
    mine_seg, mine = segments(case.export("dicom-sr", "mine", one.session, verdicts="mine"))
    assert mine == {"1": "AUTOMATIC"} and mine_seg.ContentDescription == "Model result as reviewed"
    assert mine_seg.ContentCreatorName != seg.ContentCreatorName != "" and "J-01" not in words and "R-0" not in words
    assert mine_seg.SOPInstanceUID != seg.SOPInstanceUID
    _, theirs = segments(case.export("dicom-sr", "theirs", other.session, verdicts="mine"))
    assert theirs == {"1": "SEMIAUTOMATIC", "2": "AUTOMATIC"}
    (kept,) = [f for f in case.export("nifti", "masks", one.session) if f.name.endswith("_adjudicated.nii.gz")]
    # a mask redrawn by a reader is a file of its own, as in a review
    assert not (read_label_map(kept)[0] > 0).any()
    (drawn,) = [f for f in (tmp_path / "masks").iterdir() if "by-reader" in f.name]
    assert np.array_equal(read_label_map(drawn)[0] > 0, smaller > 0)


def test_before_the_decision_and_after_it_was_undone_ones_own_count(tmp_path):
    case, one, other, judge, _ = a_differing_pair(tmp_path)
    assert not is_adjudicated(case.workspace, one.session, case.study.id)
    with pytest.raises(FindingNotFound, match="verdicts mine"):
        case.export("dicom-seg", "none", one.session, verdicts="adjudicated")
    decides(case, judge, Action.ACCEPT, Action.ACCEPT)
    assert is_adjudicated(case.workspace, one.session, case.study.id)
    _, held = segments(case.export("dicom-seg", "decided", one.session))
    assert held == {"1": "AUTOMATIC", "2": "AUTOMATIC"}, "accepted is the model's own outline"
    reopen(case.workspace, other.session, case.study)
    assert not is_adjudicated(case.workspace, one.session, case.study.id)
    _, held = segments(case.export("dicom-seg", "again", one.session))
    assert held == {"1": "AUTOMATIC"}


def test_there_are_two_kinds_of_verdicts(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    case.reader.judges(case.study, case.prediction, 1)
    with pytest.raises(UsageError, match="mine or adjudicated"):
        case.export("dicom-seg", verdicts="everybody's")
