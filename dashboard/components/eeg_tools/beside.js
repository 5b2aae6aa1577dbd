/** A second paper in step with the first: the same page unfiltered below it, or the last accepted seizure beside it. */

import { element } from "../shared/elements.js";
import { drawPaper } from "../eeg_paper/paper.js";
import { fitted } from "../eeg_paper/palette.js";
import { edgesOf, startForOnset } from "../eeg_paper/state.js";

const STANDS = new Set(["accepted", "modified", "added"]);
/** No filter at all. */
const RAW = { low: 0, high: 0, notch: 0 };

/**
 * The event to pin: the one that was let stand last in this tab, else the last in time.
 * @param {import("../eeg_paper/state.js").Event[]} before @param {import("../eeg_paper/state.js").Event[]} now @param {string} kept Pinned until now.
 * @returns {string} '' where none stands.
 */
export function pinnedOf(before, now, kept) {
  const standing = now.filter(({ state }) => STANDS.has(state));
  const stood = new Set(before.filter(({ state }) => STANDS.has(state)).map(({ id }) => id));
  const newest = before.length ? standing.find(({ id }) => !stood.has(id)) : undefined;
  if (newest) return newest.id;
  if (standing.some(({ id }) => id === kept)) return kept;
  return standing.sort((a, b) => a.onset_s - b.onset_s).at(-1)?.id ?? "";
}

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature */

/** @implements {Feature} */
export class Beside {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.canvas = /** @type {HTMLCanvasElement} */ (element("canvas", { class: "eeg-second", role: "img", hidden: true }));
    viewer.papers.append(this.canvas);
    viewer.sizes.observe(this.canvas);
    /** @type {""|"raw"|"pin"} */
    this.mode = "";
    this.pinned = "";
    /** @type {import("../eeg_paper/state.js").Event[]} */
    this.events = [];
  }

  get buttons() {
    return [
      { words: "raw", title: "The same page without filters, below (E)", pressed: this.mode === "raw", press: () => this.turn("raw") },
      { words: "pin", title: "The last accepted seizure beside this page (P)", pressed: this.mode === "pin", press: () => this.turn("pin") },
    ];
  }

  /** @param {import("../eeg_paper/state.js").Data} data @param {boolean} isOther */
  show(data, isOther) {
    if (isOther) {
      this.pinned = "";
      this.events = [];
      if (this.mode === "pin") this.set("");
    }
    this.pinned = data.blind ? "" : pinnedOf(this.events, data.events, this.pinned);
    this.events = data.events;
    if (this.mode === "pin" && !this.pinned) this.set("");
  }

  /** @param {"raw"|"pin"} mode */
  turn(mode) {
    if (mode === "pin" && !this.pinned) return this.viewer.say("No event of this recording has been accepted yet.");
    this.set(this.mode === mode ? "" : mode);
    this.viewer.set({});
  }

  /** @param {""|"raw"|"pin"} mode */
  set(mode) {
    this.mode = mode;
    this.canvas.hidden = !mode;
    this.viewer.papers.dataset.second = mode;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return false;
    const mode = { e: /** @type {const} */ ("raw"), p: /** @type {const} */ ("pin") }[event.key.toLowerCase()];
    if (mode) this.turn(mode);
    return Boolean(mode);
  }

  /** What it shows, as a request for a page; null where nothing. @returns {import("../eeg_paper/pages.js").Request|null} */
  request() {
    const first = this.mode ? this.viewer.request() : null;
    if (!first) return null;
    if (this.mode === "raw") return { ...first, cuts: RAW };
    const event = this.events.find(({ id }) => id === this.pinned);
    return event ? { ...first, start: startForOnset(edgesOf(event, null), first.span) } : null;
  }

  requests() {
    const one = this.request();
    return one ? [one] : [];
  }

  /** Draws once the first paper has been drawn. @param {import("../eeg_paper/palette.js").Palette} colours */
  after(colours) {
    const request = this.request();
    if (!request || !this.canvas.clientWidth) return;
    const { viewer } = this;
    const page = viewer.maker.page(request);
    const { context, width, height } = fitted(this.canvas);
    const state = Object.assign(Object.create(Object.getPrototypeOf(viewer.state)), viewer.state, { start: request.start, range: null });
    const event = this.events.find(({ id }) => id === this.pinned);
    drawPaper(context, width, height, {
      data: viewer.data, state, page, message: page ? "" : "Loading the signal", montage: request.montage,
      selected: this.mode === "pin" ? this.pinned : viewer.selection.id, apart: viewer.apart, features: [],
    }, colours);
    const words = this.mode === "raw" ? "NOT FILTERED" : `PINNED: ${event?.number ?? "+"}, ${event?.state_words ?? ""}`;
    context.font = "700 12px Inter, system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "top";
    const across = context.measureText(words).width;
    context.fillStyle = colours["eeg-paper"];
    context.fillRect(width - across - 26, 20, across + 10, 18);
    context.fillStyle = colours["eeg-words"];
    context.fillText(words, width - 20, 23);
    this.canvas.dataset.drawn = page ? `${this.mode} ${request.recording.digest} ${request.start.toFixed(3)} ${request.span}` : "";
    this.canvas.setAttribute("aria-label", words);
  }

  /** The view says what stood beside it. */
  record() {
    return this.mode ? { beside: this.mode, ...(this.mode === "pin" ? { pinned: this.pinned } : {}) } : {};
  }

  close() {
    this.canvas.remove();
  }
}
