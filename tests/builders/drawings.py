"""Drawings as the viewer keeps them: a frame with a header, then gzip of regions and pieces, each a byte a voxel of a box."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.domain import Prediction, Volume

__all__ = ["a_drawing", "framed"]


def framed(header: dict[str, Any], payload: bytes) -> bytes:
    """Length of the header, the header, the payload."""
    text = json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text + payload


def a_drawing(
    grid: Volume,
    prediction: Prediction | None,
    bits: np.ndarray,
    piece: np.ndarray | None = None,
    /,
    **said: Any,
) -> bytes:
    """The body that a viewer puts for a drawing of (i, j, k) bits and, where it is in pieces, their numbers."""
    piece = (bits > 0).astype(np.uint8) if piece is None else piece
    index = np.argwhere(bits)
    low, high = index.min(axis=0), index.max(axis=0) + 1
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    names: Sequence[str] = [r.name for r in prediction.regions] if prediction else [
        "whole_tumour", "tumour_core", "enhancing_tumour"]  # fmt: skip
    header = {"grid": grid.digest, "box": [[s.start, s.stop] for s in box], "regions": list(names), "merged": [],
              "prediction": prediction.digest if prediction else ""}  # fmt: skip
    plain = b"".join(part[box].astype(np.uint8).tobytes(order="F") for part in (bits, piece))
    return framed({**header, **said}, gzip.compress(plain))
