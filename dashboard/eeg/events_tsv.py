"""Events as SzCORE and BIDS write them: one `events.tsv` a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..domain import Recording
from ..files import write_atomic

__all__ = ["COLUMNS", "FOUND_IN", "SEIZURE_TYPE", "EventLine", "write_events_tsv"]

COLUMNS = ("onset", "duration", "eventType", "confidence", "channels", "dateTime", "recordingDuration")
"""Of SzCORE (Dan et al. 2024, doi:10.1111/epi.18113), in its order."""
SEIZURE_TYPE = "seizureType"
"""Last column, where any line says so: the type in words; SzCORE's own column says `sz`."""
FOUND_IN = "foundIn"
"""A column behind SzCORE's, as BIDS allows: by what the event came to be listed. Written where any line says so."""


@dataclass(frozen=True)
class EventLine:
    """One event to write.

    Attributes
    ----------
    event_type : str
        'sz' for a seizure of unknown type; HED-SCORE words below it where the type is known; 'bckg' for none.
    confidence : float or None
        0 to 1.
    channels : tuple of str
        Empty where it is not known which are involved.
    found_in : str
        Such as 'alert' or 'control window'; '' for nothing to say.
    seizure_type : str
        Words of the reader's, such as 'electrographic, clinical correlate unknown'; '' for nothing to say.
    """

    onset_s: float
    duration_s: float
    event_type: str = "sz"
    confidence: float | None = None
    channels: tuple[str, ...] = ()
    found_in: str = ""
    seizure_type: str = ""


def write_events_tsv(path: Path, lines: Sequence[EventLine], recording: Recording) -> None:
    """Write the events of a recording, in time's order; without any, one line of background as SzCORE asks."""
    clock = recording.starts_at[:19].replace("T", " ") or "n/a"
    ordered = sorted(lines, key=lambda line: (line.onset_s, line.duration_s))
    says = any(line.found_in for line in ordered)
    typed = any(line.seizure_type for line in ordered)
    heads = (*COLUMNS, *((FOUND_IN,) if says else ()), *((SEIZURE_TYPE,) if typed else ()))
    rows: list[tuple[str, ...]] = [heads]
    for line in ordered or [EventLine(0.0, recording.duration_s, "bckg")]:
        rows.append(
            (
                f"{line.onset_s:.4f}",
                f"{line.duration_s:.4f}",
                line.event_type,
                "n/a" if line.confidence is None else f"{line.confidence:.4f}",
                ",".join(line.channels) or "n/a",
                clock,
                f"{recording.duration_s:.4f}",
                *((line.found_in or "n/a",) if says else ()),
                *((line.seizure_type or "n/a",) if typed else ()),
            )
        )
    write_atomic(path, "".join("\t".join(row) + "\n" for row in rows).encode())
