"""Control studies: which MR studies stand in a reader's list while sampled controls run, and who owes them a read.

Every study with a result is drawn once: one in which the model marked something for certain, one in which it marked
nothing at the site's rate. Both leave the same kind of row at the same moment, so that neither a row nor its absence
tells them apart. Pure functions of rows and predictions, but for `draw_studies`, which records.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..audit import balanced_count, draw
from ..domain import Prediction
from ..ledger import LedgerEntry, NewRow, click_event_id
from ..review import READING_ROLES, committed_read, is_closed, parse_exposure, under_review
from ..terms import Action, ExposureClass, Identity, Role
from ..workspace import Workspace
from .columns import columns_of
from .controls import sample_row

__all__ = ["MARKED", "UNMARKED", "draw_studies", "is_chosen", "is_listed", "owes_control_read", "study_controls_run"]

MARKED, UNMARKED = "mr_study_marked_1", "mr_study_unmarked_1"
"""Names of the strata in `sample` rows, by whether the result names any finding."""


_drawn = lru_cache(maxsize=256)(draw)


def study_controls_run(workspace: Workspace) -> bool:
    """Whether the site samples MR studies."""
    return float(workspace.settings["review.control_rate_mr"]) > 0


def owes_control_read(rows: Sequence[LedgerEntry], study: str, reader: str, role: Role) -> bool:
    """Whether this reader owes an MR study their own read, while controls run: of each, marked or not.

    Nobody owes it who has signed the study off, or whom a result of it was shown before.

    Parameters
    ----------
    rows : sequence of LedgerEntry
        The study's, of the reader's current pass.
    """
    if role not in READING_ROLES or committed_read(rows, study, reader) is not None or is_closed(rows, study, reader):
        return False
    return not any(
        ExposureClass.PRESENCE in parse_exposure(e.exposure)
        for e in rows
        if (e.action, e.reader) == (Action.PRESENT, reader)
    )


def is_chosen(row: LedgerEntry) -> bool:
    """Whether a `sample` row's MR study was drawn: its number is among the n smallest of N by SHA-256 of 'seed:number'."""
    said = row.details
    return int(said["number"]) in _drawn(int(said["size"]), int(said["drawn"]), str(said["seed"]))


def is_listed(
    rows: Sequence[LedgerEntry], newest: Prediction | None, reader: str, *, failed: bool, assigned: Iterable[str] = ()
) -> bool:
    """Whether an MR study stands in this reader's list while controls run.

    Parameters
    ----------
    failed : bool
        The last run of a model was refused. Without a result and without that, the study waits: were it listed, its
        going would tell that the model marked nothing.
    """
    if (
        reader in assigned
        or reader in under_review(rows)
        or any(e.action == Action.SIGN_OFF and e.reader == reader for e in rows)
    ):
        return True
    if newest is None:
        return failed
    row = sample_row(rows, newest.digest)
    return row is not None and is_chosen(row)


def draw_studies(workspace: Workspace, predictions: Sequence[Prediction]) -> tuple[LedgerEntry, ...]:
    """Draw from MR results that were never drawn from, and record it: a row each.

    Of those without a finding the rate of them is drawn, rounded up or down by a chance that keeps every study's
    inclusion probability at the rate, whether one comes alone or a hundred together. All with a finding are.
    """
    rate = min(1.0, float(workspace.settings["review.control_rate_mr"]))
    known = {one.study: workspace.outlines.get(one.study) for one in predictions}
    outlines = {study: outline for study, outline in known.items() if outline is not None}  # No array is read.
    rows: list[NewRow] = []
    for stratum, probability in ((MARKED, 1.0), (UNMARKED, rate)):
        here = [p for p in predictions if p.study in outlines and bool(p.findings) == (stratum == MARKED)]
        of = sorted(here, key=lambda p: p.study)
        seed = secrets.token_hex(16)
        drawn = balanced_count(len(of), probability, seed)
        rows += [
            NewRow(
                action=Action.SAMPLE,
                event_id=click_event_id("overread", one.study, "", Action.SAMPLE, "", {"prediction": one.digest}),
                reader="overread",
                role=Role.OPERATOR,
                identity=Identity.SYSTEM,
                **columns_of(outlines[one.study], one),
                details={
                    "stratum": stratum,
                    "size": len(of),
                    "drawn": drawn,
                    "inclusion_probability": probability,
                    "seed": seed,
                    "number": number,
                },
            )
            for number, one in enumerate(of)
        ]
    rows.sort(key=lambda row: row.study)  # The order in the file does not tell the strata apart.
    return workspace.ledger.append(*rows) if rows else ()
