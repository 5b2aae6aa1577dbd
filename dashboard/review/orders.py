"""In what order studies are offered, and what an order tells of the AI to whoever opens a study out of it.

Trust model: an order that rests on scores is information of the model (PRIORITY). A study of which the reader owes
a read stands in it as if there were no model; the row is written before the study opens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from ..terms import ExposureClass

__all__ = ["ORDERS", "Order", "expected_disagreement", "in_order"]


@dataclass(frozen=True)
class Order:
    """One order of the worklist. `exposure` is what it conveys of the AI; empty for none."""

    key: str
    words: str
    exposure: frozenset[ExposureClass] = frozenset()

    @property
    def is_of_model(self) -> bool:
        """Whether it rests on what a model said."""
        return bool(self.exposure)


_PRIORITY = frozenset({ExposureClass.PRIORITY})
ORDERS = {
    order.key: order
    for order in (
        Order("first_added", "First added"),
        Order("last_added", "Last added"),
        Order("risk", "Risk", _PRIORITY),
        Order("disagreement", "Expected disagreement", _PRIORITY),
    )
}
"""The orders by key."""


def expected_disagreement(scores: Sequence[float]) -> float:
    """Chance that two readers differ on the finding they differ on likeliest, were each score a chance of standing.

    2 s (1 - s) for a score s: highest at 0.5. Scores are uncalibrated, so it orders and says no more.
    """
    return max((2 * s * (1 - s) for s in scores), default=0.0)


def in_order(
    order: Order, studies: Sequence[str], scores: Mapping[str, Sequence[float]], owed: Set[str]
) -> tuple[str, ...]:
    """Studies in an order.

    Parameters
    ----------
    studies : sequence of str
        Oldest first.
    scores : mapping
        Scores of the newest result's findings; a study that is not in it has no result.
    owed : set
        Studies of which the reader owes a blind read. In an order of the model they stand last, oldest first,
        whatever a model said of them.
    """
    if not order.is_of_model:
        return tuple(reversed(studies)) if order.key == "last_added" else tuple(studies)
    worth = expected_disagreement if order.key == "disagreement" else (lambda s: max(s, default=0.0))
    known = [s for s in studies if s in scores and s not in owed]
    ranked = sorted(known, key=lambda s: -worth(scores[s]))
    placed = set(ranked)
    return (*ranked, *(s for s in studies if s not in placed))
