/** Draws the strips of aEEG, asymmetry and artefact into the overview; what was left out stays empty. */

import { faded } from "../eeg_paper/palette.js";
import { secondsAt, xOf } from "../eeg_paper/scales.js";
import { balanceAt, bandOf, levelsAt, semilog, shareAt } from "./trends.js";

const FONT = "Inter, 'Inter Variable', system-ui, sans-serif";
/** Asymmetry that reaches the edge of its strip. */
const FULL = 0.5;
/** Lines across the aEEG, in microvolts; those with a number beside them. */
const LINES_UV = [5, 10, 25, 50];
const TICKS_UV = [5, 10, 100];
/** Height of a band of no width, in pixels. */
const LEAST = 1.5;
/** How the kinds of artefact are written beside their rows. @type {Record<string, string>} */
const SHORT = { flat: "flat", saturated: "saturated", high: "high ampl.", muscle: "muscle", mains: "mains" };

/**
 * @typedef {{context: CanvasRenderingContext2D, time: import("../eeg_paper/scales.js").TimeScale, palette: import("../eeg_paper/palette.js").Palette}} Drawing
 * @typedef {import("./trends.js").Trends} Trends @typedef {import("./strips.js").Place} Place
 */

/** @param {Drawing} drawing @param {Place} place */
function ground({ context, time, palette }, { y, height }) {
  context.fillStyle = palette["ov-background"];
  context.fillRect(time.left, y, time.width, height);
}

/** @param {Drawing} drawing @param {string} words @param {number} x @param {number} y @param {CanvasTextAlign} [align] @param {number} [size] */
function write({ context, time, palette }, words, x, y, align = "left", size = 10.5) {
  context.font = `${size}px ${FONT}`;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillStyle = palette["ov-soft"];
  context.fillText(words, x, y, align === "left" ? time.left - x - 3 : undefined);
}

/** @param {Drawing} drawing @param {Place} place @param {string} words */
function instead({ context, time, palette }, { y, height }, words) {
  context.font = `12px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = palette["ov-soft"];
  context.fillText(words, time.left + time.width / 2, y + height / 2, time.width - 12);
}

/** Calls with each epoch that is in view. @param {Drawing} drawing @param {number} epochS @param {number} epochs @param {(epoch: number, x: number, across: number) => void} draw */
function eachEpoch({ time }, epochS, epochs, draw) {
  const first = Math.max(0, Math.floor(time.start / epochS));
  const stop = Math.min(epochs, Math.ceil((time.start + time.span) / epochS));
  for (let epoch = first; epoch < stop; epoch += 1) {
    const x = Math.floor(xOf(time, epoch * epochS));
    draw(epoch, x, Math.max(1, Math.floor(xOf(time, (epoch + 1) * epochS)) - x));
  }
}

/** @param {Drawing} drawing @param {Place} place @param {() => void} draw Nothing of it leaves the strip. */
function within({ context, time }, { y, height }, draw) {
  context.save();
  context.beginPath();
  context.rect(time.left, y, time.width, height);
  context.clip();
  draw();
  context.restore();
}

/** Left above right, each on the scale of the cerebral function monitor. @param {Drawing} drawing @param {Place} place @param {Trends|null} trends @param {string} problem */
export function drawAeeg(drawing, place, trends, problem) {
  const { context, time, palette } = drawing;
  const height = (place.height - 2) / 2;
  ["left", "right"].forEach((side, n) => {
    const one = { y: place.y + n * (height + 2), height };
    ground(drawing, one);
    write(drawing, `aEEG ${side}`, 8, one.y + 8);
    if (!trends || !trends.aeeg.sides.length) return;
    write(drawing, `${trends.aeeg.rows[n]}`, 8, one.y + 20, "left", 10);
    write(drawing, "µV p-p", 8, one.y + 31, "left", 9.5);
    const yOf = (uv) => one.y + one.height * (1 - semilog(uv));
    for (const uv of TICKS_UV) write(drawing, String(uv), time.left - 3, Math.min(one.y + height - 4, Math.max(one.y + 4, yOf(uv))), "right", 8);
    const [pale, full] = [new Path2D(), new Path2D()];
    eachEpoch(drawing, trends.aeeg.epoch_s, trends.aeeg.epochs, (epoch, x, across) => {
      const [lowest, low, high, highest] = levelsAt(trends, n, epoch);
      if (Number.isNaN(low)) return;
      pale.rect(x, yOf(highest), across, yOf(lowest) - yOf(highest));
      const top = Math.min(yOf(high), one.y + height - LEAST); // A flat line is one at the bottom; nothing is drawn where nothing is known.
      full.rect(x, top, across, Math.max(LEAST, yOf(low) - top));
    });
    within(drawing, one, () => {
      context.fillStyle = faded(palette[`ov-${side}`], 0.38);
      context.fill(pale);
      context.fillStyle = faded(palette[`ov-${side}`], 0.85);
      context.fill(full);
      for (const uv of LINES_UV) {
        context.fillStyle = faded(palette["ov-ink"], uv === 10 ? 0.4 : 0.16);
        context.fillRect(time.left, Math.round(yOf(uv)), time.width, 1);
      }
    });
  });
  if (!trends || trends.aeeg.why) instead(drawing, place, trends ? `no aEEG: ${trends.aeeg.why}` : problem || "computing the aEEG");
}

/** Right above the line, left below it. @param {Drawing} drawing @param {Place} place @param {Trends|null} trends @param {string} band @param {string} problem */
export function drawAsymmetry(drawing, place, trends, band, problem) {
  const { context, time, palette } = drawing;
  ground(drawing, place);
  write(drawing, "asymmetry", 8, place.y + 7);
  write(drawing, "R", time.left - 3, place.y + 6, "right", 9.5);
  write(drawing, "L", time.left - 3, place.y + place.height - 6, "right", 9.5);
  if (!trends || trends.asymmetry.why) return instead(drawing, place, trends ? `no asymmetry: ${trends.asymmetry.why}` : problem || "computing the asymmetry");
  const at = bandOf(trends, band);
  const [name, low, high] = trends.asymmetry.bands[at];
  write(drawing, `${name === "total" ? "" : `${name} `}${low}-${high} Hz`, 8, place.y + 19, "left", 9.5);
  write(drawing, `±${FULL * 100} %`, 8, place.y + 31, "left", 9.5);
  const middle = place.y + place.height / 2;
  const [right, left] = [new Path2D(), new Path2D()];
  eachEpoch(drawing, trends.epoch_s, trends.epochs, (epoch, x, across) => {
    const value = balanceAt(trends, at, epoch);
    if (Number.isNaN(value)) return;
    const tall = Math.min(1, Math.abs(value) / FULL) * (place.height / 2 - 1);
    if (value >= 0) right.rect(x, middle - tall, across, tall);
    else left.rect(x, middle, across, tall);
  });
  within(drawing, place, () => {
    context.fillStyle = palette["ov-right"];
    context.fill(right);
    context.fillStyle = palette["ov-left"];
    context.fill(left);
    context.fillStyle = faded(palette["ov-ink"], 0.4);
    context.fillRect(time.left, Math.round(middle) - 0.5, time.width, 1);
  });
}

/** A row a kind, the fuller the colour the larger the share of electrodes or rows. @param {Drawing} drawing @param {Place} place @param {Trends|null} trends @param {string} problem */
export function drawArtefacts(drawing, place, trends, problem) {
  const { context, time, palette } = drawing;
  ground(drawing, place);
  const kinds = trends?.artefacts.kinds ?? Object.keys(SHORT);
  const step = place.height / kinds.length;
  kinds.forEach((kind, n) => {
    const y = place.y + n * step;
    write(drawing, SHORT[kind] ?? kind, 8, y + step / 2, "left", 9.5);
    context.fillStyle = faded(palette["ov-ink"], 0.08);
    if (n) context.fillRect(time.left, Math.round(y), time.width, 1);
    if (!trends) return;
    if (trends.artefacts.missing.includes(kind)) {
      context.font = `9px ${FONT}`;
      context.textAlign = "center";
      context.fillStyle = palette["ov-faint"];
      context.fillText("not shown by this sampling rate", time.left + time.width / 2, y + step / 2, time.width);
      return;
    }
    drawShares(drawing, trends, n, y + 1, step - 2);
  });
  if (!trends) instead(drawing, place, problem || "computing the signs of artefact");
}

/** @param {Drawing} drawing @param {Trends} trends @param {number} kind @param {number} y @param {number} height */
function drawShares({ context, time, palette }, trends, kind, y, height) {
  for (let x = Math.floor(time.left); x < time.left + time.width; x += 1) {
    const first = Math.max(0, Math.floor(secondsAt(time, x) / trends.epoch_s));
    const stop = Math.min(trends.epochs, Math.max(first + 1, Math.ceil(secondsAt(time, x + 1) / trends.epoch_s)));
    let most = 0;
    for (let epoch = first; epoch < stop; epoch += 1) most = Math.max(most, shareAt(trends, kind, epoch) || 0);
    if (!most) continue;
    context.fillStyle = faded(palette["ov-modified"], 0.3 + 0.7 * most);
    context.fillRect(x, y, 1, height);
  }
}
