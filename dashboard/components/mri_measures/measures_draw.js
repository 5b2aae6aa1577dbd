/** Draws measures on a pane: lines on a dark edge, handles where they can be taken hold of, values beside them. */

import { edged } from "../mri_picture/annotations.js";
import { apply, toImage } from "../mri_picture/geometry.js";
import { handlesOf, minus, plus, wordsOf } from "./measures.js";
import { insideOf } from "./measures_inside.js";

/** @typedef {import("./measures.js").Measure} Measure */
/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** @typedef {ReturnType<import("../mri_picture/pane.js").Pane["placement"]>} Place */

const COLOUR = "#b5f08a";
const CHOSEN = "#ffffff";
const EDGE = "rgba(11, 14, 18, 0.75)";
const FONT = '600 12.5px Inter, "Inter Variable", system-ui, sans-serif';
/** CSS pixels around a handle or a line that count as it. */
const HANDLE_PX = 9;
const LINE_PX = 6;
/** Points of a drawn ellipse. */
const TURN = 72;

/** Values inside ellipses, by their points, which a drag replaces. @type {WeakMap<Point[], {key: string, inside: ReturnType<typeof insideOf>}>} */
const known = new WeakMap();

/** @param {Place} place @param {number[]} toVoxel @param {Point} lps @returns {[number, number, number]} CSS pixels, and the slice. */
function onScreen({ plane, sx, sy, left, top }, toVoxel, lps) {
  const { x, y, slice } = toImage(plane, apply(toVoxel, lps));
  return [left + x * sx, top + y * sy, slice];
}

/**
 * Whether a measure stands on a drawn slice: the slice nearest to it, in the plane and the frame in which it was drawn.
 * @param {Measure} measure
 * @param {import("../mri_picture/state.js").ViewState} state
 * @param {import("../mri_picture/geometry.js").PlaneName} name @param {import("../mri_picture/geometry.js").Plane} plane @param {number} slice
 * @returns {boolean}
 */
export function standsOn({ plane: own, frame, points }, state, name, plane, slice) {
  if (own !== name || frame !== state.shown?.frame) return false;
  const slices = points.map((point) => apply(state.toVoxel, point)[plane.n]);
  const middle = (Math.min(...slices) + Math.max(...slices)) / 2;
  // A line between two slices belongs to the one above, as voxels do; one that leans out of the slice by more than one is not shown.
  return Math.round(middle) === slice && slices.every((at) => Math.abs(at - slice) <= 1);
}

/** The lines of a measure in LPS, each as a row of points. @param {Measure} measure @returns {Point[][]} */
function linesOf({ kind, points }) {
  const [a, b, c, d] = points;
  if (kind === "two") return [[a, b], [c, d]];
  if (kind === "angle") return [[a, b, c]];
  if (kind !== "ellipse") return [[a, b]];
  const [along, across] = [minus(b, a), minus(c, a)];
  return [Array.from({ length: TURN + 1 }, (_, at) => {
    const angle = (2 * Math.PI * at) / TURN;
    return plus(plus(a, along, Math.cos(angle)), across, Math.sin(angle));
  })];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Measure} measure
 * @param {import("../mri_picture/pane.js").Scene} scene @param {Place} place @param {number} slice
 * @param {boolean} chosen @param {boolean} handles Whether it can be taken hold of now.
 * @returns {string[]} What it says.
 */
export function drawMeasure(context, measure, scene, place, slice, chosen, handles) {
  const { toVoxel } = scene.state;
  const at = (point) => onScreen(place, toVoxel, point);
  const path = new Path2D();
  for (const line of linesOf(measure)) {
    line.forEach((point, n) => (n ? path.lineTo(at(point)[0], at(point)[1]) : path.moveTo(at(point)[0], at(point)[1])));
  }
  const colour = chosen ? CHOSEN : COLOUR;
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const [lineWidth, strokeStyle] of /** @type {[number, string][]} */ ([[4, EDGE], [1.6, colour]])) {
    Object.assign(context, { lineWidth, strokeStyle });
    if (measure.kind === "porus" && lineWidth < 4) context.setLineDash([7, 5]);
    context.stroke(path);
  }
  context.setLineDash([]);
  const ends = handlesOf(measure).map(at);
  for (const [x, y] of ends) {
    context.beginPath();
    context.arc(x, y, handles ? 4 : 2.5, 0, 2 * Math.PI);
    context.fillStyle = handles ? "rgba(11, 14, 18, 0.6)" : colour;
    context.fill();
    Object.assign(context, { lineWidth: 1.4, strokeStyle: colour });
    context.stroke();
  }
  context.font = FONT;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const words = wordsOf(measure, measure.kind === "ellipse" ? insideKept(measure, scene, place, slice) : null);
  const [x, y] = ends.reduce((right, end) => (end[0] > right[0] ? end : right));
  const wide = Math.max(...words.map((line) => context.measureText(line).width));
  const from = Math.max(6, Math.min(x + 10, place.width - wide - 6));
  words.forEach((line, n) => edged(context, line, from, y + (n - (words.length - 1) / 2) * 16, colour));
  context.restore();
  return words;
}

/** @param {Measure} measure @param {import("../mri_picture/pane.js").Scene} scene @param {Place} place @param {number} slice */
function insideKept(measure, scene, place, slice) {
  const key = [scene.source.digest, scene.state.current, scene.state.convention, slice, scene.volume?.here].join(" ");
  const kept = known.get(measure.points);
  if (kept?.key === key) return kept.inside;
  const inside = insideOf(measure, scene, place.plane, slice);
  known.set(measure.points, { key, inside });
  return inside;
}

/**
 * What of a measure lies under the pointer.
 * @param {Measure} measure
 * @param {number[]} toVoxel @param {Place} place
 * @param {number} x @param {number} y CSS pixels within the canvas.
 * @returns {number|null} Place of the handle in `handlesOf`, -1 for the lines, null for nothing.
 */
export function hit(measure, toVoxel, place, x, y) {
  const at = (point) => onScreen(place, toVoxel, point);
  const ends = handlesOf(measure).map(at);
  const away = ends.map(([ex, ey]) => Math.hypot(ex - x, ey - y));
  const nearest = away.indexOf(Math.min(...away));
  if (away[nearest] <= HANDLE_PX) return nearest;
  const lines = linesOf(measure).map((line) => line.map(at));
  const near = lines.some((line) => line.slice(1).some((to, n) => fromLine(line[n], to, x, y) <= LINE_PX));
  return near ? -1 : null;
}

/** Pixels between a place and a piece of line. @param {number[]} from @param {number[]} to @param {number} x @param {number} y */
function fromLine([ax, ay], [bx, by], x, y) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(ax + along * dx - x, ay + along * dy - y);
}
