"""Pseudonyms and ids: made, checked, shortened."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Collection

__all__ = [
    "is_own_finding",
    "is_study",
    "is_subject",
    "keyed_pseudonym",
    "new_own_finding",
    "random_pseudonym",
    "shorten",
]

_STUDY = re.compile(r"S-[A-Z2-7]{10}\Z")
_SUBJECT = re.compile(r"P-[A-Z2-7]{10}\Z")


def is_study(text: str) -> bool:
    """Whether the text is a study pseudonym, 'S-' and 10 base32 characters."""
    return bool(_STUDY.match(text))


def is_subject(text: str) -> bool:
    """Whether the text is a subject pseudonym, 'P-' and 10 base32 characters."""
    return bool(_SUBJECT.match(text))


def keyed_pseudonym(prefix: str, key: bytes, message: str) -> str:
    """A pseudonym that only the holder of the key can make again: HMAC-SHA-256, 50 bits of it."""
    digest = hmac.new(key, message.encode(), hashlib.sha256).digest()
    return f"{prefix}-{base64.b32encode(digest)[:10].decode()}"


def random_pseudonym(prefix: str) -> str:
    """A pseudonym that says nothing."""
    return f"{prefix}-{base64.b32encode(secrets.token_bytes(7))[:10].decode()}"


def new_own_finding() -> str:
    """The id of a finding that a reader begins."""
    return f"r-{uuid.uuid4()}"


def is_own_finding(text: str) -> bool:
    """Whether the id is of a reader's own finding."""
    return text.startswith("r-")


def shorten(pseudonym: str, among: Collection[str] = ()) -> str:
    """The pseudonym as a page shows it: at least six characters after the prefix, more until it is unique."""
    for length in range(8, len(pseudonym) + 1):
        short = pseudonym[:length]
        if not any(other != pseudonym and other.startswith(short) for other in among):
            return short
    return pseudonym
