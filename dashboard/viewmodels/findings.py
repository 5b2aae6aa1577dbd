"""Findings and their verdicts as the screen says them, the same words for lists, panels and copied sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..casework import Extrameatal, RevealedPrediction, recorded_extrameatal
from ..domain import Finding, Prediction, RegionMeasure, Study, is_own_finding
from ..ledger import LedgerEntry
from ..terms import Reason, StudyKind, reasons_for, region_term
from .words import VERDICT_WORDS, duration_words

__all__ = [
    "FindingCard",
    "Measurement",
    "VerdictPanel",
    "finding_cards",
    "finding_title",
    "own_cards",
    "sentence",
    "verdict_panel",
]

_SIDE = {
    "left": "Left-sided",
    "right": "Right-sided",
    "midline": "Midline",
    "bilateral": "Bilateral",
    "unknown": "Side unknown:",
}


@dataclass(frozen=True)
class Measurement:
    """One line of the verdict panel: words, value, and a colour for a region."""

    words: str
    value: str
    colour: str = ""
    note: str = ""


@dataclass(frozen=True)
class FindingCard:
    """One entry of the list of findings or events."""

    id: str
    number: int | None
    title: str
    lines: tuple[str, ...]
    state: str
    state_words: str
    score_words: str
    finding: Finding | None = None
    verdict: LedgerEntry | None = None
    extrameatal: Extrameatal | None = None
    """Behind the reader's line; None where there is none."""

    @property
    def is_open(self) -> bool:
        """Whether this reader has yet to judge it."""
        return self.state == "open"


@dataclass(frozen=True)
class VerdictPanel:
    """What stands in the right column for the selected finding."""

    heading: str
    title: str
    subtitle: str
    measurements: tuple[Measurement, ...]
    reason_pages: tuple[tuple[Reason, ...], ...]
    open_count: int
    total: int


def _state(entry: LedgerEntry | None, kind: StudyKind) -> tuple[str, str]:
    state, words = VERDICT_WORDS[entry.action if entry else ""]
    if entry is not None and entry.reason:
        reason = next((r.words for r in reasons_for(kind) if r.code == entry.reason), entry.reason)
        words = f"{words}, {reason}"
    return state, words


def _specks_words(count: int) -> str:
    return "1 speck" if count == 1 else f"{count} specks"


def finding_title(finding: Finding) -> str:
    """'Right-sided enhancing lesion', '3 specks' or 'Event 3, 84 s'."""
    if finding.kind == "seizure":
        return f"Event {finding.number}, {duration_words(finding.duration_s or 0)}"
    if finding.kind == "specks":
        return _specks_words(finding.pieces)
    enhancing = any(r.name == "enhancing_tumour" and r.volume_ml > 0 for r in finding.regions)
    return f"{_SIDE.get(finding.side, 'Side unknown:')} {'enhancing lesion' if enhancing else 'T2/FLAIR lesion'}"


def finding_cards(
    study: Study, one: RevealedPrediction | None, verdicts: Mapping[str, LedgerEntry]
) -> tuple[FindingCard, ...]:
    """Cards of a prediction's findings in their order; `verdicts` by finding number, of this reader."""
    if one is None:
        return ()
    cards = []
    for finding in one.prediction.findings:
        entry = verdicts.get(str(finding.number))
        state, words = _state(entry, study.kind)
        if finding.kind == "seizure":
            title, lines = (
                f"at {_clock(finding.onset_s or 0)}",
                (duration_words(finding.duration_s or 0),),
            )
        elif finding.kind == "specks":
            title, lines = _specks_words(finding.pieces), (f"{finding.volume_ml:.1f} ml together",)
        else:
            title = _SIDE.get(finding.side, "Side unknown:").rstrip(":")
            lines = tuple(
                f"{region_term(r.name).short} {r.volume_ml:.1f} ml"
                for r in finding.regions
                if r.volume_ml > 0 and r.name in ("whole_tumour", "enhancing_tumour")
            )
            if finding.sized is not None:
                lines += (_diameters(finding.sized),)
        score = "" if finding.score is None else f"score {finding.score:.2f}"
        cards.append(
            FindingCard(
                str(finding.number),
                finding.number,
                title,
                lines,
                state,
                words,
                score,
                finding,
                entry,
                recorded_extrameatal(entry.details) if entry else None,
            )
        )
    return tuple(cards)


def own_cards(study: Study, entries: Sequence[LedgerEntry]) -> tuple[FindingCard, ...]:
    """Cards of the findings that this reader added."""
    cards = []
    for entry in entries:
        state, words = VERDICT_WORDS[entry.action]
        if study.kind is StudyKind.EEG:
            title = f"at {_clock(float(entry.details.get('onset_s', 0)))}"
            lines = (duration_words(float(entry.details.get("duration_s", 0))),)
        else:
            title, lines = "missed lesion", ("outline" if entry.artifact else "point",)
        cards.append(FindingCard(entry.finding, None, title, lines, state, words, "", None, entry))
    return tuple(cards)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def _reason_pages(reasons: Sequence[Reason]) -> tuple[tuple[Reason, ...], ...]:
    """Six on the first page, then nine a page: as many as there are digits."""
    first, rest = tuple(reasons[:6]), tuple(reasons[6:])
    return (first, *(rest[n : n + 9] for n in range(0, len(rest), 9)))


def verdict_panel(
    study: Study,
    cards: Sequence[FindingCard],
    selected: str | None,
    reasons: Sequence[Reason] | None = None,
    *,
    has_result: bool = True,
    has_former: bool = False,
) -> VerdictPanel:
    """The panel for the selected card; without findings it says so.

    Parameters
    ----------
    selected : str or None
        Id of a card, or of a finding of the reader's own, which is not among them.
    has_result : bool
        Whether a model has read the study: only then can it have marked nothing.
    has_former : bool
        Whether a result is withheld for being of another assignment of the series.
    reasons : sequence of Reason, optional
        Those that the site offers, in the order of their keys; all where it says nothing.
    """
    kind = study.kind
    pages = _reason_pages(reasons_for(kind) if reasons is None else reasons)
    noun = "Event" if kind is StudyKind.EEG else "Finding"
    judged = [card for card in cards if card.finding is not None]
    open_count = sum(card.is_open for card in judged)
    card = next((c for c in judged if c.id == selected), None)
    if card is None or card.finding is None:
        if judged or (selected and is_own_finding(selected)):
            title, words = f"{noun} added by you", "Ctrl+Z withdraws what was recorded last."
        else:
            title, words = _nothing_words(kind, has_result, has_former)
        return VerdictPanel(f"{noun}s", title, words, (), pages, open_count, len(judged))
    finding = card.finding
    subtitle = ""
    if finding.kind == "seizure":
        measured = []
        told = [f"highest in {', '.join(finding.channels[:4])}"] if finding.channels else []
        if (finding.duration_s or 0) >= 10:
            told.append("meets the duration criterion for an electrographic seizure (ACNS 2021: 10 s)")
        subtitle = " · ".join(told)
    else:
        measured = [
            Measurement(
                region_term(r.name).words,
                f"{r.volume_ml:.1f} ml",
                region_term(r.name).colour,
                "experimental" if r.experimental else "",
            )
            for r in finding.regions
        ]
        measured += _size_lines(finding)
        if card.extrameatal is not None:
            measured.append(Measurement("Extrameatal, behind your line", _extrameatal_words(card.extrameatal)))
        if finding.touches_edge:
            subtitle = "reaches the edge of the field: its size is a lower bound"
    if finding.score is not None and finding.kind != "seizure":
        measured.append(Measurement("Detector score, uncalibrated", f"{finding.score:.2f}"))
    return VerdictPanel(
        f"{noun} {finding.number} of {len(judged)}",
        finding_title(finding),
        subtitle,
        tuple(measured),
        pages,
        open_count,
        len(judged),
    )


def _diameters(measure: RegionMeasure) -> str:
    return f"{measure.longest_mm:.0f} × {measure.perpendicular_mm or 0:.0f} mm"


def _extrameatal_words(part: Extrameatal, times: str = "×") -> str:
    if part.volume_ml == 0:
        return "nothing"
    return f"{part.longest_mm:.0f} {times} {part.perpendicular_mm:.0f} mm, {part.volume_ml:.1f} ml"


def _size_lines(finding: Finding) -> list[Measurement]:
    """Diameters by what they were taken of, the greatest distance in space, and whether the size is measurable."""
    sized, lines = finding.sized, []
    if sized is not None:
        what = f"Axial, solid {region_term(sized.name).short}" if sized.solid else "Axial, longest × perpendicular"
        lines.append(Measurement(what, _diameters(sized)))
    if finding.longest_3d_mm is not None:
        lines.append(Measurement("Longest in 3-D", f"{finding.longest_3d_mm:.0f} mm"))
    if finding.measurable is not None:
        lines.append(Measurement("RANO 2.0, by size", "measurable" if finding.measurable else "not measurable"))
    return lines


def _nothing_words(kind: StudyKind, has_result: bool, has_former: bool) -> tuple[str, str]:
    """That nothing was marked is said only of a study that a model has read."""
    if not has_result and has_former:
        return (
            "No result of these series",
            "A series was assigned to another sequence. What a model said before is of the assignment before and is not "
            "shown; a model of this computer reads the study anew, another tool's result has to be taken in again.",
        )
    if not has_result:
        return "No model result", "No model has read this study here: what stands on the screen is all there is."
    if kind is StudyKind.EEG:
        return "No events", "The detector marked nothing. That is not a finding of no seizure."
    return "No findings", "The model marked nothing. That is not a finding of no tumour."


def sentence(study: Study, prediction: Prediction, card: FindingCard) -> str:
    """The finding in one plain sentence, for a report that somebody else writes."""
    finding = card.finding
    if finding is None:
        return f"{card.title}, added by reader"
    parts = [finding_title(finding)]
    if finding.kind == "seizure":
        parts.append(f"onset {_clock(finding.onset_s or 0)}")
    else:
        sized = finding.sized
        if sized is not None:
            where = _image_words(study, prediction, sized.slice_index)
            parts.append(f"{sized.longest_mm:.0f} x {sized.perpendicular_mm or 0:.0f} mm axial{where}")
        if finding.volume_ml is not None:
            parts.append(f"{finding.volume_ml:.1f} ml")
        if card.extrameatal is not None:
            parts.append(f"extrameatal, behind the reader's line: {_extrameatal_words(card.extrameatal, 'x')}")
    parts.append("AI finding, not reviewed" if card.is_open else card.state_words)
    if card.verdict is not None and card.verdict.artifact:
        parts.append("outline edited by reader")
    return ", ".join(parts)


def _image_words(study: Study, prediction: Prediction, slice_index: int | None) -> str:
    """' (series 5, image 84)': images counted from 1 in the order of the grid's slices; a reformat has no image."""
    if slice_index is None:
        return ""
    grid = next((v for v in study.volumes if v.digest == prediction.grid), None)
    series = f"series {grid.series_number}, " if grid is not None and grid.series_number is not None else ""
    image = "image" if grid is None or grid.plane == "axial" else "reformatted slice"
    return f" ({series}{image} {slice_index + 1})"
