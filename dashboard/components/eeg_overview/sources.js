/** Holds what is drawn beside the signal: the detector's score, never kept once it leaves the screen, spectra and trends of the signal. */

import { fetchBytes } from "../shared/fetching.js";
import { readTrends } from "./trends.js";
import { readRisk, readSpectra } from "../eeg_paper/wire.js";

/** @typedef {import("../shared/fetching.js").RouteError} RouteError */

/** Spectra come from the signal alone: the last few are kept for this tab. @type {Map<string, import("../eeg_paper/wire.js").Spectra>} */
const spectraSeen = new Map();
/** So are trends. @type {Map<string, import("./trends.js").Trends>} */
const trendsSeen = new Map();
const KEPT = 4;

/** One fetched thing under one digest; whatever arrives for another is dropped. @template T */
class Holder {
  /**
   * @param {(bytes: ArrayBuffer) => T} read @param {(digest: string) => string} pathOf @param {() => void} changed
   * @param {Map<string, T>} [seen] Where what was fetched may be kept.
   */
  constructor(read, pathOf, changed, seen) {
    this.read = read;
    this.pathOf = pathOf;
    this.changed = changed;
    this.seen = seen;
    this.digest = "";
    this.token = "";
    /** @type {T|null} */
    this.held = null;
    this.problem = "";
    this.stop = new AbortController();
  }

  /** Lets go of what is held at once, and fetches another where there is one. @param {string} digest '' for none. @param {string} token */
  show(digest, token) {
    const isAnswered = !this.problem || token === this.token;
    if (digest === this.digest && isAnswered) return;
    this.token = token;
    this.stop.abort();
    this.stop = new AbortController();
    this.digest = digest;
    this.held = this.seen?.get(digest) ?? null;
    this.problem = "";
    if (digest && !this.held) this.load(digest, token, this.stop.signal);
  }

  /** @param {string} digest @param {string} token @param {AbortSignal} signal */
  async load(digest, token, signal) {
    try {
      const held = this.read(await fetchBytes(this.pathOf(digest), token, signal));
      if (signal.aborted) return;
      this.held = held;
      this.seen?.set(digest, held);
      if (this.seen?.size > KEPT) this.seen.delete(this.seen.keys().next().value);
    } catch (error) {
      if (signal.aborted) return;
      this.problem = `${error.what ?? "What came could not be read."} ${error.whatToDo ?? "Reload the page."}`;
    }
    this.changed();
  }
}

/** The score of one prediction. @param {() => void} changed @returns {Holder<import("../eeg_paper/wire.js").Risk>} */
export const riskHolder = (changed) => new Holder(readRisk, (digest) => `/api/risk/${digest}`, changed);

/** The spectra of one recording. @param {() => void} changed @returns {Holder<import("../eeg_paper/wire.js").Spectra>} */
export const spectraHolder = (changed) => new Holder(readSpectra, (digest) => `/api/signal/${digest}/spectra`, changed, spectraSeen);

/** The trends of one recording: asked for once a strip shows them, since they take a while to compute. @param {() => void} changed @returns {Holder<import("./trends.js").Trends>} */
export const trendsHolder = (changed) => new Holder(readTrends, (digest) => `/api/signal/${digest}/trends`, changed, trendsSeen);
