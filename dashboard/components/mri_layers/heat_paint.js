/** Draws a probability map's slice as a colour wash, and the outline at a threshold as a dashed line. */

import { cutOf, washTable } from "./heat_scale.js";
import { traceOutline } from "../mri_picture/outline.js";
import { maskSlice, walkOf } from "../mri_picture/slices.js";

/** Slices kept: three panes, a few to and fro. */
const KEPT = 24;
const HALO = "rgba(11, 14, 18, 0.7)";
const INK = "#ffffff";
const TABLE = washTable();

/** @typedef {{bytes: Uint8Array}} Map3d Steps of 255, one a voxel of the grid. */

/** Slices of the map on screen; emptied with the map itself. @type {WeakMap<Map3d, Map<string, {steps: Uint8Array, wash: OffscreenCanvas}>>} */
const slices = new WeakMap();

/** A slice of the map and its colours, kept for as long as the map is: a threshold changes neither. */
function keptSlice(map, grid, state, plane, slice) {
  const key = `${state.current} ${state.convention} ${plane.name} ${slice}`;
  const known = slices.get(map) ?? new Map();
  slices.set(map, known);
  if (!known.has(key)) {
    if (known.size >= KEPT) known.delete(known.keys().next().value);
    const { chosen: steps } = maskSlice({ bits: map.bytes, lesions: NONE }, walkOf(plane, slice, state.shown, grid), plane, grid.shape, 0);
    known.set(key, { steps, wash: washOf(steps, plane) });
  }
  return known.get(key);
}

const NONE = new Uint16Array(0);

/** The colours of a slice on a canvas of their own. */
function washOf(steps, plane) {
  const pixels = new ImageData(plane.width, plane.height);
  const words = new Uint32Array(pixels.data.buffer);
  steps.forEach((step, at) => {
    words[at] = TABLE[step];
  });
  const wash = new OffscreenCanvas(plane.width, plane.height);
  wash.getContext("2d").putImageData(pixels, 0, 0);
  return wash;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Map3d} map @param {import("../mri_picture/slices.js").Grid} grid
 * @param {import("../mri_picture/state.js").ViewState} state
 * @param {ReturnType<import("../mri_picture/pane.js").Pane["placement"]>} place
 * @param {number} slice @param {number} opacity
 */
export function drawWash(context, map, grid, state, { plane, sx, sy, left, top }, slice, opacity) {
  const { wash } = keptSlice(map, grid, state, plane, slice);
  context.save();
  context.imageSmoothingEnabled = false;
  context.globalAlpha = opacity;
  context.drawImage(wash, left - sx / 2, top - sy / 2, plane.width * sx, plane.height * sy);
  context.restore();
}

/**
 * The outline of what lies at or above a threshold: dashed and white, so that nobody takes it for the recorded one.
 * @param {CanvasRenderingContext2D} context
 * @param {Map3d} map @param {import("../mri_picture/slices.js").Grid} grid
 * @param {import("../mri_picture/state.js").ViewState} state
 * @param {ReturnType<import("../mri_picture/pane.js").Pane["placement"]>} place
 * @param {number} slice @param {number} threshold
 */
export function strokeThreshold(context, map, grid, state, { plane, sx, sy, left, top }, slice, threshold) {
  const cut = cutOf(threshold);
  const inside = keptSlice(map, grid, state, plane, slice).steps.map((step) => (step >= cut ? 1 : 0));
  const path = new Path2D();
  for (const loop of traceOutline(inside, plane.width, plane.height, 1)) {
    for (let at = 0; at < loop.length; at += 2) path[at ? "lineTo" : "moveTo"](left + loop[at] * sx, top + loop[at + 1] * sy);
    path.closePath();
  }
  context.save();
  context.lineJoin = "round";
  for (const [lineWidth, strokeStyle, dashes] of /** @type {[number, string, number[]][]} */ ([[3.4, HALO, []], [1.6, INK, [6, 4]]])) {
    context.setLineDash(dashes);
    Object.assign(context, { lineWidth, strokeStyle });
    context.stroke(path);
  }
  context.restore();
}
