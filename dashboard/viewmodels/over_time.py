"""A course in figures: sizes from study to study, and their change from baseline and from nadir. No word for a response."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from ..casework import NEAREST_MM, Course, JudgedLesion, TimePoint
from .charts import dressed
from .words import date_words

__all__ = [
    "AREA",
    "HOW_COMPUTED",
    "VOLUME",
    "CourseLine",
    "Measure",
    "change",
    "course_chart",
    "course_line",
    "course_regions",
    "course_table",
    "lesion_words",
    "pair_words",
]

_NADIR, _BASELINE = "#e3a93c", "#9aa5e8"
BASIS_WORDS = {
    "unreviewed": "unreviewed",
    "accepted": "accepted",
    "inexact": "outline called inexact",
    "unsure": "unsure",
    "edited": "outline by reader",
    "added": "added by reader",
}
LINK_WORDS = {"frame": "one frame of reference", "reader": "place paired by you", "middles": "place not paired", "": ""}
HOW_COMPUTED = (
    "Volume: voxels of the region. Area: longest diameter times its perpendicular on the axial slice, summed over lesions that "
    "have both. Outlines are those that a reader accepted or drew, else the model's, marked 'unreviewed'. Baseline is the first "
    "study here that has a value, nadir the smallest value before the study in question, baseline included; both are of this "
    "workspace alone. Lines: area 25 % above nadir and 50 % below baseline, volume 40 % above nadir and 65 % below baseline. They "
    "say nothing of response or progression: that takes the patient, steroids and every earlier study. Lesions are matched where "
    "they overlap once the studies lie over each other by a shift, else where their middles lie within "
    f"{NEAREST_MM:.0f} mm; you can say otherwise."
)


@dataclass(frozen=True)
class Measure:
    """What is followed: its words, unit, and the two lines as factors of nadir and baseline."""

    words: str
    unit: str
    above_nadir: float
    below_baseline: float
    of: Callable[[JudgedLesion, str], float | None]


def _volume(lesion: JudgedLesion, region: str) -> float | None:
    return next((r.volume_ml for r in lesion.regions if r.name == region), None)


def _area(lesion: JudgedLesion, region: str) -> float | None:
    found = next((r for r in lesion.regions if r.name == region), None)
    if found is None or found.longest_mm is None or found.perpendicular_mm is None:
        return None
    return found.longest_mm * found.perpendicular_mm


VOLUME = Measure("volume", "ml", 0.40, 0.65, _volume)
AREA = Measure("area", "mm²", 0.25, 0.50, _area)


@dataclass(frozen=True)
class CourseLine:
    """One measure of all lesions, or of one, over the studies; None where there is no value.

    Attributes
    ----------
    counts : tuple of int
        Lesions in each value.
    """

    measure: Measure
    region: str
    values: tuple[float | None, ...]
    counts: tuple[int, ...]

    @property
    def from_baseline(self) -> tuple[float | None, ...]:
        """Percent change of each value from the first one; None for the first."""
        first = next((n for n, value in enumerate(self.values) if value is not None), len(self.values))
        return tuple(change(self.values[first], value) if n > first else None for n, value in enumerate(self.values))

    @property
    def nadirs(self) -> tuple[float | None, ...]:
        """The smallest value before each study."""
        return tuple(min((v for v in self.values[:n] if v is not None), default=None) for n in range(len(self.values)))

    @property
    def from_nadir(self) -> tuple[float | None, ...]:
        """Percent change of each value from the smallest one before it."""
        return tuple(change(low, value) for low, value in zip(self.nadirs, self.values, strict=True))


def change(reference: float | None, value: float | None) -> float | None:
    """Change in percent of the reference; None where either is missing or the reference is 0."""
    if reference is None or value is None or reference == 0:
        return None
    return 100 * (value - reference) / reference


def course_regions(course: Course) -> tuple[str, ...]:
    """Regions that the present study and at least one prior have evaluated, the innermost first."""
    before = {name for point in course.points[:-1] for name in point.regions}
    return tuple(name for name in reversed(course.now.regions) if name in before)


def course_line(course: Course, measure: Measure, region: str, lesion: str = "") -> CourseLine:
    """One measure of one region over the studies: of all lesions, or of the one with that key in the present study."""
    values, counts = [], []
    for point in course.points:
        chosen = [one for one in point.lesions if not lesion or one.key == _key_in(course, point, lesion)]
        known = [value for one in chosen if (value := measure.of(one, region)) is not None]
        there = region in point.regions and (not lesion or bool(chosen))
        values.append(sum(known) if there else None)
        counts.append(len(known))
    return CourseLine(measure, region, tuple(values), tuple(counts))


def _key_in(course: Course, point: TimePoint, lesion: str) -> str | None:
    if point is course.now:
        return lesion
    return (point.pairs or {}).get(lesion, (None, ""))[0] or None


def lesion_words(lesion: JudgedLesion) -> str:
    """'1, left' or 'own lesion'."""
    side = "" if lesion.side == "unknown" else f", {lesion.side}"
    return f"{lesion.key}{side}" if lesion.basis != "added" else "added by reader"


def pair_words(point: TimePoint, lesion: str) -> str:
    """By what a lesion's match in a prior was found."""
    match = (point.pairs or {}).get(lesion)
    if match is None:
        return "no match"
    by = {"overlap": "they overlap", "distance": f"middles within {NEAREST_MM:.0f} mm", "reader": "said by you"}[
        match[1]
    ]
    return by if point.linked != "middles" or match[1] == "reader" else f"{by}, place not paired"


def _percent(value: float | None) -> str:
    """One decimal below 100 %, where lines are drawn: 24.6 is not 25."""
    if value is None:
        return "–"
    return (f"{value:+.1f} %" if abs(value) < 100 else f"{value:+.0f} %").replace("-", "\N{MINUS SIGN}")


def _amount(value: float | None, measure: Measure) -> str:
    return (
        "–"
        if value is None
        else f"{value:.1f} {measure.unit}"
        if measure.unit == "ml"
        else f"{value:.0f} {measure.unit}"
    )


def _basis_words(point: TimePoint, lesions: Sequence[JudgedLesion]) -> str:
    if not point.regions:
        return "no result to see"
    counts: dict[str, int] = {}
    for lesion in lesions:
        words = BASIS_WORDS[lesion.basis]
        counts[words] = counts.get(words, 0) + 1
    return ", ".join(f"{n} {words}" for words, n in counts.items()) or "nothing marked"


def course_table(course: Course, lines: Sequence[CourseLine], lesion: str = "") -> str:
    """Studies in rows, the measures with both changes in columns, as HTML; every cell says what it is."""
    heads = "".join(f"<th>{line.measure.words}, n</th><th>from baseline</th><th>from nadir</th>" for line in lines)
    rows = []
    for n, point in enumerate(course.points):
        chosen = [one for one in point.lesions if not lesion or one.key == _key_in(course, point, lesion)]
        when = date_words(point.study.acquired_on) + ("" if point.dated else ", by order added")
        cells = "".join(
            f"<td>{_amount(line.values[n], line.measure)}, {line.counts[n]}</td><td>{_percent(line.from_baseline[n])}</td>"
            f"<td>{_percent(line.from_nadir[n])}</td>"
            for line in lines
        )
        where = LINK_WORDS[point.linked] or ("this study" if point is course.now else "")
        note = " · ".join(words for words in (_basis_words(point, chosen), where, point.model) if words)
        rows.append(f"<tr><th>{html.escape(when)}<small>{html.escape(note)}</small></th>{cells}</tr>")
    return (
        f'<table class="or-course"><thead><tr><th>Study</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )


def course_chart(course: Course, line: CourseLine, *, synthetic: bool) -> go.Figure:
    """Values over time with the two lines, each named with what it is taken from."""
    measure = line.measure
    dates = [point.study.acquired_on or f"study {n + 1}" for n, point in enumerate(course.points)]
    known = [(day, value) for day, value in zip(dates, line.values, strict=True) if value is not None]
    figure = go.Figure(
        go.Scatter(
            x=[day for day, _ in known], y=[value for _, value in known], mode="lines+markers", line={"color": "#6cb6ff"},
            hovertemplate=f"%{{x}}: %{{y:.1f}} {measure.unit}<extra></extra>",
        )
    )  # fmt: skip
    baseline = known[0][1] if known else None
    nadir = line.nadirs[-1]
    marks = (
        (nadir, 1 + measure.above_nadir, f"nadir + {100 * measure.above_nadir:.0f} %", _NADIR, "dash"),
        (
            baseline,
            1 - measure.below_baseline,
            f"baseline \N{MINUS SIGN} {100 * measure.below_baseline:.0f} %",
            _BASELINE,
            "dot",
        ),
    )
    for reference, factor, words, colour, dash in marks:
        if reference:
            figure.add_hline(
                y=reference * factor, line={"color": colour, "dash": dash, "width": 1.4},
                annotation={"text": words, "font": {"color": colour, "size": 11}}, annotation_position="top right",
            )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", title={"text": f"{measure.words}, {measure.unit}", "font": {"size": 11}})
    return dressed(figure, 165, synthetic)
