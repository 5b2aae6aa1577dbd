"""The ledger's form: a row as bytes, how each follows from the one before, and the verifier that an auditor is given.

Trust model: nothing here opens a file to write. Writer, reader and auditor judge a row by the same lines of code.
"""

from .folder import comment_digest, verify_folder
from .rows import CLICK_NAMESPACE, PreparedRow, click_event_id, prepared
from .verifier import (
    COLUMNS,
    END,
    HEADER,
    HEADER_HASH,
    SCHEMA,
    Chain,
    Found,
    Head,
    Problem,
    Verification,
    closed_files,
    follows,
    read_head,
    verify_files,
)
from .verifier import source as verifier_source

__all__ = [
    "CLICK_NAMESPACE",
    "COLUMNS",
    "END",
    "HEADER",
    "HEADER_HASH",
    "SCHEMA",
    "Chain",
    "Found",
    "Head",
    "PreparedRow",
    "Problem",
    "Verification",
    "click_event_id",
    "closed_files",
    "comment_digest",
    "follows",
    "prepared",
    "read_head",
    "verifier_source",
    "verify_files",
    "verify_folder",
]
