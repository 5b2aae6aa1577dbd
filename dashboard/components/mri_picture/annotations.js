/** Writes what a viewer burns into its corners: letters, slice, position, window, series, pseudonym, scale bar, crosshair. */

import { positionWords, scaleBarMm, spacingOf, toImage } from "./geometry.js";
import { bandHeight } from "./date_band.js";
import { windowWords } from "./windows.js";

const INK = "#e8edf3";
const LETTER = "#ffd866";
const ALARM = "#ff5c4d";
const ACCENT = "#6cb6ff";
const CROSS = "rgba(190, 200, 212, 0.4)";
const FONT = 'Inter, "Inter Variable", system-ui, sans-serif';
const MARGIN = 10;

/**
 * @param {CanvasRenderingContext2D} context In CSS pixels.
 * @param {import("./pane.js").Scene} scene
 * @param {ReturnType<import("./pane.js").Pane["placement"]>} place
 * @param {number} slice
 */
export function drawAnnotations(context, scene, place, slice) {
  const { state, source, large } = scene;
  const { plane, width, height } = place;
  const shown = state.shown;
  const position = positionWords(shown.affine, shown.shape, plane, slice, shown.sides_known);
  const number = `${plane.name} ${slice + 1} / ${plane.count}`;
  drawCrosshair(context, state, place);
  drawPoints(context, scene, place, slice);
  const below = bandHeight(scene.band);
  drawLetters(context, plane, width, height, large, below);

  const write = writer(context, width, height, large, below);
  const name = source.description || source.label;
  const window = state.windows.get(scene.held ? state.current : source.digest);
  if (large) {
    write("left", "top", scene.pseudonym);
    write("left", "top", name);
    if (source.date) write("left", "top", source.date);
    write("right", "top", number);
    write("right", "top", position);
    write("left", "bottom", spacingWords(source.affine));
    if (window) write("left", "bottom", windowWords(window));
    if (scene.synthetic) write("left", "top", "Synthetic");
  } else {
    write("left", "top", source.digest === state.current ? plane.name : source.label);
    write("right", "top", position);
  }
  if (scene.held) write("left", "top", `${source.label}, before contrast`, ACCENT);
  if (state.hidden && scene.overlay) write("left", "top", "overlay hidden", ACCENT);
  if (!shown.sides_known) write("left", "top", "sides unknown", ALARM);
  else if (state.convention === "neurological") {
    write("left", "top", plane.name === "sagittal" ? "neurological convention" : "neurological: left is left", ALARM);
  }
  if (scene.volume && scene.volume.here && !scene.volume.complete) {
    write("right", "top", `loading ${Math.floor((100 * scene.volume.here) / scene.volume.slices)} %`);
  }
  if (large) drawScaleBar(context, place);
  const { left, right, top, bottom } = plane.letters;
  const { measures } = context.canvas.dataset;
  const measured = measures ? `; measured: ${measures}` : "";
  context.canvas.setAttribute("aria-label", `${scene.band ? `${scene.band.title}; ` : ""}${name}, ${number}, ${position}; left ${left}, right ${right}, top ${top}, bottom ${bottom}${measured}`);
}

/** @param {number[]} affine @returns {string} '1.00 × 1.00 × 3.00 mm' along the array's axes. */
function spacingWords(affine) {
  return `${spacingOf(affine).map((mm) => mm.toFixed(2)).join(" × ")} mm`;
}

/** A function that writes the next line of a corner, dark-edged so that it reads on any grey. */
function writer(context, width, height, large, above) {
  const rows = { "left top": 0, "right top": 0, "left bottom": 0, "right bottom": 0 };
  return (side, end, text, colour = INK) => {
    const row = rows[`${side} ${end}`]++;
    context.font = `${large ? 12 : 11.5}px ${FONT}`;
    context.textAlign = side;
    context.textBaseline = end;
    const x = side === "left" ? MARGIN : width - MARGIN;
    const y = end === "top" ? above + MARGIN + row * 16 : height - MARGIN - row * 16;
    edged(context, text, x, y, colour);
  };
}

/** Text with a dark edge. */
export function edged(context, text, x, y, colour) {
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = "rgba(0, 0, 0, 0.8)";
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** The letters in the middle of the four sides; '?' in red. */
function drawLetters(context, plane, width, height, large, above) {
  context.font = `600 ${large ? 15 : 12}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const inset = large ? 12 : 10;
  for (const [side, x, y] of [["left", inset, height / 2], ["right", width - inset, height / 2],
    ["top", width / 2, above + inset - 2], ["bottom", width / 2, height - inset - (large ? 6 : 0)]]) {
    const letters = plane.letters[side];
    context.textAlign = side === "left" || side === "right" ? side : "center";
    const edge = side === "left" ? 6 : side === "right" ? width - 6 : x;
    edged(context, letters, edge, y, letters.includes("?") ? ALARM : LETTER);
  }
}

/** Thin lines through the crosshair's voxel, open around it so that they hide nothing. */
function drawCrosshair(context, state, { plane, width, height, sx, sy, left, top }) {
  const at = toImage(plane, state.voxel);
  const [x, y] = [Math.round(left + at.x * sx) + 0.5, Math.round(top + at.y * sy) + 0.5];
  const gap = 12;
  const rim = 26;
  context.strokeStyle = CROSS;
  context.lineWidth = 1;
  context.beginPath();
  for (const [from, to] of [[rim, x - gap], [x + gap, width - rim]]) {
    if (to > from) context.moveTo(from, y), context.lineTo(to, y);
  }
  for (const [from, to] of [[rim, y - gap], [y + gap, height - rim]]) {
    if (to > from) context.moveTo(x, from), context.lineTo(x, to);
  }
  context.stroke();
}

/** A ring and a number where a reader's own finding was marked, on the slices within half a slice of it. */
function drawPoints(context, { points, state }, { plane, sx, sy, left, top }, slice) {
  for (const { index, number, chosen } of points) {
    const at = toImage(plane, index);
    if (Math.abs(at.slice - slice) > 0.5) continue;
    const [x, y] = [left + at.x * sx, top + at.y * sy];
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    for (const [lineWidth, strokeStyle] of [[3.4, "rgba(11, 14, 18, 0.55)"], [chosen ? 2.2 : 1.5, ACCENT]]) {
      Object.assign(context, { lineWidth, strokeStyle });
      context.stroke();
    }
    context.font = `600 12px ${FONT}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    edged(context, String(number), x + 13, y, INK);
  }
}

/** A bar of a round length at the bottom right, with its millimetres. */
function drawScaleBar(context, { width, height, scale }) {
  const mm = scaleBarMm(scale, 110);
  const [right, y] = [width - MARGIN - 0.5, Math.round(height - MARGIN - 18) + 0.5];
  const left = right - mm * scale;
  for (const [lineWidth, strokeStyle] of [[3, "rgba(0, 0, 0, 0.8)"], [1, INK]]) {
    Object.assign(context, { lineWidth, strokeStyle });
    context.beginPath();
    context.moveTo(left, y - 5);
    context.lineTo(left, y);
    context.lineTo(right, y);
    context.lineTo(right, y - 5);
    context.stroke();
  }
  context.font = `12px ${FONT}`;
  context.textAlign = "right";
  context.textBaseline = "bottom";
  edged(context, `${mm} mm`, right, height - MARGIN + 3, INK);
}
