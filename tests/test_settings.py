"""Settings: documented ones only, of the right kind, the environment above the file."""

from __future__ import annotations

import pytest

from dashboard.errors import WorkspaceRefused
from dashboard.settings import SETTINGS, load_settings


def test_defaults_stand_where_nothing_is_said(tmp_path):
    settings = load_settings(tmp_path, {})
    assert {s.name: settings[s.name] for s in SETTINGS} == {s.name: s.default for s in SETTINGS}
    assert set(settings.origins.values()) == {"default"}


def test_the_environment_stands_above_the_file(tmp_path):
    (tmp_path / "settings.toml").write_text("[review]\nblind_first = true\n[eeg]\npage_s = 15\n")
    settings = load_settings(tmp_path, {"OVERREAD_EEG_PAGE_S": "30"})
    assert settings["review.blind_first"] is True and settings.origins["review.blind_first"] == "settings.toml"
    assert settings["eeg.page_s"] == 30.0 and settings.origins["eeg.page_s"] == "OVERREAD_EEG_PAGE_S"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[review]\nblind_frist = true\n", "not a setting"),
        ("[review]\nblind_first = 'perhaps'\n", "review.blind_first"),
        ("[display]\nconvention = 'mirrored'\n", "one of"),
        ("[eeg]\npage_s = 'ten'\n", "eeg.page_s"),
        ("review", "not TOML"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path, text, words):
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(WorkspaceRefused, match=words):
        load_settings(tmp_path, {})
