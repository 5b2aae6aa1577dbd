"""What a reader has marked in a recording and not yet recorded: a dragged stretch, and the marks of a read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..domain import Prediction, Session, Study, is_own_finding
from ..errors import OverreadError
from ..files import digest_bytes
from ..workspace import Workspace
from .drawn import unframed
from .reveal import is_withheld

__all__ = ["INTERVAL", "keep_read", "kept_interval", "kept_read"]

INTERVAL = "interval"
"""Name of the draft of the stretch that is on a reader's screen; the browser keeps it."""

_READ = "read"
_SHORTEST_S = 0.01


def kept_interval(
    workspace: Workspace, session: Session, study: Study, prediction: Prediction | None
) -> dict[str, Any] | None:
    """The stretch that the reader had dragged last and not recorded; None where there is none that holds here.

    Parameters
    ----------
    prediction : Prediction, optional
        The result on screen; None in a blind read, to which a stretch dragged beside a result is not given.

    Returns
    -------
    dict or None
        `onset_s`, `duration_s`, `event` where it is the moved edges of one of the result's events, and the draft's
        `digest`.
    """
    data = workspace.drafts.get(session.reader, study.id, INTERVAL)
    if data is None or study.recording is None:
        return None
    try:
        header, payload = unframed(data)
        said = json.loads(payload)
        base, event = str(header.get("base", "")), str(said.get("event") or "")
        span = _span(said, study.recording.duration_s)
    except (OverreadError, ValueError, TypeError, AttributeError, KeyError):
        return None
    here = prediction.digest if prediction else ""
    if prediction is None and base:
        if is_withheld(
            workspace, session, study.id
        ):  # What it was dragged beside is not to be seen: nothing goes on from it.
            workspace.drafts.drop(session.reader, study.id, INTERVAL)
        return None
    if event and base != here:
        return None
    of_event = {"event": event} if event.isdecimal() or is_own_finding(event) else {}
    return {**span, **of_event, "digest": digest_bytes(data)}


def keep_read(workspace: Workspace, session: Session, study: Study, marks: Sequence[Mapping[str, float]]) -> None:
    """Keep the marks of a read that is not yet committed; none forgets them."""
    if not marks:
        workspace.drafts.drop(session.reader, study.id, _READ)
        return
    workspace.drafts.put(session.reader, study.id, _READ, json.dumps([dict(mark) for mark in marks]).encode())


def kept_read(workspace: Workspace, session: Session, study: Study) -> list[dict[str, float]]:
    """The marks of a read that was begun: `onset_s`, `duration_s`, `sure` (1 to 5); empty where none was kept."""
    data = workspace.drafts.get(session.reader, study.id, _READ)
    if data is None or study.recording is None:
        return []
    try:
        marks = json.loads(data)
        return [{**_span(mark, study.recording.duration_s), "sure": int(mark["sure"])} for mark in marks]
    except (ValueError, TypeError, AttributeError, KeyError):
        return []


def _span(said: Mapping[str, Any], duration_s: float) -> dict[str, float]:
    """Onset and length within the recording; ValueError where they are not."""
    onset, length = float(said["onset_s"]), float(said["duration_s"])
    if not (math.isfinite(onset) and math.isfinite(length) and 0 <= onset < duration_s and length >= _SHORTEST_S):
        raise ValueError("no stretch of this recording")
    return {"onset_s": onset, "duration_s": min(length, duration_s - onset)}
