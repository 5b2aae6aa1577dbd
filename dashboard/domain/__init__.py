"""The nouns: frozen records, geometry, identifiers, array aliases. They know no library but numpy."""

from .arrays import (
    Affine,
    BitmaskVolume,
    BoolVolume,
    Float32Array,
    Float32Volume,
    ImageVolume,
    Marked,
    MicrovoltSignal,
    ProbabilityMaps,
)
from .entry import LedgerEntry, NewRow
from .geometry import (
    PLANES,
    affine_from_axes,
    apply_affine,
    axis_letters,
    lps_from_ras,
    nearest_axes,
    plane_normal_to,
    ras_from_lps,
    spacing_of,
    through_axis_of,
)
from .identifiers import (
    is_own_finding,
    is_study,
    is_subject,
    keyed_pseudonym,
    new_own_finding,
    random_pseudonym,
    shorten,
)
from .moments import utc_text
from .prediction import Finding, ModelIdentity, Prediction, Region, RegionMeasure, RiskCurve
from .session import Session
from .spans import joined
from .study import Annotation, Channel, Gap, Issue, Recording, Severity, SignalSource, Study, Volume, foremost
from .verdicts import current_event, current_verdicts, last_act

__all__ = [
    "PLANES",
    "Affine",
    "Annotation",
    "BitmaskVolume",
    "BoolVolume",
    "Channel",
    "Finding",
    "Float32Array",
    "Float32Volume",
    "Gap",
    "ImageVolume",
    "Issue",
    "LedgerEntry",
    "Marked",
    "MicrovoltSignal",
    "ModelIdentity",
    "NewRow",
    "Prediction",
    "ProbabilityMaps",
    "Recording",
    "Region",
    "RegionMeasure",
    "RiskCurve",
    "Session",
    "Severity",
    "SignalSource",
    "Study",
    "Volume",
    "affine_from_axes",
    "apply_affine",
    "axis_letters",
    "current_event",
    "current_verdicts",
    "foremost",
    "is_own_finding",
    "is_study",
    "is_subject",
    "joined",
    "keyed_pseudonym",
    "last_act",
    "lps_from_ras",
    "nearest_axes",
    "new_own_finding",
    "plane_normal_to",
    "random_pseudonym",
    "ras_from_lps",
    "shorten",
    "spacing_of",
    "through_axis_of",
    "utc_text",
]
