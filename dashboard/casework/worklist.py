"""The list of studies as one reader may see it, its orders, and which study comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..domain import Prediction, Session
from ..errors import LedgerRefused, UsageError
from ..ledger import LedgerEntry, NewRow
from ..review import (
    ORDERS,
    READING_ROLES,
    Order,
    StudyState,
    again_mark,
    assigned_to,
    current_pass,
    earlier_model,
    in_order,
    is_again_hidden,
    is_closed,
    is_repeat_due,
    is_taken,
    state_seen_by,
    study_state,
)
from ..terms import SEQUENCE_WORDS, Action, ExposureClass, Identity, Role, StudyKind
from ..workspace import Workspace
from ..workspace.outlines import StudyOutline
from .control_studies import draw_studies, is_listed, study_controls_run
from .controls import sample_row
from .reveal import present_row, reveal
from .shelf import Shelf, is_veiled, owes_own_read, rows_for, rows_of, shelf_of, visible_of

__all__ = ["Case", "case_list", "is_done", "next_study", "offered_orders", "open_out_of", "order_shown", "record_place"]


@dataclass(frozen=True)
class Case:
    """One line of the worklist: a state only, no score.

    Attributes
    ----------
    assigned : tuple of str
        Readers to whom the study is assigned.
    open_by : mapping
        Seconds since the last sign of life, by other reader who has the study open now.
    reviewed_under : str
        The model version beside which the study was signed off, where another result came since.
    """

    study: str
    short: str
    kind: str
    subject: str
    age_years: int | None
    sex: str
    acquired_on: str
    series_or_channels: str
    state: str
    state_words: str
    readers: tuple[str, ...]
    detail: str
    issues: tuple[dict[str, str], ...]
    synthetic: bool
    added_at: str
    assigned: tuple[str, ...] = ()
    open_by: Mapping[str, float] | None = None
    reviewed_under: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The case as `--json` prints it."""
        return asdict(self)


@dataclass(frozen=True)
class _Line:
    """A case, and what decides where it stands and who gets it next.

    Attributes
    ----------
    owes : bool
        Nothing of a model may tell in its place: a read is owed, or unlabelled windows are to be judged first.
    listed : bool
        It stands in this reader's list: all do, but for MR studies while sampled controls run.
    undrawn : Prediction or None
        An MR result that is still to be drawn from, for controls.
    """

    case: Case
    owes: bool
    closed: bool
    taken: bool
    waits: bool
    listed: bool = True
    undrawn: Prediction | None = None


def case_list(
    workspace: Workspace, session: Session, order: str = "first_added", *, also: str = ""
) -> tuple[Case, ...]:
    """All studies with their states; states only, nothing of what a model found.

    Parameters
    ----------
    order : str
        A key of `review.ORDERS`. In one that rests on scores, a study of which the reader owes a read stands last.
    also : str
        A study that lies open: in the list in any case, so that its page does not tell that it was not drawn.

    Raises
    ------
    UsageError
        There is no such order.
    """
    return tuple(line.case for line in _lines(workspace, session, order, also))


def offered_orders(workspace: Workspace, session: Session) -> tuple[Order, ...]:
    """Orders that the reader may choose: those of a model only where a study is there of which no read is owed."""
    lines = _lines(workspace, session, "first_added")
    free = any(not line.owes for line in lines)
    return tuple(order for order in ORDERS.values() if free or not order.is_of_model)


def order_shown(workspace: Workspace, session: Session, order: str, studies: Iterable[str]) -> None:
    """Remember of which studies a session has seen the place in an order of the model. No row: nothing was opened yet.

    Studies without a result, and those of which a read is owed, stand in it as if there were no model.
    """
    if not _order(order).is_of_model:
        return
    shelf, shown = shelf_of(workspace), set(studies)
    free = {line.case.study for line in _lines(workspace, session, order) if not line.owes} & shown
    shelf.orders.add(session.id, (study for study in free if shelf.is_predicted(study)))


def record_place(workspace: Workspace, session: Session, study: str) -> None:
    """Record PRIORITY where this session has seen the study's place in an order of the model, however it opens it now.

    Raises
    ------
    LedgerRefused
        The row could not be made durable; the study must not open.
    """
    if study in shelf_of(workspace).orders.shown(session.id):
        reveal(workspace, session, workspace.study(study), {ExposureClass.PRIORITY})


def open_out_of(workspace: Workspace, session: Session, study: str, order: str) -> None:
    """Before a study opens: record what its place in the list told, and begin a second pass where one is due.

    Raises
    ------
    LedgerRefused
        The row could not be made durable; the study must not open.
    """
    shelf = shelf_of(workspace)
    index = shelf.catch_up(workspace.ledger.entries())
    if session.identity is not Identity.SCRIPT and is_repeat_due(index, shelf.policy, study, session.reader):
        _begin_again(workspace, session, study)
    chosen = _order(order)
    if chosen.is_of_model:
        reveal(workspace, session, workspace.study(study), chosen.exposure)
    else:
        record_place(workspace, session, study)
    if owes_own_read(workspace, session, study):
        _present_listing(workspace, session, study)


def next_study(
    workspace: Workspace, session: Session, kind: StudyKind | None = None, after: str = "", order: str = "first_added"
) -> str | None:
    """The next study for this reader, in the order: the one after the given, then from the start.

    What is assigned to them comes first. What others have taken, as many as the site wants, is left to them; what
    lies open at another desk comes only when nothing else is left. An adjudicator gets what waits for a decision.
    """
    lines = [line for line in _lines(workspace, session, order) if kind is None or line.case.kind == kind]
    position = next((n + 1 for n, line in enumerate(lines) if line.case.study == after), 0)
    turned = [line for line in (*lines[position:], *lines[:position]) if line.case.study != after]
    if session.role is Role.ADJUDICATOR:
        return next((line.case.study for line in turned if line.waits), None)
    open_ = [line for line in turned if not line.closed]
    for wanted in (
        [line for line in open_ if session.reader in line.case.assigned],
        [line for line in open_ if not line.taken and not line.case.open_by],
        [line for line in open_ if not line.taken],
    ):
        if wanted:
            return wanted[0].case.study
    return None


def is_done(workspace: Workspace, session: Session, study: str) -> bool:
    """Whether this reader has signed the study off, and not reopened it."""
    return is_closed(rows_for(workspace, session, study), study, session.reader)


def _order(key: str) -> Order:
    if key not in ORDERS:
        raise UsageError(
            f"There is no order {key}.", "It is not one of the worklist's.", f"Choose {', '.join(ORDERS)}."
        )
    return ORDERS[key]


def _begin_again(workspace: Workspace, session: Session, study: str) -> None:
    with workspace.recording:
        shelf = shelf_of(workspace)
        index = shelf.catch_up(workspace.ledger.entries())
        if not is_repeat_due(index, shelf.policy, study, session.reader):
            return
        outline = workspace.outlines.get(study)
        workspace.ledger.append(
            NewRow(
                action=Action.ASSIGN,
                reader="overread",
                role=Role.OPERATOR,
                identity=Identity.SYSTEM,
                study=study,
                subject=outline.subject if outline else "",
                kind=outline.kind if outline else "",
                details={"assignee": session.reader, "again": True},
            )
        )


def _present_listing(workspace: Workspace, session: Session, study: str) -> None:
    """Record, once a reader and pass, that the model has a part in which MR studies are listed, while controls run."""
    case, predictions = workspace.study(study), shelf_of(workspace).standing(study)
    if case.kind is not StudyKind.MR or not study_controls_run(workspace) or not predictions:
        return
    known = rows_for(workspace, session, study)
    if not any((e.action, e.reader, e.prediction) == (Action.PRESENT, session.reader, predictions[-1].digest)
               for e in known):  # fmt: skip
        mark = again_mark(rows_of(workspace, study), session.reader)
        workspace.ledger.append(present_row(session, case, predictions[-1], {ExposureClass.PRIORITY}, mark))


def _lines(workspace: Workspace, session: Session, order: str, also: str = "") -> tuple[_Line, ...]:
    """The lines in an order; each is worked out again only where something of its study has changed."""
    chosen = _order(order)
    shelf = shelf_of(workspace)
    index = shelf.catch_up(workspace.ledger.entries())
    outlines = [o for o in (workspace.outlines.get(study) for study in workspace.study_ids()) if o is not None]
    outlines.sort(key=lambda o: (o.added_at, o.id))
    shorts = shelf.keep(("shorts",), tuple(o.id for o in outlines), lambda: _shorts([o.id for o in outlines]))
    jobs = {study: job for (study, _), job in workspace.jobs.latest().items()}
    open_now = workspace.presence.open_now(shelf.policy.open_minutes)
    lines: dict[str, _Line] = {}
    for outline in outlines:
        rows = index.of(outline.id)
        job = jobs.get(outline.id)
        predicted = shelf.is_predicted(outline.id, outline)
        due = is_repeat_due(index, shelf.policy, outline.id, session.reader)
        others = {r: age for r, age in open_now.get(outline.id, {}).items() if r != session.reader}
        on = (
            outline.stamp, shorts[outline.id], len(rows), rows[-1].hash if rows else "", predicted, due, others,
            (job.state, job.error) if job else None,
        )  # fmt: skip

        def make(
            outline: StudyOutline = outline, rows: tuple[LedgerEntry, ...] = rows, said: tuple[Any, ...] = on
        ) -> _Line:
            return _line(workspace, shelf, session, outline, rows, said)

        lines[outline.id] = shelf.keep(("line", outline.id, session.reader, session.role), on, make)
    if _draw(workspace, lines):
        return _lines(workspace, session, order, also)
    lines = {study: line for study, line in lines.items() if line.listed or study == also}
    if not chosen.is_of_model:
        return tuple(lines[s] for s in in_order(chosen, tuple(lines), {}, frozenset()))
    owed = {study for study, line in lines.items() if line.owes}
    scores = {study: shelf.scores(study) for study in lines if study not in owed and shelf.is_predicted(study)}
    return tuple(lines[s] for s in in_order(chosen, tuple(lines), scores, owed))


def _draw(workspace: Workspace, lines: Mapping[str, _Line]) -> bool:
    """Draw from results that are new to the controls. What can't be recorded is not drawn, and not listed as yet."""
    undrawn = [line.undrawn for line in lines.values() if line.undrawn is not None]
    if not undrawn:
        return False
    try:
        with workspace.recording:
            return bool(draw_studies(workspace, undrawn))
    except LedgerRefused:
        return False


def _line(
    workspace: Workspace,
    shelf: Shelf,
    session: Session,
    outline: StudyOutline,
    rows: tuple[LedgerEntry, ...],
    said: tuple[Any, ...],
) -> _Line:
    study, reader, role, policy = outline.id, session.reader, session.role, shelf.policy
    predicted, due, others, job = said[4], said[5], said[6], said[7]
    reads = role in READING_ROLES
    controls = outline.kind is StudyKind.MR and reads and study_controls_run(workspace)
    owes = owes_own_read(workspace, session, study, rows) or (due and reads and (policy.blind_first or controls))
    known = {"predicted": predicted, "running": bool(job and job[0] in ("queued", "running")),
             "failed": job[1] if job and job[0] == "failed" else ""}  # fmt: skip
    if owes and reads:
        known = {}
    full = study_state(rows, study, policy, **known)
    again = due or is_again_hidden(rows, study, reader)
    if reads and (owes or again or policy.readers > 1):
        own = () if due or owes else current_pass(rows, reader)
        state = state_seen_by(own, study, policy, reader, **known)
    else:
        state = full if role is not Role.ADJUDICATOR else _unnamed(full)
    hide = reads and (owes or again)
    case = _case(outline, said[1], state)
    listed, undrawn = True, None
    if controls:
        newest = shelf.standing(study)[-1:] if predicted else ()
        failed = bool(job and job[0] == "failed")
        listed = is_listed(
            rows, newest[0] if newest else None, reader, failed=failed, assigned=assigned_to(rows, policy)
        )
        undrawn = next((one for one in newest if sample_row(rows, one.digest) is None), None)
    return _Line(
        replace(
            case,
            assigned=assigned_to(rows, policy),
            open_by=others if others and (policy.readers == 1 or not reads) else None,
            reviewed_under="" if hide else earlier_model(visible_of(workspace, session, study)),
        ),
        owes=owes or is_veiled(workspace, session, study, rows),
        closed=not due and is_closed(current_pass(rows, reader), study, reader),
        taken=not due and not again and is_taken(rows, policy, reader, frozenset(others)),
        waits=full.state == "adjudicate",
        listed=listed,
        undrawn=undrawn,
    )


def _unnamed(state: StudyState) -> StudyState:
    return replace(state, readers=()) if state.state == "adjudicate" else state


def _shorts(studies: list[str]) -> dict[str, str]:
    """Each pseudonym as short as it may be: six characters after the prefix, more until it is unique."""
    counts = Counter(study[:length] for study in studies for length in range(8, len(study) + 1))
    return {s: next((s[:n] for n in range(8, len(s)) if counts[s[:n]] == 1), s) for s in studies}


def _case(outline: StudyOutline, short: str, state: StudyState) -> Case:
    if outline.kind is StudyKind.MR:
        words = [SEQUENCE_WORDS[sequence] for sequence in outline.sequences]
        holds = " ".join(dict.fromkeys("T1c" if w == "T1 with contrast" else w for w in words))
    else:
        minutes = outline.duration_s / 60
        length = f"{minutes:.0f} min" if minutes >= 1 else f"{outline.duration_s:.0f} s"
        holds = f"{outline.channels} channels, {length}"
    return Case(
        study=outline.id,
        short=short,
        kind=str(outline.kind),
        subject=outline.subject,
        age_years=outline.age_years,
        sex=outline.sex,
        acquired_on=outline.acquired_on,
        series_or_channels=holds,
        state=state.state,
        state_words=state.words,
        readers=state.readers,
        detail=state.detail,
        issues=outline.issues,
        synthetic=outline.synthetic,
        added_at=outline.added_at,
    )
