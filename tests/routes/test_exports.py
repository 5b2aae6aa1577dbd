"""Results from the page: a zip of what the command writes, for whoever may see them."""

from __future__ import annotations

import io
import zipfile

import pydicom

from dashboard.casework import FORMATS
from dashboard.routes import serve_workspace
from dashboard.terms import Action, StudyKind
from dashboard.viewmodels import RESULT_FILES
from tests.builders.cases import BLIND
from tests.builders.results import a_reviewed_phantom
from tests.builders.served import a_browser


def asked(browser, study, format_, order=None):
    """The answer of the route to the token of a study."""
    token = browser.serving.token(browser.session, study.id, ("export",))
    return browser.send("POST", "/api/export", token, json={"format": format_, **(order or {})})


def test_the_page_offers_every_format_of_its_kind_of_study():
    named = {kind: {name.partition("+")[0] for name in offered} for kind, offered in RESULT_FILES.items()}
    assert named[StudyKind.MR] == {name for name, kind in FORMATS.items() if kind in (None, StudyKind.MR)}
    assert named[StudyKind.EEG] <= {name for name, kind in FORMATS.items() if kind in (None, StudyKind.EEG)}


def test_each_offer_comes_as_a_zip_with_its_folders(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    case.reader.judges(case.study, case.prediction, 1)
    case.reader.judges(case.study, case.prediction, 2, Action.REJECT, reason="vessel")
    browser = a_browser(serve_workspace(case.workspace))
    held = {}
    for format_ in RESULT_FILES[StudyKind.MR]:
        answer = asked(browser, case.study, format_)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
        held[format_] = zipfile.ZipFile(io.BytesIO(answer.content))
    names = held["dicom-sr"].namelist()
    assert len(names) == len(set(names)) == 2 + len(case.phantom.paths)
    assert sum(name.endswith("/0001.dcm") for name in names) == 1
    segments = {
        format_: {s.TrackingID[-2:] for s in pydicom.dcmread(io.BytesIO(held[format_].read(names[0]))).SegmentSequence}
        for format_ in held
        if format_.startswith("dicom-seg")
        for names in [held[format_].namelist()]
    }
    assert list(segments.values()) == [{".1"}, {".1", ".2"}]
    assert "_with-rejected_" in held["dicom-seg+rejected,unsure,unreviewed"].namelist()[0]


def test_without_anything_that_stands_the_answer_says_what_to_do(tmp_path):
    case = a_reviewed_phantom(tmp_path)
    answer = asked(a_browser(serve_workspace(case.workspace)), case.study, "dicom-seg")
    assert answer.status_code == 404 and "Review the study first" in answer.json()["what_to_do"]


def test_who_owes_a_read_gets_no_format_and_another_study_opens_nothing(tmp_path):
    case = a_reviewed_phantom(tmp_path, settings=BLIND)
    browser = a_browser(serve_workspace(case.workspace))
    for format_ in RESULT_FILES[StudyKind.MR]:
        answer = asked(browser, case.study, format_)
        assert answer.status_code == 403 and answer.json()["code"] == "blind_open", format_
        assert asked(browser, case.study, format_, {"study": "S-AAAAAAAAAA"}).status_code == 404
    assert not [e for e in case.workspace.ledger.entries() if e.action == Action.PRESENT]
