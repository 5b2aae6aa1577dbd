"""Who sits at the screen, and what their browser's requests may ask for: sessions and capability tokens.

Trust model: a secret is random, kept hashed, and lost with its file's owner; a token only narrows what a session may.
"""

from .sessions import SessionStore
from .tokens import CAPABILITIES, Capability, issue_token, read_token

__all__ = ["CAPABILITIES", "Capability", "SessionStore", "issue_token", "read_token"]
