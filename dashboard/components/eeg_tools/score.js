/** The detector's score of each channel, shaded behind its trace: only where the detector gives one, only once asked for. */

import { element } from "../shared/elements.js";
import { faded, hatch } from "../eeg_paper/palette.js";
import { xOf } from "../eeg_paper/scales.js";

/** @typedef {import("../eeg_paper/wire.js").Risk} Risk */

/** How much of its colour a score of 1 has. */
const DARKEST = 0.42;

/**
 * A channel's scores between two times, a stretch each; `score` is null where the detector did not judge.
 * @param {Risk} risk @param {number} channel @param {number} from @param {number} to Seconds, within the recording.
 * @returns {{from: number, to: number, score: number|null}[]} In order and without a hole.
 */
export function scoresBetween(risk, channel, from, to) {
  const { step_s: step, n } = risk;
  const begins = risk.start_s - step / 2;
  const first = Math.floor((from - begins) / step);
  const last = Math.ceil((to - begins) / step);
  /** @type {{from: number, to: number, score: number|null}[]} */
  const found = [];
  for (let k = first; k < last; k += 1) {
    const stored = k >= 0 && k < n ? risk.channelScores[channel * n + k] : risk.channel_not_judged;
    const score = stored === risk.channel_not_judged ? null : stored * risk.channel_scale;
    const end = Math.min(to, begins + (k + 1) * step);
    const before = found.at(-1);
    if (before && before.score === null && score === null) before.to = end;
    else found.push({ from: Math.max(from, begins + k * step), to: end, score });
  }
  return found.filter((one) => one.to > one.from);
}

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature */

/** @implements {Feature} */
export class Score {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.isOn = false;
    this.words = element("span", {});
    this.bar = element("div", { class: "eeg-bar eeg-score", hidden: true, role: "group", "aria-label": "Detector score per channel" },
      element("span", {}, "Detector score per channel, uncalibrated"), element("span", {}, "0"),
      element("span", { class: "eeg-score-scale", "aria-hidden": "true" }), element("span", {}, "1"),
      element("span", { class: "eeg-score-none", "aria-hidden": "true" }), element("span", {}, "not judged"), this.words);
    this.bars = [this.bar];
  }

  /** What may be shaded: nothing in a blind read, nor before the score has come. @returns {Risk|null} */
  get risk() {
    const { data, risk } = this.viewer;
    return this.isOn && data?.prediction && !data.blind ? risk.held : null;
  }

  get buttons() {
    const { data } = this.viewer;
    if (!data.prediction || data.blind) return [];
    return [{ words: "score", title: "Shade each channel by the detector's score, uncalibrated (W)", pressed: this.isOn, press: () => this.turn() }];
  }

  turn() {
    this.isOn = !this.isOn;
    this.viewer.set({});
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { data } = this.viewer;
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.key.toLowerCase() !== "w") return false;
    if (!data.prediction || data.blind) return false;
    this.turn();
    return true;
  }

  /** Rows of the montage that the detector scored. @param {Risk} risk */
  scored(risk) {
    return (this.viewer.request()?.montage.rows ?? []).filter(({ label }) => risk.channels.includes(label)).length;
  }

  /** @type {NonNullable<Feature["paint"]>} */
  under(context, { time, plot, rows, baselines, spacing, palette, scene }) {
    const { risk } = this;
    if (!risk || scene.state.hidden) return;
    const from = Math.max(0, time.start);
    const to = Math.min(scene.data.recording.duration_s, time.start + time.span);
    const at = new Map(risk.channels.map((label, n) => /** @type {[string, number]} */ ([label, n])));
    rows.forEach(({ label, side }, n) => {
      const channel = side === "apart" ? undefined : at.get(label);
      if (channel === undefined) return;
      const y = baselines[n] - spacing * 0.46;
      for (const one of scoresBetween(risk, channel, from, to)) {
        const x = Math.max(plot.x, xOf(time, one.from));
        const box = { x, y, width: Math.min(plot.x + plot.width, xOf(time, one.to)) - x, height: spacing * 0.92 };
        if (one.score === null) hatch(context, box, faded(palette["eeg-score"], 0.35), 6);
        else {
          context.fillStyle = faded(palette["eeg-score"], one.score * DARKEST);
          context.fillRect(box.x, box.y, box.width, box.height);
        }
      }
    });
  }

  /** The legend keeps in step with what is shaded. */
  after() {
    const { data, risk: source } = this.viewer;
    const isOn = this.isOn && Boolean(data.prediction) && !data.blind;
    const { risk } = this;
    this.bar.hidden = !isOn;
    if (isOn) this.words.textContent = risk ? this.legend(risk) : source.problem || "The score is being loaded.";
  }

  /** @param {Risk} risk */
  legend(risk) {
    if (!risk.channels.length) return "This detector gives one score for all channels: nothing is shaded.";
    const of = this.viewer.request()?.montage.rows.length ?? 0;
    const scored = this.scored(risk);
    const names = `${risk.channels.slice(0, 3).join(", ")}${risk.channels.length > 3 ? " ..." : ""}`;
    if (!scored) return `It judged ${names}: this montage has none of them, so nothing is shaded.`;
    return scored < of ? `${scored} of ${of} rows: it judged no other.` : "";
  }

  said() {
    const { risk } = this;
    return risk?.channels.length && this.scored(risk) ? ["shaded: detector score per channel, 0 clear to 1 dark, uncalibrated, hatched where not judged"] : [];
  }

  /** The view says that it was shaded. */
  record() {
    return this.risk?.channels.length ? { channel_score: true } : {};
  }

  /** @param {Record<string, any>} view */
  restore(view) {
    this.isOn = view.channel_score === true;
  }
}
