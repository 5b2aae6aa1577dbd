"""The EEG viewer's Python face: what it sends, what it takes for said, and what it never sends."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dashboard.components.eeg_viewer import face
from tests.builders.eeg_site import a_viewer_recording, an_event

DIGEST = "d" * 64
REPORT = {
    "study": "S-1", "prediction": "p", "on_screen": "1", "drawn": DIGEST, "displayed": 0.25, "intervals": [[0, 10], [20, 35]],
    "shown": ["1"], "view": {"start_s": 25},
}  # fmt: skip


@pytest.fixture
def page(monkeypatch):
    """Streamlit's session state as a plain dict, and a component that keeps what it was given."""
    kept = SimpleNamespace(state={}, mounted={})
    monkeypatch.setattr(face, "st", SimpleNamespace(session_state=kept.state))
    monkeypatch.setattr(face, "_viewer", lambda: lambda **given: kept.mounted.update(viewer=given))
    monkeypatch.setattr(face, "_list", lambda: lambda **given: kept.mounted.update(list=given))
    return kept


def a_study(**said):
    events = [an_event(1, 60, 24), an_event(2, 90, 5)]
    return a_viewer_recording("S-1", DIGEST, 100, **{"events": events, "selected": "1", **said})


def test_nothing_was_said_before_the_first_picture(page):
    told = face.eeg_viewer(a_study(), key="v")
    assert (told["selected"], told["drawn"], told["displayed"], told["shown"], told["range"]) == ("1", (), {}, (), None)
    assert page.mounted["viewer"]["data"]["echo"] == {"selected": 0, "point": 0}


def test_a_report_is_read_and_one_of_another_study_is_not(page):
    page.state["v"] = {"report": REPORT, "range": {"study": "S-1", "onset_s": 3.0, "duration_s": 2.0, "n": 5}}
    told = face.eeg_viewer_state("v", "S-1")
    assert told["displayed"] == {DIGEST: 0.25} and told["intervals"] == ((0, 10), (20, 35))
    assert told["shown"] == ("1",) and told["range"]["duration_s"] == 2.0
    other = face.eeg_viewer_state("v", "S-2")
    assert other["displayed"] == {} and other["shown"] == () and other["range"] is None


def test_a_dropped_range_is_none_but_is_echoed(page):
    page.state["v"] = {"range": {"study": "S-1", "onset_s": None, "duration_s": None, "n": 8}}
    assert face.eeg_viewer(a_study(), key="v")["range"] is None
    assert page.mounted["viewer"]["data"]["echo"]["point"] == 8


def test_the_readers_choice_counts_once_and_then_the_pages_does(page):
    page.state["v"] = {"selected": {"study": "S-1", "event": "2", "n": 7}}
    assert face.eeg_viewer(a_study(), key="v")["selected"] == "2"
    assert page.mounted["viewer"]["data"]["selected"] == "2"
    assert page.mounted["viewer"]["data"]["echo"]["selected"] == 7
    assert face.eeg_viewer(a_study(), key="v")["selected"] == "1", "a verdict has moved on since"


def test_a_choice_of_an_event_that_is_gone_is_not_taken(page):
    page.state["v"] = {"selected": {"study": "S-1", "event": "9", "n": 7}}
    assert face.eeg_viewer(a_study(), key="v")["selected"] == "1"


def test_a_blind_view_is_refused_anything_of_a_model(page):
    own = an_event(1, 3, 2, id="r-1", own=True, state="added")
    face.eeg_viewer(a_study(blind=True, events=[own], selected=None), key="v")
    with pytest.raises(ValueError, match="blind"):
        face.eeg_viewer(a_study(blind=True), key="v")
    with pytest.raises(ValueError, match="blind"):
        face.eeg_viewer(a_study(blind=True, events=[], prediction={"digest": "p", "calibrated": False}), key="v")
    with pytest.raises(ValueError, match="blind"):
        face.eeg_events(a_study(blind=True), key="e")


def test_the_list_gets_no_token(page):
    face.eeg_events(a_study(), key="e")
    assert sorted(page.mounted["list"]["data"]) == ["blind", "events", "prediction", "selected", "study"]
