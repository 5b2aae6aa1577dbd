"""Keys and pseudonyms: made once, kept closed, and linkable to nobody once their entry is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.domain import is_study, is_subject
from dashboard.errors import StudyNotFound
from dashboard.workspace import KeyRing

ROOT = Path(__file__).resolve().parents[2]


def test_a_key_is_made_once_and_kept_closed(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    key = ring.key("comments")
    assert len(key) == 32 and ring.key("comments") == key == KeyRing(tmp_path / "keys").key("comments")
    assert ring.key("token") != key
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "comments.key").stat().st_mode & 0o777 == 0o600


def test_one_patient_is_one_subject_whoever_asks(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    subject = ring.subject_for("Ward 3", "4711")
    assert is_subject(subject.id) and len(subject.key) == 32
    assert KeyRing(tmp_path / "keys").subject_for("Ward 3", "4711") == subject == ring.subject(subject.id)
    assert ring.subject_for("Ward 4", "4711").id != subject.id, "the issuer belongs to the id"
    assert ring.new_subject().id != ring.new_subject().id
    assert (tmp_path / "keys" / "subjects.json").stat().st_mode & 0o777 == 0o600


def test_the_index_names_nobody_and_another_master_key_finds_nobody(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    subject = ring.subject_for("Ward 3", "PATIENT-4711")
    text = (tmp_path / "keys" / "subjects.json").read_text()
    assert "PATIENT-4711" not in text and "Ward" not in text
    (tmp_path / "keys" / "master.key").unlink()
    assert KeyRing(tmp_path / "keys").subject_for("Ward 3", "PATIENT-4711").id != subject.id


def test_a_studys_pseudonym_follows_from_its_subjects_key(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    one, other = ring.new_subject(), ring.new_subject()
    study = ring.study_pseudonym(one, "1.2.3")
    assert is_study(study) and ring.study_pseudonym(one, "1.2.3") == study
    assert len({study, ring.study_pseudonym(other, "1.2.3"), ring.study_pseudonym(one, "1.2.4")}) == 3


def test_without_its_entry_a_subject_is_gone(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    subject = ring.subject_for("", "4711")
    study = ring.study_pseudonym(subject, "1.2.3")
    path = tmp_path / "keys" / "subjects.json"
    path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if v["subject"] != subject.id}))
    with pytest.raises(StudyNotFound):
        ring.subject(subject.id)
    assert ring.study_pseudonym(ring.subject_for("", "4711"), "1.2.3") != study


def test_processes_that_begin_at_once_agree(tmp_path):
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from dashboard.workspace import KeyRing\n"
        "ring = KeyRing(Path(sys.argv[1]))\n"
        "print(ring.key('comments').hex(), ring.subject_for('', 'same').id, ring.subject_for('', sys.argv[2]).id)\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "k"), str(n)], stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    said = [p.communicate(timeout=120)[0].split() for p in started]
    assert len({s[0] for s in said}) == 1 and len({s[1] for s in said}) == 1
    ring = KeyRing(tmp_path / "k")
    assert [ring.subject(s[2]).id for s in said] == [s[2] for s in said], "an entry was lost"
