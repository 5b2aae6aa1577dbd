"""The table of `details`: which keys a row of each action may have. docs/ledger.md prints it; a test compares."""

from __future__ import annotations

from .words import FINDING_ACTIONS, Action

__all__ = ["DETAILS"]

_OUTLINE = {
    "onset_s": "onset of the reader's interval, seconds from the recording's start",
    "duration_s": "length of the reader's interval, seconds",
    "point_lps": "the point that the reader clicked, LPS millimetres",
    "channels": "channels that the reader names",
}
_DRAWN = {
    "edit": "how the reader's mask came to be: drawn, imported, threshold",
    "grid": "digest of the series on whose grid the mask was drawn",
    "regions": "names of the regions that the bits of the drawn mask stand for, the lowest bit first",
    "volume_ml": "volume of the reader's mask, millilitres",
}
_VERDICT = {
    **_OUTLINE,
    **_DRAWN,
    "bulk": "true where one key judged several findings",
    "dice": "Dice of the reader's mask with the model's",
    "own_dice": "Dice of the reader's own first mask with the model's",
    "volume_change_ml": "volume of the reader's mask less that of the model's, millilitres",
    "merged": "numbers of the model's findings whose voxels, or events, the reader took over into this one",
    "merged_into": "number of the model's event of which this one is part, by the reader",
    "video": "true where the reader named the type after seeing video or notes",
    "split_from": "event id of the verdict with which this was split off its finding",
    "added_path_length_mm": "length of outline that the reader changed, millimetres",
    "onset_shift_s": "reader's onset minus the model's, seconds",
    "event_type": "seizure type in the reader's words of choice",
    "porus_lps": "ends of the line that the reader drew at the porus, LPS millimetres",
    "extrameatal_mm": "longest axial diameter behind that line and the longest at right angles, millimetres",
    "extrameatal_ml": "volume behind that line, millilitres",
    "window_s": "onset and duration of the unlabelled window that was judged",
}

DETAILS: dict[Action, dict[str, str]] = {
    Action.INTAKE: {
        "joined": "input digest that the study had before new series joined, or before a series was assigned anew",
        "series": "digest of the series whose sequence a person corrected or confirmed",
        "was": "sequence for which the series had been taken",
        "sequence": "sequence for which it is taken now",
        "step": "digest of the record of the registration or brain mask by which a series was made, or let go of",
        "decision": "on a step: accepted or withdrawn",
    },
    Action.PREDICT: {
        "findings": "how many findings",
        "imported": "true where another tool made the result",
        "warnings": "what the guards of its input warned of, in sentences",
    },
    Action.PRESENT: {},
    Action.INTERACT: {"what": "what was first done: overlay, threshold"},
    **{action: dict(_VERDICT) for action in FINDING_ACTIONS},
    Action.ADD: dict(_VERDICT),
    Action.READ: {**_OUTLINE, **_DRAWN, "present": "on the study's row: whether anything is there"},
    Action.SIGN_OFF: {"displayed": "share displayed, 0 to 1, by series or recording digest"},
    Action.REOPEN: {},
    Action.ADJUDICATE: {
        "shown": "event ids of the verdicts that were shown, in their order",
        "decision": "on a finding's row: accept, modify, reject or unsure",
        "present": "on the study's row: whether anything stands",
    },
    Action.AMEND: {},
    Action.ASSIGN: {
        "assignee": "the reader",
        "again": "true where the reader is given the study again, for intra-reader agreement",
    },
    Action.SAMPLE: {
        "stratum": "the stratum's name",
        "size": "N, units in the stratum",
        "drawn": "n, units drawn",
        "inclusion_probability": "n over N of windows, the rate of MR studies",
        "seed": "of the random draw",
        "number": "of an MR study among those drawn from, counted from 0",
    },
    Action.LOOKUP: {},
    Action.ERASE: {
        "basis": "legal basis",
        "requester": "who asked",
        "approver": "who approved",
    },
    Action.ANCHOR: {
        "seq": "row anchored",
        "hash": "its hash",
        "proof_digest": "SHA-256 of the time stamp's bytes",
        "time": "when it was stamped, as the authority wrote it",
    },
    Action.ROTATE: {"file": "name of the closed file", "seq": "its last row", "hash": "that row's hash"},
    Action.FAULT: {
        "code": "what happened: torn_tail, clock_backwards",
        "file": "where set-aside bytes lie",
        "bytes": "how many bytes were set aside",
        "sha256": "their digest",
    },
}
