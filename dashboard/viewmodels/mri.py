"""What the MRI viewer is given: series, overlay and findings, tied to digests. Nothing of a model when blind."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Seq
from typing import Any

import numpy as np

from ..casework import RevealedPrediction, Side
from ..domain import Region, Study, Volume
from ..terms import GRID_ORDER, SEQUENCE_WORDS, Sequence, region_term
from .compare import sides_data
from .findings import FindingCard, sentence
from .words import date_words

__all__ = ["SERIES_LABELS", "mri_data", "ordered_volumes", "overlay_data", "regions_data", "series_data"]

SERIES_LABELS = {"t1": "T1", "t1c": "T1c", "t2": "T2", "flair": "FLAIR", "pd": "PD", "dwi": "DWI", "adc": "ADC"}
_ORDER = ("t1", "t1c", "t2", "flair", "pd", "dwi", "adc", "other")


def series_data(volume: Volume) -> dict[str, Any]:
    """One series as the viewer takes it; bytes come by their digest from the volume route."""
    label = SERIES_LABELS.get(str(volume.sequence), volume.description[:12] or "Series")
    label += " aligned" if volume.made_how == "aligned" else ""
    return {
        "digest": volume.digest,
        "sequence": str(volume.sequence),
        "label": label,
        "description": SEQUENCE_WORDS[volume.sequence] if str(volume.sequence) != "other" else volume.description,
        "date": date_words(volume.acquired_on) if volume.acquired_on else "",
        "shape": list(volume.shape),
        "affine": [float(x) for x in np.asarray(volume.affine).ravel()],
        "through": volume.through_axis,
        "sides_known": volume.sides_known,
        "frame": volume.frame,
        "confidence": volume.sequence_confidence,
        "taken_for": SEQUENCE_WORDS[volume.sequence],
        "recognised_words": SEQUENCE_WORDS[volume.recognised]
        if volume.recognised not in (None, volume.sequence)
        else "",
        "source": volume.description,
    }


def ordered_volumes(volumes: Seq[Volume]) -> list[Volume]:
    """By sequence; one brought into line comes before the one it was made from, one without its skull is not shown."""
    shown = [volume for volume in volumes if volume.made_how != "brain"]
    replaced = {volume.made_from for volume in shown}
    return sorted(
        shown, key=lambda v: (_ORDER.index(str(v.sequence)), v.digest in replaced, v.series_number or 0, v.digest)
    )


def mri_data(
    study: Study,
    *,
    token: str,
    short: str,
    blind: bool,
    convention: str,
    one: RevealedPrediction | None,
    cards: Seq[FindingCard],
    own: Seq[FindingCard],
    selected: str | None,
    thumbnails: Mapping[int, str],
    places: Mapping[int, tuple[float, float, float]] | None = None,
    adding: bool = False,
    upcoming: Mapping[str, Any] | None = None,
    view: Mapping[str, Any] | None = None,
    replay: int = 0,
    assigns: bool = False,
    sides: Seq[Side] = (),
    priors: Seq[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The viewer's data for one study and one prediction.

    Parameters
    ----------
    places : mapping, optional
        By a finding's number where the viewer jumps for it, LPS millimetres; else its middle.
    view : mapping
        A recorded view, taken over when the viewer is mounted.
    replay : int
        The row that is replayed, for looking only; 0 is none.
    assigns : bool
        Whether the reader may say which sequence a series is.
    sides : sequence of Side
        Masks that this reader may hold against each other.
    priors : sequence of mapping
        Studies of the subject from before, as `priors_data` gives them; in a blind read without a result.

    Raises
    ------
    ValueError
        A blind view was given something of a model.
    """
    if blind and (one is not None or cards or sides or any(prior["prediction"] for prior in priors)):
        raise ValueError("a blind view holds nothing of a model")
    volumes = ordered_volumes(study.volumes)
    by_sequence = {volume.sequence: volume for volume in reversed(volumes)}
    first = next((by_sequence[s] for s in GRID_ORDER if s in by_sequence), volumes[0])
    return {
        "study": study.id,
        "token": token,
        "blind": blind,
        "adding": adding,
        "pseudonym": short,
        "synthetic": study.synthetic,
        "convention": convention,
        "series": [series_data(volume) for volume in volumes],
        "current": one.prediction.grid if one else first.digest,
        "prediction": overlay_data(one) if one else None,
        "findings": [
            _card(card, thumbnails, sentence(study, one.prediction, card) if one else "", places) for card in cards
        ],
        "own": [_card(card, {}, "") for card in own],
        "selected": selected,
        "next": dict(upcoming) if upcoming else None,
        "view": dict(view) if view else None,
        "replay": replay,
        "sides": sides_data(sides),
        "priors": [dict(prior) for prior in priors],
        "assign": [{"value": str(s), "words": SEQUENCE_WORDS[s]} for s in Sequence] if assigns and not replay else None,
    }


def overlay_data(one: RevealedPrediction) -> dict[str, Any]:
    """A revealed result as the viewer draws it: digest, grid, model, regions; bytes come by its digest from the mask route."""
    return {
        "digest": one.prediction.digest,
        "grid": one.prediction.grid,
        "model": f"{one.prediction.model.title or one.prediction.model.id} {one.prediction.model.version}",
        "probability": one.has_probability,
        "regions": regions_data(one.prediction.regions),
    }


def regions_data(regions: Seq[Region]) -> list[dict[str, Any]]:
    """Regions as the viewer names, colours and draws them, the outermost first."""
    return [
        {
            "name": region.name,
            "words": region_term(region.name).words,
            "short": region_term(region.name).short,
            "bit": region.bit,
            "colour": region_term(region.name).colour,
            "experimental": region.experimental,
            "evaluated": region.evaluated,
            "visible": region.evaluated and not region.experimental,
            "threshold": region.threshold,
        }
        for region in regions
    ]


def _card(
    card: FindingCard,
    thumbnails: Mapping[int, str],
    said: str,
    places: Mapping[int, tuple[float, float, float]] | None = None,
) -> dict[str, Any]:
    finding = card.finding
    centre = (places or {}).get(finding.number, finding.centre_lps) if finding else None
    if finding is None and card.verdict is not None:
        centre = card.verdict.details.get("point_lps")
    return {
        "id": card.id,
        "number": card.number,
        "component": finding.component if finding else 0,
        "title": card.title,
        "lines": list(card.lines),
        "state": card.state,
        "state_words": card.state_words,
        "score_words": card.score_words,
        "centre_lps": list(centre) if centre else None,
        "kind": finding.kind if finding else "own",
        "sentence": said,
        "outline": card.verdict.artifact_digest if card.verdict is not None and card.verdict.artifact else "",
        "thumbnail": thumbnails.get(card.number or 0, ""),
    }
