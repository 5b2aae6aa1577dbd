"""RFC 3161 time stamps: what one stamps and when, read from its DER. Its signature is checked by `openssl ts`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..errors import NotRecognised
from .verifier import Head

__all__ = ["Stamp", "read_stamp", "stamped_digest"]

_SEQUENCE, _INTEGER, _OCTETS, _OID, _TIME, _FIRST = 0x30, 0x02, 0x04, 0x06, 0x18, 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_SHA256 = bytes.fromhex("608648016503040201")
_GRANTED = (0, 1)


@dataclass(frozen=True)
class Stamp:
    """What a time stamp says: the digest that was stamped, and when, UTC as the authority writes it."""

    digest: str
    time: str


def stamped_digest(head: Head) -> str:
    """What is to be stamped: SHA-256 over the ASCII text `seq hash`, as `overread ledger head` prints it, no newline."""
    return hashlib.sha256(f"{head.seq} {head.hash}".encode("ascii")).hexdigest()


def read_stamp(data: bytes) -> Stamp:
    """Read a time stamp, as the response of an authority or as its token alone.

    Raises
    ------
    NotRecognised
        It is no such thing, was not granted, or stamps another digest than SHA-256.
    """
    try:
        return _read(data)
    except (ValueError, IndexError) as exc:
        raise NotRecognised(
            "The time stamp was not taken.",
            f"The file is no RFC 3161 time stamp over a SHA-256 digest ({exc}).",
            "Give the response (.tsr) or token of a time-stamping authority; see docs/ledger.md.",
        ) from exc


def _read(data: bytes) -> Stamp:
    whole = _one(data, _SEQUENCE)
    parts = _parts(whole)
    if parts[0][0] == _SEQUENCE:  # A response: its status, then the token.
        status = _parts(parts[0][1])[0]
        if status[0] != _INTEGER or int.from_bytes(status[1], "big") not in _GRANTED or len(parts) < 2:
            raise ValueError("it was not granted")
        parts = _parts(parts[1][1])
    signed = _parts(_one(_explicit(parts, _SIGNED_DATA), _SEQUENCE))
    content = next(_parts(value) for tag, value in signed if tag == _SEQUENCE)
    info = _parts(_one(_one(_explicit(content, _TST_INFO), _OCTETS), _SEQUENCE))
    algorithm, digest = _parts(_typed(info[2], _SEQUENCE))[:2]
    if _typed(_parts(_typed(algorithm, _SEQUENCE))[0], _OID) != _SHA256 or len(_typed(digest, _OCTETS)) != 32:
        raise ValueError("the digest is not SHA-256")
    time = _typed(info[4], _TIME).decode("ascii")
    if not re.fullmatch(r"[0-9]{14}(\.[0-9]+)?Z", time):
        raise ValueError("its time is not UTC")
    return Stamp(digest[1].hex(), time)


def _explicit(parts: list[tuple[int, bytes]], kind: bytes) -> bytes:
    """What stands in the explicit [0] behind an object identifier."""
    if _typed(parts[0], _OID) != kind:
        raise ValueError("its content is of another kind")
    return _typed(parts[1], _FIRST)


def _typed(part: tuple[int, bytes], tag: int) -> bytes:
    if part[0] != tag:
        raise ValueError("a part is of another type")
    return part[1]


def _one(data: bytes, tag: int) -> bytes:
    parts = _parts(data)
    if len(parts) != 1:
        raise ValueError("bytes stand behind it")
    return _typed(parts[0], tag)


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and value of each DER element, whose lengths are all definite."""
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length >= 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("a length is not definite")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + length > len(data):
            raise ValueError("it ends too early")
        found.append((tag, data[at : at + length]))
        at += length
    return found
