"""Files into recordings: each is read, refused by name, or left to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import NotRecognised, OverreadError, TruncatedFile
from .by_mne import read_by_mne
from .edf import read_edf
from .found import FoundRecording
from .header import is_edf
from .recorders import Recorder, sort_parts
from .text import refuse_other_kinds

__all__ = ["EegIntake", "find_recordings"]

_UNREAD = {".trc": "Micromed", ".xdf": "XDF", ".cnt": "ANT or Neuroscan", ".raw": "EGI", ".eeg": "BrainVision"}
"""Suffixes of recorders whose files are not read, or that this file does not begin like."""


@dataclass(frozen=True)
class EegIntake:
    """What became of a list of files.

    Attributes
    ----------
    refused : tuple of (path below the root, error)
    unused : tuple of Path
        Nothing to do with EEG, as far as can be told.
    parts : tuple of Path
        Files that were read, or refused, together with the recording that they belong to.
    """

    recordings: tuple[FoundRecording, ...]
    refused: tuple[tuple[str, OverreadError], ...]
    unused: tuple[Path, ...]
    parts: tuple[Path, ...] = ()


def find_recordings(files: Sequence[Path], root: Path) -> EegIntake:
    """Read every recording among the files; one that can't be read is refused and the rest goes on.

    A recording of several files is found by its header file, which may also lie beside a file that was named.

    Parameters
    ----------
    root : Path
        Refusals name files below it.
    """
    recordings: list[FoundRecording] = []
    refused: list[tuple[str, OverreadError]] = []
    unused: list[Path] = []

    def guarded(path: Path, read: Callable[[], FoundRecording | None]) -> None:
        try:
            found = read()
        except OverreadError as error:
            refused.append((_below(path, root), error))
        except (OSError, MemoryError):
            refused.append((_below(path, root), _broken(path)))
        else:
            if found is None:
                unused.append(path)
            else:
                recordings.append(found)

    rest = []
    for path in files:
        if path.suffix.lower() in (".edf", ".bdf") or _begins_like_edf(path):
            guarded(path, lambda path=path: read_edf(path))
        else:
            rest.append(path)
    sorted_out = sort_parts(rest)
    parts = dict(sorted_out.parts)
    for path, recorder in sorted(sorted_out.recordings.items(), key=lambda item: (len(item[0].name), item[0])):
        if path not in parts:
            guarded(path, lambda path=path, recorder=recorder: _other(path, recorder))
            if recorder.name == "FIF" and recordings and recordings[-1].path == path:
                parts.update(dict.fromkeys(recordings[-1].parts, path))
    for path in sorted_out.lonely:
        refused.append((_below(path, root), _lonely(path)))
    for path in sorted_out.others:
        guarded(path, lambda path=path: _unknown(path))
    named = set(files)
    return EegIntake(tuple(recordings), tuple(refused), tuple(unused), tuple(p for p in parts if p in named))


def _other(path: Path, recorder: Recorder) -> FoundRecording:
    if path.is_file():
        with path.open("rb") as stream:
            first = stream.read(256)
        if recorder.name not in ("BrainVision", "Persyst"):  # whose headers are text
            refuse_other_kinds(path, first)
    return read_by_mne(path, recorder)


def _unknown(path: Path) -> FoundRecording | None:
    suffix = path.suffix.lower()
    if suffix not in _UNREAD:
        return None
    with path.open("rb") as stream:
        refuse_other_kinds(path, stream.read(256))
    raise NotRecognised(
        f"{path.name} was not read.",
        f"By its name it is a file of {_UNREAD[suffix]}, of a kind that Overread doesn't read.",
        "Export the recording as EDF+ or BDF+ from the program that made it.",
    )


def _begins_like_edf(path: Path) -> bool:
    """Whether a file is EDF or BDF whatever it is called."""
    try:
        with path.open("rb") as stream:
            first = stream.read(256)
    except OSError:
        return False
    return is_edf(first[:8]) and len(first) == 256 and b"\0" not in first[8:168]


def _broken(path: Path) -> OverreadError:
    return TruncatedFile(
        f"{path.name} could not be read.", "The file system refused, or the file changed.", "Copy it again."
    )


def _lonely(path: Path) -> OverreadError:
    return NotRecognised(
        f"{path.name} was not read.",
        "It is part of a recording, and the file that holds its header or its samples is not beside it.",
        "Put all files of the recording into one folder, and add the folder.",
    )


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
