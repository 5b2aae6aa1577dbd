/** Makes pages ready to draw: rows of the montage, filtered over the neighbours, cut to what is seen. */

import { filterBetweenGaps, paddingSeconds, possibleCuts, sectionsOf } from "./filters.js";
import { apartRows, decode, derive } from "./montage.js";
import { tilesOf } from "./tiles.js";
import { firstSampleAt } from "./wire.js";

/** @typedef {import("./filters.js").Cuts} Cuts */
/** @typedef {import("./montage.js").Montage} Montage */
/** @typedef {{digest: string, duration_s: number, starts_at: string, channels: {label: string, kind: string, rate_hz: number}[], gaps: {onset_s: number, duration_s: number}[]}} Recording */
/** What a page shows. @typedef {{recording: Recording, montage: Montage, cuts: Cuts, start: number, span: number}} Request */
/**
 * A page ready to draw.
 * @typedef {object} Page
 * @property {number} rate @property {number} first Number of the first sample of each row's signal.
 * @property {{row: import("./montage.js").Row, signal: Float64Array|null}[]} rows Null where a channel has another rate.
 * @property {ReturnType<typeof possibleCuts>} cuts As they are in fact.
 */

const KEPT = 16;

/** Seconds of signal that a page needs, its neighbours included. @param {Request} request @returns {[number, number]} */
export function neededSeconds({ recording, cuts, start, span }) {
  const padding = paddingSeconds(cuts.low);
  return [Math.max(0, start - padding), Math.min(recording.duration_s, start + span + padding)];
}

/** @param {Request} request @returns {number[]} The stretches that it is made of. */
export const neededTiles = (request) => tilesOf(...neededSeconds(request), request.recording.duration_s);

/**
 * @param {Request} request @param {import("./wire.js").SignalPage[]} tiles All that it needs.
 * @returns {Page}
 */
export function makePage(request, tiles) {
  const { recording, montage, start, span } = request;
  const rate = tiles[0]?.rate_hz ?? recording.channels[0]?.rate_hz ?? 1;
  const [from, to] = neededSeconds(request);
  const first = firstSampleAt(from, rate);
  const count = Math.max(0, firstSampleAt(to, rate) - first);
  const indexOf = new Map(recording.channels.map(({ label }, index) => /** @type {[string, number]} */ ([label, index])).reverse());
  const known = new Set(montage.rows.flatMap(({ plus }) => Object.keys(plus)));
  const rows = [...montage.rows, ...apartRows(recording.channels).filter(({ label }) => !known.has(label))];
  const wanted = new Set(rows.flatMap(({ plus }) => Object.keys(plus).map((label) => indexOf.get(label) ?? -1)));
  const signals = decode(tiles, wanted, first, count);
  const cuts = possibleCuts(request.cuts, rate);
  const sections = sectionsOf(cuts, rate);
  const begin = Math.max(0, firstSampleAt(start, rate) - 1 - first);
  const end = Math.min(count, firstSampleAt(start + span, rate) + 1 - first);
  return {
    rate, first: first + begin, cuts,
    rows: rows.map((row) => {
      const raw = derive(row, indexOf, signals, count);
      return { row, signal: raw && filterBetweenGaps(sections, raw).slice(begin, end) };
    }),
  };
}

/** Keeps the last pages made, so that a flip only draws. */
export class PageMaker {
  /** @param {import("./tiles.js").TileCache} cache */
  constructor(cache) {
    this.cache = cache;
    /** @type {Map<string, Page>} */
    this.made = new Map();
  }

  /** @param {Request} request */
  keyOf({ recording, montage, cuts, start, span }) {
    return [recording.digest, montage.name.replaceAll(" ", "_"), cuts.low, cuts.high, cuts.notch, start.toFixed(4), span].join(" ");
  }

  /** @param {Request} request @returns {Page|null} Null until all of its signal has arrived. */
  page(request) {
    const key = this.keyOf(request);
    let page = this.made.get(key);
    if (!page) {
      const tiles = this.cache.all(request.recording.digest, neededTiles(request));
      if (!tiles) return null;
      page = makePage(request, tiles);
    }
    this.made.delete(key);
    this.made.set(key, page);
    if (this.made.size > KEPT) this.made.delete(this.made.keys().next().value);
    return page;
  }
}
