/** What the reader has set: where the page begins, its length, montage, filters, sensitivity, paper. Knows no page and no canvas. */

import { PAGE_LENGTHS } from "./scales.js";

/** @typedef {{onset_s: number, duration_s: number, text: string}} Annotation */
/**
 * @typedef {object} Event
 * @property {string} id @property {number|null} number Null for one that the reader added. @property {number} onset_s @property {number} duration_s
 * @property {number|null} [reader_onset_s] @property {number|null} [reader_duration_s] Where the reader has moved the edges.
 * @property {"open"|"accepted"|"modified"|"rejected"|"unsure"|"added"} state @property {string} state_words
 * @property {string} score_words @property {number|null} [score] @property {string} title @property {string[]} lines @property {boolean} own
 * @property {boolean} [unlabelled] A window that may hold an alert or none.
 */
/**
 * What Python sends, see `eeg_viewer` in `face.py`.
 * @typedef {object} Data
 * @property {string} study @property {string} token @property {boolean} blind @property {string} pseudonym
 * @property {boolean} synthetic @property {import("./pages.js").Recording} recording
 * @property {import("./montage.js").Montage[]} montages @property {Annotation[]} annotations
 * @property {{digest: string, on?: number, off?: number, min_duration_s?: number, merge_gap_s?: number, calibrated: boolean,
 *   imported?: boolean}|null} prediction
 * @property {Event[]} events @property {string|null} selected @property {string} [summary] What Y copies.
 * @property {{page_s: number, uv_per_mm: number, low_hz: number, high_hz: number, notch: number|string}} defaults
 * @property {{study: string, token: string, digest: string}|null} [next]
 * @property {Record<string, number>} [echo]
 * @property {boolean} [activity] Whether seconds at work are counted.
 * @property {(Range & {digest: string})|null} [draft] The stretch that was dragged before a reload, taken over once.
 * @property {string} [heading] Of the list, where windows without labels are judged.
 * @property {Record<string, any>|null} [view] A recorded view, taken over once. @property {number} [replay] Row that is replayed: nothing is told to Python.
 */
/** A stretch dragged by the reader. @typedef {{onset_s: number, duration_s: number, event?: string}} Range */

/** Where in the page an onset comes to stand. */
export const ONSET_SHARE = 1 / 3;

/** @param {{onset_s: number}} event @param {number} pageS @returns {number} Where the page begins; below 0 near the start. */
export const startForOnset = ({ onset_s }, pageS) => onset_s - ONSET_SHARE * pageS;

/** @param {{onset_s: number, duration_s: number}} event @param {number} pageS */
export const startForEnd = ({ onset_s, duration_s }, pageS) => onset_s + duration_s - (1 - ONSET_SHARE) * pageS;

/**
 * Where the page begins after turning: not before the start, and not on past a page that holds the end.
 * @param {number} start @param {number} bySeconds @param {number} pageS @param {number} durationS
 */
export function turned(start, bySeconds, pageS, durationS) {
  if (bySeconds > 0) return start + pageS >= durationS ? start : Math.max(0, start + bySeconds);
  return Math.max(Math.min(0, start), start + bySeconds);
}

/** @param {number} start @param {number} pageS @param {number} durationS @returns {number} Within the recording. */
export const within = (start, pageS, durationS) => Math.max(0, Math.min(start, durationS - pageS));

/** The edges of an event as they now stand: dragged just now, else the reader's, else the model's. @param {Event} event @param {Range|null} range @returns {{onset_s: number, duration_s: number}} */
export function edgesOf(event, range) {
  if (range?.event === event.id) return { onset_s: range.onset_s, duration_s: range.duration_s };
  return { onset_s: event.reader_onset_s ?? event.onset_s, duration_s: event.reader_duration_s ?? event.duration_s };
}

/** The event after or before the selected one in time; at the ends it stays. @param {Event[]} events @param {string|null} id @param {number} by @returns {Event|undefined} */
export function eventBeside(events, id, by) {
  const sorted = [...events].sort((a, b) => a.onset_s - b.onset_s);
  const at = sorted.findIndex((event) => event.id === id);
  return sorted[at < 0 ? (by > 0 ? 0 : sorted.length - 1) : Math.min(sorted.length - 1, Math.max(0, at + by))];
}

/** The reader's settings for one recording. Montage, page, filters and paper outlive it. */
export class ViewState {
  /** @param {Data} data @param {Partial<ViewState>} [habits] Settings of the recording before. */
  constructor(data, habits = {}) {
    const { defaults } = data;
    this.start = 0;
    /** @type {number} */
    this.pageS = habits.pageS ?? (PAGE_LENGTHS.includes(defaults.page_s) ? defaults.page_s : 10);
    /** @type {number} */
    this.uvPerMm = habits.uvPerMm ?? defaults.uv_per_mm;
    /** @type {import("./filters.js").Cuts} */
    this.cuts = { ...(habits.cuts ?? { low: defaults.low_hz, high: defaults.high_hz, notch: Number(defaults.notch) || 0 }) };
    /** @type {string} */
    this.montageName = habits.montageName ?? "";
    /** @type {string} */
    this.paper = habits.paper ?? "light";
    this.hidden = false;
    /** @type {Range|null} */
    this.range = null;
  }

  /** @param {import("./montage.js").Montage[]} montages @returns {import("./montage.js").Montage|undefined} The chosen one, else the first that has rows. */
  montageOf(montages) {
    return montages.find(({ name, rows }) => name === this.montageName && rows.length) ?? montages.find(({ rows }) => rows.length);
  }

  /** Keeps the page's middle or the given time in its place. @param {number} pageS @param {number} durationS @param {number|null} onset Kept one third into the page where it is on it. */
  setPage(pageS, durationS, onset) {
    const isShown = onset !== null && onset >= this.start && onset < this.start + this.pageS;
    const start = isShown ? startForOnset({ onset_s: onset }, pageS) : within(this.start, pageS, durationS);
    this.pageS = pageS;
    this.start = start;
  }

  /** @param {string} montage @returns {Record<string, unknown>} The view as it is recorded. */
  record(montage) {
    const { start, pageS, uvPerMm, cuts, paper, hidden } = this;
    return {
      start_s: Math.round(start * 1e6) / 1e6 + 0, page_s: pageS, montage, uv_per_mm: uvPerMm,
      low_hz: cuts.low, high_hz: cuts.high, notch_hz: cuts.notch, paper, marks: !hidden,
    };
  }

  /** Takes over a view as `record` wrote it; what is missing stays as it is. @param {Record<string, any>} view */
  restore(view) {
    const given = (value, otherwise) => (Number.isFinite(value) ? value : otherwise);
    this.start = given(view.start_s, this.start);
    if (view.page_s > 0) this.pageS = given(view.page_s, this.pageS);
    if (view.uv_per_mm > 0) this.uvPerMm = given(view.uv_per_mm, this.uvPerMm);
    const { low, high, notch } = this.cuts;
    this.cuts = { low: given(view.low_hz, low), high: given(view.high_hz, high), notch: given(view.notch_hz, notch) };
    if (typeof view.montage === "string") this.montageName = view.montage;
    if (view.paper === "light" || view.paper === "dark") this.paper = view.paper;
    this.hidden = view.marks === false;
  }
}
