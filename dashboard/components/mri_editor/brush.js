/** Which voxels a brush covers: a disc in the plane that is drawn in, or a ball, both round in millimetres. */

/** @typedef {import("../mri_picture/geometry.js").Point} Point */

/**
 * Steps from the middle voxel to each that a brush covers.
 *
 * A voxel is covered where its centre lies no farther than the radius; the middle one always is.
 * @param {Point} spacing Millimetres along i, j, k. @param {number} radius Millimetres.
 * @param {0|1|2|null} normal Axis across which the brush is one voxel thick; null for a ball.
 * @returns {Point[]}
 */
export function brushSteps(spacing, radius, normal) {
  const reach = spacing.map((mm, axis) => (axis === normal ? 0 : Math.floor(radius / mm)));
  const steps = [];
  for (let k = -reach[2]; k <= reach[2]; k++) {
    for (let j = -reach[1]; j <= reach[1]; j++) {
      for (let i = -reach[0]; i <= reach[0]; i++) {
        const mm = Math.hypot(i * spacing[0], j * spacing[1], k * spacing[2]);
        if (mm <= radius + 1e-6) steps.push(/** @type {Point} */ ([i, j, k]));
      }
    }
  }
  return steps;
}

/**
 * Middle voxels of a stroke, so close that no gap shows between their discs.
 * @param {Point} from @param {Point} to Voxel indices, not rounded.
 * @returns {Point[]} From the first to the last, each once.
 */
export function alongStroke(from, to) {
  const length = Math.max(...from.map((value, axis) => Math.abs(to[axis] - value)));
  const count = Math.max(1, Math.ceil(length * 2));
  const points = new Map();
  for (let n = 0; n <= count; n++) {
    const point = /** @type {Point} */ (from.map((value, axis) => Math.round(value + ((to[axis] - value) * n) / count)));
    points.set(point.join(), point);
  }
  return [...points.values()];
}

/**
 * Calls with each voxel that brush steps around a middle cover, within the array.
 * @param {Point[]} steps @param {Point} middle @param {Point} shape
 * @param {(at: number) => void} each
 */
export function stamp(steps, [mi, mj, mk], [ni, nj, nk], each) {
  for (const [di, dj, dk] of steps) {
    const [i, j, k] = [mi + di, mj + dj, mk + dk];
    if (i >= 0 && j >= 0 && k >= 0 && i < ni && j < nj && k < nk) each(i + ni * (j + nj * k));
  }
}

/** Sizes of the brush, millimetres of diameter. */
export const SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40];

/** @param {number} size @param {number} by @returns {number} The next size up or down. */
export function nextSize(size, by) {
  const at = SIZES.findIndex((one) => one >= size);
  return SIZES[Math.min(SIZES.length - 1, Math.max(0, at + by))];
}
