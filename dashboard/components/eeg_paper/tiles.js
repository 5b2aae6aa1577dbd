/** Fetches the signal in stretches of 30 s, the most urgent first, and keeps the last ones. */

import { fetchBytes, RouteError } from "../shared/fetching.js";
import { readPage } from "./wire.js";

/** Seconds of a stretch. */
export const TILE_S = 30;
const AT_ONCE = 4;
const LIMIT_BYTES = 96 * 1024 * 1024;

/** @typedef {import("./wire.js").SignalPage} SignalPage */
/** @typedef {{digest: string, token: string, tile: number, duration: number}} Wanted */

/**
 * The stretches that cover a time, by number.
 * @param {number} from @param {number} to @param {number} duration Of the recording; all in seconds.
 * @returns {number[]}
 */
export function tilesOf(from, to, duration) {
  const first = Math.max(0, Math.floor(from / TILE_S));
  const last = Math.min(Math.ceil(duration / TILE_S), Math.ceil(to / TILE_S)) - 1;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
}

/** @param {string} digest @param {number} tile */
const keyOf = (digest, tile) => `${digest} ${tile}`;

/** Keeps stretches by recording and number; the least recently used go first. */
export class TileCache {
  /** @param {number} [limit] Bytes. */
  constructor(limit = LIMIT_BYTES) {
    this.limit = limit;
    this.bytes = 0;
    /** @type {Map<string, SignalPage>} */
    this.tiles = new Map();
  }

  /** @param {string} digest @param {number} tile */
  has(digest, tile) {
    return this.tiles.has(keyOf(digest, tile));
  }

  /** @param {string} digest @param {number[]} numbers @returns {SignalPage[]|null} Null unless all are there. */
  all(digest, numbers) {
    const keys = numbers.map((tile) => keyOf(digest, tile));
    if (!keys.every((key) => this.tiles.has(key))) return null;
    return keys.map((key) => {
      const page = this.tiles.get(key);
      this.tiles.delete(key);
      this.tiles.set(key, page);
      return page;
    });
  }

  /** @param {string} digest @param {number} tile @param {SignalPage} page */
  put(digest, tile, page) {
    const key = keyOf(digest, tile);
    this.bytes += page.stored.byteLength - (this.tiles.get(key)?.stored.byteLength ?? 0);
    this.tiles.delete(key);
    this.tiles.set(key, page);
    for (const [oldest, { stored }] of this.tiles) {
      if (this.bytes <= this.limit || oldest === key) return;
      this.tiles.delete(oldest);
      this.bytes -= stored.byteLength;
    }
  }
}

/** Loads what is wanted into a cache; what is no longer wanted is not begun, and what it brings belongs to its own recording. */
export class TileLoader {
  /**
   * @param {TileCache} cache @param {(digest: string) => void} arrived
   * @param {(digest: string, error: import("../shared/fetching.js").RouteError) => void} failed
   */
  constructor(cache, arrived, failed) {
    this.cache = cache;
    this.arrived = arrived;
    this.failed = failed;
    /** @type {Wanted[]} */
    this.queue = [];
    /** @type {Map<string, AbortController>} */
    this.running = new Map();
    /** Stretches that were refused; asked again when the reader comes back to them. @type {Set<string>} */
    this.refused = new Set();
  }

  /** @param {Wanted[]} wanted The most urgent first. */
  want(wanted) {
    const keys = new Set(wanted.map(({ digest, tile }) => keyOf(digest, tile)));
    for (const [key, stop] of this.running) {
      if (keys.has(key)) continue;
      stop.abort();
      this.running.delete(key);
    }
    this.queue = wanted;
    this.next();
  }

  /** Lets what was refused be asked for again. */
  forgive() {
    this.refused.clear();
  }

  next() {
    while (this.running.size < AT_ONCE) {
      const one = this.queue.shift();
      if (!one) return;
      const key = keyOf(one.digest, one.tile);
      if (!this.cache.has(one.digest, one.tile) && !this.running.has(key) && !this.refused.has(key)) this.load(one, key);
    }
  }

  /** @param {Wanted} one @param {string} key */
  async load({ digest, token, tile, duration }, key) {
    const stop = new AbortController();
    this.running.set(key, stop);
    const to = Math.min((tile + 1) * TILE_S, duration);
    try {
      const bytes = await fetchBytes(`/api/signal/${digest}/page?start=${tile * TILE_S}&stop=${to}`, token, stop.signal);
      if (stop.signal.aborted) return;
      this.cache.put(digest, tile, readPage(bytes));
      this.running.delete(key);
      this.arrived(digest);
    } catch (error) {
      if (stop.signal.aborted) return;
      this.running.delete(key);
      this.refused.add(key);
      this.failed(digest, error instanceof RouteError ? error : new RouteError(0, { what: "The signal that came could not be read." }));
    }
    this.next();
  }
}
