/** Tells Python what was on screen: only when the reader pauses or is about to act, since each report reruns the page. */

/** Milliseconds of rest before a report goes: scrolling reruns nothing. */
const REST_MS = 1000;
/** Milliseconds after the first picture, or a finding first shown: a verdict may follow at once. */
const SOON_MS = 150;

/** Collects for one study which slices and findings were drawn. */
export class Reports {
  /** @param {(report: object) => void} send @param {() => Record<string, unknown>} context Study, finding on screen and view at the moment of sending. */
  constructor(send, context) {
    this.send = send;
    this.context = context;
    this.sent = "";
    this.timer = 0;
    this.begin();
  }

  /** Forgets everything: another study begins. */
  begin() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.urgent = true;
    /** Slices of the acquisition plane drawn, by series. @type {Map<string, Uint8Array>} */
    this.slices = new Map();
    /** Findings whose centre's slice was on screen with its outline. @type {Set<string>} */
    this.shown = new Set();
  }

  /**
   * @param {import("../mri_picture/volumes.js").Series} series @param {number} slice
   * @returns {boolean} Whether it had not been drawn before.
   */
  drewSlice({ digest, shape, through }, slice) {
    if (!this.slices.has(digest)) this.slices.set(digest, new Uint8Array(shape[through]));
    const drawn = this.slices.get(digest);
    const isNew = !drawn[slice];
    drawn[slice] = 1;
    return isNew;
  }

  /** @param {string} digest @returns {number} Share of the slices of a series drawn, 0 to 1. */
  share(digest) {
    const drawn = this.slices.get(digest);
    return drawn ? drawn.reduce((sum, one) => sum + one, 0) / drawn.length : 0;
  }

  /** @param {string} finding @returns {boolean} Whether it had not been shown before. */
  showed(finding) {
    if (this.shown.has(finding)) return false;
    this.shown.add(finding);
    this.urgent = true;
    return true;
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
    if (!this.slices.size) return;
    this.urgent = false;
    const digests = [...this.slices.keys()].sort();
    const displayed = Object.fromEntries(digests.map((digest) => [digest, Math.floor(this.share(digest) * 1000) / 1000]));
    const report = { ...this.context(), drawn: digests, displayed, shown: [...this.shown].sort() };
    const text = JSON.stringify(report);
    if (text === this.sent) return;
    this.sent = text;
    this.send(report);
  }

  /** Stops without sending. */
  close() {
    clearTimeout(this.timer);
  }
}
