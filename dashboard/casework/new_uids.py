"""UIDs of what is written under pseudonyms: the same for the same thing, and nobody without the subject's key makes them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from ..domain import Study, Volume
from ..workspace import Workspace

__all__ = ["frame_words", "new_uids"]


def new_uids(workspace: Workspace, study: Study) -> Callable[[str], str]:
    """A function from words to a UID under 2.25 (PS3.5, B.2), of 122 bits of HMAC-SHA-256 under the subject's key.

    Erasure destroys the key, and with it the way from such a UID to the study.
    """
    key = workspace.keys.subject(study.subject).key

    def new_uid(words: str) -> str:
        digest = hmac.new(key, f"uid\0{study.id}\0{words}".encode(), hashlib.sha256).digest()
        return f"2.25.{int.from_bytes(digest[:16], 'big') >> 6}"

    return new_uid


def frame_words(volume: Volume) -> str:
    """The words that stand for a volume's frame of reference; volumes of one space have the same."""
    return f"frame {volume.frame or volume.digest}"
