/** Draws the still part of the overview: score, lanes of model and reader, the chosen strips, gaps, time. */

import { faded, hatch } from "../eeg_paper/palette.js";
import { envelope, markStep, shortElapsed, xOf } from "../eeg_paper/scales.js";
import { colourLevels } from "./spectrogram.js";
import { layoutOf } from "./strips.js";
import { drawAeeg, drawArtefacts, drawAsymmetry } from "./trendstrips.js";

/** Where the score is drawn, and the lanes, in pixels from the top. */
export const RISK = { y: 10, height: 58 };
export const MODEL = { y: 74, height: 10 };
const READER = { y: 89, height: 11 };
/** Pixels at the end of the axis that a zoomed overview's way back takes, half a time more. */
const BACK_WIDTH = 242;
const FONT = "Inter, 'Inter Variable', system-ui, sans-serif";

/**
 * @typedef {object} Overview
 * @property {import("../eeg_paper/state.js").Data} data @property {string|null} selected @property {boolean} hidden Marks of the model.
 * @property {import("../eeg_paper/wire.js").Risk|null} risk @property {string} riskProblem Why there is none, where one was asked for.
 * @property {import("../eeg_paper/wire.js").Spectra|null} spectra @property {string} spectraProblem
 * @property {import("./strips.js").StripName[]} chosen Strips. @property {string} band Of the asymmetry.
 * @property {import("./trends.js").Trends|null} trends @property {string} trendsProblem
 */

/**
 * @param {CanvasRenderingContext2D} context @param {number} width @param {number} height
 * @param {import("../eeg_paper/scales.js").TimeScale} time Of the stretch that is shown.
 * @param {Overview} overview @param {import("../eeg_paper/palette.js").Palette} palette
 */
export function drawOverview(context, width, height, time, overview, palette) {
  const { data, trends, trendsProblem } = overview;
  context.fillStyle = palette["ov-panel"];
  context.fillRect(0, 0, width, height);
  const drawing = { context, time, palette, overview };
  const { places, axisY } = layoutOf(overview.chosen);
  const hasModel = data.prediction !== null && !data.blind;
  if (hasModel) {
    drawRisk(drawing);
    drawModelLane(drawing);
  }
  drawReaderLane(drawing);
  if (places.cdsa) drawSpectra(drawing, places.cdsa);
  if (places.aeeg) drawAeeg(drawing, places.aeeg, trends, trendsProblem);
  if (places.asymmetry) drawAsymmetry(drawing, places.asymmetry, trends, overview.band, trendsProblem);
  if (places.artefact) drawArtefacts(drawing, places.artefact, trends, trendsProblem);
  drawGapsAndAxis(drawing, axisY);
  const { risk, riskProblem, spectra, spectraProblem } = overview;
  if (!hasModel) centred(drawing, data.heading ? "unlabelled windows: nothing of a model is shown before the last is judged"
    : data.blind ? "blind first read: nothing of a model is shown before your own read" : "no model result", RISK.y + 40);
  else if (!risk) centred(drawing, riskProblem || "loading the score", RISK.y + 30);
  else if (!risk.n) centred(drawing, data.prediction.imported ? "events of another tool: no score came with them" : "too short for a score: nothing was evaluated", RISK.y + 30);
  if (!spectra && places.cdsa) centred(drawing, spectraProblem || "loading spectra", places.cdsa.y + 31);
}

/** Draws what must not leave the plot: where a stretch is shown, lines and blocks go on beyond it. */
function inPlot({ context, time }, draw) {
  context.save();
  context.beginPath();
  context.rect(time.left, 0, time.width, context.canvas.height);
  context.clip();
  draw();
  context.restore();
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
    const box = boxOf(time, onset, duration, RISK);
    if (box) hatch(context, box, faded(palette["ov-faint"], 0.5), 5);
  }
  const first = Math.max(0, Math.floor((time.start - risk.start_s) / risk.step_s) - 1);
  const stop = Math.min(risk.n, Math.ceil((time.start + time.span - risk.start_s) / risk.step_s) + 2);
  const { at, value } = envelope(risk.scores, first, Math.max(first, stop), Math.max(1, Math.round(time.width)));
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
  inPlot(drawing, () => {
    context.fillStyle = faded(palette["ov-accent"], 0.2);
    context.fill(area);
    context.strokeStyle = palette["ov-accent"];
    context.lineWidth = 1.3;
    context.stroke(line);
  });
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

/** Where a stretch lies in a strip, cut to what is shown; null where it is out of it. @param {import("../eeg_paper/scales.js").TimeScale} time @param {number} onset @param {number} duration @param {{y: number, height: number}} strip */
function boxOf(time, onset, duration, { y, height }) {
  const from = Math.max(time.left, xOf(time, onset));
  const to = Math.min(time.left + time.width, Math.max(xOf(time, onset) + 1, xOf(time, onset + duration)));
  return to > from ? { x: from, y, width: to - from, height } : null;
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
  inPlot(drawing, () => {
    for (const event of overview.data.events) {
      if (event.own) continue;
      block(drawing, event.onset_s, event.duration_s, MODEL.y, MODEL.height);
      context.fillStyle = faded(palette["ov-rejected"], event.id === overview.selected ? 1 : 0.5);
      context.fill();
    }
  });
}

/** What the reader said: a block is a seizure, a line is not one, an outline is unsure; in words where there is room. */
function drawReaderLane(drawing) {
  label(drawing, "reader", READER.y + 6);
  inPlot(drawing, () => drawJudged(drawing));
}

function drawJudged({ context, time, palette, overview }) {
  let right = -Infinity;
  const isShown = (event) => {
    const onset = event.reader_onset_s ?? event.onset_s;
    return onset <= time.start + time.span && onset + (event.reader_duration_s ?? event.duration_s) >= time.start;
  };
  const judged = overview.data.events.filter((event) => event.state !== "open" && isShown(event)).sort((a, b) => a.onset_s - b.onset_s);
  judged.forEach((event, n) => {
    const onset = event.reader_onset_s ?? event.onset_s;
    const duration = event.reader_duration_s ?? event.duration_s;
    const colour = palette[`ov-${event.state === "added" ? "accepted" : event.state}`] ?? palette["ov-soft"];
    const isThin = event.state === "rejected";
    block({ context, time }, onset, duration, isThin ? READER.y + 5 : READER.y, isThin ? 2 : READER.height);
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

function drawSpectra(drawing, place) {
  const { context, time, palette, overview } = drawing;
  const { spectra } = overview;
  const sides = spectra ? spectra.sides : ["left", "right"];
  const height = (place.height - 2) / 2;
  sides.slice(0, 2).forEach((side, n) => {
    const y = place.y + n * (height + 2);
    label(drawing, `CDSA ${side}`, y + 9);
    context.fillStyle = palette["ov-background"];
    context.fillRect(time.left, y, time.width, height);
    if (!spectra) return;
    context.font = `10px ${FONT}`;
    context.fillStyle = palette["ov-soft"];
    context.fillText(`0 to ${spectra.f_max_hz} Hz`, 8, y + 22);
    const image = colourLevels(spectra, n);
    const columns = image.width / (spectra.columns * spectra.step_s); // a second
    const shown = Math.min(time.span, spectra.columns * spectra.step_s - time.start);
    context.imageSmoothingEnabled = false;
    context.drawImage(image, time.start * columns, 0, shown * columns, image.height, time.left, y, (shown / time.span) * time.width, height);
  });
}

function drawGapsAndAxis({ context, time, palette, overview }, axisY) {
  for (const { onset_s, duration_s } of overview.data.recording.gaps) {
    const box = boxOf(time, onset_s, duration_s, { y: RISK.y, height: axisY - 4 - RISK.y });
    if (!box) continue;
    context.fillStyle = faded(palette["ov-panel"], 0.7);
    context.fillRect(box.x, box.y, box.width, box.height);
    hatch(context, box, palette["ov-faint"], 5);
  }
  const step = markStep(time.span, 10);
  const right = time.left + time.width - (time.span < overview.data.recording.duration_s - 1e-6 ? BACK_WIDTH : 14);
  context.font = `10.5px ${FONT}`;
  context.textBaseline = "top";
  context.fillStyle = palette["ov-soft"];
  for (let mark = Math.ceil(time.start / step - 1e-9) * step; mark <= time.start + time.span + 1e-6; mark += step) {
    const x = xOf(time, mark);
    if (x > right && mark > time.start) break;
    context.textAlign = x < time.left + 16 ? "left" : "center";
    context.fillText(shortElapsed(mark), x, axisY + 1);
  }
}
