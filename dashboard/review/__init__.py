"""The rules of reading: verdicts, exposure, blindness, the worklist's states. Pure functions of ledger rows.

Trust model: whoever is at the server obeys these; a reader with a shell can go round them, and single-user mode says so.
"""

from .adjudication import differ, is_settled, needs_adjudication, shown_to, signed_readers
from .blindness import are_peers_hidden, committed_read, owes_blind_read, owes_read, visible_rows
from .exposure import exposure_at, format_exposure, parse_exposure
from .index import StudyIndex
from .orders import ORDERS, Order, expected_disagreement, in_order
from .passes import AGAIN, again_mark, as_passes, current_pass, first_pass, is_again_hidden, is_repeat_due
from .policy import ReadingPolicy, is_drawn
from .rules import check_adjudication, check_amendment, check_assignment, check_sign_off, check_verdict, is_closed
from .states import (
    READING_ROLES,
    StudyState,
    assigned_to,
    earlier_model,
    is_taken,
    state_seen_by,
    study_state,
    study_states,
    under_review,
)

__all__ = [
    "AGAIN",
    "ORDERS",
    "READING_ROLES",
    "Order",
    "ReadingPolicy",
    "StudyIndex",
    "StudyState",
    "again_mark",
    "are_peers_hidden",
    "as_passes",
    "assigned_to",
    "check_adjudication",
    "check_amendment",
    "check_assignment",
    "check_sign_off",
    "check_verdict",
    "committed_read",
    "current_pass",
    "differ",
    "earlier_model",
    "expected_disagreement",
    "exposure_at",
    "first_pass",
    "format_exposure",
    "in_order",
    "is_again_hidden",
    "is_closed",
    "is_drawn",
    "is_repeat_due",
    "is_settled",
    "is_taken",
    "needs_adjudication",
    "owes_blind_read",
    "owes_read",
    "parse_exposure",
    "shown_to",
    "signed_readers",
    "state_seen_by",
    "study_state",
    "study_states",
    "under_review",
    "visible_rows",
]
