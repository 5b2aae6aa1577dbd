"""Series as SimpleITK and dcm2niix read them, and how far two volumes lie apart."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
import pytest

from dashboard.domain import lps_from_ras

__all__ = ["Apart", "Theirs", "apart", "by_dcm2niix", "by_simpleitk"]


@dataclass(frozen=True, eq=False)
class Theirs:
    """A volume of another reader, in LPS like ours."""

    name: str
    array: np.ndarray
    affine: np.ndarray


@dataclass(frozen=True)
class Apart:
    """Greatest distance of a corner in millimetres, and of values relative to the greatest; inf where grids differ."""

    corners_mm: float
    values: float


def by_simpleitk(files: Sequence[Path]) -> list[Theirs]:
    """The series of the files by ImageSeriesReader, files sorted by GetGDCMSeriesFileNames; [] where it gives up."""
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is not installed")
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    folder = files[0].parent
    found = []
    for series in sitk.ImageSeriesReader.GetGDCMSeriesIDs(str(folder)):
        names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder), series)
        if not {Path(name) for name in names} & set(files):
            continue
        reader = sitk.ImageSeriesReader() if len(names) > 1 else sitk.ImageFileReader()
        (reader.SetFileNames if len(names) > 1 else reader.SetFileName)(names if len(names) > 1 else names[0])
        try:
            image = reader.Execute()
        except RuntimeError:
            continue
        if image.GetDimension() == 3 and image.GetNumberOfComponentsPerPixel() == 1:
            affine = np.eye(4)
            affine[:3, :3] = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
            affine[:3, 3] = image.GetOrigin()
            found.append(Theirs(Path(names[0]).name, sitk.GetArrayFromImage(image).T, affine))
    return found


def by_dcm2niix(folder: Path, out: Path) -> list[Theirs]:
    """Every volume that dcm2niix makes of a folder; a series over time as one volume a time."""
    if shutil.which("dcm2niix") is None:
        pytest.skip("dcm2niix is not installed (Debian: dcm2niix)")
    out.mkdir(parents=True, exist_ok=True)
    command = ["dcm2niix", "-z", "n", "-b", "n", "-m", "n", "-p", "n", "-f", "%s_%d_%e", "-o", str(out), str(folder)]
    subprocess.run(command, check=False, capture_output=True, timeout=120)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in sorted(out.glob("*.nii")):
            image = nibabel.load(path)
            array = np.asarray(image.dataobj)
            for n, volume in enumerate(_volumes(array)):
                found.append(Theirs(f"{path.name} {n}", volume, lps_from_ras(image.affine)))
    return found


def _volumes(array: np.ndarray) -> Iterator[np.ndarray]:
    if array.ndim == 2:
        yield array[:, :, None]
    elif array.ndim == 3:
        yield array
    elif array.ndim == 4:
        yield from np.moveaxis(array, -1, 0)


def apart(array: np.ndarray, affine: np.ndarray, theirs: Theirs) -> Apart:
    """How far their volume is from ours, axes brought into our order by geometry alone."""
    between = np.linalg.inv(theirs.affine) @ affine
    turn = np.rint(between[:3, :3])
    if not np.array_equal(np.abs(turn).sum(0), [1, 1, 1]) or not np.array_equal(np.abs(turn).sum(1), [1, 1, 1]):
        return Apart(np.inf, np.inf)
    order = np.abs(turn).argmax(0)
    moved = theirs.array.transpose(order)
    flips = [axis for axis in range(3) if turn[order[axis], axis] < 0]
    if moved.shape != array.shape:
        return Apart(np.inf, np.inf)
    ours_at, theirs_at = [], []
    for corner in np.ndindex(2, 2, 2):
        index = np.array(corner) * (np.array(array.shape) - 1)
        other = np.zeros(3)
        other[order] = [array.shape[a] - 1 - index[a] if a in flips else index[a] for a in range(3)]
        ours_at.append(affine[:3] @ [*index, 1])
        theirs_at.append(theirs.affine[:3] @ [*other, 1])
    corners = np.linalg.norm(np.array(ours_at) - theirs_at, axis=1).max()
    difference = np.abs(np.flip(moved, flips).astype(np.float64) - array).max()
    return Apart(float(corners), float(difference / max(1.0, float(np.abs(array).max()))))
