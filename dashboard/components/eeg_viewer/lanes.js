/** Draws the still part of the overview: score, lanes of model and reader, spectra, gaps, time. */

import { faded, hatch } from "./palette.js";
import { envelope, markStep, shortElapsed, xOf } from "./scales.js";
import { colourLevels } from "./spectrogram.js";

/** Height of the overview, in pixels. */
export const OVERVIEW_HEIGHT = 185;
const RISK = { y: 10, height: 58 };
const MODEL = { y: 74, height: 10 };
const READER = { y: 89, height: 11 };
const SPECTRA = { y: 105, height: 30, step: 32 };
const AXIS_Y = 171;
const FONT = "Inter, 'Inter Variable', system-ui, sans-serif";

/**
 * @typedef {object} Overview
 * @property {import("./state.js").Data} data @property {string|null} selected @property {boolean} hidden Marks of the model.
 * @property {import("./wire.js").Risk|null} risk @property {string} riskProblem Why there is none, where one was asked for.
 * @property {import("./wire.js").Spectra|null} spectra @property {string} spectraProblem
 */

/**
 * @param {CanvasRenderingContext2D} context @param {number} width @param {number} height
 * @param {import("./scales.js").TimeScale} time Of the whole recording.
 * @param {Overview} overview @param {import("./palette.js").Palette} palette
 */
export function drawOverview(context, width, height, time, overview, palette) {
  const { data } = overview;
  context.fillStyle = palette["ov-panel"];
  context.fillRect(0, 0, width, height);
  const drawing = { context, time, palette, overview };
  const hasModel = data.prediction !== null && !data.blind;
  if (hasModel) {
    drawRisk(drawing);
    drawModelLane(drawing);
  }
  drawReaderLane(drawing);
  drawSpectra(drawing);
  drawGapsAndAxis(drawing);
  const { risk, riskProblem, spectra, spectraProblem } = overview;
  if (!hasModel) centred(drawing, data.heading ? "unlabelled windows: nothing of a model is shown before the last is judged"
    : data.blind ? "blind first read: nothing of a model is shown before your own read" : "no model result", RISK.y + 40);
  else if (!risk) centred(drawing, riskProblem || "loading the score", RISK.y + 30);
  if (!spectra) centred(drawing, spectraProblem || "loading spectra", SPECTRA.y + 31);
}

function label({ context, time, palette }, words, y) {
  context.font = `10.5px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = palette["ov-soft"];
  context.fillText(words, 8, y, time.left - 11);
}

function centred({ context, time, palette }, words, y) {
  context.font = `12.5px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const across = Math.min(time.width, context.measureText(words).width + 16);
  context.fillStyle = palette["ov-panel"];
  context.fillRect(time.left + (time.width - across) / 2, y - 10, across, 20);
  context.fillStyle = palette["ov-soft"];
  context.fillText(words, time.left + time.width / 2, y, time.width);
}

/** The detector's score with its thresholds; stretches that it did not evaluate are hatched. */
function drawRisk(drawing) {
  const { context, time, palette, overview } = drawing;
  const { risk, data } = overview;
  const yOf = (score) => RISK.y + RISK.height * (1 - score);
  ["detector score,", "0 to 1,", data.prediction.calibrated ? "calibrated" : "uncalibrated"].forEach((words, n) => label(drawing, words, 16 + n * 14));
  if (!risk) return;
  for (const [onset, duration] of risk.not_evaluated) {
    const x = xOf(time, onset);
    hatch(context, { x, y: RISK.y, width: Math.max(1, xOf(time, onset + duration) - x), height: RISK.height }, faded(palette["ov-faint"], 0.5), 5);
  }
  const { at, value } = envelope(risk.scores, 0, risk.n, Math.max(1, Math.round(time.width)));
  const line = new Path2D();
  const area = new Path2D();
  let from = NaN;
  let x = NaN;
  const close = () => {
    if (!Number.isNaN(from)) {
      area.lineTo(x, yOf(0));
      area.lineTo(from, yOf(0));
    }
    from = NaN;
  };
  for (let n = 0; n < at.length; n += 1) {
    if (Number.isNaN(value[n])) {
      close();
      continue;
    }
    x = xOf(time, risk.start_s + at[n] * risk.step_s);
    const y = yOf(Math.min(1, Math.max(0, value[n])));
    if (Number.isNaN(from)) {
      from = x;
      line.moveTo(x, y);
      area.moveTo(x, y);
    } else {
      line.lineTo(x, y);
      area.lineTo(x, y);
    }
  }
  close();
  context.fillStyle = faded(palette["ov-accent"], 0.2);
  context.fill(area);
  context.strokeStyle = palette["ov-accent"];
  context.lineWidth = 1.3;
  context.stroke(line);
  const { on, off } = { ...data.prediction, ...risk.threshold };
  threshold(drawing, "on", on, yOf, palette["ov-rejected"], [5, 4]);
  threshold(drawing, "off", off, yOf, palette["ov-soft"], [1.5, 3]);
}

function threshold({ context, time, palette }, name, score, yOf, colour, dash) {
  if (!(score >= 0 && score <= 1)) return;
  const y = Math.round(yOf(score)) + 0.5;
  context.strokeStyle = faded(colour, 0.75);
  context.lineWidth = 1;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(time.left, y);
  context.lineTo(time.left + time.width, y);
  context.stroke();
  context.setLineDash([]);
  const words = `${name} ${score.toFixed(2)}`;
  context.font = `10px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const across = context.measureText(words).width;
  context.fillStyle = faded(palette["ov-panel"], 0.8);
  context.fillRect(time.left + 2, y - 6, across + 4, 12);
  context.fillStyle = palette["ov-soft"];
  context.fillText(words, time.left + 4, y);
}

function block({ context, time }, onset, duration, y, height) {
  const x = xOf(time, onset);
  context.beginPath();
  context.roundRect(x, y, Math.max(3, xOf(time, onset + duration) - x), height, 2);
}

function drawModelLane(drawing) {
  const { context, palette, overview } = drawing;
  label(drawing, "model", MODEL.y + 5);
  if (overview.hidden) return;
  for (const event of overview.data.events) {
    if (event.own) continue;
    block(drawing, event.onset_s, event.duration_s, MODEL.y, MODEL.height);
    context.fillStyle = faded(palette["ov-rejected"], event.id === overview.selected ? 1 : 0.5);
    context.fill();
  }
}

/** What the reader said: a block is a seizure, a line is not one, an outline is unsure; in words where there is room. */
function drawReaderLane(drawing) {
  const { context, time, palette, overview } = drawing;
  label(drawing, "reader", READER.y + 6);
  let right = -Infinity;
  const judged = overview.data.events.filter(({ state }) => state !== "open").sort((a, b) => a.onset_s - b.onset_s);
  judged.forEach((event, n) => {
    const onset = event.reader_onset_s ?? event.onset_s;
    const duration = event.reader_duration_s ?? event.duration_s;
    const colour = palette[`ov-${event.state === "added" ? "accepted" : event.state}`] ?? palette["ov-soft"];
    const isThin = event.state === "rejected";
    block(drawing, onset, duration, isThin ? READER.y + 5 : READER.y, isThin ? 2 : READER.height);
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    if (event.state === "unsure") context.stroke();
    else context.fill();
    const x = Math.max(xOf(time, onset) + 3, xOf(time, onset + duration)) + 5;
    context.font = `10.5px ${FONT}`;
    const across = context.measureText(event.state_words).width;
    const room = Math.min(time.left + time.width, n + 1 < judged.length ? xOf(time, judged[n + 1].onset_s) - 4 : Infinity);
    if (x < right + 6 || x + across > room) return;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(event.state_words, x, READER.y + 6);
    right = x + across;
  });
}

function drawSpectra(drawing) {
  const { context, time, palette, overview } = drawing;
  const { spectra } = overview;
  const sides = spectra ? spectra.sides : ["left", "right"];
  sides.slice(0, 2).forEach((side, n) => {
    const y = SPECTRA.y + n * SPECTRA.step;
    label(drawing, n ? side : `CDSA ${side}`, y + 9);
    if (!spectra) {
      context.fillStyle = palette["ov-background"];
      context.fillRect(time.left, y, time.width, SPECTRA.height);
      return;
    }
    context.font = `10px ${FONT}`;
    context.fillStyle = palette["ov-soft"];
    context.fillText(`0 to ${spectra.f_max_hz} Hz`, 8, y + 22);
    const image = colourLevels(spectra, n);
    const across = xOf(time, spectra.columns * spectra.step_s) - time.left;
    context.imageSmoothingEnabled = false;
    context.save();
    context.beginPath();
    context.rect(time.left, y, time.width, SPECTRA.height);
    context.clip();
    context.drawImage(image, time.left, y, across, SPECTRA.height);
    context.restore();
  });
}

function drawGapsAndAxis({ context, time, palette, overview }) {
  const { gaps } = overview.data.recording;
  for (const { onset_s, duration_s } of gaps) {
    const x = xOf(time, onset_s);
    const box = { x, y: RISK.y, width: Math.max(1, xOf(time, onset_s + duration_s) - x), height: SPECTRA.y + 62 - RISK.y };
    context.fillStyle = faded(palette["ov-panel"], 0.7);
    context.fillRect(box.x, box.y, box.width, box.height);
    hatch(context, box, palette["ov-faint"], 5);
  }
  const step = markStep(time.span, 10);
  context.font = `10.5px ${FONT}`;
  context.textBaseline = "top";
  context.fillStyle = palette["ov-soft"];
  for (let mark = 0; mark <= time.span + 1e-6; mark += step) {
    const x = xOf(time, mark);
    if (x > time.left + time.width - 14 && mark) break;
    context.textAlign = mark ? "center" : "left";
    context.fillText(shortElapsed(mark), x, AXIS_Y + 1);
  }
}
