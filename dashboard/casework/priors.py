"""Studies of the same subject from before: which they are, and what of them this reader may see beside a study.

Their images are images. What a model marked in one goes through `reveal` of that very study, and only where the study
under review is itself revealed: in a blind read a prior's result would tell of the present one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..domain import Session, Study
from ..errors import BlindOpen, StalePage
from ..terms import StudyKind
from ..workspace import Workspace
from ..workspace.outlines import StudyOutline
from .judged import JudgedResult, judged_result
from .reveal import Withheld, is_withheld, reveal

__all__ = ["PriorStudy", "judged_by_key", "priors_of"]


@dataclass(frozen=True)
class PriorStudy:
    """One study of before.

    Attributes
    ----------
    dated : bool
        It is earlier by date of acquisition; else only by when it was added, since a date is missing or the same.
    result : JudgedResult or None
        The newest result with its verdicts; None where there is none, or none for this reader to see.
    withheld : bool
        There may be a result that this reader may not see yet.
    frames : mapping
        The prior's frames that are, by FrameOfReferenceUID, one of the study under review, and which.
    """

    study: Study
    dated: bool
    result: JudgedResult | None = None
    withheld: bool = False
    frames: Mapping[str, str] = field(default_factory=dict)


def priors_of(workspace: Workspace, session: Session, study: Study) -> tuple[PriorStudy, ...]:
    """Earlier MR studies of a study's subject, the newest first.

    Raises
    ------
    LedgerRefused
        A `present` row could not be made durable.
    """
    here = workspace.outlines.get(study.id)
    if study.kind is not StudyKind.MR or here is None:
        return ()
    listed = [workspace.outlines.get(other) for other in workspace.study_ids() if other != study.id]
    earlier = [o for o in listed if o and o.subject == study.subject and o.kind is StudyKind.MR and _is_before(o, here)]
    earlier.sort(key=lambda o: (o.acquired_on or o.added_at[:10], o.added_at, o.id), reverse=True)
    blind = is_withheld(workspace, session, study.id)
    return tuple(_prior(workspace, session, study, outline, blind=blind, here=here) for outline in earlier)


def judged_by_key(workspace: Workspace, session: Session, study: Study, key: str) -> JudgedResult:
    """A result with its verdicts, if the key is that of now.

    Raises
    ------
    BlindOpen
        The reader owes the study a read of their own.
    StalePage
        A verdict was recorded since the key was given.
    """
    seen = reveal(workspace, session, study)
    if isinstance(seen, Withheld):
        raise BlindOpen("Nothing of the model was sent.", seen.why, "Commit your own read first.")
    result = judged_result(workspace, session, study, seen.by_digest(key.partition(".")[0]))
    if result.key != key:
        raise StalePage("The outline was not sent.", "A verdict was recorded since.", "Reload the page.")
    return result


def _is_before(one: StudyOutline, here: StudyOutline) -> bool:
    if _is_dated(one, here):
        return one.acquired_on < here.acquired_on
    return (one.added_at, one.id) < (here.added_at, here.id)


def _is_dated(one: StudyOutline, here: StudyOutline) -> bool:
    return bool(one.acquired_on and here.acquired_on) and one.acquired_on != here.acquired_on


def _prior(
    workspace: Workspace, session: Session, study: Study, outline: StudyOutline, *, blind: bool, here: StudyOutline
) -> PriorStudy:
    prior = workspace.study(outline.id)
    frames = _shared_frames(workspace, prior, study)
    seen = None if blind else reveal(workspace, session, prior)
    if seen is None or isinstance(seen, Withheld):
        return PriorStudy(prior, _is_dated(outline, here), withheld=True, frames=frames)
    newest = next((one for one in reversed(seen.predictions) if one.prediction.mask_digest), None)
    result = None if newest is None else judged_result(workspace, session, prior, newest)
    return PriorStudy(prior, _is_dated(outline, here), result, frames=frames)


def _shared_frames(workspace: Workspace, prior: Study, study: Study) -> dict[str, str]:
    """Frames have a pseudonym in each study; what the files called them stands with the identities."""
    before, now = _frame_names(workspace, prior), _frame_names(workspace, study)
    return {frame: now[uid] for uid, frame in before.items() if uid in now}


def _frame_names(workspace: Workspace, study: Study) -> dict[str, str]:
    known = workspace.identity(study.id).get("frame_uids") or {}
    frames = {volume.digest: volume.frame for volume in study.volumes}
    return {uid: frames[digest] for digest, uid in known.items() if uid and digest in frames}
