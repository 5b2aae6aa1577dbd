"""Reasons on the Agreement page: each rejection counted once, in its group, and none left out."""

from __future__ import annotations

import pytest

from dashboard.audit import reason_groups
from dashboard.casework import AuditReport
from dashboard.ledger import NewRow
from dashboard.terms import REASONS, StudyKind
from dashboard.viewmodels import reason_blocks, reason_chart
from tests.builders.rows import a_row, entries_of


def a_report(folder, *rows: NewRow) -> AuditReport:
    """A report of the rows as verdicts."""
    return AuditReport((), (), {}, {}, entries_of(folder, *rows), synthetic=True)


def rejected(kind: str, *reasons: str) -> list[NewRow]:
    """A rejection for each reason, two findings a study, each study of a patient of its own."""
    return [
        a_row("reject", kind=kind, reason=reason, finding=str(n), study=f"S-{n // 2:010}", subject=f"P-{n // 2:010}")
        for n, reason in enumerate(reasons)
    ]


def test_artefacts_stand_apart_from_patterns_with_their_n(tmp_path):
    rows = rejected("eeg", "lpd", "muscle", "muscle", "birds", "rmtd", "muscle", "other")
    blocks = reason_blocks(a_report(tmp_path, *rows, a_row("accept", kind="eeg", finding="99")), StudyKind.EEG)
    assert [(b.words, b.reasons) for b in blocks] == [
        ("Artefact or normal variant", (("muscle", 3), ("RMTD", 1))),
        ("Ictal-interictal pattern", (("LPD", 1), ("BIRDs", 1))),
        ("Other", (("other", 1),)),
    ]
    assert blocks[0].count == "n = 4 rejections in 3 studies of 3 patients"
    assert blocks[2].count == "n = 1 rejection in 1 study of 1 patient"


def test_mr_has_groups_of_its_own(tmp_path):
    blocks = reason_blocks(a_report(tmp_path, *rejected("mr", "vessel", "shifted", "artefact", "vessel")), StudyKind.MR)
    assert [(b.words, b.reasons) for b in blocks] == [
        ("Not what was looked for", (("vessel", 2), ("artefact", 1))),
        ("Outline or region", (("shifted", 1),)),
    ]


@pytest.mark.parametrize("kind", StudyKind)
def test_every_reason_and_every_rejection_is_counted_once(tmp_path, kind):
    given = [*(r.code for r in REASONS[kind]), "a_code_of_before", "", ""]
    report = a_report(tmp_path, *rejected(str(kind), *given))
    blocks = reason_blocks(report, kind)
    assert sum(b.n.findings for b in blocks) == len(given)
    assert all(sum(n for _, n in b.reasons) == b.n.findings for b in blocks)
    assert (blocks[-1].words, blocks[-1].n.findings) == ("No reason given", 2)
    assert ("a_code_of_before", 1) in next(b for b in blocks if b.words == "Other").reasons
    assert sorted(reason_groups(report.verdicts).values()) == sorted(b.n.findings for b in blocks)


def test_a_chart_shows_what_the_group_counts(tmp_path):
    (group,) = reason_blocks(a_report(tmp_path, *rejected("eeg", "lpd", "lpd", "gpd")), StudyKind.EEG)
    bars = reason_chart(group, most=4, synthetic=True)
    assert bars.layout.xaxis.range[1] == pytest.approx(4.2), "bars of all groups have one scale"
    assert (list(bars.data[0].y), list(bars.data[0].x)) == (["LPD", "GPD"], [2, 1])
    assert bars.layout.annotations[0].text == "synthetic"


def test_nothing_rejected_is_no_group(tmp_path):
    assert reason_blocks(a_report(tmp_path, a_row("accept")), StudyKind.MR) == ()
