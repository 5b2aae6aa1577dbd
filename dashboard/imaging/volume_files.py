"""One volume a file: which names are such files, and the reader of each kind."""

from __future__ import annotations

import re
from pathlib import Path

from .metaimage import read_metaimage
from .nifti import FileVolume, is_nifti_name, read_nifti
from .nrrd_files import read_nrrd

__all__ = ["is_volume_name", "read_volume_file", "stem_of"]

_ENDING = re.compile(r"\.(?:nii(?:\.gz)?|nrrd|nhdr|mha|mhd)\Z", re.IGNORECASE)


def is_volume_name(path: Path) -> bool:
    """Whether the name is that of a NIfTI, NRRD or MetaImage file."""
    return bool(_ENDING.search(path.name))


def stem_of(path: Path) -> str:
    """The name without its ending, '.nii.gz' being one."""
    return _ENDING.sub("", path.name)


def read_volume_file(path: Path) -> FileVolume:
    """Read one volume of three dimensions from a file of any of these kinds.

    Raises
    ------
    MissingExtra
        NRRD and MetaImage need an optional part that is not installed.
    ImagingRefused, InputRefused
        See `read_nifti`, `read_nrrd` and `read_metaimage`.
    """
    if is_nifti_name(path):
        return read_nifti(path)
    if path.name.lower().endswith((".nrrd", ".nhdr")):
        return read_nrrd(path)
    return read_metaimage(path)
