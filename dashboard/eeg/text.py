"""Bytes that should have been a recording: header text, web pages, pointers, files ruined as text."""

from __future__ import annotations

from pathlib import Path

from ..errors import NotARecording

__all__ = ["damaged_by_text", "field_text", "refuse_other_kinds"]

_REPLACEMENT = b"\xef\xbf\xbd"
"""U+FFFD in UTF-8: what a text conversion leaves of bytes that were no text."""


def field_text(raw: bytes) -> str:
    """A header field as text: UTF-8 where it is, Latin-1 otherwise; control characters and padding gone."""
    raw = raw.split(b"\0", 1)[0] if raw.strip(b"\0 ") else b""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join(c for c in text if c.isprintable()).strip()


def damaged_by_text(data: bytes) -> bool:
    """Whether binary data went through a text conversion: the replacement character is all over it.

    By chance those three bytes come once in 16 million; one in a thousand bytes is damage.
    """
    return data.count(_REPLACEMENT) > max(8, len(data) // 1000)


def refuse_other_kinds(path: Path, first: bytes) -> None:
    """Refuse by name what is often found under a recording's name; give back silently what is not known.

    Raises
    ------
    NotARecording
        The file is a git-lfs pointer, a web page or text.
    """
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith(b"version https://git-lfs"):
        raise NotARecording(
            f"{path.name} is not a recording.",
            "It is a pointer of git-lfs; the recording itself was not downloaded.",
            "Run `git lfs pull` where it came from, and add it again.",
        )
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise NotARecording(
            f"{path.name} is not a recording.",
            "It is a web page: the download was answered with a page, often one that asks to sign in.",
            "Sign in there, download it again, and add it.",
        )
    if first and all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in first):
        raise NotARecording(
            f"{path.name} is not a recording.",
            "It holds plain text.",
            "Look for the recording that this text belongs to.",
        )
