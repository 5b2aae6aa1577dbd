"""One series brought over another by a rigid movement of the head, without touching a voxel. Needs SimpleITK."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..domain import Affine, Volume, apply_affine, spacing_of
from ..errors import ImagingRefused
from ..files import array_digest
from .midline import head_mask
from .simpleitk import simpleitk

__all__ = ["RIGID_SETTINGS", "RigidRegistration", "moved", "register_rigid"]

Progress = Callable[[int, int, str], None]

RIGID_SETTINGS: dict[str, Any] = {
    "transform": "Euler3D, six degrees of freedom",
    "metric": "Mattes mutual information, 32 bins",
    "share": 0.3,
    "samples": 60_000,
    "seed": 20,
    "levels_mm": [6.0, 3.0, 2.0],
    "smoothing_mm": [3.0, 1.5, 1.0],
    "smoothing_of_voxels_over_3_mm": [1.0, 0.67, 0.5],
    "optimiser": "regular step gradient descent, steps 1 to 0.003, relaxation 0.96, 300 a level",
    "starts": "as the files say, and head upon head",
}
"""How the movement is sought; kept with each result."""
_STEPS = 300
_LEVELS = len(RIGID_SETTINGS["levels_mm"])


@dataclass(frozen=True, eq=False)
class RigidRegistration:
    """A rigid movement of the head between two series.

    Attributes
    ----------
    matrix : (4, 4) float64
        Patient millimetres (LPS) of the moving series to those of the fixed one.
    rotation_deg, shift_mm : float
        Angle of the turn, and how far the middle of the moving series goes.
    similarity_before, similarity_after : float
        Mutual information with the files' own positions and with the movement; more is better.
    """

    matrix: Affine
    rotation_deg: float
    shift_mm: float
    similarity_before: float
    similarity_after: float
    software: str


def register_rigid(fixed: Volume, moving: Volume, on_progress: Progress | None = None) -> RigidRegistration:
    """Seek the rigid movement that lays one series of a head over another. Nothing is moved by it.

    Both may have any contrast, any orientation and any spacing. One thread and a fixed seed: the same series give the
    same movement.

    Raises
    ------
    MissingExtra
        SimpleITK is not installed.
    ImagingRefused
        The two have too little in common for a movement to be found.
    """
    sitk = simpleitk("The step was not done.")
    before = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    try:
        still, other = _image(sitk, fixed), _image(sitk, moving)
        method = _method(sitk, still)
        found = _best_start(sitk, still, other, fixed, moving)
        count = iter(range(1, _STEPS * _LEVELS + 1))
        if on_progress:
            method.AddCommand(
                sitk.sitkIterationEvent, lambda: on_progress(next(count, 0), _STEPS * _LEVELS, "Registering")
            )
        method.SetInitialTransform(found, inPlace=True)
        method.Execute(still, other)
        matrix = np.linalg.inv(_matrix_of(found))
        similar = [_similarity(sitk, still, other, t) for t in (sitk.Euler3DTransform(), found)]
    except RuntimeError as exc:
        raise ImagingRefused(
            "The series were not registered.",
            "They have too little in common: no movement lays one over the other.",
            "Check that both are of one head, and read them side by side.",
        ) from exc
    finally:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(before)
    middle = apply_affine(moving.affine, (np.array(moving.shape) - 1) / 2)
    turn = np.clip((np.trace(matrix[:3, :3]) - 1) / 2, -1, 1)
    return RigidRegistration(
        matrix=matrix,
        rotation_deg=float(np.rad2deg(np.arccos(turn))),
        shift_mm=float(np.linalg.norm(apply_affine(matrix, middle) - middle)),
        similarity_before=similar[0],
        similarity_after=similar[1],
        software=f"SimpleITK {sitk.Version.VersionString()}",
    )


def moved(moving: Volume, matrix: Affine, frame: str, record: str) -> Volume:
    """The series where the movement lays it: the same voxels under another affine, in the fixed series' frame.

    Parameters
    ----------
    record : str
        Digest of the record of how it was made.
    """
    affine = np.asarray(matrix, np.float64) @ np.asarray(moving.affine, np.float64)
    return replace(
        moving,
        affine=affine,
        digest=array_digest(moving.array, affine),
        frame=frame,
        made_from=moving.digest,
        made_how="aligned",
        made_record=record,
    )


def _image(sitk: Any, volume: Volume) -> Any:
    """The series as SimpleITK has it, its place in the patient as here; thinned out where voxels are finer than 1 mm."""
    affine = np.asarray(volume.affine, np.float64)
    steps = [max(1, int(1.0 / length + 1e-6)) for length in spacing_of(affine)]
    array = np.asarray(volume.array[:: steps[0], :: steps[1], :: steps[2]], dtype=np.float32)
    image = sitk.GetImageFromArray(array.transpose(2, 1, 0))
    lengths = np.array(spacing_of(affine))
    image.SetSpacing([float(n) for n in lengths * steps])
    image.SetOrigin([float(n) for n in affine[:3, 3]])
    image.SetDirection([float(n) for n in (affine[:3, :3] / lengths).ravel()])
    return image


def _method(sitk: Any, still: Any) -> Any:
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(32)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetInterpolator(sitk.sitkLinear)
    # a slower relaxation than usual: with 0.6 it stopped 3 mm off at the corners of a phantom's head, with 0.96 0.2 mm
    method.SetOptimizerAsRegularStepGradientDescent(
        1.0, 3e-3, _STEPS, relaxationFactor=0.96, gradientMagnitudeTolerance=1e-9
    )
    method.SetOptimizerScalesFromPhysicalShift()
    coarsest = max(still.GetSpacing())
    smoothing = RIGID_SETTINGS["smoothing_mm"]
    if coarsest > 3:  # less than half a voxel leaves steps in the metric: 1.3 mm off on 4 x 4 x 6 mm, so 0.4
        smoothing = [share * coarsest for share in RIGID_SETTINGS["smoothing_of_voxels_over_3_mm"]]
    method.SetSmoothingSigmasPerLevel(smoothing)
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    factors = [max(1, int(mm / coarsest)) for mm in RIGID_SETTINGS["levels_mm"]]
    voxels = [float(np.prod([max(1, n // factor) for n in still.GetSize()])) for factor in factors]
    shares = [min(RIGID_SETTINGS["share"], RIGID_SETTINGS["samples"] / count) for count in voxels]
    method.SetShrinkFactorsPerLevel(factors)
    method.SetMetricSamplingPercentagePerLevel(shares, RIGID_SETTINGS["seed"])
    return method


def _best_start(sitk: Any, still: Any, other: Any, fixed: Volume, moving: Volume) -> Any:
    """Where the files say, or the middle of one head upon that of the other: whichever is more alike."""
    heads = [_middle(volume) for volume in (fixed, moving)]
    best, highest = None, -np.inf
    for shift in (np.zeros(3), heads[1] - heads[0]):
        start = sitk.Euler3DTransform()
        start.SetCenter([float(n) for n in heads[0]])
        start.SetTranslation([float(n) for n in shift])
        try:
            alike = _similarity(sitk, still, other, start)
        except RuntimeError:  # no voxel in common
            continue
        if alike > highest:
            best, highest = start, alike
    if best is None:
        raise RuntimeError("no start")
    return best


def _middle(volume: Volume) -> np.ndarray:
    head = np.argwhere(head_mask(volume.array))
    index = head.mean(axis=0) if len(head) else (np.array(volume.shape) - 1) / 2
    return apply_affine(volume.affine, index)


def _similarity(sitk: Any, still: Any, other: Any, transform: Any) -> float:
    """Mutual information over every voxel of a coarse grid; 0 where the two do not overlap."""
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(32)
    method.SetMetricSamplingStrategy(method.NONE)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetInitialTransform(transform)
    small = sitk.Shrink(still, [max(1, round(4.0 / length)) for length in still.GetSpacing()])
    try:
        return round(-float(method.MetricEvaluate(small, other)), 4)
    except RuntimeError:
        return 0.0


def _matrix_of(transform: Any) -> Affine:
    """Fixed to moving millimetres, as SimpleITK has it, as a matrix."""
    turn = np.array(transform.GetMatrix()).reshape(3, 3)
    centre, shift = np.array(transform.GetCenter()), np.array(transform.GetTranslation())
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    matrix[:3, 3] = centre + shift - turn @ centre
    return matrix
