"""Left and right of a recording: which channels are compared, the rows of each side, and which row mirrors which."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..domain import Recording
from .labels import electrode_side
from .montages import Derivation, detector_rows

__all__ = ["mirror_pairs", "side_rows", "usual_channels"]


def usual_channels(recording: Recording) -> tuple[float, tuple[int, ...]]:
    """The commonest rate among the EEG channels, the higher of two, and the channels that have it; (1, ()) without any."""
    rates = [recording.channels[n].rate_hz for n in recording.eeg_channels]
    if not rates:
        return 1.0, ()
    rate = max(set(rates), key=lambda r: (rates.count(r), r))
    return rate, tuple(n for n in recording.eeg_channels if recording.channels[n].rate_hz == rate)


def side_rows(labels: Sequence[str]) -> dict[str, list[Derivation]]:
    """Rows of the longitudinal bipolar montage (or what stands in for it, see `detector_rows`) by side.

    `left` and `right` where both have a row, else `all` with every row; nothing without a channel.
    """
    rows = detector_rows("longitudinal_bipolar", labels)
    sides = {side: [row for row in rows if electrode_side(row.label) == side] for side in ("left", "right")}
    if all(sides.values()):
        return sides
    return {"all": list(rows)} if rows else {}


def mirror_pairs(sides: dict[str, list[Derivation]]) -> tuple[tuple[Derivation, Derivation], ...]:
    """Each row of the left with its counterpart on the right ('F7-T3' with 'F8-T4', whichever way round), in that order.

    A row without a counterpart is in no pair; there is none where sides are not known.
    """
    right = {frozenset(row.label.split("-")): row for row in sides.get("right", [])}
    found = (
        (row, right.get(frozenset(_mirrored(part) for part in row.label.split("-")))) for row in sides.get("left", [])
    )
    return tuple((row, other) for row, other in found if other is not None)


def _mirrored(electrode: str) -> str:
    """The electrode at the same place of the other side: the next even number for an odd one, and back."""
    step = {"left": 1, "right": -1}.get(electrode_side(electrode), 0)
    return re.sub(r"\d+\Z", lambda number: str(int(number[0]) + step), electrode) if step else electrode
