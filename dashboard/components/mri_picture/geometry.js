/** Where voxels lie on screen: planes of an array from its LPS affine, letters, slice numbers and millimetres. */

/** @typedef {[number, number, number]} Point */
/** @typedef {"axial"|"coronal"|"sagittal"} PlaneName */
/**
 * One way of looking at an array: image column x and row y run along array axes `u` and `v`, slices along `n`.
 * @typedef {object} Plane
 * @property {PlaneName} name
 * @property {0|1|2} u @property {0|1|2} v @property {0|1|2} n
 * @property {boolean} flipU Column x shows index `width - 1 - x` along u.
 * @property {boolean} flipV Row y shows index `height - 1 - y` along v.
 * @property {number} width @property {number} height @property {number} count Voxels along u, v, n.
 * @property {number} columnMm @property {number} rowMm @property {number} stepMm Spacing along u, v, n.
 * @property {{left: string, right: string, top: string, bottom: string}} letters
 */

/** @type {PlaneName[]} The plane whose normal runs along LPS x, y, z. */
const NORMALS = ["sagittal", "coronal", "axial"];
/** Letters at the low and the high end of LPS x, y, z. */
const ENDS = [["R", "L"], ["A", "P"], ["I", "S"]];
/** A second letter is written where an edge leans more than 15 degrees towards it. */
const OBLIQUE = Math.sin((15 * Math.PI) / 180);

/**
 * @param {number[]} affine 16, row by row, index to LPS mm.
 * @param {Point} point
 * @returns {Point}
 */
export function apply(affine, [x, y, z]) {
  const row = (r) => affine[4 * r] * x + affine[4 * r + 1] * y + affine[4 * r + 2] * z + affine[4 * r + 3];
  return [row(0), row(1), row(2)];
}

/**
 * The inverse of an affine whose last row is 0 0 0 1.
 * @param {number[]} m
 * @returns {number[]}
 * @throws {RangeError} Where it has none.
 */
export function inverse(m) {
  const [a, b, c, p, d, e, f, q, g, h, i, r] = m;
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!Number.isFinite(det) || Math.abs(det) < 1e-12) throw new RangeError("The affine has no inverse.");
  const n = [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f,
    d * h - e * g, b * g - a * h, a * e - b * d].map((value) => value / det);
  const t = (k) => -(n[k] * p + n[k + 1] * q + n[k + 2] * r);
  return [n[0], n[1], n[2], t(0), n[3], n[4], n[5], t(3), n[6], n[7], n[8], t(6), 0, 0, 0, 1];
}

/**
 * The product `a b`: first b, then a.
 * @param {number[]} a @param {number[]} b
 * @returns {number[]}
 */
export function multiply(a, b) {
  return Array.from({ length: 16 }, (_, at) => {
    const [row, column] = [at >> 2, at & 3];
    return [0, 1, 2, 3].reduce((sum, k) => sum + a[4 * row + k] * b[4 * k + column], 0);
  });
}

/** @param {number[]} affine @param {number} axis @returns {Point} One step along an array axis, LPS mm. */
export const stepOf = (affine, axis) => [affine[axis], affine[4 + axis], affine[8 + axis]];

/** @param {number[]} affine @returns {Point} Spacing along i, j, k in mm. */
export function spacingOf(affine) {
  return /** @type {Point} */ ([0, 1, 2].map((axis) => Math.hypot(...stepOf(affine, axis))));
}

/**
 * For each array axis the LPS axis that it runs along most nearly, each given once, best fit first.
 * @param {number[]} affine
 * @returns {{world: 0|1|2, sign: 1|-1}[]}
 */
export function nearestAxes(affine) {
  const spacing = spacingOf(affine);
  const fits = [0, 1, 2].flatMap((axis) =>
    [0, 1, 2].map((world) => ({ axis, world, cosine: affine[4 * world + axis] / Math.max(spacing[axis], 1e-12) })));
  fits.sort((one, other) => Math.abs(other.cosine) - Math.abs(one.cosine));
  /** @type {{world: 0|1|2, sign: 1|-1}[]} */
  const result = [];
  const taken = new Set();
  for (const { axis, world, cosine } of fits) {
    if (result[axis] || taken.has(world)) continue;
    result[axis] = { world: /** @type {0|1|2} */ (world), sign: cosine >= 0 ? 1 : -1 };
    taken.add(world);
  }
  return result;
}

/**
 * Letters towards which a direction points, the strongest first: 'L', or 'LA' where it is oblique.
 * @param {Point} direction LPS, any length.
 * @param {boolean} sidesKnown False writes '?' for left and right.
 * @returns {string}
 */
export function lettersTowards(direction, sidesKnown) {
  const length = Math.hypot(...direction) || 1;
  const parts = direction.map((value, world) => ({ world, part: value / length }));
  parts.sort((one, other) => Math.abs(other.part) - Math.abs(one.part));
  return parts
    .filter(({ part }, rank) => rank === 0 || Math.abs(part) > OBLIQUE)
    .map(({ world, part }) => (world === 0 && !sidesKnown ? "?" : ENDS[world][part > 0 ? 1 : 0]))
    .join("");
}

/**
 * How one anatomical plane of an array is laid on screen.
 *
 * Radiological: the patient's left on the screen's right, in axial and coronal. Neurological: on the left. Sagittal
 * views face screen left. Feet and back are down.
 * @param {number[]} affine
 * @param {Point} shape
 * @param {PlaneName} name
 * @param {"radiological"|"neurological"} convention
 * @param {boolean} sidesKnown
 * @returns {Plane}
 */
export function planeOf(affine, shape, name, convention, sidesKnown) {
  const axes = nearestAxes(affine);
  const along = (world) => /** @type {0|1|2} */ (axes.findIndex((axis) => axis.world === world));
  const normal = NORMALS.indexOf(name);
  const n = along(normal);
  const u = along(normal === 0 ? 1 : 0);
  const v = along(normal === 2 ? 1 : 2);
  const rightwards = normal !== 0 && convention === "neurological" ? -1 : 1;
  const downwards = normal === 2 ? 1 : -1;
  const flipU = axes[u].sign !== rightwards;
  const flipV = axes[v].sign !== downwards;
  const spacing = spacingOf(affine);
  const towards = (axis, flip, sign) =>
    lettersTowards(/** @type {Point} */ (stepOf(affine, axis).map((mm) => mm * (flip ? -sign : sign))), sidesKnown);
  return {
    name, u, v, n, flipU, flipV,
    width: shape[u], height: shape[v], count: shape[n],
    columnMm: spacing[u], rowMm: spacing[v], stepMm: spacing[n],
    letters: {
      left: towards(u, flipU, -1), right: towards(u, flipU, 1),
      top: towards(v, flipV, -1), bottom: towards(v, flipV, 1),
    },
  };
}

/** @param {number[]} affine @param {number} axis @returns {PlaneName} The plane most nearly normal to an array axis. */
export const planeNormalTo = (affine, axis) => NORMALS[nearestAxes(affine)[axis].world];

/**
 * Image coordinates (x, y) and slice of a voxel index, none of them rounded.
 * @param {Plane} plane @param {Point} index
 * @returns {{x: number, y: number, slice: number}}
 */
export function toImage(plane, index) {
  const x = index[plane.u];
  const y = index[plane.v];
  return {
    x: plane.flipU ? plane.width - 1 - x : x,
    y: plane.flipV ? plane.height - 1 - y : y,
    slice: index[plane.n],
  };
}

/**
 * Voxel index of image coordinates on a slice: the inverse of `toImage`.
 * @param {Plane} plane @param {number} x @param {number} y @param {number} slice
 * @returns {Point}
 */
export function toIndex(plane, x, y, slice) {
  /** @type {Point} */
  const index = [0, 0, 0];
  index[plane.u] = plane.flipU ? plane.width - 1 - x : x;
  index[plane.v] = plane.flipV ? plane.height - 1 - y : y;
  index[plane.n] = slice;
  return index;
}

/**
 * Nearest voxel to a point, kept within the array.
 * @param {number[]} toVoxel Inverse affine.
 * @param {Point} shape @param {Point} lps
 * @returns {Point}
 */
export function nearestVoxel(toVoxel, shape, lps) {
  return /** @type {Point} */ (
    apply(toVoxel, lps).map((value, axis) => Math.min(shape[axis] - 1, Math.max(0, Math.round(value)))));
}

/**
 * Position of a slice along the normal of its plane, as a viewer writes it: 'I 21.0 mm'.
 * @param {number[]} affine @param {Point} shape @param {Plane} plane @param {number} slice @param {boolean} sidesKnown
 * @returns {string} Of the slice's centre.
 */
export function positionWords(affine, shape, plane, slice, sidesKnown) {
  const index = /** @type {Point} */ (shape.map((size) => (size - 1) / 2));
  index[plane.n] = slice;
  const world = NORMALS.indexOf(plane.name);
  const mm = apply(affine, index)[world];
  const letter = world === 0 && !sidesKnown ? "?" : ENDS[world][mm < 0 ? 0 : 1];
  return `${letter} ${Math.abs(mm).toFixed(1)} mm`;
}

/**
 * Length of a scale bar: the longest of 1, 2, 5, 10, 20, 50, 100 mm that takes at most `room` pixels.
 * @param {number} pixelsPerMm @param {number} room
 * @returns {number}
 */
export function scaleBarMm(pixelsPerMm, room) {
  return [100, 50, 20, 10, 5, 2].find((mm) => mm * pixelsPerMm <= room) ?? 1;
}

/**
 * Whether two grids have the same voxels in the same places, within a thousandth of a millimetre.
 * @param {{affine: number[], shape: Point}} one @param {{affine: number[], shape: Point}} other
 * @returns {boolean}
 */
export function sameGrid(one, other) {
  return one.shape.every((size, axis) => size === other.shape[axis])
    && one.affine.every((value, at) => Math.abs(value - other.affine[at]) < 1e-3);
}
