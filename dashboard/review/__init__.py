"""The rules of reading: verdicts, exposure, blindness, the worklist's states. Pure functions of ledger rows.

Trust model: whoever is at the server obeys these; a reader with a shell can go round them, and single-user mode says so.
"""

from .blindness import committed_read, owes_blind_read
from .exposure import exposure_at, format_exposure, parse_exposure
from .rules import check_amendment, check_sign_off, check_verdict, is_closed
from .sessions import SessionStore
from .states import StudyState, study_states
from .tokens import CAPABILITIES, Capability, issue_token, read_token

__all__ = [
    "CAPABILITIES",
    "Capability",
    "SessionStore",
    "StudyState",
    "check_amendment",
    "check_sign_off",
    "check_verdict",
    "committed_read",
    "exposure_at",
    "format_exposure",
    "is_closed",
    "issue_token",
    "owes_blind_read",
    "parse_exposure",
    "read_token",
    "study_states",
]
