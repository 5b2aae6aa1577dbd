"""Montages that a site defines in its settings: names and rows in one line of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError
from .labels import electrode_name, electrode_side
from .montages import Derivation, Montage, montage

__all__ = ["SiteMontage", "form_site_montage", "site_montages"]

_MOST_ROWS = 64


@dataclass(frozen=True)
class SiteMontage:
    """A montage as the site wrote it: its title and its rows, top first."""

    title: str
    rows: tuple[str, ...]


def site_montages(text: str) -> tuple[SiteMontage, ...]:
    """Read `Title: Fp1-C3, C3-O1, Cz; Another: ...`.

    A row is a difference of two electrodes, `C3-Avg` (against the average of all) or one electrode as recorded.

    Raises
    ------
    UsageError
        A montage has no title or no rows, two have one title, or there are more than 64 rows.
    """
    found: list[SiteMontage] = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        title, colon, said = part.partition(":")
        rows = tuple(row.strip() for row in said.split(",") if row.strip())
        title = " ".join(title.split())
        if not colon or not title or not rows or len(rows) > _MOST_ROWS:
            raise _refusal(f"'{part[:40]}' is not a title, a colon and one to {_MOST_ROWS} rows")
        if title in {one.title for one in found}:
            raise _refusal(f"two montages are called '{title}'")
        if odd := next((row for row in rows if row.count("-") > 1), None):
            raise _refusal(f"'{odd}' is neither an electrode nor a difference of two")
        found.append(SiteMontage(title, rows))
    return tuple(found)


def form_site_montage(site: SiteMontage, labels: Sequence[str]) -> Montage:
    """The rows that a recording's electrodes allow, the others named as missing.

    Parameters
    ----------
    labels : sequence of str
        Normalised labels of the EEG channels. Rows are written in any case and in old or new names (T7 is T3).
    """
    have = set(labels)
    average = {row.label: row for row in montage("average", labels).rows}
    rows: list[Derivation] = []
    missing: list[str] = []
    for wanted in site.rows:
        first, _, second = wanted.partition("-")
        one, other = electrode_name(first), electrode_name(second) if second else ""
        label = f"{one}-{other}" if other else one
        if second.strip().lower() in ("avg", "average"):
            label = f"{one}-Avg"
            row = average.get(label)
        elif label in have:
            row = Derivation(label, {label: 1.0}, electrode_side(label))
        elif other and f"{other}-{one}" in have:
            row = Derivation(label, {f"{other}-{one}": -1.0}, electrode_side(label))
        elif other and one in have and other in have:
            row = Derivation(label, {one: 1.0, other: -1.0}, electrode_side(label))
        else:
            row = None
        if row is None:
            missing.append(label)
        else:
            rows.append(row)
    return Montage(f"site: {site.title}", site.title, tuple(rows), tuple(missing))


def _refusal(why: str) -> UsageError:
    return UsageError(
        "The site's montages can't be offered.",
        f"In eeg.montages {why}.",
        "Write it as 'Title: Fp1-C3, C3-O1; Another: Fz-Cz' (docs/settings.md).",
    )
