"""Label masks out, as NIfTI."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from ..domain import Affine, ras_from_lps
from ..files import write_atomic

__all__ = ["write_nifti_mask"]


def write_nifti_mask(
    labels: np.ndarray, affine: Affine, path: Path, *, synthetic: bool = False, sides_known: bool = True
) -> None:
    """Write a label mask as NIfTI-1, whole or not at all.

    Parameters
    ----------
    labels : (i, j, k) uint8
    affine : (4, 4) float64
        Voxel index to LPS millimetres; the file has it in RAS+, as sform and, where it can be one, as qform.
    path : Path
        Ends in .nii or .nii.gz (packed, with no time stamp: the same mask gives the same bytes).
    synthetic : bool
        Whether the study is; then `descrip` begins 'Overread synthetic', by which it is known again.
    sides_known : bool
        False where the study's images state no position: then the mask states none either and says so.
    """
    import nibabel

    image = nibabel.Nifti1Image(np.asarray(labels, dtype=np.uint8), ras_from_lps(affine))
    image.set_sform(image.affine, code=1 if sides_known else 0)
    image.set_qform(image.affine, code=1 if sides_known else 0)
    image.header.set_intent("label")
    image.header.set_xyzt_units("mm")
    words = f"Overread{' synthetic' if synthetic else ''} mask{'' if sides_known else ', sides unknown'}"
    image.header["descrip"] = words.encode()
    data = image.to_bytes()
    write_atomic(path, gzip.compress(data, compresslevel=6, mtime=0) if path.suffix == ".gz" else data)
