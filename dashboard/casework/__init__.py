"""The path of a case, in order: add, predict, reveal, record, audit, export.

file -> Study -> Prediction -> Finding -> Verdict -> LedgerEntry -> Agreement; each arrow is a function here.
"""

from . import run_study
from .add import Added, AddReport, Refused, add_paths
from .adjudicate import Adjudication, ReaderSaid, adjudication_of, assign, record_adjudication
from .align import accept_alignment, alignments, flag_apart, propose_alignment, series_apart
from .audit import AuditReport, audit
from .cases import FindingLine, LedgerState, finding_id, finding_line, finding_list, ledger_state
from .control_studies import study_controls_run
from .correct import correct_sequence, may_correct, series_of
from .dicom_results import DICOM_FORMATS, ExportOptions
from .difference import Difference, Shares, difference, shared_regions
from .drawn import edit_grid, kept_drafts, outline_of, unframed
from .erase import Erased, LookedUp, due_for_erasure, erase_study, look_up
from .evaluate import EvaluationReport, evaluate_model
from .event_audit import ThresholdPoint, threshold_what_if
from .export import FORMATS, export_study
from .extrameatal import Extrameatal, extrameatal_of, porus_line, recorded_extrameatal
from .imports import add_prediction
from .inference import detect_events
from .intents import Intent
from .interactions import record_interaction
from .intervals import INTERVAL, keep_read, kept_interval, kept_read
from .judged import JudgedLesion, JudgedResult, judged_lesions, judged_marked, judged_marks
from .kinds import KINDS, KindOfCase
from .ledger_exports import LEDGER_FORMATS, ledger_export
from .over_time import NEAREST_MM, Course, TimePoint, course_of
from .predict import model_for, model_places, models_of, predict
from .priors import PriorStudy, judged_by_key, priors_of
from .proofs import anchor, check_files
from .protocols import protocol_digest
from .record import record_read, record_sign_off, record_verdict, reopen, undo
from .replay import Replay, is_replayable, replay
from .reveal import (
    FULL_VIEW,
    Revealed,
    RevealedPrediction,
    Withheld,
    is_withheld,
    reveal,
    revealed_or_refused,
    visible_entries,
)
from .screens import (
    finding_places,
    finding_thumbnails,
    installation_checks,
    ledger_table,
    offered_reasons,
    recording_montages,
    risk_rules,
)
from .shelf import rows_for, rows_of
from .sides import Side, compared_sides, may_be_compared
from .stepping import StepOffer, offered_steps, run_step, start_step, withdraw_step
from .steps import discard_step, steps_in_force, waiting_steps
from .strip import accept_brain_mask, brain_masks, propose_brain_mask
from .unlabelled import UnlabelledWindow, judge_window, unlabelled
from .whose_verdicts import is_adjudicated
from .worklist import (
    Case,
    case_list,
    is_done,
    next_study,
    offered_orders,
    open_out_of,
    order_shown,
    record_place,
)

__all__ = [
    "DICOM_FORMATS",
    "FORMATS",
    "FULL_VIEW",
    "INTERVAL",
    "KINDS",
    "LEDGER_FORMATS",
    "NEAREST_MM",
    "AddReport",
    "Added",
    "Adjudication",
    "AuditReport",
    "Case",
    "Course",
    "Difference",
    "Erased",
    "EvaluationReport",
    "ExportOptions",
    "Extrameatal",
    "FindingLine",
    "Intent",
    "JudgedLesion",
    "JudgedResult",
    "KindOfCase",
    "LedgerState",
    "LookedUp",
    "PriorStudy",
    "ReaderSaid",
    "Refused",
    "Replay",
    "Revealed",
    "RevealedPrediction",
    "Shares",
    "Side",
    "StepOffer",
    "ThresholdPoint",
    "TimePoint",
    "UnlabelledWindow",
    "Withheld",
    "accept_alignment",
    "accept_brain_mask",
    "add_paths",
    "add_prediction",
    "adjudication_of",
    "alignments",
    "anchor",
    "assign",
    "audit",
    "brain_masks",
    "case_list",
    "check_files",
    "compared_sides",
    "correct_sequence",
    "course_of",
    "detect_events",
    "difference",
    "discard_step",
    "due_for_erasure",
    "edit_grid",
    "erase_study",
    "evaluate_model",
    "export_study",
    "extrameatal_of",
    "finding_id",
    "finding_line",
    "finding_list",
    "finding_places",
    "finding_thumbnails",
    "flag_apart",
    "installation_checks",
    "is_adjudicated",
    "is_done",
    "is_replayable",
    "is_withheld",
    "judge_window",
    "judged_by_key",
    "judged_lesions",
    "judged_marked",
    "judged_marks",
    "keep_read",
    "kept_drafts",
    "kept_interval",
    "kept_read",
    "ledger_export",
    "ledger_state",
    "ledger_table",
    "look_up",
    "may_be_compared",
    "may_correct",
    "model_for",
    "model_places",
    "models_of",
    "next_study",
    "offered_orders",
    "offered_reasons",
    "offered_steps",
    "open_out_of",
    "order_shown",
    "outline_of",
    "porus_line",
    "predict",
    "priors_of",
    "propose_alignment",
    "propose_brain_mask",
    "protocol_digest",
    "record_adjudication",
    "record_interaction",
    "record_place",
    "record_read",
    "record_sign_off",
    "record_verdict",
    "recorded_extrameatal",
    "recording_montages",
    "reopen",
    "replay",
    "reveal",
    "revealed_or_refused",
    "risk_rules",
    "rows_for",
    "rows_of",
    "run_step",
    "run_study",
    "series_apart",
    "series_of",
    "shared_regions",
    "start_step",
    "steps_in_force",
    "study_controls_run",
    "threshold_what_if",
    "undo",
    "unframed",
    "unlabelled",
    "visible_entries",
    "waiting_steps",
    "withdraw_step",
]
