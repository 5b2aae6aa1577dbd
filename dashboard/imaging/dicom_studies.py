"""DICOM files into studies: by patient, study and series; what is no series of MR images is set aside or refused."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..domain import Issue, Severity
from ..errors import OverreadError
from .headers import DicomHeader, number, text
from .identity import age_years, day_of, is_synthetic, patient_of, sex_of, source_identity
from .kinds import Objection, objection_to
from .records import FoundStudy
from .refusals import mixed_patients
from .series import ReadVolume, read_series

__all__ = ["dicom_studies", "path_below"]

Refusal = tuple[str, OverreadError]


def path_below(path: Path, root: Path) -> str:
    """A path relative to what was named; the root itself by its own name, anything outside it by its base name."""
    below = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    return root.name if below == "." else below


def dicom_studies(
    headers: Sequence[DicomHeader], root: Path, on_slices: Callable[[int], None] | None = None
) -> Iterator[FoundStudy | Refusal]:
    """Studies one after the other, as they are read, and what was refused among them.

    Objects that came with a study and are no images (segmentations, reports, captures, localizers) are named in its
    `set_aside`, and refused where no study of theirs is read. Loud objections (another modality, mosaics) are told once
    a series. A folder whose MR files name two patients is refused, and so is a study that names two.
    """
    images: list[DicomHeader] = []
    quiet: list[tuple[DicomHeader, Objection]] = []
    loud: dict[tuple[Path, str, str], list[tuple[DicomHeader, Objection]]] = defaultdict(list)
    for header in headers:
        objection = objection_to(header)
        if objection is None:
            images.append(header)
        elif objection.quiet:
            quiet.append((header, objection))
        else:
            loud[header.path.parent, header.series_uid, objection.code].append((header, objection))
    for found in loud.values():
        paths = [header.path for header, _ in found]
        yield path_below(min(paths), root), found[0][1].error(paths)
    images, mixed = _without_mixed(images, root)
    yield from mixed
    for study in _by_study(images):
        ours = [entry for entry in quiet if _belongs(entry[0], study)]
        outcomes = list(_read_study(study, root, [header.path for header, _ in ours], on_slices))
        yield from outcomes
        if any(isinstance(outcome, FoundStudy) for outcome in outcomes):
            quiet = [entry for entry in quiet if entry not in ours]
    for header, objection in quiet:
        yield path_below(header.path, root), objection.error([header.path])


def _belongs(header: DicomHeader, study: Sequence[DicomHeader]) -> bool:
    """Whether an object is of the study by its UID, or an index of files that lies in or above the study's folder."""
    if header.study_uid:
        return header.study_uid == study[0].study_uid
    folder = header.path.parent
    return any(image.path.is_relative_to(folder) for image in study)


def _without_mixed(images: list[DicomHeader], root: Path) -> tuple[list[DicomHeader], list[Refusal]]:
    """Leave out folders and studies that name more than one patient."""
    refusals: list[Refusal] = []
    for place, why in (
        (lambda header: header.path.parent, "Files of more than one patient lie in the folder."),
        (lambda header: header.study_uid, "One study names more than one patient."),
    ):
        groups: dict[Path | str, list[DicomHeader]] = defaultdict(list)
        for header in images:
            groups[place(header)].append(header)
        for key, group in groups.items():
            if key != "" and _patients(group) > 1:
                paths = [header.path for header in group]
                where = Path(os.path.commonpath([path.parent for path in paths]))
                refusals.append((path_below(where, root), mixed_patients(paths, why)))
                images = [header for header in images if header not in group]
    return images, refusals


def _patients(headers: Sequence[DicomHeader]) -> int:
    """How many patients the files name: by issuer and id, and by birth dates under one id.

    Files that name nobody count as none; where only some state an issuer the id alone decides.
    """
    named = {(*patient_of(h.data), text(h.data, "PatientBirthDate")) for h in headers}
    named = {(issuer, patient, born) for issuer, patient, born in named if patient}
    count = 0
    for patient in {patient for _, patient, _ in named}:
        issuers = {i for i, p, _ in named if p == patient and i}
        births = {b for _, p, b in named if p == patient and b}
        count += max(1, len(issuers), len(births))
    return count


def _by_study(images: Sequence[DicomHeader]) -> list[list[DicomHeader]]:
    """By StudyInstanceUID; files without one by folder and patient."""
    groups: dict[tuple[str, ...], list[DicomHeader]] = defaultdict(list)
    for header in images:
        key = (header.study_uid,) if header.study_uid else ("", str(header.path.parent), *patient_of(header.data))
        groups[key].append(header)
    return list(groups.values())


def _read_study(
    headers: Sequence[DicomHeader],
    root: Path,
    set_aside: Sequence[Path],
    on_slices: Callable[[int], None] | None,
) -> Iterator[FoundStudy | Refusal]:
    series: dict[tuple[str, str], list[DicomHeader]] = defaultdict(list)
    for header in headers:
        series[header.series_uid, "" if header.series_uid else str(header.path.parent)].append(header)
    volumes: dict[str, ReadVolume] = {}
    aside = list(set_aside)
    issues: list[Issue] = []
    for _, files in sorted(series.items(), key=lambda entry: _series_order(entry[1])):
        read = read_series(files, on_slices)
        if read.volumes:
            aside += read.copies
        for volume in read.volumes:
            twin = volumes.setdefault(volume.volume.digest, volume)
            if twin is not volume:
                issues.append(
                    Issue("series_twice", Severity.NOTE, files[0].path.name,
                          "A volume holds the same values at the same place as another of the study and is left out.")
                )  # fmt: skip
        for path, error in read.refused:
            yield path_below(path, root), error
    if volumes:
        yield _study(headers, list(volumes.values()), root, aside, issues)


def _series_order(headers: Sequence[DicomHeader]) -> tuple[float, str]:
    series_number = number(headers[0].data, "SeriesNumber")
    return (float("inf") if series_number is None else series_number, headers[0].series_uid)


def _study(
    headers: Sequence[DicomHeader],
    volumes: Sequence[ReadVolume],
    root: Path,
    aside: Sequence[Path],
    issues: Sequence[Issue],
) -> FoundStudy:
    named = sorted(headers, key=lambda header: not patient_of(header.data)[1])[0].data
    synthetic = {is_synthetic(header.data) for header in headers}
    if len(synthetic) > 1:
        issues = [
            *issues,
            Issue("partly_synthetic", Severity.WARNING, "study",
                  "Some files say that they are synthetic and others do not; the study counts as synthetic."),
        ]  # fmt: skip
    folders = [header.path.parent for header in headers]
    return FoundStudy(
        path=path_below(headers[0].path if len(headers) == 1 else Path(os.path.commonpath(folders)), root),
        key=volumes[0].volume.digest[:16],
        volumes=tuple(read.volume for read in volumes),
        identity=replace(
            source_identity(named),
            series_uids={read.volume.digest: read.series_uid for read in volumes},
            frame_uids={read.volume.digest: read.frame_uid for read in volumes},
            instance_uids={read.volume.digest: read.instance_uids for read in volumes},
        ),
        synthetic=True in synthetic,
        acquired_on=day_of(named, "StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"),
        age_years=age_years(named),
        sex=sex_of(named),
        issues=tuple(issues),
        set_aside=tuple(path.name for path in aside),
    )
