"""Coded reasons of a verdict, per kind of study; the digit is the key on the page."""

from __future__ import annotations

from dataclasses import dataclass

from .words import StudyKind

__all__ = ["REASONS", "Reason", "reason_words", "reasons_for"]


@dataclass(frozen=True)
class Reason:
    """One coded reason. `group` keeps artefacts and ictal-interictal patterns apart in counts."""

    code: str
    words: str
    group: str


_MR = (
    Reason("vessel", "vessel", "false_positive"),
    Reason("haemorrhage", "haemorrhage", "false_positive"),
    Reason("treatment_change", "treatment change", "false_positive"),
    Reason("artefact", "artefact", "false_positive"),
    Reason("under_segmented", "under-segmented", "outline"),
    Reason("over_segmented", "over-segmented", "outline"),
    Reason("white_matter", "infarct or white-matter disease", "false_positive"),
    Reason("normal_enhancement", "normal enhancement", "false_positive"),
    Reason("skull_strip", "skull-strip or registration failure", "false_positive"),
    Reason("wrong_region", "wrong region", "outline"),
    Reason("shifted", "shifted", "outline"),
    Reason("other", "other", "other"),
)

_EEG = (
    Reason("muscle", "muscle", "artefact"),
    Reason("chewing", "chewing", "artefact"),
    Reason("electrode", "electrode", "artefact"),
    Reason("movement", "movement", "artefact"),
    Reason("lpd", "LPD", "pattern"),
    Reason("lrda", "LRDA", "pattern"),
    Reason("eye", "eye", "artefact"),
    Reason("gpd", "GPD", "pattern"),
    Reason("grda", "GRDA", "pattern"),
    Reason("ecg", "ECG", "artefact"),
    Reason("ventilator", "ventilator", "artefact"),
    Reason("sleep", "sleep", "artefact"),
    Reason("rmtd", "RMTD", "artefact"),
    Reason("wicket", "wicket", "artefact"),
    Reason("hypnagogic", "hypnagogic hypersynchrony", "artefact"),
    Reason("breach", "breach", "artefact"),
    Reason("normal_variant", "other normal variant", "artefact"),
    Reason("birds", "BIRDs", "pattern"),
    Reason("shifted", "shifted", "outline"),
    Reason("other", "other", "other"),
)

REASONS = {StudyKind.MR: _MR, StudyKind.EEG: _EEG}


def reasons_for(kind: StudyKind) -> tuple[Reason, ...]:
    """Reasons in the order of their digits: the first six have keys 1 to 6, the rest stand behind 0."""
    return REASONS[kind]


def reason_words(kind: StudyKind, code: str) -> str:
    """The words of a coded reason; an unknown code is given back as it is."""
    return next((r.words for r in REASONS[kind] if r.code == code), code)
