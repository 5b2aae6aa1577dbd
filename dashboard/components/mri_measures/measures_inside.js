/** Mean and standard deviation of a series inside an ellipse: the values of the pixels that are drawn there, as the file has them. */

import { apply, toImage, toIndex } from "../mri_picture/geometry.js";
import { walkOf } from "../mri_picture/slices.js";
import { dot, minus } from "./measures.js";

/**
 * @param {import("./measures.js").Measure} ellipse
 * @param {import("../mri_picture/pane.js").Scene} scene
 * @param {import("../mri_picture/geometry.js").Plane} plane @param {number} slice
 * @returns {{mean: number, sd: number, count: number}|null} Of pixels whose middle lies inside; `sd` with n - 1. Null where
 *   some have not arrived.
 */
export function insideOf(ellipse, { state, source, volume }, plane, slice) {
  if (!volume?.scale) return null;
  const [centre, a, b] = ellipse.points;
  const [along, across] = [minus(a, centre), minus(b, centre)];
  const [aa, bb] = [dot(along, along), dot(across, across)];
  if (!aa || !bb) return null;
  const { affine } = state.shown;
  const walk = walkOf(plane, slice, state.shown, source);
  const [ni, nj, nk] = source.shape;
  const [columns, rows] = reach(plane, state.toVoxel, centre, along, across);
  let [count, sum, squares] = [0, 0, 0];
  for (let y = rows[0]; y <= rows[1]; y++) {
    for (let x = columns[0]; x <= columns[1]; x++) {
      const away = minus(apply(affine, toIndex(plane, x, y, slice)), centre);
      if ((dot(away, along) / aa) ** 2 + (dot(away, across) / bb) ** 2 > 1) continue;
      const [i, j, k] = walk.origin.map((from, axis) => Math.round(from + x * walk.across[axis] + y * walk.down[axis]));
      if (i < 0 || j < 0 || k < 0 || i >= ni || j >= nj || k >= nk) continue;
      if (!volume.has([i, j, k][source.through])) return null;
      const value = volume.data[i + ni * (j + nj * k)] * volume.scale.slope + volume.scale.intercept;
      count += 1;
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / count;
  return { mean, sd: count > 1 ? Math.sqrt(Math.max(0, (squares - count * mean * mean) / (count - 1))) : 0, count };
}

/** First and last column and row of the pixels that an ellipse may hold. */
function reach(plane, toVoxel, centre, along, across) {
  const corners = [-1, 1].flatMap((s) => [-1, 1].map((t) =>
    toImage(plane, apply(toVoxel, centre.map((mm, axis) => mm + s * along[axis] + t * across[axis])))));
  const span = (values, size) => [
    Math.max(0, Math.floor(Math.min(...values))), Math.min(size - 1, Math.ceil(Math.max(...values)))];
  return [span(corners.map(({ x }) => x), plane.width), span(corners.map(({ y }) => y), plane.height)];
}
