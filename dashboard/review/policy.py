"""The reading rules of a site, and the draws that anybody can make again.

Trust model: a draw is no secret to who can read the settings and this file; it can't be bent afterwards, since it
follows from a seed that stands in the settings and from the study's pseudonym.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ReadingPolicy", "is_drawn"]

_SCALE = 1 << 64


@dataclass(frozen=True)
class ReadingPolicy:
    """How studies are read here.

    Attributes
    ----------
    blind_first : bool
        Readers commit a read of their own before anything of a model is shown.
    readers : int
        How many readers sign each study off, blinded to each other until it is settled.
    adjudicate_agreements : float
        Share of studies whose readers agree that are adjudicated all the same, 0 to 1.
    repeat_share, repeat_after : float, int
        Share of a reader's studies that come again, once so many others were signed off since.
    seed : str
        Of both draws.
    open_minutes : float
        How long a study counts as open at a reader's desk after the last sign of life.
    """

    blind_first: bool = False
    readers: int = 1
    adjudicate_agreements: float = 0.0
    repeat_share: float = 0.0
    repeat_after: int = 10
    seed: str = "1"
    open_minutes: float = 10.0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> ReadingPolicy:
        """The policy of a workspace's settings."""
        return cls(
            blind_first=bool(settings["review.blind_first"]),
            readers=max(1, int(settings["review.readers"])),
            adjudicate_agreements=float(settings["review.adjudicate_agreements"]),
            repeat_share=float(settings["review.repeat_share"]),
            repeat_after=int(settings["review.repeat_after"]),
            seed=str(settings["review.seed"]),
            open_minutes=float(settings["review.open_minutes"]),
        )


def is_drawn(purpose: str, seed: str, study: str, share: float, *, reader: str = "") -> bool:
    """Whether a study falls into a share that is drawn by rule.

    The first 8 bytes of SHA-256 over `overread draw 1`, purpose, seed, study and reader, each on a line of its own,
    are read as a big-endian number; the study is drawn where that, over 2^64, is below the share.
    """
    said = f"overread draw 1\n{purpose}\n{seed}\n{study}\n{reader}\n"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big") / _SCALE < share
