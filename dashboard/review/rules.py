"""The rules of a verdict and of a sign-off. Each refusal says what, why and what to do; none depends on the screen.

Trust model: they are asked under one lock with the append that follows, so that two tabs can't both pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..errors import NotDisplayed, StalePage, VerdictRule
from ..ledger import LedgerEntry, current_event, current_verdicts
from ..terms import FINDING_ACTIONS, Action, Role, Scope

__all__ = ["check_adjudication", "check_amendment", "check_assignment", "check_sign_off", "check_verdict", "is_closed"]

_CLOSING = frozenset({Action.SIGN_OFF, Action.REOPEN, Action.AMEND})
_DECISIONS = (*FINDING_ACTIONS,)


def is_closed(entries: Iterable[LedgerEntry], study: str, reader: str) -> bool:
    """Whether the reader has signed the study off and neither withdrawn that nor reopened the study."""
    closing = ""
    for entry in [entry for entry in entries if entry.action in _CLOSING]:
        if entry.study != study or entry.reader != reader:
            continue
        if entry.action == Action.SIGN_OFF:
            closing = entry.event_id
        elif entry.action == Action.REOPEN or (entry.action == Action.AMEND and entry.supersedes == closing):
            closing = ""
    return bool(closing)


def check_verdict(
    entries: Sequence[LedgerEntry],
    *,
    action: Action,
    study: str,
    prediction: str,
    finding: str,
    reader: str,
    reason: str,
    shown: bool,
    scripted: bool,
    drawn_with: str,
    reason_on_reject: bool,
) -> None:
    """Refuse a verdict that breaks a rule.

    Parameters
    ----------
    finding : str
        The finding's number within the prediction; empty for a finding of the reader's own (`add`).
    shown : bool
        It had been on this reader's screen; scripts say in their row that this is not known.
    drawn_with : str
        The event that was current for the finding when the page was drawn (`ledger.current_event`).

    Raises
    ------
    VerdictRule
        The study is closed, a reason is missing, or the action does not fit.
    NotDisplayed
        The finding had not been on screen.
    StalePage
        Another verdict was recorded since the page was drawn.
    """
    if is_closed(entries, study, reader):
        raise VerdictRule(
            "The verdict was not recorded.", "This reader has signed the study off.", "Reopen the study first."
        )
    if action is Action.ADD:
        return
    if action not in FINDING_ACTIONS or not finding or not prediction:
        raise VerdictRule(
            "The verdict was not recorded.", "It names no finding of a model.", "Choose a finding and record again."
        )
    if action is Action.REJECT and reason_on_reject and not reason:
        raise VerdictRule(
            "The verdict was not recorded.", "A rejected finding needs a reason.", "Choose a reason and record again."
        )
    if scripted:
        return
    if not shown:
        raise NotDisplayed(
            "The verdict was not recorded.",
            "The finding has not been on your screen.",
            "Open it in the viewer and record again.",
        )
    if current_event(entries, study, prediction, finding, reader) != drawn_with:
        raise StalePage(
            "The verdict was not recorded.",
            "The page was drawn before another verdict on this finding; yours is kept as a draft.",
            "Look at the finding as it stands now and record again.",
        )


def check_sign_off(
    entries: Sequence[LedgerEntry],
    *,
    study: str,
    reader: str,
    scope: Scope,
    prediction: str,
    findings: Sequence[str],
    displayed: float,
    reason: str,
    scripted: bool,
) -> None:
    """Refuse a sign-off that would claim more than was done.

    Parameters
    ----------
    prediction : str
        The result that was reviewed; empty where no model result exists.
    findings : sequence of str
        Its findings' numbers.
    displayed : float
        The least share displayed of any series, or of the recording, 0 to 1.

    Raises
    ------
    VerdictRule
        The study is closed; findings are open; no result exists and the scope is not the whole study; or the whole
        study is signed with less than all of it displayed and no reason.
    """
    if is_closed(entries, study, reader):
        raise VerdictRule("The study was not signed off.", "This reader has signed it before.", "Go on to the next.")
    if not prediction and scope is not Scope.WHOLE_STUDY:
        raise VerdictRule(
            "The study was not signed off.",
            "There is no model result whose findings could have been reviewed.",
            "Sign off the whole study as read.",
        )
    verdicts = current_verdicts(entries)
    left = [number for number in findings if (study, prediction, number, reader) not in verdicts]
    if left:
        raise VerdictRule(
            "The study was not signed off.",
            f"{len(left)} of its {len(findings)} findings are open.",
            "Accept, modify, reject or mark each as unsure first.",
        )
    if scope is Scope.WHOLE_STUDY and displayed < 1 and not reason:
        raise VerdictRule(
            "The study was not signed off as wholly read.",
            "Its share on screen is not known to a script."
            if scripted
            else f"Only {displayed:.0%} of it has been on screen.",
            "Give a reason, or display the rest.",
        )


def check_amendment(entries: Sequence[LedgerEntry], *, event_id: str, reader: str) -> LedgerEntry:
    """The row that an amendment may withdraw.

    Raises
    ------
    VerdictRule
        The row is not this reader's verdict, sign-off or read of a study; was withdrawn before; or is the read that
        opened the gate, and something of a model was shown.
    """
    row = next((e for e in entries if e.event_id == event_id and e.reader == reader), None)
    may = {*FINDING_ACTIONS, Action.ADD, Action.SIGN_OFF, Action.READ, Action.ADJUDICATE}
    part = row is not None and row.action in (Action.READ, Action.ADJUDICATE) and bool(row.finding)
    if row is None or row.action not in may or part:
        raise VerdictRule("Nothing was withdrawn.", "The row is not a verdict of this reader's.", "Reload the page.")
    if any(e.action == Action.AMEND and e.supersedes == event_id for e in entries):
        raise VerdictRule("Nothing was withdrawn.", "The row was withdrawn before.", "Reload the page.")
    if row.action == Action.READ and any(
        e.action == Action.PRESENT and (e.study, e.reader) == (row.study, reader) for e in entries
    ):
        raise VerdictRule(
            "Nothing was withdrawn.",
            "The read was committed before the model's result was shown, and stays.",
            "Record what you think now as verdicts.",
        )
    return row


def check_assignment(*, role: Role, scripted: bool) -> None:
    """Refuse an assignment by somebody who does not operate the site.

    Raises
    ------
    VerdictRule
        The role is not the operator's.
    """
    if role is not Role.OPERATOR and not scripted:
        raise VerdictRule(
            "The study was not assigned.", "Only an operator assigns studies.", "Ask whoever operates this workspace."
        )


def check_adjudication(
    *,
    role: Role,
    waits: bool,
    has_read: bool,
    shown: Sequence[str],
    to_show: Sequence[str],
    decisions: Mapping[str, str],
    findings: Sequence[str],
) -> None:
    """Refuse a decision that was not made as an adjudicator makes it.

    Parameters
    ----------
    waits : bool
        The study needs adjudication.
    has_read : bool
        The adjudicator has committed a read of their own.
    shown, to_show : sequence of str
        Event ids that the page showed, and those that stand now, in their order.
    decisions : mapping
        accept, modify, reject or unsure by finding.
    findings : sequence of str
        All findings that are to be decided on.

    Raises
    ------
    VerdictRule
        Another role, a study that needs none, no read committed, or findings without a decision.
    StalePage
        A reader has recorded something since the page was drawn.
    """
    what = "The decision was not recorded."
    if role is not Role.ADJUDICATOR:
        raise VerdictRule(what, "Only an adjudicator decides between readers.", "Ask one to open the study.")
    if not waits:
        raise VerdictRule(what, "The study does not need adjudication.", "Go on to the next.")
    if not has_read:
        raise VerdictRule(what, "The adjudicator has not committed a read of their own.", "Commit your own read first.")
    if list(shown) != list(to_show):
        raise StalePage(
            what, "A reader has recorded something since the page was drawn.", "Reload the page and decide again."
        )
    left = [finding for finding in findings if decisions.get(finding) not in _DECISIONS]
    if left or set(decisions) - set(findings):
        raise VerdictRule(
            what,
            f"{len(left)} of {len(findings)} findings are without a decision.",
            "Accept, modify, reject or mark each as unsure first.",
        )
