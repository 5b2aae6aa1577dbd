"""Files into MR studies: each is read, refused by name, or left to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from time import monotonic

from ..errors import OverreadError, TruncatedFile
from ..terms import Sequence as MrSequence
from .dicom_studies import Refusal, dicom_studies, path_below
from .headers import DicomHeader, is_dicom, read_header
from .nifti_studies import nifti_studies
from .records import FoundStudy, MrIntake
from .refusals import empty
from .volume_files import is_volume_name

__all__ = ["find_mr_studies"]

_SILENT_S, _BETWEEN_S = 0.5, 0.1
_DICOM_NAMES = (".dcm", ".dicom", ".ima", ".mr", "")


def find_mr_studies(
    files: Sequence[Path],
    root: Path,
    as_sequences: Mapping[MrSequence, Path] | None = None,
    *,
    on_study: Callable[[FoundStudy], None] | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> MrIntake:
    """Read every MR study among the files; what can't be read is refused by name and the rest goes on.

    Parameters
    ----------
    files : sequence of Path
        DICOM with or without a suffix, NIfTI, NRRD, MHA, and anything else. Their order plays no part.
    root : Path
        Folder that was named; refusals and studies are told by paths below it.
    as_sequences : mapping
        NIfTI files named sequence by sequence; together they are one study.
    on_study : callable, optional
        Is handed each study as it is read, and `studies` of the result stays empty: memory then holds one at a time.
    on_progress : callable, optional
        (done, total, what): headers read, then slices; silent in the first half second.

    Notes
    -----
    docs/reading-mri.md says what is read and what is refused.
    """
    headers: list[DicomHeader] = []
    volumes: list[Path] = []
    refused: list[Refusal] = []
    unused: list[Path] = []
    tell = _Told(on_progress)
    for number, path in enumerate(sorted(set(files))):
        tell(number, len(files), "headers")
        try:
            if is_volume_name(path):
                volumes.append(path)
            elif path.stat().st_size == 0 and path.suffix.lower() in _DICOM_NAMES:
                raise empty(path)
            elif is_dicom(path):
                headers.append(read_header(path))
            else:
                unused.append(path)
        except OSError:
            refused.append((path_below(path, root), _vanished(path)))
        except OverreadError as error:
            refused.append((path_below(path, root), error))
    studies: list[FoundStudy] = []
    slices = _Count(tell, sum(header.frames for header in headers))
    for outcome in chain(dicom_studies(headers, root, slices), nifti_studies(volumes, root, as_sequences or {})):
        if isinstance(outcome, FoundStudy):
            (on_study or studies.append)(outcome)
        else:
            refused.append(outcome)
    return MrIntake(tuple(studies), tuple(refused), tuple(unused))


class _Told:
    """Progress told from the second half second on, ten times a second at most."""

    def __init__(self, on_progress: Callable[[int, int, str], None] | None) -> None:
        self._on_progress = on_progress
        self._next = monotonic() + _SILENT_S

    def __call__(self, done: int, total: int, what: str) -> None:
        now = monotonic()
        if self._on_progress is not None and now >= self._next:
            self._next = now + _BETWEEN_S
            self._on_progress(done, total, what)


class _Count:
    """Slices read so far, of all."""

    def __init__(self, tell: _Told, total: int) -> None:
        self._tell = tell
        self._done = 0
        self._total = total

    def __call__(self, more: int) -> None:
        self._done += more
        self._tell(self._done, max(self._total, self._done), "slices")


def _vanished(path: Path) -> TruncatedFile:
    return TruncatedFile(
        f"{path.name} could not be read.", "The file system refused, or the file changed.", "Copy it again."
    )
