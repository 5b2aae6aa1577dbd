/** Two cursors on the traces: the time between them, its frequency, and the voltage from one height to the other. */

import { microvolts, secondsAt, xOf } from "../eeg_paper/scales.js";

/** @typedef {{seconds: number, row: number, uv: number}} Point Place in time, and in microvolts from a row's baseline, negative up. */

/**
 * What two cursors measure.
 * @param {Point} a @param {Point} b
 * @returns {{seconds: number, hertz: number|null, uv: number}} `hertz` null where no time lies between.
 */
export function between(a, b) {
  const seconds = Math.abs(b.seconds - a.seconds);
  return { seconds, hertz: seconds > 1e-4 ? 1 / seconds : null, uv: Math.abs(b.uv - a.uv) };
}

/** @param {ReturnType<typeof between>} measured */
export const caliperWords = ({ seconds, hertz, uv }) =>
  [`${(1000 * seconds).toFixed(0)} ms`, ...(hertz ? [`${hertz.toFixed(hertz < 20 ? 1 : 0)} Hz`] : []), `${uv.toFixed(0)} µV`].join(" · ");

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature */

/** @implements {Feature} */
export class Calipers {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.isOn = false;
    /** @type {[Point, Point]|null} */
    this.pair = null;
    /** Where the rows lay when they were drawn last. @type {{baselines: number[], time: import("../eeg_paper/scales.js").TimeScale}|null} */
    this.drawn = null;
  }

  get buttons() {
    return [{ words: "cursors", title: "Two cursors: time, frequency, amplitude (B)", pressed: this.isOn, press: () => this.turn() }];
  }

  /** @param {import("../eeg_paper/state.js").Data} _data @param {boolean} isOther */
  show(_data, isOther) {
    if (isOther) this.pair = null;
  }

  turn() {
    this.isOn = !this.isOn;
    this.pair = null;
    this.viewer.set({});
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return false;
    if (event.key.toLowerCase() !== "b" && !(event.key === "Escape" && this.isOn)) return false;
    this.turn();
    return true;
  }

  /** @param {PointerEvent} event @param {number} [row] @returns {Point} */
  at(event, row) {
    const { baselines, time } = this.drawn;
    const nearest = row ?? baselines.reduce((best, y, n) => (Math.abs(y - event.offsetY) < Math.abs(baselines[best] - event.offsetY) ? n : best), 0);
    return { seconds: secondsAt(time, event.offsetX), row: nearest, uv: microvolts(event.offsetY - baselines[nearest], this.viewer.state.uvPerMm) };
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (!this.isOn || !this.drawn?.baselines.length || event.offsetX < this.drawn.time.left) return false;
    const from = this.at(event);
    this.pair = [from, from];
    this.viewer.draw();
    return true;
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.pair) return;
    this.pair = [this.pair[0], this.at(event, this.pair[0].row)];
    this.viewer.draw();
  }

  /** @type {NonNullable<import("../eeg_viewer/features.js").Feature["paint"]>} */
  paint(context, { time, plot, baselines, palette }) {
    this.drawn = { baselines, time };
    context.canvas.dataset.measured = this.pair ? caliperWords(between(...this.pair)) : "";
    if (!this.pair) return;
    const baseline = baselines[this.pair[0].row];
    if (baseline === undefined) return;
    const mm = microvolts(1, this.viewer.state.uvPerMm);
    const points = this.pair.map(({ seconds, uv }) => ({ x: xOf(time, seconds), y: baseline + uv / mm }));
    context.save();
    context.strokeStyle = context.fillStyle = palette["eeg-band"];
    context.lineWidth = 1;
    for (const { x, y } of points) {
      context.setLineDash([]);
      context.beginPath();
      context.moveTo(Math.round(x) + 0.5, plot.y);
      context.lineTo(Math.round(x) + 0.5, plot.y + plot.height);
      context.stroke();
      context.setLineDash([3, 3]);
      context.beginPath();
      context.moveTo(plot.x, Math.round(y) + 0.5);
      context.lineTo(plot.x + plot.width, Math.round(y) + 0.5);
      context.stroke();
    }
    const words = caliperWords(between(...this.pair));
    context.font = "600 12px Inter, system-ui, sans-serif";
    context.textBaseline = "bottom";
    const across = context.measureText(words).width;
    const x = Math.min(Math.max(...points.map((one) => one.x)) + 6, plot.x + plot.width - across - 8);
    const y = Math.max(22, Math.min(...points.map((one) => one.y)) - 4);
    context.fillStyle = palette["eeg-paper"];
    context.fillRect(x - 3, y - 17, across + 6, 18);
    context.fillStyle = palette["eeg-band"];
    context.textAlign = "left";
    context.fillText(words, x, y);
    context.restore();
  }
}
