/** Draws one page of traces: labels, seconds, signal, calibration, and what it was drawn with. */

import { drawEvents, drawGaps, drawRange, drawSpans } from "./marks.js";
import { placeRows } from "./montage.js";
import { drawNotes, laneHeight } from "./notes.js";
import { faded } from "./palette.js";
import { drawCalibration, drawSettings, LINE_HEIGHT, settingLines } from "./printed.js";
import { clock, elapsed, envelope, markStep, pixelsDown, xOf } from "./scales.js";

/** Pixels to the left of the plot, for labels. */
export const GUTTER = 82;
/** Pixels to the right of the plot. */
export const MARGIN = 9;
const TOP = 8;
const FOOT = 36;
const FONT = "Inter, 'Inter Variable', system-ui, sans-serif";

/** @typedef {import("./palette.js").Palette} Palette */
/**
 * @typedef {object} Scene
 * @property {import("./state.js").Data} data @property {import("./state.js").ViewState} state
 * @property {import("./montage.js").Montage|undefined} montage @property {import("./pages.js").Page|null} page
 * @property {string} message Instead of traces. @property {string|null} selected
 * @property {Map<string, number>} apart Microvolts a millimetre of each row that stands apart.
 * @property {import("../eeg_viewer/features.js").Feature[]} features
 */

/** @param {number} width Of the canvas. @param {{start: number, pageS: number}} state @returns {import("./scales.js").TimeScale} */
export const timeScale = (width, { start, pageS }) => ({ left: GUTTER, width: width - GUTTER - MARGIN, start, span: pageS });

/** @param {string} side @param {Palette} palette */
const colourOf = (side, palette) => palette[`eeg-${side === "unknown" ? "midline" : side}`] ?? palette["eeg-midline"];

/**
 * @param {CanvasRenderingContext2D} context @param {number} width @param {number} height
 * @param {Scene} scene @param {Palette} palette
 * @returns {{events: string[], notes: {top: number, bottom: number, drawn: import("./notes.js").DrawnNote[]}}} Events whose onset
 *   was drawn over traces, and the lane of annotations.
 */
export function drawPaper(context, width, height, scene, palette) {
  const { data, state, page, message } = scene;
  const time = timeScale(width, state);
  const printed = settingLines(context, width, scene, time.width);
  const foot = FOOT + LINE_HEIGHT * (printed.length - 1);
  const lane = laneHeight(data.annotations);
  const plot = { x: time.left, y: 0, width: time.width, height: height - foot - lane };
  context.fillStyle = palette["eeg-paper"];
  context.fillRect(0, 0, width, height);
  drawSeconds(context, time, plot, height - foot + 14, palette);
  context.textAlign = "left";
  context.fillText(clock(data.recording.starts_at, state.start), 8, height - foot + 14, GUTTER - 30);
  const marks = { context, time, plot, palette, font: FONT };
  const isMarked = !state.hidden;
  if (isMarked) drawSpans(marks, data.events, state.range, scene.selected);
  drawRange(marks, state.range);
  drawGaps(marks, data.recording);
  const notes = drawNotes(marks, data.annotations);
  const rows = page ? page.rows : (scene.montage?.rows ?? []).map((row) => ({ row, signal: null }));
  const { baselines, spacing } = placeRows(rows.map(({ row }) => row), TOP, plot.height - 2 * TOP);
  const drawn = { width, height, time, plot, scene, rows: rows.map(({ row }) => row), baselines, spacing, palette };
  for (const feature of scene.features) feature.under?.(context, drawn);
  if (page) drawSignals(context, time, plot, page, baselines, scene, palette);
  drawLabels(context, rows, baselines, spacing, scene, palette);
  const onsets = isMarked ? drawEvents(marks, data, state.range, scene.selected) : [];
  for (const feature of scene.features) feature.paint?.(context, drawn);
  if (message) drawMessage(context, plot, message, palette);
  else drawCalibration(context, plot, state, palette);
  drawSettings(context, height, printed, palette);
  return { events: page ? onsets : [], notes: { top: plot.height, bottom: plot.height + lane, drawn: notes } };
}

/** Lines at each second, stronger ones with the time below. */
function drawSeconds(context, { left, width, start, span }, plot, bottom, palette) {
  const scale = { left, width, start, span };
  const strong = markStep(span, 12);
  context.fillStyle = palette["eeg-words"];
  context.font = `10.5px ${FONT}`;
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  for (let second = Math.ceil(start - 1e-6); second <= start + span + 1e-6; second += 1) {
    if (second < 0) continue;
    const x = Math.round(xOf(scale, second)) + 0.5;
    const isStrong = second % strong === 0;
    context.strokeStyle = faded(palette["eeg-second"], isStrong || strong === 1 ? 0.16 : 0.07);
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, plot.y);
    context.lineTo(x, plot.y + plot.height);
    context.stroke();
    if (!isStrong || x > left + width - 22) continue;
    context.fillText(elapsed(second), x, bottom);
  }
}

function drawSignals(context, time, plot, page, baselines, { state, apart }, palette) {
  context.save();
  context.beginPath();
  context.rect(plot.x, plot.y, plot.width, plot.height);
  context.clip();
  // One dot of the screen: wider lines are filled outlines, 71 ms a page against 5 ms. On fine screens they are drawn twice.
  const dot = 1 / context.getTransform().a;
  context.lineWidth = dot;
  context.lineJoin = "bevel";
  const { rate, first } = page;
  const pixelsASample = time.width / time.span / rate;
  const origin = xOf(time, first / rate);
  page.rows.forEach(({ row, signal }, n) => {
    if (!signal) return;
    const isApart = row.side === "apart";
    const scale = isApart ? -pixelsDown(1, apart.get(row.label)) : pixelsDown(1, state.uvPerMm);
    const { at, value } = envelope(signal, 0, signal.length, Math.ceil(plot.width));
    context.strokeStyle = row.dim ? faded(colourOf(row.side, palette), 0.3) : colourOf(row.side, palette);
    context.beginPath();
    let isDown = false;
    for (let k = 0; k < at.length; k += 1) {
      if (Number.isNaN(value[k])) isDown = false;
      else {
        const x = origin + at[k] * pixelsASample;
        const y = baselines[n] + value[k] * scale;
        if (isDown) context.lineTo(x, y);
        else context.moveTo(x, y);
        isDown = true;
      }
    }
    context.stroke();
    if (dot > 0.7) return;
    context.translate(0, dot);
    context.stroke();
    context.translate(0, -dot);
  });
  context.restore();
}

function drawLabels(context, rows, baselines, spacing, { page, apart }, palette) {
  const size = Math.max(8, Math.min(12, spacing - 1));
  context.textAlign = "left";
  context.textBaseline = "middle";
  rows.forEach(({ row, signal }, n) => {
    context.font = `500 ${size}px ${FONT}`;
    context.fillStyle = page && !signal ? palette["eeg-words"] : colourOf(row.side, palette);
    context.fillText(row.label, 8, baselines[n], GUTTER - 12);
    const scale = apart.get(row.label);
    const note = page && !signal ? "other rate" : row.dim ? "bad" : scale ? `${scale} µV/mm, + up` : "";
    if (!note || spacing < 9) return;
    const isBeside = spacing < 20;
    const x = isBeside ? 13 + Math.min(GUTTER - 45, context.measureText(row.label).width) : 8;
    context.font = `9.5px ${FONT}`;
    context.fillStyle = palette["eeg-words"];
    context.fillText(note, x, baselines[n] + (isBeside ? 0 : 11), GUTTER - 4 - x);
  });
}

function drawMessage(context, plot, message, palette) {
  context.font = `13.5px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = palette["eeg-words"];
  const lines = message.split("\n");
  lines.forEach((line, n) => {
    context.fillText(line, plot.x + plot.width / 2, plot.y + plot.height / 2 + (n - (lines.length - 1) / 2) * 20, plot.width - 20);
  });
}
