"""The ledger as a state machine: whatever two writers, crashes, full disks and repeats do, what was said stays said."""

from __future__ import annotations

import errno
import os
import tempfile
import uuid
from pathlib import Path
from unittest import mock

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dashboard.errors import LedgerWriteFailed
from tests.builders.rows import a_ledger, a_row
from tests.ledger.test_chain import independent_check

WHO = st.integers(0, 1)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)


class LedgerMachine(RuleBasedStateMachine):
    """Two processes' ledgers over one file, and the rows that either has acknowledged."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.writers = [a_ledger(self.root), a_ledger(self.root)]
        self.said: dict[str, tuple[str, str]] = {}

    def _path(self) -> Path:
        return self.writers[0].path

    @rule(who=WHO, reason=TEXT, comment=TEXT, count=st.integers(1, 3))
    def append(self, who, reason, comment, count):
        rows = [a_row(reason=reason, comment=comment, event_id=str(uuid.uuid4())) for _ in range(count)]
        for entry in self.writers[who].append(*rows):
            self.said[entry.event_id] = (entry.reason, entry.hash)

    @rule(who=WHO)
    def repeat(self, who):
        for event_id, (reason, digest) in list(self.said.items())[-2:]:
            assert self.writers[who].append(a_row(reason=reason, event_id=event_id))[0].hash == digest

    @rule(who=WHO)
    def restart(self, who):
        self.writers[who] = a_ledger(self.root)

    @rule(junk=st.binary(min_size=1, max_size=40))
    def crash(self, junk):
        if self._path().exists():
            with self._path().open("ab") as stream:
                stream.write(junk)

    @rule(who=WHO, call=st.sampled_from(["fsync", "write"]))
    def failing_disk(self, who, call):
        def fail(*_given):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with mock.patch.object(os, call, fail):
            try:
                self.writers[who].append(a_row(reason="lost", event_id=str(uuid.uuid4())))
            except LedgerWriteFailed:
                return
        raise AssertionError("acknowledged on a disk that fails")

    @rule(who=WHO)
    def read(self, who):
        found = {e.event_id: (e.reason, e.hash) for e in self.writers[who].entries()}
        assert self.said.items() <= found.items()

    @invariant()
    def what_was_said_stands_once_and_in_a_whole_chain(self):
        if not getattr(self, "said", None):
            return
        data = self._path().read_bytes()
        whole = self.writers[0].verify().rows
        lines = data.split(b"\r\n")
        ids = independent_check(b"\r\n".join(lines[: whole + 1]) + b"\r\n")
        assert {i: ids.count(i) for i in self.said} == dict.fromkeys(self.said, 1)

    def teardown(self):
        if hasattr(self, "folder"):
            self.writers.clear()
            self.folder.cleanup()


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
