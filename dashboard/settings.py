"""Settings: one TOML file in the workspace, environment overrides, every one documented here.

`review.blind_first` is read from `[review] blind_first` in `settings.toml`, or from
`OVERREAD_REVIEW_BLIND_FIRST`. `docs/settings.md` is the table below, checked by a test.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import WorkspaceRefused

__all__ = ["SETTINGS", "Setting", "Settings", "load_settings"]


@dataclass(frozen=True)
class Setting:
    """One documented setting; `choices` empty means any value of the default's type."""

    name: str
    default: Any
    words: str
    choices: tuple[str, ...] = ()


SETTINGS = (
    Setting("review.blind_first", False, "Readers commit their own read of a study before any model output is shown."),
    Setting("review.reason_on_reject", True, "A rejected finding needs a coded reason."),
    Setting("review.confidence", False, "Ask for confidence 1 to 5 (Shift and digit) with each verdict."),
    Setting("review.readers", 1, "How many readers sign each study off, blinded to each other until it is settled."),
    Setting("review.adjudicate_agreements", 0.0, "Share of studies whose readers agree that an adjudicator reads as well."),
    Setting("review.repeat_share", 0.0, "Share of a reader's studies that come again, for intra-reader agreement."),
    Setting("review.repeat_after", 10, "A study comes again at the earliest after so many other sign-offs of its reader."),
    Setting("review.seed", "1", "Seed of the draws of agreements to adjudicate and of studies to repeat."),
    Setting("review.open_minutes", 10.0, "How long a study counts as open at a reader's desk after the last sign of life."),
    Setting("review.active_seconds", False, "Record active seconds with each verdict, without pauses of over 30 s."),
    Setting("review.draw_blind", False, "Offer the brush for own findings in blind reads."),
    Setting("review.reasons_mr", "", "Coded reasons offered for MR, comma-separated, in the order of their keys; empty is all."),
    Setting("review.reasons_eeg", "", "Coded reasons offered for EEG, comma-separated, in the order of their keys; empty is all."),
    Setting("review.control_rate", 0.0, "Share of an EEG's windows without an alert that come up unlabelled; 0 is off."),
    Setting("review.control_rate_mr", 0.0,
            "Share of MR studies in which the model marked nothing that come up in readers' lists unlabelled, each study "
            "read before anything of the model is shown; 0 is off, and lists all."),
    Setting("display.convention", "radiological", "Which side of the screen is the patient's left.",
            ("radiological", "neurological")),
    Setting("eeg.page_s", 10.0, "Seconds on one page of traces."),
    Setting("eeg.sensitivity_uv_per_mm", 7.0, "Sensitivity when a recording is opened."),
    Setting("eeg.low_cut_hz", 1.0, "Low cut when a recording is opened."),
    Setting("eeg.high_cut_hz", 70.0, "High cut when a recording is opened; kept below Nyquist."),
    Setting("eeg.notch_hz", 0.0, "Mains notch when a recording is opened; 0 is off."),
    Setting("eeg.montages", "",
            "The site's own montages, 'Title: Fp1-C3, C3-O1, Cz; Another: C3-Avg': differences, electrodes against the "
            "average, electrodes as recorded; offered behind the usual ones."),
    Setting("inference.device", "auto", "Where models run.", ("auto", "cpu", "cuda", "openvino")),
    Setting("inference.threads", 0, "Threads of the inference engine; 0 is one fewer than the cores."),
    Setting("models.folders", "", "Further folders with models, separated by the system's path separator."),
    Setting("session.hours", 12.0, "After how many hours a session ends."),
    Setting("session.idle_minutes", 60.0, "After how many minutes without a request a session locks."),
    Setting("audit.readers", False, "Show figures reader by reader."),
    Setting("audit.resamples", 2000, "Bootstrap resamples of subjects behind each interval."),
)  # fmt: skip
"""All settings, in the order of the documentation."""


@dataclass(frozen=True)
class Settings:
    """The settings in force: value and origin ('default', 'settings.toml' or the variable's name) by name."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def load_settings(folder: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read `settings.toml` of a workspace folder and the environment over it.

    Raises
    ------
    WorkspaceRefused
        The TOML is broken, names an unknown setting, or a value is of the wrong type or not a choice.
    """
    environment = os.environ if environment is None else environment
    given = _from_toml(folder / "settings.toml") if folder else {}
    unknown = sorted(set(given) - {s.name for s in SETTINGS})
    if unknown:
        raise _refusal(f"{', '.join(unknown)} is not a setting")
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for setting in SETTINGS:
        variable = "OVERREAD_" + setting.name.replace(".", "_").upper()
        if variable in environment:
            values[setting.name] = _typed(setting, environment[variable])
            origins[setting.name] = variable
        elif setting.name in given:
            values[setting.name] = _typed(setting, given[setting.name])
            origins[setting.name] = "settings.toml"
        else:
            values[setting.name] = setting.default
            origins[setting.name] = "default"
    return Settings(values, origins)


def _from_toml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise _refusal(f"it is not TOML ({exc})") from exc
    return {
        f"{table}.{key}": value
        for table, entries in tables.items()
        for key, value in (entries.items() if isinstance(entries, dict) else {"": entries}.items())
    }


def _typed(setting: Setting, value: Any) -> Any:
    kind = type(setting.default)
    try:
        if kind is bool and isinstance(value, str):
            value = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[value.lower()]
        elif kind in (int, float) and not isinstance(value, bool):
            value = kind(value)
    except (KeyError, ValueError) as exc:
        raise _refusal(f"{setting.name} can't be read") from exc
    if not isinstance(value, kind):
        raise _refusal(f"{setting.name} must be of type {kind.__name__}")
    if setting.choices and value not in setting.choices:
        raise _refusal(f"{setting.name} must be one of {', '.join(setting.choices)}")
    return value


def _refusal(why: str) -> WorkspaceRefused:
    return WorkspaceRefused(
        "The settings were not read.", f"In settings.toml or the environment: {why}.", "See docs/settings.md."
    )
