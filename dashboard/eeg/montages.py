"""Montages: which differences of electrodes are drawn, in which order, and what can't be formed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .labels import electrode_side, is_derivation

__all__ = ["Derivation", "Montage", "MontageName", "detector_rows", "montage", "montages_for"]


class MontageName(StrEnum):
    """The montages by name; `referential` is as recorded."""

    LONGITUDINAL_BIPOLAR = "longitudinal_bipolar"
    TRANSVERSE = "transverse"
    AVERAGE = "average"
    LAPLACIAN = "laplacian"
    REFERENTIAL = "referential"


_TITLES = {
    MontageName.LONGITUDINAL_BIPOLAR: "Longitudinal bipolar",
    MontageName.TRANSVERSE: "Transverse bipolar",
    MontageName.AVERAGE: "Common average",
    MontageName.LAPLACIAN: "Laplacian",
    MontageName.REFERENTIAL: "As recorded",
}
_CHAINS = (
    ("left", ("Fp1", "F7", "T3", "T5", "O1")),
    ("right", ("Fp2", "F8", "T4", "T6", "O2")),
    ("left", ("Fp1", "F3", "C3", "P3", "O1")),
    ("right", ("Fp2", "F4", "C4", "P4", "O2")),
    ("midline", ("Fz", "Cz", "Pz")),
)
"""The double banana (ACNS Guideline 3, 2016, LB-18.1, temporal chains first, as is usual on screen)."""
_ACROSS = (
    ("F7", "Fp1", "Fp2", "F8"),
    ("F7", "F3", "Fz", "F4", "F8"),
    ("T3", "C3", "Cz", "C4", "T4"),
    ("T5", "P3", "Pz", "P4", "T6"),
    ("T5", "O1", "O2", "T6"),
)
"""From left to right, front to back (ACNS Guideline 3, 2016, TB-18.1)."""
_NEIGHBOURS = {
    "Fp1": ("Fp2", "F7", "F3"), "Fp2": ("Fp1", "F8", "F4"),
    "F7": ("Fp1", "F3", "T3"), "F8": ("Fp2", "F4", "T4"),
    "F3": ("Fp1", "F7", "Fz", "C3"), "F4": ("Fp2", "F8", "Fz", "C4"), "Fz": ("F3", "F4", "Cz"),
    "T3": ("F7", "C3", "T5"), "T4": ("F8", "C4", "T6"),
    "C3": ("F3", "T3", "Cz", "P3"), "C4": ("F4", "T4", "Cz", "P4"), "Cz": ("Fz", "C3", "C4", "Pz"),
    "T5": ("T3", "P3", "O1"), "T6": ("T4", "P4", "O2"),
    "P3": ("C3", "T5", "Pz", "O1"), "P4": ("C4", "T6", "Pz", "O2"), "Pz": ("Cz", "P3", "P4"),
    "O1": ("O2", "T5", "P3"), "O2": ("O1", "T6", "P4"),
}  # fmt: skip
"""Nearest neighbours on the 10-20 grid: a source derivation is an electrode less their mean (Hjorth 1975,
doi:10.1016/0013-4694(75)90056-5)."""
_CROSSING = ("T3", "C3", "Cz", "C4", "T4")
_NUMBERED = re.compile(r" \(\d+\)\Z")
"""A label that stands more than once in its file: not counted into an average, once too often or wrongly."""
_FULL = 9
"""From so many of the 18 derivations on it is a full array with some missing; below it is a reduced one."""


@dataclass(frozen=True)
class Derivation:
    """One row: the sum of channels by weight.

    Attributes
    ----------
    plus : dict of label to weight
        'Fp1-F7' is {'Fp1': 1, 'F7': -1}.
    side : str
        left, right, midline or unknown, for the row's colour.
    """

    label: str
    plus: dict[str, float]
    side: str


@dataclass(frozen=True)
class Montage:
    """Rows to draw, top first, and the derivations that the recording's electrodes don't allow."""

    name: str
    title: str
    rows: tuple[Derivation, ...]
    missing: tuple[str, ...] = ()
    reduced: bool = False


def montage(name: str, labels: Sequence[str]) -> Montage:
    """Form a montage over a recording's EEG channels.

    Parameters
    ----------
    name : str
        One of `MontageName`.
    labels : sequence of str
        Normalised labels of the EEG channels.

    Raises
    ------
    ValueError
        There is no such montage.

    Notes
    -----
    A derivation that the file has itself ('Fp1-F7' in a bipolar recording, also the other way round) is taken as
    it is. With fewer than half of the longitudinal derivations the array counts as reduced (hairline, neonatal):
    the electrodes that each chain has are then joined over those it lacks, and a transverse chain is added.
    """
    wanted = MontageName(name)
    if wanted is MontageName.LONGITUDINAL_BIPOLAR:
        return _longitudinal(labels)
    if wanted is MontageName.TRANSVERSE:
        rows, missing = _chained((("", chain) for chain in _ACROSS), set(labels))
        return Montage(wanted, _TITLES[wanted], rows, missing)
    if wanted is MontageName.AVERAGE:
        return _average(labels)
    if wanted is MontageName.LAPLACIAN:
        return _laplacian(labels)
    rows = tuple(Derivation(label, {label: 1.0}, electrode_side(label)) for label in labels)
    return Montage(wanted, _TITLES[wanted], rows)


def montages_for(labels: Sequence[str]) -> tuple[Montage, ...]:
    """Every montage that the channels allow, longitudinal bipolar first.

    One row is enough, but for the transverse one and the Laplacian: with fewer than half of their rows they are not offered.
    """
    formed = (montage(name, labels) for name in MontageName)
    halves = (MontageName.TRANSVERSE, MontageName.LAPLACIAN)
    return tuple(one for one in formed if len(one.rows) >= (_FULL if one.name in halves else 1))


def detector_rows(name: str, labels: Sequence[str]) -> tuple[Derivation, ...]:
    """The rows that a detector made for a montage gets of a recording with these EEG channels.

    The montage itself, in its reduced form too, where it has rows. A recording made of derivations (as many as
    single electrodes, or more) is taken as it is, since what it was made of can't be had back. Without any
    electrode that the montage knows, channels are referenced to their common average; one or two channels, and a
    montage `referential`, stay as recorded.

    Raises
    ------
    ValueError
        There is no such montage.
    """
    as_recorded = montage(MontageName.REFERENTIAL, labels).rows
    wanted = MontageName(name)
    derived = tuple(row for row in as_recorded if is_derivation(row.label))
    if wanted is MontageName.REFERENTIAL:
        return as_recorded
    if derived and 2 * len(derived) >= len(labels):
        return derived
    return montage(wanted, labels).rows or _average(labels).rows or as_recorded


def _difference(first: str, second: str, have: set[str]) -> dict[str, float] | None:
    if first in have and second in have:
        return {first: 1.0, second: -1.0}
    if f"{first}-{second}" in have:
        return {f"{first}-{second}": 1.0}
    if f"{second}-{first}" in have:
        return {f"{second}-{first}": -1.0}
    return None


def _chained(
    chains: Iterable[tuple[str, Sequence[str]]], have: set[str]
) -> tuple[tuple[Derivation, ...], tuple[str, ...]]:
    """Neighbours of each chain as derivations, and those that can't be formed."""
    rows: list[Derivation] = []
    missing: list[str] = []
    for side, chain in chains:
        for first, second in itertools.pairwise(chain):
            label = f"{first}-{second}"
            weights = _difference(first, second, have)
            if weights is None:
                missing.append(label)
            else:
                rows.append(Derivation(label, weights, side or electrode_side(label)))
    return tuple(rows), tuple(missing)


def _longitudinal(labels: Sequence[str]) -> Montage:
    have = set(labels)
    rows, missing = _chained(_CHAINS, have)
    name = MontageName.LONGITUDINAL_BIPOLAR
    if len(rows) >= _FULL or any(is_derivation(label) for label in labels):
        return Montage(name, _TITLES[name], rows, missing)
    reduced = _reduced(have)
    return Montage(name, f"{_TITLES[name]}, reduced array" if reduced else _TITLES[name], reduced, missing, True)


def _reduced(have: set[str]) -> tuple[Derivation, ...]:
    rows: list[Derivation] = []
    seen: set[str] = set()
    for side, chain in (*_CHAINS, ("", _CROSSING)):
        present = [electrode for electrode in chain if electrode in have]
        for first, second in itertools.pairwise(present):
            label = f"{first}-{second}"
            if label not in seen:
                seen.add(label)
                rows.append(Derivation(label, {first: 1.0, second: -1.0}, side or electrode_side(label)))
    return tuple(rows)


def _laplacian(labels: Sequence[str]) -> Montage:
    """Each electrode less the mean of its nearest neighbours, where it and all of them are recorded."""
    have = set(labels)
    rows = tuple(
        Derivation(f"{label}-Lap", {label: 1.0, **dict.fromkeys(around, -1.0 / len(around))}, electrode_side(label))
        for label, around in _NEIGHBOURS.items()
        if {label, *around} <= have
    )
    formed = {row.label for row in rows}
    missing = tuple(f"{label}-Lap" for label in labels if f"{label}-Lap" not in formed and not is_derivation(label))
    return Montage(MontageName.LAPLACIAN, _TITLES[MontageName.LAPLACIAN], rows, missing)


def _average(labels: Sequence[str]) -> Montage:
    name = MontageName.AVERAGE
    single = [label for label in labels if not is_derivation(label) and not _NUMBERED.search(label)]
    share = 1.0 / len(single) if single else 0.0
    rows = (
        tuple(
            Derivation(f"{label}-Avg", {other: (other == label) - share for other in single}, electrode_side(label))
            for label in single
        )
        if len(single) > 2
        else ()
    )
    missing = tuple(f"{label}-Avg" for label in labels if not rows or label not in single)
    return Montage(name, _TITLES[name], rows, missing)
