"""A tumour grown in a synthetic head: cells that spread along white matter, a rim, a dead middle, oedema around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom

from ..domain import BitmaskVolume, BoolVolume, Float32Volume
from .heads_anatomy import Tissue, smooth_field

__all__ = ["GrownTumour", "TumourPlan", "grown_tumour"]

_STEP_MM = 2
"""Growth is computed on a grid of 2 mm and read off at 1 mm."""


@dataclass(frozen=True)
class TumourPlan:
    """One tumour to grow.

    Attributes
    ----------
    centre_lps : (x, y, z) millimetres
        Where it begins; x above 0 is the patient's left.
    core_ml, whole_ml : float
        Volume of the core (necrosis and rim), and of all with the oedema.
    rim_mm : float
        Thickness of the enhancing rim; 0: a tumour that does not enhance.
    ragged : float
        How irregular it grows: 0 a ball, 1 very.
    """

    centre_lps: tuple[float, float, float]
    core_ml: float
    whole_ml: float
    rim_mm: float = 4.0
    ragged: float = 0.6


@dataclass(frozen=True, eq=False)
class GrownTumour:
    """A tumour as shares of each voxel, for partial volume, and as labels.

    Attributes
    ----------
    necrosis, rim, oedema : (i, j, k) float32
        Shares, 0 to 1.
    labels : (i, j, k) uint8
        1 necrotic or non-enhancing core, 2 oedema, 3 enhancing tumour: the public glioma sets' convention.
    """

    necrosis: Float32Volume
    rim: Float32Volume
    oedema: Float32Volume
    labels: BitmaskVolume


def grown_tumour(tissue: Tissue, plan: TumourPlan, seed: int) -> GrownTumour:
    """Grow a tumour in a head until it has the plan's volumes, deterministic by its seed.

    Cells divide and diffuse, five times faster in white matter than in grey and not at all in fluid (Swanson, Alvord
    and Murray 2000, doi:10.1046/j.1365-2184.2000.00177.x); the core is the inside of one level of their density, the
    oedema that of a second growth, out of the core and nearly in white matter alone, as vasogenic oedema spreads.
    """
    rng = np.random.default_rng([seed, 2])
    centre = tissue.voxel_of(plan.centre_lps)
    half = int(np.ceil((3 * plan.whole_ml * 1000 / 4 / np.pi) ** (1 / 3) * 2.2)) + 8
    low = np.maximum(np.round(centre).astype(int) - half, 0)
    low -= low % _STEP_MM
    high = np.minimum(low + 2 * half, np.array(tissue.csf.shape) // _STEP_MM * _STEP_MM)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    csf, white, brain = tissue.csf[box], tissue.white[box], tissue.brain[box].astype(np.float32)
    coarse_white, coarse_solid = _coarse(white), _coarse(brain) * (1 - _coarse(csf)) ** 2
    start = np.square(np.indices(coarse_white.shape).T * _STEP_MM - (centre - low)).sum(axis=-1).T <= 3.5**2
    speed = np.exp(1.2 * plan.ragged * smooth_field(rng, coarse_white.shape, 14.0, _STEP_MM))
    cells = _spread(start.astype(np.float32), (0.2 + 0.8 * coarse_white) * coarse_solid, speed, plan.core_ml)
    core = _largest(cells, plan.core_ml, brain > 0)
    fluid = _spread(
        _coarse(core.astype(np.float32)), (0.05 + 0.95 * coarse_white**2) * coarse_solid, speed, plan.whole_ml
    )
    whole = _largest(fluid, plan.whole_ml - plan.core_ml, (brain > 0) & (csf < 0.5) & ~core) | core
    depth = distance_transform_edt(core)
    rim_mm = plan.rim_mm * np.exp(0.3 * smooth_field(rng, core.shape, 12.0))
    dead = core & (depth > rim_mm)
    return _placed(tissue, box, dead, core, whole, enhancing=plan.rim_mm > 0)


def _coarse(volume: Float32Volume) -> Float32Volume:
    """Mean of 2 x 2 x 2 voxels."""
    i, j, k = (n // _STEP_MM for n in volume.shape)
    return np.asarray(volume.reshape(i, _STEP_MM, j, _STEP_MM, k, _STEP_MM).mean(axis=(1, 3, 5)), dtype=np.float32)


def _spread(cells: Float32Volume, conduct: Float32Volume, speed: Float32Volume, until_ml: float) -> Float32Volume:
    """Let cells divide and diffuse until those above a tenth of the carrying capacity fill `until_ml`.

    `conduct`, 0 to 1, says how easily they pass; between two voxels the poorer one counts most.
    """
    passing = []
    for axis in range(3):
        near, far = np.delete(conduct, -1, axis), np.delete(conduct, 0, axis)
        passing.append((0.32 * near * far / np.maximum(near + far, 1e-6)).astype(np.float32))
    rate = 0.3 * speed * np.sqrt(conduct)
    for step in range(400):
        change = rate * cells * (1 - cells)
        for axis in range(3):
            flow = passing[axis] * np.diff(cells, axis=axis)
            before, after = [slice(None)] * 3, [slice(None)] * 3
            before[axis], after[axis] = slice(None, -1), slice(1, None)
            change[tuple(before)] += flow
            change[tuple(after)] -= flow
        cells = np.clip(cells + change, 0, 1)
        if step % 5 == 4 and (cells > 0.1).sum() * _STEP_MM**3 / 1000 >= until_ml:
            break
    return cells


def _largest(density: Float32Volume, volume_ml: float, allowed: BoolVolume) -> BoolVolume:
    """The `volume_ml` of allowed 1 mm voxels with the highest density; fewer where nothing has grown."""
    density = zoom(density, _STEP_MM, order=1, prefilter=False, grid_mode=True, mode="nearest")
    density = np.where(allowed, gaussian_filter(density, 0.7), 0)
    count = min(int(volume_ml * 1000), int((density > 1e-6).sum()))
    if count == 0:
        return np.zeros(allowed.shape, dtype=bool)
    level = np.partition(density.ravel(), -count)[-count]
    return density >= max(level, 1e-6)


def _placed(
    tissue: Tissue, box: tuple[slice, ...], dead: BoolVolume, core: BoolVolume, whole: BoolVolume, *, enhancing: bool
) -> GrownTumour:
    """The parts in the whole head, with soft edges: sharp about the rim, blurred about the oedema."""
    labels = np.zeros(tissue.csf.shape, dtype=np.uint8)
    labels[box][whole] = 2
    labels[box][core] = 3 if enhancing else 1
    labels[box][dead] = 1
    parts = {name: np.zeros(tissue.csf.shape, dtype=np.float32) for name in ("necrosis", "rim", "oedema")}
    soft_core = gaussian_filter(core.astype(np.float32), 0.7)
    soft_dead = np.minimum(gaussian_filter(dead.astype(np.float32), 0.9), soft_core) if enhancing else soft_core
    soft_whole = np.maximum(gaussian_filter(whole.astype(np.float32), 1.3), soft_core)
    parts["necrosis"][box] = soft_dead
    parts["rim"][box] = soft_core - soft_dead
    parts["oedema"][box] = soft_whole - soft_core
    for part in parts.values():
        part[~tissue.brain] = 0
    return GrownTumour(parts["necrosis"], parts["rim"], parts["oedema"], labels)
