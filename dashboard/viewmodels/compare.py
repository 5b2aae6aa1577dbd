"""What the viewer is told of masks that may be held against each other: who marked what, with versions, and which pairs go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..casework import Side, may_be_compared, shared_regions
from .adjudication import reader_letter

__all__ = ["sides_data"]


def sides_data(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """Each side with its key, words, the result that it is of and its grid, and under the keys of those beside which it can be laid
    the regions that both have; empty where there is no pair.
    """
    told = [
        {
            "key": side.key,
            "words": _words(side),
            "prediction": side.prediction.digest,
            "grid": side.prediction.grid,
            "with": {
                other.key: regions
                for other in sides
                if may_be_compared(side, other) and (regions := list(shared_regions(side, other)))
            },
        }
        for side in sides
    ]
    return [side for side in told if side["with"]]


def _words(side: Side) -> str:
    """'Glioma U-Net 0.1.0', 'You, on Glioma U-Net 0.1.0'; other readers have the adjudication's letters, never names; the
    reader of a replayed row, whom the page names, is 'The row's reader'.
    """
    model = side.prediction.model
    named = f"{model.title or model.id} {model.version}"
    who = {"own": "You", "theirs": "The row's reader"}.get(side.who) or reader_letter(side.number - 1)
    return named if side.who == "model" else f"{who}, on {named}"
