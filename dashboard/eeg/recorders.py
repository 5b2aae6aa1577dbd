"""Files of other recorders: which format each is, which one of several is read, and which go with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["RECORDERS", "Parts", "Recorder", "sort_parts"]


@dataclass(frozen=True)
class Recorder:
    """One format that MNE reads.

    Attributes
    ----------
    name : str
        As its makers call it.
    reader : str
        Function of `mne.io`.
    needs : str
        A further package that MNE needs for it; '' for none. Those of the extra `recorders`.
    unit : str
        Unit of the file's numbers where MNE keeps none by channel.
    """

    name: str
    reader: str
    needs: str = ""
    unit: str = "uV"


BRAINVISION = Recorder("BrainVision", "read_raw_brainvision")
EEGLAB = Recorder("EEGLAB", "read_raw_eeglab", "pymatreader")
FIF = Recorder("FIF", "read_raw_fif", unit="V")
NIHON_KOHDEN = Recorder("Nihon Kohden", "read_raw_nihon")
PERSYST = Recorder("Persyst", "read_raw_persyst")
ANT = Recorder("ANT", "read_raw_ant", "antio")
NEUROSCAN = Recorder("Neuroscan", "read_raw_cnt")
CURRY = Recorder("Curry", "read_raw_curry", "curryreader")
GDF = Recorder("GDF", "read_raw_gdf")
EGI = Recorder("EGI", "read_raw_egi")
EGI_MFF = Recorder("EGI MFF", "read_raw_egi", "mffpy")
NICOLET = Recorder("Nicolet", "read_raw_nicolet")
RECORDERS = (BRAINVISION, EEGLAB, FIF, NIHON_KOHDEN, PERSYST, ANT, NEUROSCAN, CURRY, GDF, EGI, EGI_MFF, NICOLET)

_BY_SUFFIX = {
    ".vhdr": BRAINVISION, ".set": EEGLAB, ".fif": FIF, ".lay": PERSYST, ".cdt": CURRY, ".gdf": GDF,
}  # fmt: skip
_NIHON_VERSIONS = (b"EEG-1100", b"EEG-2100", b"EEG-1200", b"QI-403A ", b"DAE-2100")
_NIHON_PARTS = (".11d", ".21e", ".bft", ".cmt", ".cn2", ".cn3", ".egf", ".log", ".pnt", ".reg", ".rej", ".vor")
_PART_OF = {
    ".vmrk": (".vhdr",), ".eeg": (".vhdr",), ".fdt": (".set",), ".dap": (".dat",), ".rs3": (".dat",),
    ".cef": (".dat", ".cdt"), ".ceo": (".dat", ".cdt"), ".dpa": (".cdt",), ".dpo": (".cdt",), ".dat": (".lay",),
    ".data": (".head",), ".trg": (".cnt",), ".evt": (".cnt",), **dict.fromkeys(_NIHON_PARTS, (".eeg",)),
}  # fmt: skip
"""Suffixes of files that go with another: that other's, of the same stem."""
_ALWAYS_PARTS = {".vmrk", ".eeg", ".fdt", ".dap", ".rs3", ".dpa", ".dpo", ".11d", ".21e", ".head"}
"""Of these, such as nothing else has: without their recording they are refused by name, the others are left."""


@dataclass(frozen=True)
class Parts:
    """Files sorted by what they are to a recording.

    Attributes
    ----------
    recordings : dict of Path to Recorder
        What is read; for `.mff` the folder.
    parts : dict of Path to Path
        Files that go with a recording, and that recording.
    lonely : tuple of Path
        Parts of a recording that isn't there.
    others : tuple of Path
    """

    recordings: dict[Path, Recorder]
    parts: dict[Path, Path]
    lonely: tuple[Path, ...]
    others: tuple[Path, ...]


def sort_parts(files: Iterable[Path]) -> Parts:
    """Find the recordings among files. A part that was named alone brings the recording beside it."""
    folders: dict[Path, dict[str, Path]] = {}
    recordings: dict[Path, Recorder] = {}
    parts: dict[Path, Path] = {}
    lonely: list[Path] = []
    others: list[Path] = []
    for path in files:
        package = next((p for p in path.parents if p.suffix.lower() == ".mff"), None)
        if package is not None:
            recordings[package], parts[path] = EGI_MFF, package
            continue
        recorder = _recorder_of(path, folders)
        if recorder is not None:
            recordings[path] = recorder
            continue
        whole, its = _whole_of(path, folders)
        if whole is not None and its is not None:
            recordings[whole], parts[path] = its, whole
        elif path.suffix.lower() in _ALWAYS_PARTS:
            lonely.append(path)
        else:
            others.append(path)
    return Parts(recordings, parts, tuple(lonely), tuple(others))


def _recorder_of(path: Path, folders: dict[Path, dict[str, Path]]) -> Recorder | None:
    suffix = path.suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if path.name.lower().endswith(".fif.gz"):
        return FIF
    if suffix in (".eeg", ".cnt", ".raw"):
        first = _first_bytes(path)
        if suffix == ".eeg":
            return NIHON_KOHDEN if first.startswith(_NIHON_VERSIONS) else None
        if suffix == ".cnt":
            return ANT if first[:4] in (b"RIFF", b"RF64") else NEUROSCAN if first.startswith(b"Version 3") else None
        return EGI if first[:3] == b"\0\0\0" and len(first) > 3 and 2 <= first[3] <= 7 else None
    if suffix == ".dat" and _beside(path, path.stem + ".dap", folders):
        return CURRY
    if suffix == ".data" and _beside(path, path.stem + ".head", folders):
        return NICOLET
    return None


def _whole_of(path: Path, folders: dict[Path, dict[str, Path]]) -> tuple[Path | None, Recorder | None]:
    """The recording that a file is part of, by its name; of BrainVision and Persyst also by what its header names."""
    suffix, stem = path.suffix.lower(), path.stem
    for wanted in (*_PART_OF.get(suffix, ()), *((".data",) if suffix == ".head" else ())):
        name = stem if stem.lower().endswith(wanted) else stem + wanted
        whole = _beside(path, name, folders)
        recorder = _recorder_of(whole, folders) if whole is not None else None
        if recorder is not None:
            return whole, recorder
        if wanted in (".vhdr", ".lay"):
            for header in sorted(_listing(path.parent, folders).values()):
                if header.suffix.lower() == wanted and _names(header, path.name):
                    return header, _BY_SUFFIX[wanted]
    return None, None


def _names(header: Path, name: str) -> bool:
    """Whether a header of text has the file's name behind an equals sign."""
    lines = _first_bytes(header, 1 << 14).decode("utf-8", "replace").splitlines()
    return any(line.partition("=")[2].strip() == name for line in lines)


def _beside(path: Path, name: str, folders: dict[Path, dict[str, Path]]) -> Path | None:
    return _listing(path.parent, folders).get(name.lower())


def _listing(folder: Path, folders: dict[Path, dict[str, Path]]) -> dict[str, Path]:
    if folder not in folders:
        folders[folder] = {p.name.lower(): p for p in sorted(folder.iterdir()) if p.is_file()}
    return folders[folder]


def _first_bytes(path: Path, count: int = 32) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError:
        return b""
