/** Tells Python what was on screen: only when the reader pauses or is about to act, since each report reruns the page. */

import { intervalsOf, shareDisplayed, union } from "../eeg_paper/intervals.js";

/** Milliseconds of rest before a report goes: flipping pages reruns nothing. */
const REST_MS = 1000;
/** Milliseconds after the first picture, or an onset first shown: a verdict may follow at once. */
const SOON_MS = 150;
/** Milliseconds for which what was displayed outlives the component: a blind read that is committed mounts another. */
const HANDED_ON_MS = 15000;

/** @typedef {import("../eeg_paper/intervals.js").Interval} Interval */

/** @type {{digest: string, displayed: Interval[], at: number}|null} */
let handedOn = null;

/** Collects for one recording what was drawn of it. */
export class Reports {
  /** @param {(report: object) => void} send @param {() => Record<string, unknown>} context Study, event on screen and view at the moment of sending. */
  constructor(send, context) {
    this.send = send;
    this.context = context;
    this.timer = 0;
    this.begin(null);
  }

  /** Forgets everything: another recording begins. @param {import("../eeg_paper/pages.js").Recording|null} recording */
  begin(recording) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.sent = "";
    this.urgent = true;
    this.recording = recording;
    const isSame = handedOn && handedOn.digest === recording?.digest && performance.now() - handedOn.at < HANDED_ON_MS;
    /** Apart from each other, in seconds. @type {Interval[]} */
    this.displayed = isSame ? handedOn.displayed : [];
    /** Events whose onset was on screen over traces. @type {Set<string>} */
    this.shown = new Set();
    this.hasDrawn = false;
  }

  /** Another prediction: none of its events has been shown. */
  forgetShown() {
    this.shown.clear();
    this.urgent = true;
  }

  /**
   * Traces were drawn from a time to a time, with the onsets of events.
   * @param {number} from @param {number} to @param {string[]} events
   */
  drew(from, to, events) {
    this.displayed = union([...this.displayed, [Math.max(0, from), Math.min(this.recording.duration_s, to)]]);
    if (!this.hasDrawn || events.some((id) => !this.shown.has(id))) this.urgent = true;
    this.hasDrawn = true;
    for (const id of events) this.shown.add(id);
    this.later();
  }

  /** Sends after a rest, counted anew from each call; soon where a verdict may follow. */
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), this.urgent ? SOON_MS : REST_MS);
  }

  /** Sends now, unless nothing has changed since the last report. */
  flush() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (!this.hasDrawn) return;
    this.urgent = false;
    const { digest, duration_s, gaps } = this.recording;
    const report = {
      ...this.context(), drawn: digest, displayed: shareDisplayed(this.displayed, duration_s, intervalsOf(gaps)),
      intervals: this.displayed.map((interval) => interval.map((seconds) => Math.round(seconds * 1000) / 1000)),
      shown: [...this.shown].sort(),
    };
    const text = JSON.stringify(report);
    if (text === this.sent) return;
    this.sent = text;
    this.send(report);
  }

  /** Stops without sending, and hands on what was displayed. */
  close() {
    clearTimeout(this.timer);
    if (this.recording) handedOn = { digest: this.recording.digest, displayed: this.displayed, at: performance.now() };
  }
}
