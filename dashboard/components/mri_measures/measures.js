/** Measures in patient millimetres: what they are made of, their values, and how their handles move. Knows no canvas. */

/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** @typedef {"ruler"|"two"|"ellipse"|"angle"|"porus"} Kind */
/**
 * One measure. Its points are LPS millimetres: of a ruler and a porus line the two ends; of two diameters the ends of
 * the longest, then of the one at right angles; of an ellipse its middle and one end of each axis; of an angle one end,
 * the corner, the other end.
 * @typedef {object} Measure
 * @property {Kind} kind
 * @property {import("../mri_picture/geometry.js").PlaneName} plane In which it was drawn.
 * @property {string} frame Frame of reference of its points.
 * @property {Point[]} points
 * @property {string} [finding] To which a porus line belongs.
 */

/** Points of each kind. @type {Record<Kind, number>} */
export const POINTS = { ruler: 2, two: 4, ellipse: 3, angle: 3, porus: 2 };
/** Shorter than this a drag was a click. */
export const LEAST_MM = 1;

/** @param {Point} a @param {Point} b @param {number} [times] @returns {Point} a + times b */
export const plus = (a, b, times = 1) => [a[0] + times * b[0], a[1] + times * b[1], a[2] + times * b[2]];
/** @param {Point} a @param {Point} b @returns {Point} */
export const minus = (a, b) => plus(a, b, -1);
/** @param {Point} a @param {Point} b @returns {number} */
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
/** @param {Point} a @param {Point} b @returns {number} */
export const distance = (a, b) => Math.hypot(...minus(a, b));
/** @param {Point} a @param {Point} b @returns {Point} */
export const middle = (a, b) => plus(a, minus(b, a), 0.5);

/** @param {Point} a @param {Point} b @returns {Point} */
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

/** @param {Point} a @returns {Point} Of length 1; a vector without length stays 0. */
export function unit(a) {
  const length = Math.hypot(...a) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
}

/**
 * A measure as a drag draws it.
 * @param {Kind} kind
 * @param {Point} from @param {Point} to Ends of the drag.
 * @param {{normal: Point, across: Point}} view Of the plane: its normal, and the direction of a row of pixels.
 * @returns {Point[]}
 */
export function drawnPoints(kind, from, to, { normal, across }) {
  if (kind === "two") {
    const half = minus(middle(from, to), from);
    const side = unit(cross(normal, minus(to, from)));
    const centre = middle(from, to);
    const length = Math.hypot(...half) / 2;
    return [from, to, plus(centre, side, length), plus(centre, side, -length)];
  }
  if (kind === "ellipse") {
    const centre = middle(from, to);
    const row = unit(across);
    const along = dot(minus(to, centre), row);
    const down = minus(minus(to, centre), /** @type {Point} */ (row.map((value) => value * along)));
    return [centre, plus(centre, row, Math.abs(along)), plus(centre, down)];
  }
  if (kind === "angle") {
    const back = minus(from, to);
    const side = unit(cross(normal, back));
    return [from, to, plus(plus(to, back, 0.5), side, (Math.hypot(...back) * Math.sqrt(3)) / 2)];
  }
  return [from, to];
}

/** @param {Measure} measure @returns {Point[]} Where it can be taken hold of. */
export function handlesOf({ kind, points }) {
  if (kind !== "ellipse") return points;
  const [centre, a, b] = points;
  return [a, b, plus(centre, minus(centre, a)), plus(centre, minus(centre, b))];
}

/**
 * The measure after one of its handles was dragged: what was at right angles stays so.
 * @param {Measure} measure
 * @param {number} handle Place in `handlesOf`.
 * @param {Point} to
 * @param {Point} normal Of the plane.
 * @returns {Point[]}
 */
export function dragged({ kind, points }, handle, to, normal) {
  if (kind === "two") return handle < 2 ? turnedTwo(points, handle, to, normal) : movedAcross(points, handle, to, normal);
  if (kind === "ellipse") {
    const [centre, a, b] = points;
    const own = handle % 2 ? b : a;
    const other = handle % 2 ? a : b;
    const end = handle < 2 ? to : plus(centre, minus(centre, to));
    const side = unit(cross(normal, minus(end, centre)));
    const sense = dot(minus(other, centre), side) < 0 && distance(own, centre) > 0 ? -1 : 1;
    const across = plus(centre, side, sense * distance(other, centre));
    return handle % 2 ? [centre, across, end] : [centre, end, across];
  }
  return points.map((point, at) => (at === handle ? to : point));
}

/** Where the second diameter lies on the first: its place along it (0 to 1) and its two lengths from there. @param {Point[]} points @param {Point} normal */
function acrossOf([a, b, c, d], normal) {
  const along = minus(b, a);
  const length = dot(along, along) || 1;
  const side = unit(cross(normal, along));
  const at = dot(minus(c, a), along) / length;
  return { at, sides: [dot(minus(c, a), side), dot(minus(d, a), side)] };
}

/** @param {Point} a @param {Point} b @param {number} at @param {number[]} lengths @param {Point} normal @returns {Point[]} */
function two(a, b, at, [first, second], normal) {
  const side = unit(cross(normal, minus(b, a)));
  const foot = plus(a, minus(b, a), Math.min(1, Math.max(0, at)));
  return [a, b, plus(foot, side, first), plus(foot, side, second)];
}

/** An end of the longest diameter moves: the other keeps its place along it and its lengths. */
function turnedTwo(points, handle, to, normal) {
  const { at, sides } = acrossOf(points, normal);
  const [a, b] = handle === 0 ? [to, points[1]] : [points[0], to];
  return two(a, b, at, sides, normal);
}

/** An end of the second diameter moves: the whole of it slides along the first, and this end moves out or in. */
function movedAcross(points, handle, to, normal) {
  const [a, b] = points;
  const { sides } = acrossOf(points, normal);
  const moved = acrossOf([a, b, to, to], normal);
  sides[handle - 2] = moved.sides[0];
  return two(a, b, moved.at, sides, normal);
}

/** @param {Measure} measure @param {Point} by @returns {Point[]} All of it moved. */
export const moved = ({ points }, by) => points.map((point) => plus(point, by));

/**
 * What a measure says.
 * @param {Measure} measure
 * @returns {{longest: number, shortest?: number, area?: number, degrees?: number}} Millimetres, square millimetres, degrees.
 */
export function valuesOf({ kind, points }) {
  const [a, b, c, d] = points;
  if (kind === "angle") {
    const [one, other] = [minus(a, b), minus(c, b)];
    const degrees = (Math.acos(Math.min(1, Math.max(-1, dot(unit(one), unit(other))))) * 180) / Math.PI;
    return { longest: Math.max(Math.hypot(...one), Math.hypot(...other)), degrees };
  }
  if (kind === "ruler" || kind === "porus") return { longest: distance(a, b) };
  const lengths = kind === "two" ? [distance(a, b), distance(c, d)] : [2 * distance(b, a), 2 * distance(c, a)];
  const [longest, shortest] = [Math.max(...lengths), Math.min(...lengths)];
  return kind === "two" ? { longest, shortest } : { longest, shortest, area: (Math.PI * longest * shortest) / 4 };
}

/** @param {number} mm2 @returns {string} '84 mm²', and from one square centimetre on '1.2 cm²'. */
export const areaWords = (mm2) => (mm2 < 100 ? `${mm2.toFixed(mm2 < 10 ? 1 : 0)} mm²` : `${(mm2 / 100).toFixed(2)} cm²`);

/**
 * The lines that stand beside a measure.
 * @param {Measure} measure
 * @param {{mean: number, sd: number, count: number}|null} [inside] Values inside an ellipse, where all have arrived.
 * @returns {string[]}
 */
export function wordsOf(measure, inside = null) {
  const { longest, shortest, area, degrees } = valuesOf(measure);
  const mm = (value) => value.toFixed(1);
  if (measure.kind === "angle") return [`${degrees.toFixed(0)}°`];
  if (measure.kind === "porus") return ["porus"];
  if (measure.kind === "ruler") return [`${mm(longest)} mm`];
  if (measure.kind === "two") return [`${mm(longest)} × ${mm(shortest)} mm`];
  const number = (value) => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0));
  const said = inside?.count ? [`mean ${number(inside.mean)}, SD ${number(inside.sd)}`] : [];
  return [areaWords(area), `${mm(longest)} × ${mm(shortest)} mm`, ...said];
}
