"""A step on series as the page says it: what it is for, what it would do, and what to look for in its picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..casework import StepOffer
from .mri import SERIES_LABELS

__all__ = ["in_force_words", "offer_title", "offer_words", "step_name", "step_title", "step_words"]


def step_name(record: Mapping[str, Any]) -> str:
    """What the step is, in a few words."""
    if record["step"] == "registration":
        return f"{_label(record['moving_sequence'])} aligned to {_label(record['fixed_sequence'])}"
    return "computed brain mask"


def step_title(record: Mapping[str, Any]) -> str:
    """A few words for the button that opens one that waits to be looked at."""
    return f"Check: {step_name(record)}"


def step_words(record: Mapping[str, Any]) -> str:
    """What stands beside the picture of one that waits."""
    if record["step"] == "registration":
        return f"Computed, used by nothing yet: {_moved(record)}. {_CONTOURS}"
    return f"Computed on {_label(record['source_sequence'])}, used by nothing yet: {record['volume_ml']:.0f} ml. {_OUTLINE}"


def in_force_words(record: Mapping[str, Any], by: str, at: str) -> str:
    """What stands beside the picture of one that is in use: who said so, and what taking it back does."""
    what = _moved(record) if record["step"] == "registration" else f"{record['volume_ml']:.0f} ml"
    return (
        f"In use since {at[:10]}, as {by} said: {what}. {_CONTOURS if record['step'] == 'registration' else _OUTLINE} "
        "Taken back, results made with it are withheld, and models that made them read the study anew; a row says so."
    )


def offer_title(offer: StepOffer) -> str:
    """What the button says that starts it."""
    return f"Align {_label(offer.sequence)}" if offer.step == "registration" else "Compute a brain mask"


def offer_words(offer: StepOffer) -> str:
    """Why it is offered, or how its computing went."""
    if offer.is_running and offer.job is not None:
        return f"{offer_title(offer)}: {'waits for its turn' if offer.job.state == 'queued' else f'{offer.job.progress:.0%}'}"
    if offer.job is not None and offer.job.state == "failed":
        return f"{offer.job.what} {offer.job.why} {offer.job.what_to_do}".strip()
    if offer.step == "registration":
        why = f"{_label(offer.sequence)} shares no frame of reference with the reference series: it is not shown in line, and models leave it out."
        return f"{why} {offer.missing}".strip()
    return "A model refused this head: skull and scalp are there, and it reads brains alone."


_CONTOURS = (
    "First row by the files' own positions, second as aligned; the moving series is tinted. Contours must run on from "
    "field to field in the second. Below, the reference series and the aligned one on the same planes."
)
_OUTLINE = "The outline must follow the brain's surface and cut nothing off; a model sees only what lies inside."


def _moved(record: Mapping[str, Any]) -> str:
    return f"{record['rotation_deg']:.1f} degrees, {record['shift_mm']:.1f} mm"


def _label(sequence: str) -> str:
    return SERIES_LABELS.get(sequence, sequence)
