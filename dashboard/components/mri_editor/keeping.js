/** Keeps a drawing on the server while it is made: a moment after each change, one request at a time, tried again until it is kept. */

import { framed } from "./frame.js";
import { putDraft } from "../shared/drafts.js";

/** Milliseconds from a change to its keeping, and from a failure to the next try. */
const SOON_MS = 1500;
const AGAIN_MS = 4000;

export class Keeping {
  /**
   * @param {object} about
   * @param {string} about.study @param {string} about.finding A number, an own finding's id, or `new`.
   * @param {() => string} about.token @param {string} about.base Digest of what the drawing was begun on.
   * @param {string} about.digest Of the draft that is there; '' for none.
   * @param {() => import("./frame.js").Drawing} about.drawing What is on screen now.
   * @param {() => void} about.changed Kept, or refused.
   */
  constructor({ study, finding, token, base, digest, drawing, changed }) {
    this.study = study;
    this.finding = finding;
    this.token = token;
    this.base = base;
    this.digest = digest;
    this.drawing = drawing;
    this.changed = changed;
    /** What the server has was on screen after this many changes. */
    this.kept = 0;
    this.count = 0;
    this.timer = 0;
    this.busy = false;
    /** @type {import("../shared/fetching.js").RouteError|null} */
    this.error = null;
    this.closed = false;
  }

  /** The server has all that is on screen. */
  get whole() {
    return this.kept === this.count && !this.error;
  }

  /** Another window has kept another draft: nothing is sent until the reader has chosen. */
  get isConflict() {
    return this.error?.code === "stale_page";
  }

  /** The drawing has changed. */
  touch() {
    this.count += 1;
    if (!this.timer && !this.busy && !this.isConflict) this.timer = window.setTimeout(() => this.flush(), SOON_MS);
  }

  /** Sends now what is not yet kept. @returns {Promise<void>} */
  async flush() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.busy || this.kept === this.count || this.isConflict) return;
    this.busy = true;
    const { count } = this;
    const drawing = this.drawing();
    try {
      const { finding, digest } = await putDraft(this.study, this.finding, this.token(), await framed(drawing), this.base, this.digest);
      Object.assign(this, { finding, digest, kept: count, error: null });
    } catch (error) {
      this.error = error;
    }
    this.busy = false;
    if (this.kept !== this.count && !this.isConflict) {
      if (!this.error) return this.flush();
      if (!this.closed) this.timer = window.setTimeout(() => this.flush(), AGAIN_MS);
    }
    this.changed();
  }

  /** Goes on over another window's draft. @param {string} digest Of that one. */
  over(digest) {
    this.digest = digest;
    this.error = null;
    this.count += 1;
    return this.flush();
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.timer = 0;
  }
}
