"""What the page says of a detector's input: refused, warned of, or not checked since the events came from elsewhere."""

from __future__ import annotations

from ..domain import Prediction

__all__ = ["input_notes"]


def input_notes(prediction: Prediction | None, refusal: tuple[str, str, str] | None) -> tuple[str, list[str]] | None:
    """A title and sentences; None where there is nothing to say.

    Parameters
    ----------
    refusal : (what, why, what_to_do) or None
        Of the last run, where it made no result.

    >>> input_notes(None, ("Finder was not run.", "It has 40 Hz.", "Check the file."))
    ('Finder was not run.', ['It has 40 Hz.', 'Check the file.', 'That is not a finding of no seizure.'])
    """
    if prediction is None:
        if refusal is None:
            return None
        what, *rest = refusal
        return what, [*(line for line in rest if line), "That is not a finding of no seizure."]
    if prediction.imported:
        words = "No model of Overread read this recording: its guards checked nothing, and without a score no other threshold can be tried. The events are reviewed like any."
        return "Events of another tool", [words, *prediction.warnings]
    if not prediction.warnings:
        return None
    count = len(prediction.warnings)
    return f"Input: {count} warning{'' if count == 1 else 's'}", list(prediction.warnings)
