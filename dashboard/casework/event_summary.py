"""One page of a recording's reviewed events, as HTML to print. It is no report: it lists what was recorded."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ..domain import Prediction, Recording, Study, joined
from ..eeg import ACNS, EventLine, seizure_burden
from ..ledger import LedgerEntry
from ..terms import Action, reason_words

__all__ = ["event_summary"]

_CRITERION_S = 10.0
_STATUS_S = 600.0
_CSS = """
@page {size: A4; margin: 14mm}
body {font: 12px/1.4 system-ui, sans-serif; color: #111; background: #fff; max-width: 180mm; margin: 8mm auto}
h1 {font-size: 18px; margin: 0 0 2px} h2 {font-size: 13px; margin: 14px 0 4px} p {margin: 2px 0}
table {border-collapse: collapse; width: 100%} thead {display: table-header-group} tr {break-inside: avoid}
th, td {text-align: left; vertical-align: top; padding: 3px 6px; border-bottom: 1px solid #bbb} th {font-weight: 600}
.mark {border: 2px solid #9a4b00; color: #7a3b00; padding: 3px 8px; display: inline-block; font-weight: 600}
.small {font-size: 11px; color: #444}
"""


def event_summary(
    study: Study,
    prediction: Prediction | None,
    verdicts: Mapping[tuple[str, str], LedgerEntry],
    standing: Sequence[EventLine],
    signed: LedgerEntry | None,
    *,
    adjudicated: bool,
) -> str:
    """The page: events that stand, alerts that don't, burden, and what was neither evaluated nor displayed.

    Parameters
    ----------
    standing : sequence of EventLine
        What the reader let stand or added, each event once.
    signed : LedgerEntry or None
        The sign-off of whose verdicts these are; its row says what share had been on screen.
    """
    recording = study.recording
    assert recording is not None
    rows = [_row(recording, line) for line in standing]
    others = [_other(recording, prediction, number, verdicts) for number in _not_standing(prediction, verdicts)]
    mark = '<p class="mark">SYNTHETIC DATA, no patient</p>' if study.synthetic else ""
    whose = "an adjudicator's decision" if adjudicated else "one reader's verdicts"
    model = f"{prediction.model.id} {prediction.model.version}" if prediction else "no detector"
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>EEG events, {study.id}</title><style>{_CSS}</style></head><body>"
        f"<h1>EEG events, {html.escape(study.id)}</h1>{mark}"
        f"<p>{_clock(recording, 0, dated=True)}, {_elapsed(recording.duration_s)} long. By {whose}; alerts of "
        f"{html.escape(model)}.</p>"
        '<p class="small">Overread is not a medical device. This page lists what was recorded; it is no report.</p>'
    )
    return head + "".join(
        [
            "<h2>Events that stand</h2>",
            _table(("Clock", "Elapsed", "Length", "Found as", "Type", "Channels"), rows)
            if rows else "<p>No event was accepted or added. That is not a finding of no seizure.</p>",
            _burden(standing, recording),
            "<h2>Alerts that don't stand</h2>" if others else "",
            _table(("Clock", "Elapsed", "Length", "Verdict"), others) if others else "",
            "<h2>Not evaluated, not displayed</h2>",
            *(f"<p>{line}</p>" for line in _missing(recording, prediction, signed)),
            f'<p class="small">{html.escape(ACNS)}</p></body></html>',
        ]
    )  # fmt: skip


def _row(recording: Recording, line: EventLine) -> tuple[str, ...]:
    meets = ""
    if line.duration_s >= _STATUS_S:
        meets = "; meets the duration criterion for electrographic status (ACNS 2021)"
    elif line.duration_s >= _CRITERION_S:
        meets = "; meets the duration criterion (ACNS 2021)"
    score = f", detector score {line.confidence:.2f} (uncalibrated)" if line.confidence is not None else ""
    return (
        _clock(recording, line.onset_s), _elapsed(line.onset_s), f"{line.duration_s:.1f} s{meets}",
        f"{line.found_in}{score}", line.seizure_type or "not said", ", ".join(line.channels) or "not said",
    )  # fmt: skip


def _not_standing(prediction: Prediction | None, verdicts: Mapping[tuple[str, str], LedgerEntry]) -> list[int]:
    def stands(number: int) -> bool:
        entry = verdicts.get((prediction.digest, str(number))) if prediction else None
        return entry is not None and entry.action in (Action.ACCEPT, Action.MODIFY)

    return [f.number for f in (prediction.findings if prediction else ()) if not stands(f.number)]


def _other(
    recording: Recording,
    prediction: Prediction | None,
    number: int,
    verdicts: Mapping[tuple[str, str], LedgerEntry],
) -> tuple[str, ...]:
    assert prediction is not None
    finding = prediction.finding(number)
    entry = verdicts.get((prediction.digest, str(number)))
    words = "not reviewed"
    if entry is not None:
        why = f", {reason_words(entry.kind, entry.reason)}" if entry.reason else ""
        words = f"{'unsure' if entry.action == Action.UNSURE else 'rejected'}{why}"
    onset = finding.onset_s or 0.0
    return _clock(recording, onset), _elapsed(onset), f"{finding.duration_s or 0:.1f} s", words


def _burden(standing: Sequence[EventLine], recording: Recording) -> str:
    if not standing:
        return ""
    found = seizure_burden([(line.onset_s, line.onset_s + line.duration_s) for line in standing])
    recorded = recording.duration_s - sum(gap.duration_s for gap in recording.gaps)
    status = ""
    if found.meets == "status":
        status = " It meets the duration criterion for electrographic status (ACNS 2021: 10 min continuous or 20 % of any 60 min)."
    return (
        f"<p><b>Burden</b> {found.count} events, {found.total_s:.0f} s together (overlaps once), "
        f"{100 * found.total_s / recorded:.1f} % of what was recorded, longest {found.longest_s:.0f} s, most in any 60 min "
        f"{found.worst_hour_s:.0f} s.{status}</p>"
    )


def _missing(recording: Recording, prediction: Prediction | None, signed: LedgerEntry | None) -> list[str]:
    gaps = sum(gap.duration_s for gap in recording.gaps)
    lines = [f"Gaps in the recording: {gaps:.0f} s in {len(recording.gaps)}." if gaps else "No gap in the recording."]
    if prediction is None:
        lines.append("No detector has read it.")
    else:
        missing = joined([(onset, onset + length) for onset, length in prediction.not_evaluated_s])
        lines.append(f"Not evaluated by the detector: {sum(b - a for a, b in missing):.0f} s.")
        lines += [html.escape(f"{_said_of(prediction)}: {words}") for words in prediction.warnings]
    share = signed.details.get("displayed", {}).get(recording.digest) if signed else None
    if signed is None:
        lines.append("Not signed off: what share was displayed is not recorded.")
    elif share is None:
        lines.append("What share was displayed is not known.")
    else:
        scope = str(signed.scope).replace("_", " ")
        lines.append(f"Signed off ({scope}); displayed {100 * share:.1f} %, not displayed {100 - 100 * share:.1f} %.")
    return lines


def _said_of(prediction: Prediction) -> str:
    return "Of the list that came in" if prediction.imported else "Check of the input"


def _clock(recording: Recording, seconds: float, *, dated: bool = False) -> str:
    if not recording.starts_at:
        return "no clock"
    at = datetime.fromisoformat(recording.starts_at) + timedelta(seconds=seconds)
    return f"{at:%Y-%m-%d %H:%M:%S}" if dated else f"{at:%H:%M:%S}"


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02d}:{minutes:02d}:{rest:04.1f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th scope=col>{html.escape(words)}</th>" for words in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
