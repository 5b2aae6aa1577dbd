/** The overview of the recording: drawn once, then only its window moves; a click or a drag jumps, the wheel zooms. */

import { element } from "../shared/elements.js";
import { drawOverview, MODEL, RISK } from "./lanes.js";
import { faded, fitted } from "../eeg_paper/palette.js";
import { GUTTER, MARGIN } from "../eeg_paper/paper.js";
import { elapsed, secondsAt, xOf } from "../eeg_paper/scales.js";
import { layoutOf } from "./strips.js";
import { following, inside, isZoomed, ZOOM_STEP, zoomed } from "./zoom.js";

/** Pixels below which a stretch dragged with Shift was a click. */
const LEAST_DRAG = 6;

export class OverviewCanvas {
  /** @param {(seconds: number) => void} jump To the time in the middle of the page. @param {() => void} changed Another stretch is shown. */
  constructor(jump, changed) {
    this.changed = changed;
    this.canvas = /** @type {HTMLCanvasElement} */ (element("canvas", { class: "eeg-overview", tabindex: 0, role: "img" }));
    this.root = element("div", { class: "eeg-overview-frame" }, this.canvas);
    this.still = document.createElement("canvas");
    this.stillOf = "";
    this.duration = 1;
    /** @type {import("./zoom.js").View} */
    this.view = { start: 0, span: 1 };
    this.page = { start: 0, pageS: 10 };
    /** A stretch being dragged with Shift, in pixels. @type {{from: number, to: number}|null} */
    this.band = null;
    this.listen(jump);
  }

  /** @param {(seconds: number) => void} jump */
  listen(jump) {
    const { canvas } = this;
    let isSeeking = false;
    const at = (event) => Math.min(this.duration, Math.max(0, secondsAt(this.time(canvas.clientWidth), event.offsetX)));
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      isSeeking = !event.shiftKey;
      if (isSeeking) jump(at(event));
      else this.band = { from: event.offsetX, to: event.offsetX };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      if (isSeeking) jump(at(event));
      else if (this.band) {
        this.band.to = event.offsetX;
        this.changed();
      }
    });
    canvas.addEventListener("pointerup", () => this.endBand());
    canvas.addEventListener("pointercancel", () => {
      this.band = null;
      this.changed();
    });
    canvas.addEventListener("wheel", (event) => {
      if (event.ctrlKey) return; // The browser's own zoom.
      event.preventDefault();
      const along = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
      if (along) this.show(inside({ ...this.view, start: this.view.start + Math.sign(along) * this.view.span * 0.1 }, this.duration));
      else if (event.deltaY) this.zoom(event.deltaY > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, at(event));
    }, { passive: false });
  }

  endBand() {
    const { band } = this;
    this.band = null;
    if (!band) return;
    if (Math.abs(band.to - band.from) >= LEAST_DRAG) {
      const [from, to] = [band.from, band.to].sort((a, b) => a - b).map((x) => secondsAt(this.time(this.canvas.clientWidth), x));
      const middle = (from + to) / 2;
      const { span } = zoomed(this.view, (to - from) / this.view.span, middle, this.duration, this.page.pageS);
      this.show(inside({ start: middle - span / 2, span }, this.duration));
    }
    this.changed();
  }

  get isZoomed() {
    return isZoomed(this.view, this.duration);
  }

  /** @param {import("./zoom.js").View} view */
  show(view) {
    if (view.start === this.view.start && view.span === this.view.span) return;
    this.view = view;
    this.changed();
  }

  /** @param {number} factor Of the span. @param {number} [around] Seconds; the page's middle where none are given. */
  zoom(factor, around = this.page.start + this.page.pageS / 2) {
    this.show(zoomed(this.view, factor, around, this.duration, this.page.pageS));
  }

  /** Shows all of the recording again. */
  whole() {
    this.show({ start: 0, span: this.duration });
  }

  /** @param {number} width @returns {import("../eeg_paper/scales.js").TimeScale} */
  time(width) {
    return { left: GUTTER, width: width - GUTTER - MARGIN, ...this.view };
  }

  /** What is drawn still has changed. */
  forget() {
    this.stillOf = "";
  }

  /** Another recording: all of it is shown. @param {number} duration */
  begin(duration) {
    this.duration = Math.max(0.001, duration);
    this.view = { start: 0, span: this.duration };
    this.band = null;
    this.forget();
  }

  /** The page has been turned or another length was chosen: what is shown goes with it. @param {{start: number, pageS: number}} state */
  follow({ start, pageS }) {
    const isOther = start !== this.page.start || pageS !== this.page.pageS;
    this.page = { start, pageS };
    if (isOther && this.isZoomed) this.view = following(this.view, start, pageS, this.duration);
  }

  /**
   * @param {import("./lanes.js").Overview} overview
   * @param {{start: number, pageS: number}} state @param {import("../eeg_paper/palette.js").Palette} palette
   * @param {import("../eeg_viewer/features.js").Feature[]} features @param {string} words What the strips show at the page.
   */
  draw(overview, state, palette, features, words) {
    this.follow(state);
    const { height: wanted, axisY } = layoutOf(overview.chosen);
    if (this.canvas.style.height !== `${wanted}px`) this.canvas.style.height = `${wanted}px`;
    const { context, width, height } = fitted(this.canvas);
    const time = this.time(width);
    const still = [this.canvas.width, this.canvas.height, time.start, time.span].join(" ");
    if (this.stillOf !== still) {
      Object.assign(this.still, { width: this.canvas.width, height: this.canvas.height });
      const below = this.still.getContext("2d", { alpha: false });
      below.setTransform(context.getTransform());
      drawOverview(below, width, height, time, overview, palette);
      this.stillOf = still;
    }
    context.save();
    context.resetTransform();
    context.drawImage(this.still, 0, 0);
    context.restore();
    const { data } = overview;
    const hasModel = Boolean(data.prediction) && !data.blind;
    if (hasModel && !overview.hidden) for (const feature of features) feature.overview?.(context, { time, risk: RISK, model: MODEL, palette });
    this.mark(context, time, state, axisY, palette);
    const shown = this.isZoomed ? `, zoomed to ${elapsed(time.start)} to ${elapsed(time.start + time.span)}` : "";
    this.canvas.setAttribute("aria-label", `Overview of ${elapsed(this.duration)}${shown}: page at ${elapsed(Math.max(0, state.start))}. ${
      hasModel ? "Detector score, 0 to 1, uncalibrated; model and reader lanes" : "No detector score; reader lane"}${
      overview.chosen.includes("cdsa") ? "; spectra left and right" : ""}.${words ? ` At the page: ${words}.` : ""}`);
  }

  /** Marks the page, and where in the recording a zoomed stretch lies. */
  mark(context, time, { start, pageS }, axisY, palette) {
    const end = time.left + time.width;
    const left = Math.max(time.left, xOf(time, start));
    const right = Math.min(end, xOf(time, start + pageS));
    if (right > time.left - 3 && left < end + 3) {
      const wide = Math.max(3, right - left);
      context.fillStyle = faded(palette["ov-ink"], 0.12);
      context.fillRect(left, 4, wide, axisY - 4);
      context.strokeStyle = palette["ov-ink"];
      context.lineWidth = 1.5;
      context.strokeRect(left, 4, wide, axisY - 6);
    }
    if (this.isZoomed) {
      const whole = { left: time.left, width: time.width, start: 0, span: this.duration };
      context.fillStyle = palette["ov-line-strong"];
      context.fillRect(time.left, 0, time.width, 3);
      context.fillStyle = palette["ov-accent"];
      context.fillRect(xOf(whole, time.start), 0, Math.max(3, xOf(whole, time.start + time.span) - xOf(whole, time.start)), 3);
    }
    if (!this.band) return;
    const [from, to] = [this.band.from, this.band.to].sort((a, b) => a - b);
    context.fillStyle = faded(palette["ov-accent"], 0.25);
    context.fillRect(from, 4, to - from, axisY - 6);
  }
}
