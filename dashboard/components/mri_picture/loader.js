/** Fetches volumes and masks: what is on screen first, then outward, then the other series, then the next study's images. */

import { fetchBytes, fetchJson, RouteError } from "../shared/fetching.js";
import { unframe } from "../shared/frames.js";
import { Volume, VolumeCache } from "./volumes.js";

/** Requests under way at a time: a browser allows six to one server, and Streamlit needs some. */
const PARALLEL = 3;

/**
 * @typedef {object} Wanted
 * @property {import("./volumes.js").Series} series
 * @property {string} token
 * @property {() => number} focus Slice along the through-axis around which to begin.
 */

/** Loads the wanted volumes in order; whatever stops being wanted is aborted, and what comes late is dropped. */
export class Loader {
  /**
   * @param {(volume: Volume) => void} arrived
   * @param {(digest: string, error: RouteError) => void} failed
   * @param {VolumeCache} [cache]
   */
  constructor(arrived, failed, cache = new VolumeCache()) {
    this.arrived = arrived;
    this.failed = failed;
    this.cache = cache;
    /** @type {Wanted[]} */
    this.wanted = [];
    /** @type {Set<{digest: string, abort: AbortController}>} */
    this.underWay = new Set();
    /** Digests that failed, until they are asked for anew. */
    this.broken = new Set();
  }

  /**
   * Sets what is wanted, the most urgent first.
   * @param {Wanted[]} wanted
   * @param {Set<string>} keep Digests that the cache must not give up.
   */
  want(wanted, keep) {
    this.wanted = wanted;
    this.keep = keep;
    const digests = new Set(wanted.map(({ series }) => series.digest));
    for (const request of this.underWay) if (!digests.has(request.digest)) request.abort.abort();
    this.pump();
  }

  /** Tries again what failed. */
  retry() {
    this.broken.clear();
    this.pump();
  }

  /** Starts requests until enough are under way. */
  pump() {
    while (this.underWay.size < PARALLEL) {
      const next = this.next();
      if (!next) return;
      void this.fetch(next);
    }
  }

  next() {
    for (const { series, token, focus } of this.wanted) {
      if (this.broken.has(series.digest)) continue;
      const volume = this.cache.open(series, this.keep);
      if (volume && !volume.here && volume.state.includes(1)) return null; // Nothing may slow down a first slab.
      const slab = volume?.nextSlab(focus());
      if (volume && slab) return { volume, slab, token };
    }
    return null;
  }

  async fetch({ volume, slab, token }) {
    const request = { digest: volume.digest, abort: new AbortController() };
    this.underWay.add(request);
    const axis = "ijk"[volume.through];
    const path = `/api/volume/${volume.digest}/slab/${axis}/${slab.first}-${slab.last}`;
    try {
      const { signal } = request.abort;
      const [bytes, scale] = await Promise.all([
        fetchBytes(path, token, signal), volume.scale ?? fetchJson(`/api/volume/${volume.digest}`, token, signal)]);
      volume.scale = { slope: scale.slope, intercept: scale.intercept, window: scale.window };
      volume.put(slab, bytes);
      this.arrived(volume);
    } catch (error) {
      volume.release(slab);
      if (!request.abort.signal.aborted) {
        this.broken.add(volume.digest);
        this.failed(volume.digest, error instanceof RouteError ? error : new RouteError(0, {
          code: "bad_slab", what: "A picture arrived damaged.", why: String(error.message) }));
      }
    } finally {
      this.underWay.delete(request);
      this.pump();
    }
  }

  /** Aborts everything and forgets the volumes. */
  close() {
    this.want([], new Set());
    this.cache.volumes.clear();
  }
}

/**
 * A prediction's mask: one byte a voxel of the grid's array, bit r for region r, and in two the number of its finding.
 * @typedef {object} Mask
 * @property {string} digest Of the prediction.
 * @property {Uint8Array} bits @property {Uint16Array} lesions Index i + ni * (j + nj * k).
 * @property {number} [revision] Counts changes of the bits, where they change.
 * @property {(axis: 0|1|2, slice: number) => number} [revisionAt] The same for one slice.
 */

/**
 * The whole of an array of which a box was sent, all around it 0. What is not written to takes no memory in a browser.
 * @template {Uint8Array|Uint16Array} Numbers
 * @param {ArrayBuffer} bytes A frame: `box`, first and end along each axis, and `shape`, then the box's numbers, i fastest.
 * @param {{new (length: number): Numbers, BYTES_PER_ELEMENT: number}} Kind
 * @param {number} voxels Of the whole.
 * @returns {Numbers} Index i + ni * (j + nj * k).
 * @throws {RangeError} The numbers are not those of the box, or the whole is another.
 */
export function unboxed(bytes, Kind, voxels) {
  const { header: { box, shape }, at } = unframe(bytes);
  const [ni, nj, nk] = box.map(([first, end]) => end - first);
  const size = Kind.BYTES_PER_ELEMENT;
  if (shape[0] * shape[1] * shape[2] !== voxels || bytes.byteLength - at !== ni * nj * nk * size
    || box.some(([first, end], axis) => first < 0 || end < first || end > shape[axis])) {
    throw new RangeError(`${bytes.byteLength - at} bytes for a box of ${ni} x ${nj} x ${nk} in ${voxels} voxels.`);
  }
  const whole = new Kind(voxels);
  const view = new DataView(bytes, at);
  const read = size === 1 ? (n) => view.getUint8(n) : (n) => view.getUint16(2 * n, true);
  for (let k = 0, n = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      let to = box[0][0] + shape[0] * (box[1][0] + j + shape[1] * (box[2][0] + k));
      for (let i = 0; i < ni; i++, n++, to++) whole[to] = read(n);
    }
  }
  return whole;
}

/** Holds the mask of the prediction on screen, and no other. */
export class MaskHolder {
  /**
   * @param {() => void} arrived @param {(error: RouteError) => void} failed
   * @param {string} [route] Under `/api/`: what the model marked, or what a reader's verdicts leave of it ('judged').
   */
  constructor(arrived, failed, route = "mask") {
    this.arrived = arrived;
    this.failed = failed;
    this.route = route;
    /** @type {Mask|null} */
    this.mask = null;
    this.digest = "";
    this.abort = new AbortController();
  }

  /**
   * Drops what was there and fetches another; the same digest changes nothing.
   * @param {string} digest Of the prediction; '' for none.
   * @param {string} token
   * @param {number} voxels Of the grid's array.
   */
  show(digest, token, voxels) {
    if (digest === this.digest) return;
    this.abort.abort();
    this.abort = new AbortController();
    this.mask = null;
    this.digest = digest;
    if (digest) void this.fetch(digest, token, voxels, this.abort.signal);
  }

  async fetch(digest, token, voxels, signal) {
    try {
      const [marked, numbered] = await Promise.all(["bits", "lesions"].map((part) =>
        fetchBytes(`/api/${this.route}/${digest}/${part}`, token, signal)));
      if (signal.aborted || digest !== this.digest) return;
      this.mask = { digest, bits: unboxed(marked, Uint8Array, voxels), lesions: unboxed(numbered, Uint16Array, voxels) };
      this.arrived();
    } catch (error) {
      if (signal.aborted || digest !== this.digest) return;
      this.failed(error instanceof RouteError ? error : new RouteError(0, {
        code: "bad_mask", what: "The mask arrived damaged.", why: String(error.message) }));
    }
  }
}
