"""The source of a study as its DICOM files had it, and under which UIDs copies of these files go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..domain import Study
from ..errors import UsageError
from ..imaging import SourceIdentity
from .new_uids import frame_words

__all__ = ["copies_of", "source_of"]

_WORDS = ("issuer", "patient_id", "patient_name", "birth_date", "accession", "study_instance_uid")


def source_of(known: Mapping[str, Any]) -> SourceIdentity:
    """The identity that was kept when the study was added.

    Raises
    ------
    UsageError
        The study came from files that don't say which study they are, such as NIfTI.
    """
    if not known.get("study_instance_uid"):
        raise UsageError(
            "Nothing was written that refers to the source.",
            "The study did not come from DICOM files that say which study they are.",
            "Leave --identified and --source out; `overread lookup` prints what is known.",
        )
    return SourceIdentity(
        **{name: str(known.get(name) or "") for name in _WORDS},
        series_uids=dict(known.get("series_uids") or {}),
        frame_uids=dict(known.get("frame_uids") or {}),
        instance_uids={digest: tuple(uids) for digest, uids in (known.get("instance_uids") or {}).items()},
    )


def copies_of(
    source: SourceIdentity, study: Study, new_uid: Callable[[str], str]
) -> tuple[SourceIdentity, dict[str, str]]:
    """The identity of copies without names, and new UIDs by old ones: study and frame are those of all our exports."""
    frames = {volume.digest: new_uid(frame_words(volume)) for volume in study.volumes}
    uids = {source.study_instance_uid: new_uid("study")}
    uids |= {old: frames[digest] for digest, old in source.frame_uids.items() if old and digest in frames}
    others = [*source.series_uids.values(), *(uid for some in source.instance_uids.values() for uid in some)]
    uids |= {old: new_uid(f"source {old}") for old in others if old}
    copied = replace(
        source,
        issuer="",
        patient_id="",
        patient_name="",
        birth_date="",
        accession="",
        study_instance_uid=uids[source.study_instance_uid],
        series_uids={digest: uids.get(old, "") for digest, old in source.series_uids.items()},
        frame_uids=frames,
        instance_uids={digest: tuple(uids[old] for old in some) for digest, some in source.instance_uids.items()},
    )
    return copied, uids
