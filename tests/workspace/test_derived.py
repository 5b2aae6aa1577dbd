"""What was computed of a recording is computed once, and nobody brings an erased study back with it."""

from __future__ import annotations

import shutil
import threading
import time

import pytest

from dashboard.terms import WorkspaceKind
from dashboard.workspace import Workspace, remove_study
from tests.builders.served import an_eeg_study


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace.open(tmp_path / "w", create=WorkspaceKind.CLINICAL)


def test_it_is_made_once_also_where_several_ask_at_the_same_time(workspace, tmp_path):
    study = an_eeg_study(workspace, tmp_path).id
    made = []

    def make() -> bytes:
        made.append(1)
        time.sleep(0.2)
        return b"numbers"

    found = []
    asking = [
        threading.Thread(target=lambda: found.append(workspace.derived.get(study, "a-1", make))) for _ in range(4)
    ]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert found == [b"numbers"] * 4 and len(made) == 1
    assert Workspace.open(workspace.root).derived.get(study, "a-1", make) == b"numbers" and len(made) == 1
    assert workspace.derived.get(study, "a-2", lambda: b"of another version") == b"of another version"


def test_it_goes_with_its_study_and_an_erased_study_does_not_come_back(workspace, tmp_path):
    study = an_eeg_study(workspace, tmp_path)
    folder = workspace.root / "studies" / study.id
    workspace.derived.get(study.id, "a-1", lambda: b"numbers")
    remove_study(workspace, study.id, study.subject)
    assert not folder.exists()

    other = an_eeg_study(workspace, tmp_path).id

    def erased_meanwhile() -> bytes:
        shutil.rmtree(workspace.root / "studies" / other)
        return b"numbers"

    assert workspace.derived.get(other, "a-1", erased_meanwhile) == b"numbers"
    assert not (workspace.root / "studies" / other).exists()


def test_only_a_study_and_a_plain_name_lead_to_a_file(workspace):
    for study, name in (("../keys", "a-1"), ("S-AAAAAAAAAA", "../a"), ("S-AAAAAAAAAA", "")):
        with pytest.raises(ValueError, match="pseudonym"):
            workspace.derived.get(study, name, bytes)
