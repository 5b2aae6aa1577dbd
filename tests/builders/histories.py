"""Histories of a ledger: whatever readers, scripts and the system may lawfully do to two studies, as true rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from dashboard.ledger import NewRow
from dashboard.review import format_exposure
from dashboard.terms import ExposureClass
from tests.builders.rows import a_row

__all__ = ["BLIND_RULES", "MODELS", "READERS", "STEPS", "STUDIES", "History", "any_steps", "under_blind_rules"]

STUDIES = ("S-AAAAAAAAAA", "S-BBBBBBBBBB")
READERS = ("Anna Beispiel", "R-02")
MODELS = ("glioma-test", "other tool")
BLIND_RULES = "b" * 64
_DIGEST = {model: str(n) * 64 for n, model in enumerate(MODELS, start=1)}
STEPS = ("predict", "show", "order", "interact", "read", "accept", "reject", "add", "sign", "undo", "reopen", "again",
         "script", "script_sign", "assign", "fault", "anchor", "lookup", "sample")  # fmt: skip


_READINGS = (
    ("predict", "read", "show", "accept", "reject", "sign"),
    ("predict", "show", "interact", "reject", "accept", "undo", "sign"),
    ("reopen", "read", "show", "reject", "sign"),
    ("again", "read", "show", "accept", "sign"),
    ("sign", "undo"),
)


def under_blind_rules(protocol: str) -> bool | None:
    """What the ledger can tell of the rules of a history: 'b' * 64 was blind-first, 'o' * 64 was not."""
    return {BLIND_RULES: True, "o" * 64: False}.get(protocol)


def any_steps(passages: int) -> st.SearchStrategy[list[tuple[str, str, str, int]]]:
    """Steps for `History.step`: single ones in any order, and whole readings among them, mostly of one reader."""
    whom = st.sampled_from([(STUDIES[0], READERS[0])] * 4 + [(STUDIES[0], READERS[1]), (STUDIES[1], READERS[0])])
    passage = st.one_of(st.sampled_from(_READINGS), st.tuples(st.sampled_from(STEPS)))
    one = st.builds(
        lambda steps, who, numbers: [(step, *who, n) for step, n in zip(steps, numbers, strict=False)],
        passage,
        whom,
        st.lists(st.integers(0, 5), min_size=7, max_size=7),
    )
    return st.lists(one, max_size=passages).map(lambda told: [step for steps in told for step in steps])


@dataclass
class History:
    """The rows so far; a step that the rules forbid is not taken."""

    identity: str = "unverified"
    protocol: str = ""
    role: str = "radiologist"
    rows: list[NewRow] = field(default_factory=list)
    _results: dict[str, list[str]] = field(default_factory=dict)
    _reached: dict[tuple[str, str], set[ExposureClass]] = field(default_factory=dict)
    _closed: dict[tuple[str, str], str] = field(default_factory=dict)
    _verdicts: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _reads: dict[tuple[str, str], str] = field(default_factory=dict)
    _repeats: set[tuple[str, str]] = field(default_factory=set)

    def begin(self) -> History:
        """Both studies are taken in."""
        for study in STUDIES:
            self._system("intake", study)
        return self

    def step(self, what: str, study: str, reader: str, number: int) -> None:
        """One deed, if it is lawful now; `number` chooses the finding, the model or the classes."""
        getattr(self, f"_{what}")(study, reader, number)

    def _say(self, action: str, study: str, reader: str, **given: Any) -> str:
        key = (study, reader)
        said = {
            "reader": reader, "role": self.role, "identity": self.identity, "protocol": self.protocol,
            "exposure": format_exposure(self._reached.get(key, set())), "study": study, "finding": "",
            "finding_kind": "", "model": "", "prediction": "", "event_id": f"row-{len(self.rows) + 1}",
        }  # fmt: skip
        self.rows.append(a_row(action, **{**said, **given}))
        return self.rows[-1].event_id

    def _system(self, action: str, study: str, **given: Any) -> None:
        said = {"identity": "system", "role": "operator", "exposure": "", "protocol": ""}
        self._say(action, study, "overread", **{**said, **given})

    def _of(self, model: str) -> dict[str, str]:
        return {"model": model, "model_version": "1.0", "model_digest": _DIGEST[model], "prediction": _DIGEST[model]}

    def _shown(self, study: str, reader: str) -> list[str]:
        return [m for m in self._results.get(study, []) if ("shown", study, reader, m) in self._verdicts]

    def _predict(self, study: str, _reader: str, number: int) -> None:
        model = MODELS[number % 2]
        if model not in self._results.setdefault(study, []):
            self._results[study].append(model)
            self._system("predict", study, **self._of(model), details={"findings": 2, "imported": bool(number % 2)})

    def _show(self, study: str, reader: str, number: int) -> None:
        if self.protocol == BLIND_RULES and (study, reader) not in self._reads:
            return
        classes = [{"PRESENCE"}, {"LOCALIZATION", "QUANTITATIVE"}, {"PRIORITY", "CATEGORICAL"}][number % 3]
        found = {ExposureClass(c) for c in classes}
        for model in self._results.get(study, []):
            self._verdicts["shown", study, reader, model] = ""
            self._reached.setdefault((study, reader), set()).update(found)
            self._say("present", study, reader, exposure=format_exposure(found), protocol="", **self._of(model))

    def _order(self, study: str, reader: str, _number: int) -> None:
        self._reached.setdefault((study, reader), set()).add(ExposureClass.PRIORITY)
        self._say("present", study, reader, exposure="PRIORITY", protocol="")

    def _interact(self, study: str, reader: str, _number: int) -> None:
        for model in self._shown(study, reader)[:1]:
            self._say("interact", study, reader, details={"what": "overlay"}, **self._of(model))

    def _read(self, study: str, reader: str, number: int) -> None:
        if (study, reader) in self._reads or (study, reader) in self._closed:
            return
        for own in range(number % 2):
            self._say("read", study, reader, finding=f"r-{len(self.rows)}-{own}", finding_kind="lesion", confidence=3)
        self._reads[study, reader] = self._say("read", study, reader, details={"present": bool(number % 2)})

    def _verdict(self, action: str, study: str, reader: str, number: int, **given: Any) -> None:
        model = next(iter(self._shown(study, reader)), "")
        if not model or (study, reader) in self._closed:
            return
        key = (study, reader, f"{model}/{1 + number % 2}")
        said = {"finding": str(1 + number % 2), "finding_kind": "lesion", "supersedes": self._verdicts.get(key, "")}
        self._verdicts[key] = self._say(action, study, reader, **{**said, **self._of(model), **given})

    def _accept(self, study: str, reader: str, number: int) -> None:
        self._verdict("accept", study, reader, number)

    def _reject(self, study: str, reader: str, number: int) -> None:
        reason = ("vessel", "Anna Beispiel said so")[number % 2]
        self._verdict("reject", study, reader, number, reason=reason, comment="of Anna Beispiel" if number > 1 else "")

    def _add(self, study: str, reader: str, _number: int) -> None:
        if (study, reader) not in self._closed:
            self._say("add", study, reader, finding=f"r-{len(self.rows)}", details={"volume_ml": 0.5, "edit": "drawn"})

    def _sign(self, study: str, reader: str, number: int, **given: Any) -> None:
        if (study, reader) not in self._closed:
            said = {"scope": "whole_study", "details": {"displayed": {"d" * 64: 0.25 * (number % 5)}}, **given}
            self._closed[study, reader] = self._say("sign_off", study, reader, **said)

    def _undo(self, study: str, reader: str, number: int) -> None:
        own = {key: row for key, row in self._verdicts.items() if key[:2] == (study, reader) and row}
        if number % 2 and (study, reader) in self._closed:
            self._say("amend", study, reader, supersedes=self._closed.pop((study, reader)))
        elif number == 2 and (study, reader) in self._reads and not self._reached.get((study, reader)):
            self._say("amend", study, reader, supersedes=self._reads.pop((study, reader)))
        elif own:
            key, row = next(iter(own.items()))
            del self._verdicts[key]
            self._say("amend", study, reader, supersedes=row, finding=key[2].rpartition("/")[2])

    def _reopen(self, study: str, reader: str, _number: int) -> None:
        if self._closed.pop((study, reader), None):
            self._say("reopen", study, reader, reason="asked by Anna Beispiel")

    def _again(self, study: str, reader: str, _number: int) -> None:
        key = (study, reader)
        if key not in self._closed or key in self._repeats:
            return
        self._repeats.add(key)
        del self._closed[key]
        self._reads.pop(key, None)
        self._verdicts = {k: v for k, v in self._verdicts.items() if k[:2] != key}
        self._system("assign", study, details={"assignee": reader, "again": True})

    def _script(self, study: str, reader: str, number: int) -> None:
        self._verdict("accept", study, reader, number, identity="script", role="operator", exposure="UNKNOWN")

    def _script_sign(self, study: str, reader: str, number: int) -> None:
        self._sign(study, reader, number, identity="script", role="operator", exposure="UNKNOWN")

    def _assign(self, study: str, reader: str, _number: int) -> None:
        self._system("assign", study, details={"assignee": reader})

    def _fault(self, _study: str, _reader: str, _number: int) -> None:
        self._system("fault", "", subject="", kind="", details={"code": "torn_tail", "bytes": 3})

    def _anchor(self, _study: str, _reader: str, _number: int) -> None:
        self._system("anchor", "", subject="", kind="", details={"seq": len(self.rows), "hash": "c" * 64})

    def _lookup(self, study: str, _reader: str, _number: int) -> None:
        self._say("lookup", study, "operator Anna Beispiel", role="operator", exposure="NONE")

    def _sample(self, study: str, _reader: str, _number: int) -> None:
        self._system(
            "sample", study, details={"stratum": "quiet", "size": 10, "drawn": 2, "inclusion_probability": 0.2}
        )
