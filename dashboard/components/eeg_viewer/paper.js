/** Draws one page of traces: labels, seconds, signal, calibration, and what it was drawn with. */

import { drawAnnotations, drawEvents, drawGaps, drawRange, drawSpans } from "./marks.js";
import { placeRows } from "./montage.js";
import { faded } from "./palette.js";
import { calibrationBar, elapsed, envelope, markStep, pixelsAMm, pixelsDown, xOf } from "./scales.js";

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
 * @property {import("./features.js").Feature[]} features
 */

/** @param {number} width Of the canvas. @param {{start: number, pageS: number}} state @returns {import("./scales.js").TimeScale} */
export const timeScale = (width, { start, pageS }) => ({ left: GUTTER, width: width - GUTTER - MARGIN, start, span: pageS });

/** @param {string} side @param {Palette} palette */
const colourOf = (side, palette) => palette[`eeg-${side === "unknown" ? "midline" : side}`] ?? palette["eeg-midline"];

/**
 * @param {CanvasRenderingContext2D} context @param {number} width @param {number} height
 * @param {Scene} scene @param {Palette} palette
 * @returns {{events: string[]}} Events whose onset was drawn over traces.
 */
export function drawPaper(context, width, height, scene, palette) {
  const { data, state, page, message } = scene;
  const time = timeScale(width, state);
  const plot = { x: time.left, y: 0, width: time.width, height: height - FOOT };
  context.fillStyle = palette["eeg-paper"];
  context.fillRect(0, 0, width, height);
  drawSeconds(context, time, plot, height, palette);
  const marks = { context, time, plot, palette, font: FONT };
  const isMarked = !state.hidden;
  if (isMarked) drawSpans(marks, data.events, state.range, scene.selected);
  drawRange(marks, state.range);
  drawGaps(marks, data.recording);
  drawAnnotations(marks, data.annotations);
  const rows = page ? page.rows : (scene.montage?.rows ?? []).map((row) => ({ row, signal: null }));
  const { baselines, spacing } = placeRows(rows.map(({ row }) => row), TOP, plot.height - 2 * TOP);
  if (page) drawSignals(context, time, plot, page, baselines, scene, palette);
  drawLabels(context, rows, baselines, spacing, scene, palette);
  const onsets = isMarked ? drawEvents(marks, data, state.range, scene.selected) : [];
  for (const feature of scene.features) feature.paint?.(context, { width, height, time, plot, scene, baselines, spacing, palette });
  if (message) drawMessage(context, plot, message, palette);
  else drawCalibration(context, plot, state, palette);
  drawSettings(context, height, scene, palette);
  return { events: page ? onsets : [] };
}

/** Lines at each second, stronger ones with the time below. */
function drawSeconds(context, { left, width, start, span }, plot, height, palette) {
  const scale = { left, width, start, span };
  const strong = markStep(span, 12);
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
    context.fillStyle = palette["eeg-words"];
    context.fillText(elapsed(second), x, height - 22);
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
    context.font = `9.5px ${FONT}`;
    context.fillStyle = palette["eeg-words"];
    context.fillText(note, 8, baselines[n] + Math.min(11, spacing / 2 + 3), GUTTER - 12);
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

/** The bar of microvolts and seconds, in the lower right corner. */
function drawCalibration(context, plot, { uvPerMm, pageS }, palette) {
  const { uv, height, seconds } = calibrationBar(uvPerMm, pageS);
  const wide = (seconds / pageS) * plot.width;
  const box = { x: plot.x + plot.width - Math.max(wide, 52) - 18, y: plot.y + plot.height - height - 30, width: Math.max(wide, 52) + 16, height: height + 28 };
  context.fillStyle = faded(palette["eeg-paper"], 0.86);
  context.fillRect(box.x, box.y, box.width, box.height);
  const x = Math.round(box.x + 7) + 0.5;
  const bottom = Math.round(box.y + height + 8) + 0.5;
  context.strokeStyle = palette["eeg-midline"];
  context.lineWidth = 1.4;
  context.beginPath();
  context.moveTo(x, bottom - height);
  context.lineTo(x, bottom);
  context.lineTo(x + wide, bottom);
  context.stroke();
  context.fillStyle = palette["eeg-midline"];
  context.font = `11px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(`${uv} µV`, x + 5, bottom - height / 2);
  context.fillText(`${seconds} s`, x + 3, bottom + 9);
}

/** One line of everything that the traces were drawn with. */
function drawSettings(context, height, { state, page, montage }, palette) {
  const cuts = page?.cuts ?? { ...state.cuts, said: [] };
  const parts = [
    `${state.uvPerMm} µV/mm (${pixelsAMm() ? "mm calibrated" : "uncalibrated mm, 96 dpi"})`,
    cuts.low || cuts.high ? `${cuts.low || "no low cut"} to ${cuts.high} Hz, zero phase` : "not filtered",
    cuts.notch ? `notch ${cuts.notch} Hz` : "notch off",
    `${state.pageS} s page`,
    ...(montage ? [wordsOf(montage)] : []),
    ...(page ? [`${page.rate} Hz sampling`] : []),
    "negative up",
    ...cuts.said,
    ...(montage?.said ?? []),
    ...(montage?.missing.length ? [`not formed: ${montage.missing.join(", ")}`] : []),
  ];
  context.font = `10.5px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillStyle = palette["eeg-words"];
  context.fillText(parts.join(" · "), 8, height - 7, context.canvas.clientWidth - 16);
}

/** @param {import("./montage.js").Montage} montage */
export const wordsOf = ({ words, title, name }) => words ?? title ?? name;
