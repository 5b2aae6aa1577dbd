"""The study's own DICOM files beside its results, without names and under new UIDs."""

from __future__ import annotations

from pathlib import Path

from ..errors import NothingToRead
from .deidentify import basic_profile
from .result_records import Results

__all__ = ["write_copies"]


def write_copies(results: Results, folder: Path) -> list[Path]:
    """Copies of those files under `results.copies_from` that are instances of the study, one after the other.

    Raises
    ------
    NothingToRead
        Not all of the series on which the results lie is there.
    ImagingRefused
        Something is burnt into a file's pixels; nothing more is written then.
    """
    from pydicom import dcmread, dcmwrite

    assert results.copies_from is not None
    known, labels = results.copy_uids, results.labels
    mark = "synthetic_" if results.synthetic else ""
    place = folder / f"{mark}{results.study}_source"
    written: dict[str, Path] = {}

    def renewed(uid: str) -> str:
        return known.get(uid) or labels.new_uid(f"source {uid}")

    for path in sorted(path for path in results.copies_from.rglob("*") if path.is_file()):
        try:
            data = dcmread(path)
            uid = str(data.SOPInstanceUID)
        except Exception:  # no DICOM file, whatever it is
            continue
        if uid in known and known[uid] not in written:
            clean = basic_profile(
                data, patient=(labels.patient_id, labels.patient_name), new_uid=renewed, name=path.name
            )
            place.mkdir(parents=True, exist_ok=True)
            written[known[uid]] = place / f"{len(written) + 1:04d}.dcm"
            dcmwrite(written[known[uid]], clean, enforce_file_format=True)
    assert labels.source is not None
    if set(labels.source.instance_uids[results.volume.digest]) - set(written):
        raise NothingToRead(
            "The study's own files were not copied.",
            "The folder does not hold all of the series on which the results lie.",
            "Name the folder from which the study was added.",
        )
    return list(written.values())
