/** Draws a mask's slice: outlines as thin vector paths on a dark halo, or a fill. */

import { traceOutline } from "./outline.js";
import { fillTable, maskSlice, walkOf } from "./slices.js";

/** CSS pixels by which the halo is wider than its line. */
const HALO = 1.5;
/** How much thinner the line of findings that are not selected is. */
const OTHER = 0.63;
/** Dashes by the region's bit, in widths of the line, so that colour alone tells nothing: whole, long, dotted, long and short. */
const DASHES = [[], [4.5, 1.8], [2.2, 1.1], [4.5, 1.5, 1, 1.5]];
const HALO_COLOUR = "rgba(11, 14, 18, 0.55)";
/** Traced slices kept: three panes, twenty slices to and fro. */
const KEPT = 64;

/** @typedef {NonNullable<import("./pane.js").Scene["overlay"]>} Overlay */

/**
 * Slices of the mask on screen, by what they show. Emptied with the mask itself.
 * @type {WeakMap<import("./loader.js").Mask, Map<string, any>>}
 */
const slices = new WeakMap();

/** A slice of the mask and whatever was made of it, kept for as long as the mask is. */
export function keptSlice({ mask, grid, component }, state, plane, slice) {
  const revision = mask.revisionAt && grid === state.shown ? mask.revisionAt(plane.n, slice) : mask.revision ?? 0;
  const key = `${state.current} ${state.convention} ${plane.name} ${slice} ${component} ${revision}`;
  const known = slices.get(mask) ?? new Map();
  slices.set(mask, known);
  if (!known.has(key)) {
    if (known.size >= KEPT) known.delete(known.keys().next().value);
    known.set(key, { ...maskSlice(mask, walkOf(plane, slice, state.shown, grid), plane, grid.shape, component), paths: new Map() });
  }
  return known.get(key);
}

/** The outline of one region of a kept slice in image coordinates, traced once. */
export function outlineOf(kept, which, plane, bit) {
  const key = `${which} ${bit}`;
  if (!kept.paths.has(key)) {
    const path = new Path2D();
    for (const loop of kept.any & (1 << bit) ? traceOutline(kept[which], plane.width, plane.height, 1 << bit) : []) {
      path.moveTo(loop[0], loop[1]);
      for (let at = 2; at < loop.length; at += 2) path.lineTo(loop[at], loop[at + 1]);
      path.closePath();
    }
    kept.paths.set(key, path);
  }
  return kept.paths.get(key);
}

/**
 * Strokes the borders of the visible regions, the halos below all lines.
 * @param {CanvasRenderingContext2D} context
 * @param {Overlay} overlay @param {import("./state.js").ViewState} state
 * @param {{plane: import("./geometry.js").Plane, sx: number, sy: number, left: number, top: number}} place
 * @param {number} slice
 * @param {boolean} [filled] Thin lines around a fill, without halos.
 */
export function strokeOutlines(context, overlay, state, place, slice, filled = false) {
  const { plane } = place;
  const kept = keptSlice(overlay, state, plane, slice);
  if (!kept.any) return;
  const toScreen = new DOMMatrix([place.sx, 0, 0, place.sy, place.left, place.top]);
  const lines = ["others", "chosen"].flatMap((which) =>
    overlay.regions.map(({ bit, colour }) => {
      const path = new Path2D();
      path.addPath(outlineOf(kept, which, plane, bit), toScreen);
      return { path, colour, bit, width: (filled ? 1 : state.line) * (which === "chosen" ? 0.95 : 0.95 * OTHER) };
    }));
  context.save();
  context.globalAlpha = filled ? Math.min(1, 1.6 * state.opacity.fill) : state.opacity.outline;
  context.lineJoin = "round";
  context.strokeStyle = HALO_COLOUR;
  for (const { path, width } of filled ? [] : lines) {
    context.lineWidth = width + HALO;
    context.stroke(path);
  }
  for (const { path, colour, bit, width } of lines) {
    context.lineWidth = width;
    context.setLineDash(DASHES[bit % DASHES.length].map((length) => length * Math.max(width, 1.5)));
    context.strokeStyle = colour;
    context.stroke(path);
  }
  context.restore();
}

/**
 * Fills the visible regions, pixel by pixel; findings that are not selected are fainter.
 * @param {CanvasRenderingContext2D} context
 * @param {Overlay} overlay @param {import("./state.js").ViewState} state
 * @param {import("./geometry.js").Plane} plane
 * @param {number} slice
 * @param {number[]} box Left, top, width and height of the image on screen.
 */
export function fillOverlay(context, overlay, state, plane, slice, box) {
  const kept = keptSlice(overlay, state, plane, slice);
  if (!kept.any) return;
  const table = fillTable(overlay.regions);
  context.save();
  context.imageSmoothingEnabled = false;
  for (const which of ["others", "chosen"]) {
    const pixels = new ImageData(plane.width, plane.height);
    const words = new Uint32Array(pixels.data.buffer);
    kept[which].forEach((bits, at) => {
      words[at] = table[bits];
    });
    const drawing = new OffscreenCanvas(plane.width, plane.height);
    drawing.getContext("2d").putImageData(pixels, 0, 0);
    context.globalAlpha = state.opacity.fill * (which === "chosen" ? 1 : 0.6);
    context.drawImage(drawing, box[0], box[1], box[2], box[3]);
  }
  context.restore();
}
