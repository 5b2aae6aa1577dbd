"""Files into MR studies: each is read, refused by name, or left to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import EmptyFile, OverreadError, TruncatedFile
from ..terms import Sequence as MrSequence
from .dicom_studies import Refusal, dicom_studies, path_below
from .headers import DicomHeader, is_dicom, read_header
from .nifti import is_nifti_name
from .nifti_studies import nifti_studies
from .records import FoundStudy, MrIntake

__all__ = ["find_mr_studies"]

_DICOM_NAMES = (".dcm", ".dicom", ".ima", ".mr", "")


def find_mr_studies(
    files: Sequence[Path],
    root: Path,
    as_sequences: Mapping[MrSequence, Path] | None = None,
    *,
    on_study: Callable[[FoundStudy], None] | None = None,
) -> MrIntake:
    """Read every MR study among the files; what can't be read is refused by name and the rest goes on.

    Parameters
    ----------
    files : sequence of Path
        DICOM with or without a suffix, .nii and .nii.gz, and anything else. Their order plays no part.
    root : Path
        Folder that was named; refusals and studies are told by paths below it.
    as_sequences : mapping
        NIfTI files named sequence by sequence; together they are one study.
    on_study : callable, optional
        Is handed each study as it is read, and `studies` of the result stays empty: memory then holds one at a time.

    Notes
    -----
    docs/reading-mri.md says what is read and what is refused.
    """
    headers: list[DicomHeader] = []
    volumes: list[Path] = []
    refused: list[Refusal] = []
    unused: list[Path] = []
    for path in sorted(set(files)):
        try:
            if is_nifti_name(path):
                volumes.append(path)
            elif path.stat().st_size == 0 and path.suffix.lower() in _DICOM_NAMES:
                raise EmptyFile(f"{path.name} was not read.", "It has no bytes.", "Copy it again from its source.")
            elif is_dicom(path):
                headers.append(read_header(path))
            else:
                unused.append(path)
        except OSError:
            refused.append((path_below(path, root), _vanished(path)))
        except OverreadError as error:
            refused.append((path_below(path, root), error))
    studies: list[FoundStudy] = []
    for outcome in _outcomes(headers, volumes, root, as_sequences or {}):
        if isinstance(outcome, FoundStudy):
            (on_study or studies.append)(outcome)
        else:
            refused.append(outcome)
    return MrIntake(tuple(studies), tuple(refused), tuple(unused))


def _outcomes(
    headers: Sequence[DicomHeader], volumes: Sequence[Path], root: Path, as_sequences: Mapping[MrSequence, Path]
) -> Iterator[FoundStudy | Refusal]:
    yield from dicom_studies(headers, root)
    yield from nifti_studies(volumes, root, as_sequences)


def _vanished(path: Path) -> TruncatedFile:
    return TruncatedFile(
        f"{path.name} could not be read.", "The file system refused, or the file changed.", "Copy it again."
    )
