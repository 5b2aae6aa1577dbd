"""Siemens CSA2 headers as bytes: what private tag (0029,xx10) holds beside the standard ones."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["csa_header", "protocol"]


def csa_header(tags: Mapping[str, tuple[str, Sequence[str]]]) -> bytes:
    """A CSA2 header with the tags: name to value representation and values as text."""
    out = b"SV10\4\3\2\1" + struct.pack("<2I", len(tags), 77)
    for name, (kind, values) in tags.items():
        items = [f"{value}\0".encode() for value in values]
        items += [b""] * (6 - len(items))
        out += struct.pack("<64si4s3i", name.encode(), len(values), kind.encode(), 0, len(items), 77)
        for item in items:
            out += struct.pack("<4i", len(item), len(item), 77, len(item)) + item + b"\0" * (-len(item) % 4)
    return out


def protocol(middles: Iterable[Sequence[float]]) -> bytes:
    """What (0029,xx20) holds of a protocol: the middle of each slice in LPS millimetres; zeros are left out."""
    places = [tuple(place) for place in middles]
    lines = [f"sSliceArray.lSize = {len(places)}"]
    for n, place in enumerate(places):
        lines += [
            f"sSliceArray.asSlice[{n}].sPosition.d{world} = {value:.8f}"
            for world, value in zip(("Sag", "Cor", "Tra"), place, strict=True)
            if value
        ]
    return ("### ASCCONV BEGIN ###\n" + "\n".join(lines) + "\n### ASCCONV END ###\n").encode()
