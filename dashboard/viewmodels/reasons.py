"""Why findings were rejected, counted group by group: what is no lesion or seizure, near misses, outlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from ..audit import Size, size_of
from ..casework import AuditReport
from ..ledger import LedgerEntry
from ..terms import REASONS, Action, StudyKind, reason_words
from .charts import ACCENT, dressed

__all__ = ["ReasonGroup", "reason_blocks", "reason_chart"]

_GROUPS: Mapping[StudyKind, Mapping[str, str]] = {
    StudyKind.EEG: {
        "artefact": "Artefact or normal variant",
        "pattern": "Ictal-interictal pattern",
        "outline": "Onset or end",
        "other": "Other",
    },
    StudyKind.MR: {
        "false_positive": "Not what was looked for",
        "outline": "Outline or region",
        "other": "Other",
    },
}
_NONE = "No reason given"


@dataclass(frozen=True)
class ReasonGroup:
    """Rejections of one group: `reasons` are words with their counts, the commonest first, and add up to `n.findings`."""

    words: str
    n: Size
    reasons: tuple[tuple[str, int], ...]

    @property
    def count(self) -> str:
        """'n = 3 rejections in 2 studies of 1 patient'."""
        said = ((self.n.findings, "rejection", "rejections"), (self.n.studies, "study", "studies"),
                (self.n.patients, "patient", "patients"))  # fmt: skip
        findings, studies, patients = (f"{n} {one if n == 1 else many}" for n, one, many in said)
        return f"n = {findings} in {studies} of {patients}"


def reason_blocks(report: AuditReport, kind: StudyKind) -> tuple[ReasonGroup, ...]:
    """Every rejection counted in the group of its reason, in the order of the groups; groups with none are left out.

    A code that is none of the kind's counts as other, under its own name; a rejection without a reason stands last.
    """
    groups = {reason.code: reason.group for reason in REASONS[kind]}
    rows: dict[str, list[LedgerEntry]] = {}
    for row in report.verdicts:
        if row.action == Action.REJECT:
            group = groups.get(row.reason, "other") if row.reason else ""
            rows.setdefault(group if group in _GROUPS[kind] or not group else "other", []).append(row)
    ordered: Sequence[tuple[str, str]] = (*_GROUPS[kind].items(), ("", _NONE))
    return tuple(
        ReasonGroup(
            words,
            size_of(rows[name]),
            tuple(
                Counter(reason_words(kind, row.reason) if row.reason else "none" for row in rows[name]).most_common()
            ),
        )
        for name, words in ordered
        if name in rows
    )


def reason_chart(group: ReasonGroup, *, most: int, synthetic: bool) -> go.Figure:
    """The reasons of one group as bars; `most` is the longest bar of all groups, so that their lengths compare."""
    names, counts = zip(*group.reasons, strict=True)
    figure = go.Figure(
        go.Bar(
            x=counts, y=names, orientation="h", marker={"color": ACCENT}, text=counts, textposition="outside",
            cliponaxis=False,
        )
    )  # fmt: skip
    figure.update_traces(width=0.45)
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(visible=False, range=[0, 1.05 * most])
    return dressed(figure, 30 * len(names) + 34, synthetic)
