"""A recording as it comes out of a file, with who it is of kept apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..domain import Recording

__all__ = ["FoundRecording"]


@dataclass(frozen=True, eq=False)
class FoundRecording:
    """One file read.

    Attributes
    ----------
    path : Path
        The file; only its base name may be shown.
    recording : Recording
        Without any identity.
    identity : dict
        Plain text of the header's identity fields, `patient_id` among them where there is one; for the
        identities only.
    acquired_on : str
        'YYYY-MM-DD', or '' where the file has no date.
    parts : tuple of Path
        Further files that it was read from.
    """

    path: Path
    recording: Recording
    identity: dict[str, str] = field(default_factory=dict, repr=False)
    synthetic: bool = False
    age_years: int | None = None
    sex: str = ""
    acquired_on: str = ""
    parts: tuple[Path, ...] = ()
