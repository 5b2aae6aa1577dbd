"""Moments as text: UTC with milliseconds, as the ledger and every record have them."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["utc_text"]


def utc_text(moment: datetime | None = None) -> str:
    """Write a moment, now where none is given, as `2026-11-22T10:15:30.123Z`.

    Parameters
    ----------
    moment : datetime, optional
        With its time zone.
    """
    at = datetime.now(UTC) if moment is None else moment.astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
