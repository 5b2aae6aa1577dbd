"""What a reader means by a click, and what a row says of it beside the judgement itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..domain import Prediction, Session, Study
from ..errors import OverreadError
from ..files import digest_file
from ..ledger import click_event_id
from ..review import exposure_at
from ..terms import Action, Identity
from ..workspace import Workspace
from .columns import columns_of
from .protocols import protocol_digest
from .shelf import rows_of

__all__ = ["Intent", "click_id", "details_of", "drop_draft", "keep_draft", "who"]

_NOT_MEANT = frozenset({"shown", "drawn_with", "occurred_at", "view", "active_s", "mask", "draft", "own", "porus_lps",
                         "video", "parts", "merged"})  # fmt: skip


@dataclass(frozen=True)
class Intent:
    """What a reader meant by one click, beside the action: everything that the row will say of it.

    Attributes
    ----------
    shown : bool
        The finding had been on this reader's screen.
    drawn_with : str
        The page's state: for a model's finding `ledger.current_event` when the page was drawn, and an outdated page
        is refused; for all else `ledger.last_act`. '' for none.
    mask : Path or None
        The reader's own mask, a NIfTI label map, for `modify` and `add`.
    draft : str
        SHA-256 of the draft drawn in the browser that was on screen, for `modify` and `add`; '' where nothing was drawn.
    porus_lps : two points or None
        The line that the reader drew at the porus of the finding, LPS millimetres.
    video : bool
        Video or notes were seen: only then may `event_type` name a clinical type.
    parts : tuple of (onset, duration)
        Further events that the alert is besides the one at `onset_s`, seconds: it is split.
    merged : tuple of str
        Numbers of other alerts that are part of this event, which has its edges over all.
    own : str
        Id of the reader's own finding, made when it was begun; '' makes one now.
    """

    reason: str = ""
    comment: str = ""
    confidence: int | None = None
    shown: bool = False
    bulk: bool = False
    drawn_with: str = ""
    occurred_at: str = ""
    view: Mapping[str, Any] = field(default_factory=dict)
    active_s: float | None = None
    mask: Path | None = None
    draft: str = ""
    onset_s: float | None = None
    duration_s: float | None = None
    point_lps: tuple[float, float, float] | None = None
    porus_lps: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None
    channels: tuple[str, ...] = ()
    event_type: str = ""
    video: bool = False
    parts: tuple[tuple[float, float], ...] = ()
    merged: tuple[str, ...] = ()
    own: str = ""


def click_id(session: Session, study: str, finding: str, action: Action, intent: Intent, **further: Any) -> str:
    """The event id of a click: the same click twice is one row. '' for a script, whose rows get an id each.

    Not part of it is what differs when one click arrives twice: times, the view, whether it was shown.
    """
    if session.identity is Identity.SCRIPT:
        return ""
    said = {name: value for name, value in asdict(intent).items() if name not in _NOT_MEANT}
    said |= {"mask": digest_file(intent.mask) if intent.mask else "", **further}
    said |= {"draft": intent.draft} if intent.draft else {}
    said |= {"porus_lps": intent.porus_lps} if intent.porus_lps else {}
    said |= {name: getattr(intent, name) for name in ("video", "parts", "merged") if getattr(intent, name)}
    return click_event_id(session.reader, study, finding, action, intent.drawn_with, said)


def who(
    session: Session, intent: Intent, workspace: Workspace, study: Study, prediction: Prediction | None
) -> dict[str, Any]:
    """The columns that say who judged what, having seen what of the AI, under which rules."""
    entries = rows_of(workspace, study.id)
    return {
        "reader": session.reader,
        "role": session.role,
        "identity": session.identity,
        "occurred_at": intent.occurred_at,
        "exposure": exposure_at(entries, study.id, session.reader, scripted=session.identity is Identity.SCRIPT),
        "active_s": intent.active_s,
        "protocol": protocol_digest(workspace),
        **columns_of(study, prediction),
    }


def details_of(intent: Intent) -> dict[str, Any]:
    """The keys of `details` that an intent fills."""
    details: dict[str, Any] = {}
    if intent.bulk:
        details["bulk"] = True
    if intent.onset_s is not None and intent.duration_s is not None:
        details |= {"onset_s": round(intent.onset_s, 3), "duration_s": round(intent.duration_s, 3)}
    if intent.point_lps is not None:
        details["point_lps"] = [round(float(x), 2) for x in intent.point_lps]
    if intent.channels:
        details["channels"] = list(intent.channels)
    if intent.event_type:
        details["event_type"] = intent.event_type
    if intent.video:
        details["video"] = True
    if intent.merged:
        details["merged"] = [int(number) for number in intent.merged]
    return details


def keep_draft(
    workspace: Workspace,
    session: Session,
    study: str,
    finding: str,
    action: Action,
    said: Intent | tuple[Intent, ...],
    error: OverreadError,
) -> None:
    """Keep what could not be recorded; a full disk may refuse this too, and the first error is the one told."""
    intents = [asdict(intent) for intent in (said if isinstance(said, tuple) else (said,))]
    kept = {"action": str(action), "intents": intents, "error": error.code}
    try:
        workspace.drafts.put(session.reader, study, f"refused-{finding}", json.dumps(kept, default=str).encode())
    except OSError:
        return


def drop_draft(workspace: Workspace, session: Session, study: str, finding: str, drawn: str = "") -> None:
    """Forget a draft whose verdict is a row now, and the drawing that became its mask unless it was drawn on since.

    That it can't be removed is no failure of the row.
    """
    try:
        workspace.drafts.drop(session.reader, study, f"refused-{finding}")
        if drawn and workspace.drafts.digest(session.reader, study, finding) == drawn:
            workspace.drafts.drop(session.reader, study, finding)
    except OSError:
        return
