/** What hangs together: growing from a seed, closed holes, and pieces. Voxels are places i + ni * (j + nj * k). */

import { indexOf } from "./sheet.js";

/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** @typedef {import("./sheet.js").Box} Box */

/** Most voxels that one press may take: a slip of the hand does not fill a head. */
export const MOST_GROWN = 2_000_000;

/**
 * Voxels that hang together with a seed by their sides.
 * @param {number} seed @param {Point} shape
 * @param {(at: number) => boolean} belongs
 * @param {0|1|2|null} [normal] Axis across which nothing grows.
 * @param {number} [most]
 * @returns {number[]|null} Null where there are more than may be.
 */
export function grown(seed, shape, belongs, normal = null, most = MOST_GROWN) {
  if (!belongs(seed)) return [];
  const strides = [1, shape[0], shape[0] * shape[1]];
  const seen = new Set([seed]);
  const found = [seed];
  for (let next = 0; next < found.length; next++) {
    const at = found[next];
    const index = indexOf(at, shape);
    for (const axis of [0, 1, 2]) {
      if (axis === normal) continue;
      for (const step of [-1, 1]) {
        const to = index[axis] + step;
        if (to < 0 || to >= shape[axis]) continue;
        const voxel = at + step * strides[axis];
        if (seen.has(voxel) || !belongs(voxel)) continue;
        seen.add(voxel);
        found.push(voxel);
        if (found.length > most) return null;
      }
    }
  }
  return found;
}

/**
 * A hole of a slice around a seed: what is not inside, if it is closed.
 * @param {number} seed @param {Point} shape @param {(at: number) => boolean} inside @param {0|1|2} normal
 * @param {Box} box Outside it nothing is inside.
 * @returns {number[]|null} Null where it is open; empty where the seed is inside.
 */
export function holeAt(seed, shape, inside, normal, box) {
  let open = false;
  const found = grown(seed, shape, (at) => {
    if (open || inside(at)) return false;
    const index = indexOf(at, shape);
    open = index.some((value, axis) => axis !== normal && (value < box[axis][0] || value >= box[axis][1]));
    return !open;
  }, normal);
  return open ? null : found;
}

/**
 * All closed holes of the slices of a box across an axis.
 * @param {Box} box @param {Point} shape @param {(at: number) => boolean} inside @param {0|1|2} normal
 * @param {[number, number]} slices First and end along the axis.
 * @returns {number[]}
 */
export function holesOf(box, shape, inside, normal, slices) {
  const [u, v] = [0, 1, 2].filter((axis) => axis !== normal);
  const strides = [1, shape[0], shape[0] * shape[1]];
  const [width, height] = [box[u][1] - box[u][0], box[v][1] - box[v][0]];
  const holes = [];
  for (let slice = Math.max(slices[0], box[normal][0]); slice < Math.min(slices[1], box[normal][1]); slice++) {
    const place = (x, y) => (box[u][0] + x) * strides[u] + (box[v][0] + y) * strides[v] + slice * strides[normal];
    const outside = new Uint8Array(width * height);
    const queue = [];
    const visit = (x, y) => {
      if (x < 0 || y < 0 || x >= width || y >= height || outside[x + width * y] || inside(place(x, y))) return;
      outside[x + width * y] = 1;
      queue.push([x, y]);
    };
    for (let x = 0; x < width; x++) [0, height - 1].forEach((y) => visit(x, y));
    for (let y = 0; y < height; y++) [0, width - 1].forEach((x) => visit(x, y));
    while (queue.length) {
      const [x, y] = queue.pop();
      visit(x - 1, y);
      visit(x + 1, y);
      visit(x, y - 1);
      visit(x, y + 1);
    }
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) if (!outside[x + width * y] && !inside(place(x, y))) holes.push(place(x, y));
    }
  }
  return holes;
}

/**
 * Pieces of what is inside, by sides, edges and corners, the largest first.
 * @param {Iterable<number>} voxels @param {Point} shape
 * @returns {number[][]}
 */
export function pieces(voxels, shape) {
  const left = new Set(voxels);
  const found = [];
  for (const first of left) {
    left.delete(first);
    const piece = [first];
    for (let next = 0; next < piece.length; next++) {
      const [i, j, k] = indexOf(piece[next], shape);
      for (let dk = -1; dk <= 1; dk++) {
        for (let dj = -1; dj <= 1; dj++) {
          for (let di = -1; di <= 1; di++) {
            const [x, y, z] = [i + di, j + dj, k + dk];
            if (x < 0 || y < 0 || z < 0 || x >= shape[0] || y >= shape[1] || z >= shape[2]) continue;
            const at = x + shape[0] * (y + shape[1] * z);
            if (left.delete(at)) piece.push(at);
          }
        }
      }
    }
    found.push(piece);
  }
  return found.sort((one, other) => other.length - one.length);
}
