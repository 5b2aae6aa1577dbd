"""Agreement of model and experts, from ledger rows alone: shares, Dice, kappa, each with n and interval.

No arrays and no screen; every measure says how it was computed and what it left out.
"""

from .acceptance import (
    acceptance,
    active_seconds,
    reason_groups,
    reference_rows,
    rejection_reasons,
    relative_sensitivity,
    split_verdicts,
    verdict_dice,
)
from .event_scores import Counts, ScoredRecording, event_counts, event_scores
from .measure import LeftOut, Measure, Size, resampled_interval, size_of
from .readers import AGAIN, EPOCH_S, Unit, agreement_of, epoch_units, reader_pairs, study_units, verdict_interval
from .sample_scores import sample_scores
from .sampling import (
    Sampled,
    Window,
    balanced_count,
    control_windows,
    draw,
    drawn_count,
    sampled_sensitivity,
    study_level_sensitivity,
    window_of,
)

__all__ = [
    "AGAIN",
    "EPOCH_S",
    "Counts",
    "LeftOut",
    "Measure",
    "Sampled",
    "ScoredRecording",
    "Size",
    "Unit",
    "Window",
    "acceptance",
    "active_seconds",
    "agreement_of",
    "balanced_count",
    "control_windows",
    "draw",
    "drawn_count",
    "epoch_units",
    "event_counts",
    "event_scores",
    "reader_pairs",
    "reason_groups",
    "reference_rows",
    "rejection_reasons",
    "relative_sensitivity",
    "resampled_interval",
    "sample_scores",
    "sampled_sensitivity",
    "size_of",
    "split_verdicts",
    "study_level_sensitivity",
    "study_units",
    "verdict_dice",
    "verdict_interval",
    "window_of",
]
