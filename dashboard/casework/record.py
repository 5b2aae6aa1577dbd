"""Fourth step of a case: what the reader says becomes a row that lasts.

Every function takes the session that acts, asks the review room's rules, and appends. What a rule or the disk
refuses is kept as a draft, so that no judgement is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..domain import Finding, Prediction, Session, Study, new_own_finding
from ..errors import LedgerRefused, NotDisplayed, StalePage, VerdictRefused, VerdictRule
from ..ledger import LedgerEntry, NewRow, current_verdicts
from ..review import again_mark, check_amendment, check_sign_off, check_verdict, committed_read, is_closed
from ..terms import Action, Identity, Scope, StudyKind
from ..workspace import Workspace
from .artifacts import mask_columns, split_rows, store_own_mask
from .drawn import draft_again
from .event_rows import event_rows
from .extrameatal import extrameatal_details
from .intents import Intent, click_id, details_of, drop_draft, keep_draft, who
from .reveal import is_withheld
from .shelf import is_veiled, rows_for, rows_of, shelf_of

__all__ = ["record_read", "record_sign_off", "record_verdict", "reopen", "undo"]


def record_verdict(
    workspace: Workspace,
    session: Session,
    study: Study,
    action: Action,
    prediction: Prediction | None,
    finding: Finding | None,
    intent: Intent,
    *,
    window: tuple[float, float] | None = None,
) -> LedgerEntry:
    """Record accept, modify, reject, unsure on a model's finding, or `add` for one that it missed.

    Parameters
    ----------
    window : (onset, duration)
        The unlabelled window as which the finding was judged, seconds; none needs a reason to be rejected.

    Raises
    ------
    VerdictRefused, LedgerRefused
        A rule forbids it, or the row could not be made durable; the verdict is kept as a draft.
    """
    number = str(finding.number) if finding else ""
    own = number or intent.own or new_own_finding()
    of = prediction.digest if prediction else ""
    click = click_id(
        session, study.id, number or intent.own, action, intent, prediction=of, **_second(workspace, session, study)
    )
    try:
        with workspace.recording:
            known = _answered(workspace, click)
            if known is not None:
                return known
            entries = rows_for(workspace, session, study.id)
            _check_gate(workspace, session, study, "The verdict was not recorded.")
            _check_standing(workspace, study, prediction)
            check_verdict(
                entries,
                action=action,
                study=study.id,
                prediction=of,
                finding=number,
                reader=session.reader,
                reason=intent.reason,
                shown=intent.shown,
                scripted=session.identity is Identity.SCRIPT,
                drawn_with=intent.drawn_with,
                reason_on_reject=window is None and bool(workspace.settings["review.reason_on_reject"]),
            )
            details = details_of(intent) | ({"window_s": list(window)} if window else {})
            kept = store_own_mask(workspace, session, study, prediction, finding, own, intent)
            details |= kept[0].measured if kept else {}
            details |= extrameatal_details(workspace, study, prediction, finding, intent, kept)
            common = who(session, intent, workspace, study, prediction)
            if finding is None:  # The reader's own: no prediction holds it, though a model's list lacks it.
                common |= {"prediction": "", "input_digest": study.input_digest}
            replaced = current_verdicts(entries).get((study.id, of, number, session.reader)) if number else None
            row = NewRow(
                action=action,
                finding=own,
                finding_kind=finding.kind if finding else _own_kind(study),
                score=finding.score if finding else None,
                reason=intent.reason,
                comment=intent.comment,
                confidence=intent.confidence,
                view=dict(intent.view) or None,
                details=details,
                supersedes=replaced.event_id if replaced else "",
                event_id=click,
                **mask_columns(kept),
                **common,
            )
            split = split_rows(study, common, click, kept[1:], [new_own_finding() for _ in kept[1:]])
            split += event_rows(entries, session, study, prediction, finding, action, intent, click, common)
            recorded = workspace.ledger.append(row, *split)[0]
    except (VerdictRefused, LedgerRefused) as error:
        keep_draft(workspace, session, study.id, own, action, intent, error)
        raise
    drop_draft(workspace, session, study.id, own, intent.draft)
    return recorded


def record_sign_off(
    workspace: Workspace,
    session: Session,
    study: Study,
    scope: Scope,
    *,
    displayed: Mapping[str, float],
    intent: Intent,
) -> LedgerEntry:
    """Close a study for this reader: 'AI findings reviewed' or 'whole study read'.

    Parameters
    ----------
    displayed : mapping
        Share of slices per series digest, or of the recording under its digest, 0 to 1.

    Raises
    ------
    VerdictRefused, LedgerRefused
        Findings are open, the scope is not offered, a reason is missing, or the disk failed.
    """
    predictions = shelf_of(workspace).standing(study.id)
    prediction = predictions[-1] if predictions else None
    of = prediction.digest if prediction else ""
    further = _second(workspace, session, study)
    click = click_id(session, study.id, "", Action.SIGN_OFF, intent, scope=str(scope), prediction=of, **further)
    try:
        with workspace.recording:
            known = _answered(workspace, click)
            if known is not None:
                return known
            entries = rows_for(workspace, session, study.id)
            _check_gate(workspace, session, study, "The study was not signed off.")
            if is_veiled(workspace, session, study.id):
                raise VerdictRule("The study was not signed off.", "Unlabelled windows are open.", "Judge them first.")
            check_sign_off(
                entries,
                study=study.id,
                reader=session.reader,
                scope=scope,
                prediction=of,
                findings=tuple(str(f.number) for f in prediction.findings) if prediction else (),
                displayed=min(displayed.values(), default=0.0),
                reason=intent.reason,
                scripted=session.identity is Identity.SCRIPT,
            )
            _check_presented(entries, session, study, of)
            row = NewRow(
                action=Action.SIGN_OFF,
                scope=scope,
                reason=intent.reason,
                comment=intent.comment,
                view=dict(intent.view) or None,
                details={"displayed": {digest: round(share, 4) for digest, share in displayed.items()}},
                event_id=click,
                **who(session, intent, workspace, study, prediction),
            )
            recorded = workspace.ledger.append(row)[0]
    except (VerdictRefused, LedgerRefused) as error:
        keep_draft(workspace, session, study.id, "sign_off", Action.SIGN_OFF, intent, error)
        raise
    drop_draft(workspace, session, study.id, "sign_off")
    return recorded


def record_read(
    workspace: Workspace,
    session: Session,
    study: Study,
    *,
    present: bool,
    findings: Sequence[Intent] = (),
    intent: Intent,
) -> LedgerEntry:
    """Commit a reader's own read: a row for each finding and, last, one for the study that opens the gate.

    Raises
    ------
    VerdictRule
        Present without a finding named by a reader on the page, or absent with one; or already committed.
    """
    said = [f"{own.point_lps} {own.onset_s} {own.duration_s} {own.confidence} {own.comment}" for own in findings]
    said += [own.draft for own in findings if own.draft]
    further = _second(workspace, session, study)
    click = click_id(session, study.id, "", Action.READ, intent, present=present, findings=said, **further)
    try:
        with workspace.recording:
            known = _answered(workspace, click)
            if known is not None:
                return known
            workspace.refuse_erased(study.id)
            _check_read(workspace, session, study, present, findings)
            masks = [store_own_mask(workspace, session, study, None, None, own.own, own) for own in findings]
            rows = [
                NewRow(
                    action=Action.READ,
                    finding=own.own if n == 0 and own.own else new_own_finding(),
                    finding_kind=_own_kind(study),
                    confidence=own.confidence,
                    comment=own.comment,
                    details=details_of(own) | (kept[n].measured if kept else {}),
                    **mask_columns(kept[n:]),
                    **who(session, own, workspace, study, None),
                )
                for own, kept in zip(findings, masks, strict=True)
                for n in range(len(kept) or 1)
            ]
            last = NewRow(
                action=Action.READ,
                comment=intent.comment,
                confidence=intent.confidence,
                view=dict(intent.view) or None,
                details={"present": present},
                event_id=click,
                **who(session, intent, workspace, study, None),
            )
            recorded = workspace.ledger.append(*rows, last)[-1]
    except (VerdictRefused, LedgerRefused) as error:
        keep_draft(workspace, session, study.id, "read", Action.READ, (intent, *findings), error)
        raise
    for own in findings:
        drop_draft(workspace, session, study.id, own.own or "read", own.draft)
    drop_draft(workspace, session, study.id, "read")
    return recorded


def undo(workspace: Workspace, session: Session, event_id: str) -> LedgerEntry:
    """Withdraw a row of this reader's by an `amend` row; nothing is erased. A read goes with its findings.

    Raises
    ------
    VerdictRule
        The row is not this reader's, is no verdict or sign-off, or was withdrawn before by another click.
    """
    with workspace.recording:
        intent = Intent(drawn_with=event_id)
        named = next((e for e in workspace.ledger.entries() if e.event_id == event_id), None)
        click = click_id(session, named.study if named else "", "", Action.AMEND, intent)
        known = _answered(workspace, click)
        if known is not None:
            return known
        entries = workspace.ledger.entries()
        row = check_amendment(entries, event_id=event_id, reader=session.reader)
        if row.details.get("window_s") and not is_veiled(workspace, session, row.study):
            raise VerdictRule(
                "Nothing was withdrawn.",
                "The window was judged before the model's result was shown, and stays.",
                "Record what you think now as a verdict.",
            )
        common = who(session, Intent(), workspace, workspace.study(row.study), None)
        together = _findings_of_read(entries, row)
        rows = [
            NewRow(
                action=Action.AMEND,
                supersedes=one.event_id,
                finding=one.finding,
                event_id=click if one is row else "",
                **common
                | {name: getattr(one, name) for name in ("model", "model_version", "model_digest", "prediction")}
                | {"input_digest": one.input_digest},
            )
            for one in (*together, row)
        ]
        withdrawn = workspace.ledger.append(*rows)[-1]
        draft_again(workspace, session, workspace.study(row.study), row, together)
        return withdrawn


def reopen(workspace: Workspace, session: Session, study: Study, reason: str = "") -> LedgerEntry:
    """Open a signed study again for this reader.

    Raises
    ------
    VerdictRule
        The reader has not signed it off.
    """
    with workspace.recording:
        if not is_closed(rows_for(workspace, session, study.id), study.id, session.reader):
            raise VerdictRule("Nothing was reopened.", "This reader has not signed the study off.", "Go on reading.")
        return workspace.ledger.append(
            NewRow(action=Action.REOPEN, reason=reason, **who(session, Intent(), workspace, study, None))
        )[0]


def _second(workspace: Workspace, session: Session, study: Study) -> dict[str, str]:
    """What tells a click of a second pass from the same click of the first."""
    mark = again_mark(rows_of(workspace, study.id), session.reader)
    return {"again": mark} if mark else {}


def _answered(workspace: Workspace, click: str) -> LedgerEntry | None:
    """The row of a click that was recorded before, as after a lost socket.

    Raises
    ------
    StalePage
        The row was withdrawn, or the study reopened, since: the page is older than that.
    """
    known = workspace.ledger.find(click) if click else None
    if known is None:
        return None
    for later in workspace.ledger.entries()[known.seq :]:
        withdrawn = later.action == Action.AMEND and later.supersedes == known.event_id
        reopened = (
            known.action == Action.SIGN_OFF
            and later.action == Action.REOPEN
            and (later.study, later.reader) == (known.study, known.reader)
        )
        if withdrawn or reopened:
            raise StalePage(
                "Nothing was recorded.",
                "The page is older than the row by which this was taken back.",
                "Reload the page and record again.",
            )
    return known


def _check_gate(workspace: Workspace, session: Session, study: Study, what: str) -> None:
    workspace.refuse_erased(study.id)
    if is_withheld(workspace, session, study.id):
        raise VerdictRule(
            what,
            "The study is read blind and this reader has not committed a read of their own.",
            "Commit your own read first.",
        )


def _check_standing(workspace: Workspace, study: Study, prediction: Prediction | None) -> None:
    """A verdict is about a result that stands for the series as they are assigned now."""
    if prediction is None or any(p.digest == prediction.digest for p in shelf_of(workspace).standing(study.id)):
        return
    raise StalePage(
        "The verdict was not recorded.",
        "A series was assigned to another sequence since: the result is of the assignment before.",
        "Reload the page; the model reads the study anew.",
    )


def _check_presented(entries: tuple[LedgerEntry, ...], session: Session, study: Study, prediction: str) -> None:
    """Whoever signs off beside a model's result has had it before them."""
    if not prediction or session.identity is Identity.SCRIPT:
        return
    what = (Action.PRESENT, session.reader, study.id, prediction)
    if not any((e.action, e.reader, e.study, e.prediction) == what for e in entries):
        raise NotDisplayed(
            "The study was not signed off.",
            "A model's result came in that you have not seen.",
            "Reload the page and look at it.",
        )


def _check_read(
    workspace: Workspace, session: Session, study: Study, present: bool, findings: Sequence[Intent]
) -> None:
    if not present and findings:
        raise VerdictRule("The read was not committed.", "It says 'nothing seen' and names findings.", "Choose one.")
    if present and not findings and session.identity is not Identity.SCRIPT:
        raise VerdictRule(
            "The read was not committed.", "It names no finding.", "Click a lesion or drag an event, or say N for none."
        )
    if committed_read(rows_for(workspace, session, study.id), study.id, session.reader) is not None:
        raise VerdictRule(
            "The read was not committed.", "This reader has committed one before.", "Go on to the review."
        )


def _findings_of_read(entries: tuple[LedgerEntry, ...], row: LedgerEntry) -> list[LedgerEntry]:
    """The rows that were committed in one write with a read, a decision or a verdict that split a finding: of its reader."""
    found = [e for e in entries if row.event_id and e.details.get("split_from") == row.event_id]
    if row.action not in (Action.READ, Action.ADJUDICATE):
        return found
    mine = [e for e in entries if (e.study, e.reader) == (row.study, row.reader) and e.seq < row.seq]
    for entry in reversed(mine):
        if entry.action != row.action or not entry.finding:
            break
        found.insert(0, entry)
    return found


def _own_kind(study: Study) -> str:
    return "seizure" if study.kind is StudyKind.EEG else "lesion"
