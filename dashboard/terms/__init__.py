"""Coded vocabularies: the ledger's words, MR sequences, tumour regions, reasons. Edition 1.

Nothing here computes; every list is what a page, a row or an export may say.
"""

from .details import DETAILS
from .reasons import REASONS, Reason, reason_words, reasons_for
from .regions import REGIONS, RegionTerm, region_term
from .seizures import ELECTROGRAPHIC, SEIZURE_TYPES
from .sequences import GRID_ORDER, SEQUENCE_WORDS, Sequence
from .words import (
    EXPOSURE_ORDER,
    FINDING_ACTIONS,
    Action,
    ExposureClass,
    Identity,
    Role,
    Scope,
    StudyKind,
    WorkspaceKind,
)

__all__ = [
    "DETAILS",
    "ELECTROGRAPHIC",
    "EXPOSURE_ORDER",
    "FINDING_ACTIONS",
    "GRID_ORDER",
    "REASONS",
    "REGIONS",
    "SEIZURE_TYPES",
    "SEQUENCE_WORDS",
    "Action",
    "ExposureClass",
    "Identity",
    "Reason",
    "RegionTerm",
    "Role",
    "Scope",
    "Sequence",
    "StudyKind",
    "WorkspaceKind",
    "reason_words",
    "reasons_for",
    "region_term",
]
