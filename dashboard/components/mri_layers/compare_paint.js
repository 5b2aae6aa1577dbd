/** Draws where two masks agree and where only one marks: three colours that colour-blind readers tell apart, each with a pattern of its own. */

import { keptSlice, outlineOf } from "../mri_picture/overlay.js";

/** Bit, colour and pattern of each part: both, only the first, only the second. Colours of Okabe and Ito. */
export const PARTS = /** @type {const} */ ([
  { bit: 0, colour: "#009e73", pattern: "plain" },
  { bit: 1, colour: "#d55e00", pattern: "stripes" },
  { bit: 2, colour: "#f0e442", pattern: "dots" },
]);
const TILE = 7;

/** One tile of each pattern, made once. @type {Map<string, OffscreenCanvas>} */
const tiles = new Map();

/** @param {typeof PARTS[number]} part */
function tileOf({ colour, pattern }) {
  if (!tiles.has(pattern)) {
    const tile = new OffscreenCanvas(TILE, TILE);
    const context = tile.getContext("2d");
    Object.assign(context, { fillStyle: colour, strokeStyle: colour, lineWidth: 1.6, globalAlpha: pattern === "plain" ? 0.55 : 0.25 });
    context.fillRect(0, 0, TILE, TILE);
    context.globalAlpha = 1;
    context.beginPath();
    if (pattern === "stripes") {
      for (const shift of [-TILE, 0, TILE]) context.moveTo(shift - 1, TILE + 1), context.lineTo(shift + TILE + 1, -1);
      context.stroke();
    } else if (pattern === "dots") {
      context.arc(TILE / 2, TILE / 2, 1.5, 0, 2 * Math.PI);
      context.fill();
    }
    tiles.set(pattern, tile);
  }
  return tiles.get(pattern);
}

/** Fills what is outlined with a part's pattern and draws its edge. */
function fillPart(context, part, path) {
  context.fillStyle = context.createPattern(tileOf(part), "repeat");
  context.fill(path);
  context.strokeStyle = part.colour;
  context.lineWidth = 1;
  context.stroke(path);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {NonNullable<import("../mri_picture/pane.js").Scene["overlay"]>} overlay The three parts as a mask.
 * @param {import("../mri_picture/state.js").ViewState} state
 * @param {ReturnType<import("../mri_picture/pane.js").Pane["placement"]>} place
 * @param {number} slice @param {number} opacity
 */
export function drawParts(context, overlay, state, place, slice, opacity) {
  const kept = keptSlice(overlay, state, place.plane, slice);
  const toScreen = new DOMMatrix([place.sx, 0, 0, place.sy, place.left, place.top]);
  context.save();
  context.globalAlpha = opacity;
  for (const part of PARTS) {
    if (!(kept.any & (1 << part.bit))) continue;
    const path = new Path2D();
    path.addPath(outlineOf(kept, "chosen", place.plane, part.bit), toScreen);
    fillPart(context, part, path);
  }
  context.restore();
}

/** A swatch of the legend, with the very pattern. @param {HTMLCanvasElement} canvas @param {typeof PARTS[number]} part */
export function drawSwatch(canvas, part) {
  const context = canvas.getContext("2d");
  context.fillStyle = "#3a3f46";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const path = new Path2D();
  path.rect(0.5, 0.5, canvas.width - 1, canvas.height - 1);
  fillPart(context, part, path);
}
