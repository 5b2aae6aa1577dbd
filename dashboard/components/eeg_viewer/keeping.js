/** Keeps the stretch that a reader drags on the server until a row holds it, and brings it back after a reload. */

import { dropDraft, getDraft, putDraft } from "../shared/drafts.js";
import { isRecorded, setRange } from "./ranges.js";
import { select } from "./selecting.js";
import { startForOnset } from "../eeg_paper/state.js";

/** Name of the draft, one a recording and reader. */
const NAME = "interval";
/** Milliseconds from a failure to the next try. */
const AGAIN_MS = 3000;

/** @typedef {{study: string, base: string, range: import("../eeg_paper/state.js").Range|null}} Wanted */
/** @typedef {import("./features.js").Feature} Feature */

/** @implements {Feature} */
export class Keeping {
  /** @param {import("./viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** The last word on each recording that the server does not yet have. @type {Map<string, Wanted>} */
    this.wanted = new Map();
    /** What the server has, by study. @type {Map<string, string>} */
    this.digests = new Map();
    /** Permissions by study: the newest. @type {Map<string, string>} */
    this.tokens = new Map();
    this.timer = 0;
    this.busy = false;
    this.failed = false;
    this.closed = false;
  }

  /** The server has all that was dragged. */
  get whole() {
    return !this.busy && !this.wanted.size;
  }

  /** @param {import("../eeg_paper/state.js").Data} data @param {boolean} isOther */
  show(data, isOther) {
    this.tokens.set(data.study, data.token);
    if (!isOther || data.replay || data.heading) return;
    const { draft } = data;
    if (!draft) return;
    this.digests.set(data.study, draft.digest);
    setTimeout(() => this.bringBack(data.study, draft), 0);
  }

  /** @param {string} study @param {import("../eeg_paper/state.js").Range & {digest: string}} draft */
  bringBack(study, { digest: _, ...range }) {
    const { viewer } = this;
    if (viewer.data?.study !== study || viewer.state.range) return;
    const isOfNoEvent = range.event && !viewer.data.events.some(({ id }) => id === range.event);
    if (isOfNoEvent || isRecorded(range, viewer.data.events)) return this.keep(null);
    if (range.event) select(viewer, range.event);
    viewer.goTo(startForOnset(range, viewer.state.pageS));
    setRange(viewer, range);
    viewer.say("The stretch that you had dragged is here again; Escape drops it.");
  }

  /** What is dragged now; null where nothing. @param {import("../eeg_paper/state.js").Range|null} range */
  keep(range) {
    const { data, prediction } = this.viewer;
    if (data.replay || data.heading) return;
    if (!range && !this.digests.has(data.study) && !this.wanted.has(data.study) && !this.busy) return;
    this.wanted.set(data.study, { study: data.study, base: prediction, range });
    this.flush();
  }

  /** Sends what the server does not have, one request at a time; what fails is tried again. */
  async flush() {
    const next = this.wanted.values().next().value;
    if (this.busy || !next) return;
    this.busy = true;
    this.wanted.delete(next.study);
    try {
      await this.send(next);
      this.failed = false;
    } catch (error) {
      const isForGood = error.status >= 400 && error.status < 500 && error.code !== "token_refused";
      if (!this.wanted.has(next.study) && !isForGood) this.wanted.set(next.study, next);
      if (!this.failed && !this.closed) this.viewer.say("The dragged stretch is kept in this window only: the server did not take it. Trying again.");
      this.failed = true;
    }
    this.busy = false;
    clearTimeout(this.timer);
    if (this.wanted.size && !(this.closed && this.failed)) this.timer = window.setTimeout(() => this.flush(), this.failed ? AGAIN_MS : 0);
  }

  /** @param {Wanted} wanted */
  async send({ study, base, range }) {
    const token = this.tokens.get(study) ?? "";
    const over = this.digests.get(study) ?? "";
    if (!range) {
      if (over) await dropDraft(study, NAME, token, over);
      this.digests.delete(study);
      return;
    }
    const bytes = new TextEncoder().encode(JSON.stringify(range));
    try {
      this.digests.set(study, (await putDraft(study, NAME, token, bytes, base, over)).digest);
    } catch (error) {
      if (error.code !== "stale_page") throw error;
      const there = await getDraft(study, NAME, token); // Another window's: what was dragged last stands.
      this.digests.set(study, (await putDraft(study, NAME, token, bytes, base, there.digest)).digest);
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.flush();
  }
}
