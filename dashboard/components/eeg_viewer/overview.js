/** The overview of the whole recording: drawn once, then only its window moves; a click or a drag jumps. */

import { drawOverview, OVERVIEW_HEIGHT } from "./lanes.js";
import { faded, fitted } from "./palette.js";
import { GUTTER, MARGIN } from "./paper.js";
import { elapsed, secondsAt, xOf } from "./scales.js";

export class OverviewCanvas {
  /** @param {(seconds: number) => void} jump To the time in the middle of the page. */
  constructor(jump) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "eeg-overview";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.still = document.createElement("canvas");
    this.stillOf = "";
    this.duration = 1;
    const seek = (event) => {
      const width = this.canvas.clientWidth;
      jump(Math.min(this.duration, Math.max(0, secondsAt(this.time(width), event.offsetX))));
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (this.canvas.hasPointerCapture(event.pointerId)) seek(event);
    });
  }

  /** @param {number} width @returns {import("./scales.js").TimeScale} */
  time(width) {
    return { left: GUTTER, width: width - GUTTER - MARGIN, start: 0, span: this.duration };
  }

  /** What is drawn still has changed. */
  forget() {
    this.stillOf = "";
  }

  /**
   * @param {import("./lanes.js").Overview} overview
   * @param {{start: number, pageS: number}} state @param {import("./palette.js").Palette} palette
   */
  draw(overview, { start, pageS }, palette) {
    this.duration = Math.max(0.001, overview.data.recording.duration_s);
    const { context, width, height } = fitted(this.canvas);
    const time = this.time(width);
    const size = `${this.canvas.width} ${this.canvas.height}`;
    if (this.stillOf !== size) {
      Object.assign(this.still, { width: this.canvas.width, height: this.canvas.height });
      const below = this.still.getContext("2d", { alpha: false });
      below.setTransform(context.getTransform());
      drawOverview(below, width, height, time, overview, palette);
      this.stillOf = size;
    }
    context.save();
    context.resetTransform();
    context.drawImage(this.still, 0, 0);
    context.restore();
    const left = Math.max(time.left, xOf(time, start));
    const right = Math.min(time.left + time.width, xOf(time, start + pageS));
    const wide = Math.max(3, right - left);
    context.fillStyle = faded(palette["ov-ink"], 0.12);
    context.fillRect(left, 4, wide, OVERVIEW_HEIGHT - 18);
    context.strokeStyle = palette["ov-ink"];
    context.lineWidth = 1.5;
    context.strokeRect(left, 4, wide, OVERVIEW_HEIGHT - 20);
    this.canvas.setAttribute("aria-label", `Overview of ${elapsed(this.duration)}: page at ${elapsed(Math.max(0, start))}. ${
      overview.data.prediction && !overview.data.blind ? "Detector score, 0 to 1, uncalibrated; model and reader lanes; spectra left and right."
        : "No detector score; reader lane; spectra left and right."}`);
  }
}
