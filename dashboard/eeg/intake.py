"""Files into recordings: each is read, refused by name, or left to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import NotRecognised, OverreadError, TruncatedFile
from .edf import read_edf
from .found import FoundRecording
from .header import is_edf
from .text import refuse_other_kinds

__all__ = ["EegIntake", "find_recordings"]

_READERS: dict[str, Callable[[Path], FoundRecording]] = {".edf": read_edf, ".bdf": read_edf}
"""By suffix; a file without one of these is read by `read_edf` if it begins like EDF or BDF."""

_OTHER_RECORDERS = {
    ".vhdr": "BrainVision", ".vmrk": "BrainVision", ".eeg": "BrainVision or Nihon Kohden", ".set": "EEGLAB",
    ".fdt": "EEGLAB", ".fif": "FIF (MNE)", ".cnt": "ANT or Neuroscan", ".lay": "Persyst", ".gdf": "GDF",
    ".cdt": "Curry", ".cef": "Curry", ".dpa": "Curry", ".dap": "Curry", ".rs3": "Curry", ".11d": "Nihon Kohden",
    ".21e": "Nihon Kohden", ".pnt": "Nihon Kohden", ".cn2": "Nihon Kohden", ".cmt": "Nihon Kohden",
    ".head": "Nicolet", ".trc": "Micromed", ".xdf": "XDF", ".mff": "EGI", ".raw": "EGI",
}  # fmt: skip


@dataclass(frozen=True)
class EegIntake:
    """What became of a list of files.

    Attributes
    ----------
    refused : tuple of (path below the root, error)
    unused : tuple of Path
        Nothing to do with EEG, as far as can be told.
    """

    recordings: tuple[FoundRecording, ...]
    refused: tuple[tuple[str, OverreadError], ...]
    unused: tuple[Path, ...]


def find_recordings(files: Sequence[Path], root: Path) -> EegIntake:
    """Read every recording among the files; one that can't be read is refused and the rest goes on.

    Parameters
    ----------
    root : Path
        Refusals name files below it.
    """
    recordings: list[FoundRecording] = []
    refused: list[tuple[str, OverreadError]] = []
    unused: list[Path] = []
    for path in files:
        try:
            found = _read(path)
        except OverreadError as error:
            refused.append((_below(path, root), error))
            continue
        if found is None:
            unused.append(path)
        else:
            recordings.append(found)
    return EegIntake(tuple(recordings), tuple(refused), tuple(unused))


def _read(path: Path) -> FoundRecording | None:
    suffix = path.suffix.lower()
    try:
        if suffix in _READERS:
            return _READERS[suffix](path)
        with path.open("rb") as stream:
            first = stream.read(256)
        if is_edf(first[:8]) and len(first) == 256 and b"\0" not in first[8:168]:
            return read_edf(path)
    except (OSError, MemoryError) as exc:
        raise TruncatedFile(
            f"{path.name} could not be read.", "The file system refused, or the file changed.", "Copy it again."
        ) from exc
    if suffix not in _OTHER_RECORDERS:
        return None
    refuse_other_kinds(path, first if suffix == ".trc" else b"")
    raise NotRecognised(
        f"{path.name} was not read.",
        f"By its name it is a file of {_OTHER_RECORDERS[suffix]}, which Overread doesn't read.",
        "Export the recording as EDF+ or BDF+ from the program that made it.",
    )


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
