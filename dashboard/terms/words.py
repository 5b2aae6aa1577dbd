"""The words of the ledger: actions, identities, roles, scopes and exposure classes (schema 1)."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "EXPOSURE_ORDER",
    "FINDING_ACTIONS",
    "Action",
    "ExposureClass",
    "Identity",
    "Role",
    "Scope",
    "StudyKind",
    "WorkspaceKind",
]


class StudyKind(StrEnum):
    """What sort of case a study is."""

    MR = "mr"
    EEG = "eeg"


class WorkspaceKind(StrEnum):
    """Fixed when a workspace is created: real patients or synthetic ones, never both."""

    CLINICAL = "clinical"
    DEMONSTRATION = "demonstration"


class Action(StrEnum):
    """What a ledger row says was done."""

    INTAKE = "intake"
    PREDICT = "predict"
    PRESENT = "present"
    INTERACT = "interact"
    ACCEPT = "accept"
    MODIFY = "modify"
    REJECT = "reject"
    UNSURE = "unsure"
    ADD = "add"
    READ = "read"
    SIGN_OFF = "sign_off"
    REOPEN = "reopen"
    ADJUDICATE = "adjudicate"
    AMEND = "amend"
    ASSIGN = "assign"
    SAMPLE = "sample"
    LOOKUP = "lookup"
    ERASE = "erase"
    ANCHOR = "anchor"
    ROTATE = "rotate"
    FAULT = "fault"


FINDING_ACTIONS = (Action.ACCEPT, Action.MODIFY, Action.REJECT, Action.UNSURE)


class Identity(StrEnum):
    """How sure the record is of who acted."""

    UNVERIFIED = "unverified"
    INVITED = "invited"
    SIGNED_IN = "signed_in"
    SCRIPT = "script"
    SYSTEM = "system"


class Role(StrEnum):
    """In what capacity somebody acted."""

    RADIOLOGIST = "radiologist"
    NEUROLOGIST = "neurologist"
    ADJUDICATOR = "adjudicator"
    AUDITOR = "auditor"
    ENGINEER = "engineer"
    OPERATOR = "operator"


class Scope(StrEnum):
    """What a sign-off covers."""

    AI_FINDINGS = "ai_findings"
    WHOLE_STUDY = "whole_study"


class ExposureClass(StrEnum):
    """What kind of information of the AI reached the reader (DSES 0.1, section 5)."""

    PRIORITY = "PRIORITY"
    PRESENCE = "PRESENCE"
    CATEGORICAL = "CATEGORICAL"
    LOCALIZATION = "LOCALIZATION"
    QUANTITATIVE = "QUANTITATIVE"
    NARRATIVE = "NARRATIVE"
    DIRECTIVE = "DIRECTIVE"
    AGENTIC = "AGENTIC"


EXPOSURE_ORDER = tuple(ExposureClass)
