"""States as a state machine: whatever readers and an adjudicator do in whatever order, a study is where it should be."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import booleans, sampled_from

from dashboard.review import (
    ReadingPolicy,
    StudyIndex,
    is_closed,
    needs_adjudication,
    state_seen_by,
    study_state,
    visible_rows,
)
from dashboard.terms import Role
from tests.builders.rows import a_ledger, a_row

STUDY = "S-AAAAAAAAAA"
READERS = ("R-01", "R-02", "R-03")
STATES = {"new", "to_review", "in_review", "done", "adjudicate"}


class WorklistMachine(RuleBasedStateMachine):
    """One study, two readers wanted, three who may read, one adjudicator; beside the rows, what ought to be so.

    What ought to be is kept in the plainest way: who has said what, who has signed, whether a decision stands.
    """

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = a_ledger(self.folder)
        self.index = StudyIndex()
        self.says: dict[str, str] = {}
        self.signed: dict[str, str] = {}
        self.reopened: set[str] = set()
        self.decision = ""
        self.predicted = False

    def teardown(self):
        """Take the folder away."""
        shutil.rmtree(self.folder)

    @initialize(share=sampled_from([0.0, 1.0]))
    def begin(self, share):
        """Agreements are adjudicated all, or none."""
        self.policy = ReadingPolicy(readers=2, adjudicate_agreements=share)

    def row(self, action, **said):
        """Append a row and give its id."""
        return self.ledger.append(a_row(action, study=STUDY, **said))[0].event_id

    @rule()
    def predict(self):
        """A result comes in."""
        self.predicted = True

    @rule(reader=sampled_from(READERS), accepts=booleans())
    def judge(self, reader, accepts):
        """A verdict of a reader who has not signed."""
        if reader not in self.signed:
            action = "accept" if accepts else "reject"
            self.row(action, reader=reader, reason="" if accepts else "vessel")
            self.says[reader] = action

    @rule(reader=sampled_from(READERS))
    def sign(self, reader):
        """A reader who has judged signs off."""
        if reader in self.says and reader not in self.signed:
            self.signed[reader] = self.row("sign_off", reader=reader, finding="", scope="ai_findings")

    @rule(reader=sampled_from(READERS))
    def take_back(self, reader):
        """A sign-off is withdrawn, and with it the decision that rested on it."""
        if reader in self.signed:
            self.row("amend", reader=reader, finding="", supersedes=self.signed.pop(reader))
            self.decision = ""

    @rule(reader=sampled_from(READERS))
    def reopen(self, reader):
        """A signed study is opened again."""
        if reader in self.signed:
            del self.signed[reader]
            self.row("reopen", reader=reader, finding="")
            self.reopened.add(reader)
            self.decision = ""

    @precondition(lambda self: self.waits)
    @rule()
    def decide(self):
        """An adjudicator settles what waits."""
        said = {"reader": "A-01", "role": "adjudicator"}
        self.row("read", finding="", exposure="NONE", details={"present": True}, **said)
        self.row("adjudicate", details={"decision": "accept"}, **said)
        self.decision = self.row("adjudicate", finding="", details={"present": True}, **said)

    @precondition(lambda self: self.decision)
    @rule()
    def withdraw_decision(self):
        """The adjudicator takes the decision back."""
        self.row("amend", finding="", reader="A-01", role="adjudicator", supersedes=self.decision)
        self.decision = ""

    @property
    def waits(self):
        """Whether the study ought to wait for an adjudicator."""
        said = {self.says[reader] for reader in self.signed}
        differ = len(said) > 1 or self.policy.adjudicate_agreements == 1.0
        return len(self.signed) >= 2 and not self.decision and differ

    @property
    def rows(self):
        """The study's rows by way of the index, which is never built anew."""
        self.index.catch_up(self.ledger.entries())
        return self.index.of(STUDY)

    @invariant()
    def the_state_is_what_it_ought_to_be(self):
        """One state, and the right one."""
        at_it = ({*self.says} | self.reopened) - {*self.signed}
        if self.waits:
            wanted = "adjudicate"
        elif at_it or len(self.signed) == 1:
            wanted = "in_review"
        elif len(self.signed) >= 2:
            wanted = "done"
        else:
            wanted = "to_review" if self.predicted else "new"
        state = study_state(self.rows, STUDY, self.policy, predicted=self.predicted)
        assert state.state == wanted and state.state in STATES
        assert needs_adjudication(self.rows, self.policy, STUDY) == self.waits

    @invariant()
    def a_reader_sees_their_own_doing_alone(self):
        """Neither the state nor a row tells a reader of another before the study is settled."""
        settled = bool(self.decision) or (len(self.signed) >= 2 and not self.waits)
        for reader in READERS:
            seen = state_seen_by(self.rows, STUDY, self.policy, reader, predicted=self.predicted)
            assert set(seen.readers) <= {reader} and seen.state != "adjudicate"
            assert (seen.state == "done") == (reader in self.signed) == is_closed(self.rows, STUDY, reader)
            told = visible_rows(self.rows, STUDY, reader, Role.RADIOLOGIST, self.policy)
            if not settled:
                assert {row.reader for row in told} <= {reader}
            else:
                assert told == self.rows

    @invariant()
    def the_index_built_at_once_is_the_one_kept_up(self):
        """Sorting in row by row gives what sorting all at once gives."""
        fresh = StudyIndex()
        fresh.catch_up(self.ledger.entries())
        assert fresh.of(STUDY) == self.rows


TestWorklistMachine = WorklistMachine.TestCase
TestWorklistMachine.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
