"""Digests: of bytes, files, arrays with their affine, and canonical JSON (RFC 8785)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785

__all__ = ["array_digest", "canonical_digest", "canonical_json", "digest_bytes", "digest_file"]


def digest_bytes(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value: the same value always gives the same bytes."""
    return rfc8785.dumps(value)


def canonical_digest(value: Any) -> str:
    """SHA-256 of the canonical JSON."""
    return digest_bytes(canonical_json(value))


def array_digest(array: np.ndarray, affine: np.ndarray) -> str:
    """SHA-256 that identifies an array together with where it lies.

    Over `overread array 1`, newline, numpy's `dtype.str` (little-endian), newline, `i,j,k`, newline, the affine as
    16 little-endian float64 row by row (-0 as 0), then the little-endian C-order data.
    """
    little = array.dtype.newbyteorder("<")
    shape = ",".join(str(n) for n in array.shape)
    digest = hashlib.sha256(f"overread array 1\n{little.str}\n{shape}\n".encode())
    digest.update((np.asarray(affine, dtype="<f8") + 0.0).tobytes())
    with ThreadPoolExecutor(max_workers=1) as hashing:  # one piece is hashed while the next is turned
        done = None
        for piece in _c_ordered(array.astype(little, copy=False)):
            if done is not None:
                done.result()
            done = hashing.submit(digest.update, piece)
        if done is not None:
            done.result()
    return digest.hexdigest()


def _c_ordered(array: np.ndarray) -> Iterator[np.ndarray]:
    """The array in C order, piece by piece, so that it is never held twice.

    A volume lies in memory slice by slice, the other way round. Turned in blocks that fit the processor's cache it takes
    a seventh of the time of turning row by row.
    """
    if array.flags.c_contiguous or array.ndim != 3:
        yield np.ascontiguousarray(array)
        return
    for begin in range(0, array.shape[0], 32):
        source = array[begin : begin + 32]
        turned = np.empty(source.shape, array.dtype)
        for row in range(0, array.shape[1], 4):
            turned[:, row : row + 4] = np.ascontiguousarray(source[:, row : row + 4].T).T
        yield turned
