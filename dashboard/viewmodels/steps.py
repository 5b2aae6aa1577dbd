"""A computed step on series as the page says it: what it would do, and what to look for in its picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .mri import SERIES_LABELS

__all__ = ["step_title", "step_words"]


def step_title(record: Mapping[str, Any]) -> str:
    """A few words for the button that opens it."""
    if record["step"] == "registration":
        return f"Check: {_label(record['moving_sequence'])} aligned to {_label(record['fixed_sequence'])}"
    return "Check: computed brain mask"


def step_words(record: Mapping[str, Any]) -> str:
    """What stands beside the picture."""
    if record["step"] == "registration":
        return (
            f"Computed, used by nothing yet: {record['rotation_deg']:.1f} degrees, {record['shift_mm']:.1f} mm. Above by "
            "the files' own positions, below as aligned; the moving series is tinted. Contours must run on from field to "
            "field below."
        )
    return (
        f"Computed on {_label(record['source_sequence'])}, used by nothing yet: {record['volume_ml']:.0f} ml. The outline "
        "must follow the brain's surface and cut nothing off; a model sees only what lies inside."
    )


def _label(sequence: str) -> str:
    return SERIES_LABELS.get(sequence, sequence)
