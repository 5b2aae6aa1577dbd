"""RFC 3161 time stamps: what one stamps and when. Its signature is checked by `openssl ts`, not here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ..errors import NotRecognised

__all__ = ["Stamp", "read_stamp", "stamped_digest"]


@dataclass(frozen=True)
class Stamp:
    """What a time stamp says: the digest that was stamped, and when, UTC as the authority writes it."""

    digest: str
    time: str


def stamped_digest(seq: int, digest: str) -> str:
    """What is to be stamped: SHA-256 over the ASCII text `seq hash`, as `overread ledger head` prints it, no newline."""
    return hashlib.sha256(f"{seq} {digest}".encode("ascii")).hexdigest()


def read_stamp(data: bytes) -> Stamp:
    """Read a time stamp, as the response of an authority or as its token alone.

    Raises
    ------
    NotRecognised
        It is no such thing, was not granted, or stamps another digest than SHA-256.
    """
    try:
        return _read(data)
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise NotRecognised(
            "The time stamp was not taken.",
            f"The file is no RFC 3161 time stamp over a SHA-256 digest ({str(exc).partition(chr(10))[0]}).",
            "Give the response (.tsr) or token of a time-stamping authority; see docs/ledger.md.",
        ) from exc


def _read(data: bytes) -> Stamp:
    from asn1crypto import cms, tsp

    response = tsp.TimeStampResp.load(data, strict=True)
    try:
        granted = response["status"]["status"].native in ("granted", "granted_with_mods")
    except ValueError:  # No response, so perhaps its token.
        token = cms.ContentInfo.load(data, strict=True)
    else:
        if not granted:
            raise ValueError("it was not granted")
        token = response["time_stamp_token"]
    info = token["content"]["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != "sha256" or len(imprint["hashed_message"].native) != 32:
        raise ValueError("the digest is not SHA-256")
    time = info["gen_time"].contents.decode("ascii")
    if not time.endswith("Z"):
        raise ValueError("its time is not UTC")
    return Stamp(imprint["hashed_message"].native.hex(), time)
