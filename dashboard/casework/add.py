"""First step of a case: files become studies, or are refused by name while the rest goes on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..domain import Recording, Study, Volume, random_pseudonym, utc_text
from ..eeg import FoundRecording, find_recordings
from ..errors import (
    NothingToRead,
    NotRecognised,
    NotSynthetic,
    OverreadError,
    SyntheticInClinical,
    UsageError,
)
from ..files import unpack_zip
from ..imaging import FoundStudy, find_mr_studies
from ..ledger import NewRow
from ..terms import Action, Identity, Role, Sequence, StudyKind
from ..workspace import Subject, Workspace, input_digest_of, remove_study
from .align import flag_apart

__all__ = ["AddReport", "Added", "Refused", "add_paths"]

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Added:
    """One study taken in, or met again. `new` is false where every byte of it was known."""

    study: str
    kind: str
    path: str
    new: bool = True
    set_aside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """One file or series that was not taken in, and why."""

    path: str
    code: str
    what: str
    why: str
    what_to_do: str


@dataclass(frozen=True)
class AddReport:
    """What became of everything that was named."""

    added: tuple[Added, ...]
    refused: tuple[Refused, ...]


def add_paths(
    workspace: Workspace,
    paths: Iterable[Path],
    *,
    as_sequences: Mapping[Sequence, Path] | None = None,
    subject: str | None = None,
    as_demonstration: bool = False,
    on_progress: Progress | None = None,
) -> AddReport:
    """Take in folders, zips and files: DICOM and NIfTI become MR studies, recordings become EEG studies.

    Parameters
    ----------
    as_sequences : mapping
        NIfTI files named sequence by sequence; together they are one study.
    subject : str, optional
        Join the studies to this subject instead of giving each its own.
    as_demonstration : bool
        Allow real data in a demonstration workspace.

    Raises
    ------
    UsageError
        Nothing was named, or a path does not exist.
    """
    intake = _Intake(workspace, subject, as_demonstration, on_progress)
    given = [Path(p) for p in paths]
    named = dict(as_sequences or {})
    if not given and not named:
        raise UsageError("Nothing was named.", "`overread add` needs a path.", "Name a folder, a zip or files.")
    missing = [p.name for p in (*given, *named.values()) if not p.exists()]
    if missing:
        raise UsageError(f"{', '.join(missing)} is not there.", "The path does not exist.", "Check its spelling.")
    if named:
        first = next(iter(named.values()))
        intake.take(sorted(named.values()), first.parent, named)
    batches = _batches(given)
    with ExitStack() as stack:
        for number, batch in enumerate(batches):
            if on_progress:
                on_progress(number, len(batches), batch[0].name)
            try:
                files, root = _files_of(batch, stack)
            except OverreadError as error:
                intake.refuse(batch[0].name, error)
                continue
            intake.take(files, root, {})
    return AddReport(tuple(intake.added), tuple(intake.refused))


def _batches(given: list[Path]) -> list[list[Path]]:
    """Files named one by one go together folder by folder, so that `add case/*.nii.gz` is one study."""
    batches: dict[Path, list[Path]] = {}
    for path in given:
        alone = path.is_dir() or path.suffix.lower() == ".zip"
        batches.setdefault(path if alone else path.parent / "*", []).append(path)
    return list(batches.values())


def _files_of(batch: list[Path], stack: ExitStack) -> tuple[list[Path], Path]:
    path = batch[0]
    if path.is_file() and path.suffix.lower() == ".zip":
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="overread-add-"))) / path.stem
        folder.mkdir()
        return sorted(unpack_zip(path, folder)), folder
    if path.is_file():
        return batch, path.parent
    path = path.resolve()
    files = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
    if not files:
        raise NothingToRead(
            f"{path.name} holds no files.", "The folder is empty.", "Name a folder with DICOM, NIfTI or recordings."
        )
    return files, path


class _Intake:
    """The studies and refusals of one `add`, as they come."""

    def __init__(
        self, workspace: Workspace, subject: str | None, as_demonstration: bool, on_progress: Progress | None
    ) -> None:
        self.workspace = workspace
        self.subject = workspace.keys.subject(subject) if subject else None
        self.as_demonstration = as_demonstration
        self.on_progress = on_progress
        self.added: list[Added] = []
        self.refused: list[Refused] = []

    def refuse(self, path: str, error: OverreadError) -> None:
        self.refused.append(Refused(path, error.code, error.what, error.why, error.what_to_do))

    def take(self, files: list[Path], root: Path, as_sequences: Mapping[Sequence, Path]) -> None:
        """Everything of one named path; what no room reads is refused as not recognised."""
        mr = find_mr_studies(
            files,
            root,
            as_sequences,
            on_study=lambda found: self._guarded(found.path, lambda: self._mr(found)),
            on_progress=self.on_progress,
        )
        for path, error in mr.refused:
            self.refuse(path, error)
        eeg = find_recordings(mr.unused, root)
        for path, error in eeg.refused:
            self.refuse(path, error)
        for recording in eeg.recordings:
            self._guarded(recording.path.name, lambda recording=recording: self._eeg(recording))
        for path in eeg.unused:
            self.refuse(
                path.relative_to(root).as_posix(),
                NotRecognised(
                    f"{path.name} was not read.",
                    "It is neither DICOM nor NIfTI, nor a recording of a known format.",
                    "Leave it, or convert it to DICOM, NIfTI or EDF+.",
                ),
            )

    def _guarded(self, path: str, take: Callable[[], None]) -> None:
        try:
            take()
        except OverreadError as error:
            self.refuse(path, error)

    def _mr(self, found: FoundStudy) -> None:
        self._check_synthetic(found.synthetic)
        known = next((s for s in map(self._known, (v.digest for v in found.volumes)) if s), None)
        uid, patient = found.identity.study_instance_uid, found.identity.patient_id
        subject = self._subject(found.identity.issuer, patient, known)
        if known is not None:
            pseudonym = known.id
        elif uid:
            pseudonym = self.workspace.keys.study_pseudonym(subject, uid)
        else:
            pseudonym = self._unused_pseudonym()
        volumes = _in_known_frames(found.volumes, known)
        study = Study(
            id=pseudonym,
            subject=subject.id,
            kind=StudyKind.MR,
            volumes=volumes,
            input_digest=input_digest_of(volumes),
            added_at=utc_text(),
            acquired_on=found.acquired_on,
            age_years=found.age_years,
            sex=found.sex,
            synthetic=found.synthetic,
            issues=found.issues,
        )
        self._store(study, asdict(found.identity), found.path, found.set_aside)
        for volume in found.volumes if known else ():
            self._tell_kept(found.path, volume, known)

    def _tell_kept(self, path: str, volume: Volume, known: Study) -> None:
        """A sequence given by hand does not change a series that is here: results stand for what it is taken for."""
        here = next((v for v in known.volumes if v.digest == volume.digest), None)
        if here is None or volume.sequence_confidence < 1 or here.sequence == volume.sequence:
            return
        self.refuse(
            path,
            UsageError(
                f"{volume.description} stays what it was.",
                f"It is here already, taken for {here.sequence}.",
                f"To change that: overread sequence {known.id} {here.digest[:8]} {volume.sequence}",
            ),
        )

    def _eeg(self, found: FoundRecording) -> None:
        self._check_synthetic(found.synthetic)
        recording: Recording = found.recording
        known = self._known(recording.digest)
        subject = self._subject("", found.identity.get("patient_id", ""), known)
        pseudonym = known.id if known else self.workspace.keys.study_pseudonym(subject, recording.digest)
        study = Study(
            id=pseudonym,
            subject=subject.id,
            kind=StudyKind.EEG,
            recording=recording,
            input_digest=recording.digest,
            added_at=utc_text(),
            acquired_on=found.acquired_on,
            age_years=found.age_years,
            sex=found.sex,
            synthetic=found.synthetic,
            issues=recording.issues,
        )
        self._store(study, dict(found.identity), found.path.name, ())

    def _store(self, study: Study, identity: dict[str, Any], path: str, set_aside: tuple[str, ...]) -> None:
        if study.id in self.workspace.erased_studies():  # Asked for again: first, nothing of the erased one is left.
            remove_study(self.workspace, study.id, "")
        before = self.workspace.studies.get(study.id) if study.id in self.workspace.studies.ids() else None
        stored = flag_apart(self.workspace, self.workspace.studies.put(study, self.on_progress))
        self.workspace.save_identity(stored.id, identity)
        erased = stored.id in self.workspace.erased_studies()
        new = before is None or before.input_digest != stored.input_digest or erased
        if new:
            self.workspace.ledger.append(_intake_row(stored, before))
        self.added.append(Added(stored.id, str(stored.kind), path, new, set_aside))

    def _subject(self, issuer: str, patient_id: str, known: Study | None) -> Subject:
        if known is not None:
            return self.workspace.keys.subject(known.subject)
        if self.subject is not None:
            return self.subject
        return self.workspace.keys.subject_for(issuer, patient_id) if patient_id else self.workspace.keys.new_subject()

    def _known(self, digest: str) -> Study | None:
        """The study that holds these bytes; what a crash left of an erased one is no study."""
        known = self.workspace.studies.find(digest)
        if known is not None and known.id in self.workspace.erased_studies():
            remove_study(self.workspace, known.id, known.subject)
            return None
        return known

    def _unused_pseudonym(self) -> str:
        pseudonym = random_pseudonym("S")
        while pseudonym in self.workspace.study_ids():
            pseudonym = random_pseudonym("S")
        return pseudonym

    def _check_synthetic(self, synthetic: bool) -> None:
        if synthetic and not self.workspace.is_demonstration:
            raise SyntheticInClinical(
                "The study was not taken in.",
                "It says that it is synthetic, and this workspace is a clinical one.",
                "Add it to a demonstration workspace.",
            )
        if not synthetic and self.workspace.is_demonstration and not self.as_demonstration:
            raise NotSynthetic(
                "The study was not taken in.",
                "It does not say that it is synthetic, and this workspace is a demonstration.",
                "Add it to a clinical workspace, or say --as-demonstration.",
            )


def _in_known_frames(volumes: tuple[Volume, ...], known: Study | None) -> tuple[Volume, ...]:
    """New volumes of a study that is here already, in the frames that its volumes have there.

    A frame that stands for a set of NIfTI files is named anew when files join them.
    """
    if known is None:
        return volumes
    before = {volume.digest: volume.frame for volume in known.volumes}
    names = {volume.frame: before[volume.digest] for volume in volumes if volume.digest in before}
    return tuple(replace(volume, frame=names.get(volume.frame, volume.frame)) for volume in volumes)


def _intake_row(study: Study, before: Study | None) -> NewRow:
    return NewRow(
        action=Action.INTAKE,
        reader="overread",
        role=Role.OPERATOR,
        identity=Identity.SYSTEM,
        exposure="",
        study=study.id,
        subject=study.subject,
        kind=study.kind,
        input_digest=study.input_digest,
        details={"joined": before.input_digest} if before else {},
    )
