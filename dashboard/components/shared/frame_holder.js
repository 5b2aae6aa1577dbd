/** Holds one array that comes from a model, with its header, for as long as it is asked for; never two, and never a late one. */

import { fetchBytes, RouteError } from "./fetching.js";
import { unframe } from "./frames.js";

/** @typedef {{header: any, bytes: Uint8Array}} Frame */

export class FrameHolder {
  /** @param {(frame: Frame) => void} arrived @param {(error: RouteError) => void} failed */
  constructor(arrived, failed) {
    this.arrived = arrived;
    this.failed = failed;
    /** @type {Frame|null} */
    this.frame = null;
    this.path = "";
    this.abort = new AbortController();
  }

  /**
   * Drops what was there and fetches another; the same address changes nothing.
   * @param {string} path '' for none.
   * @param {string} [token]
   * @param {number} [voxels] Of the grid: another number is refused.
   */
  show(path, token = "", voxels = 0) {
    if (path === this.path) return;
    this.abort.abort();
    this.abort = new AbortController();
    this.frame = null;
    this.path = path;
    if (path) void this.fetch(path, token, voxels, this.abort.signal);
  }

  async fetch(path, token, voxels, signal) {
    try {
      const sent = await fetchBytes(path, token, signal);
      if (signal.aborted) return;
      const { header, at } = unframe(sent);
      const bytes = new Uint8Array(sent, at);
      if (bytes.length !== voxels) throw new RangeError(`${bytes.length} of ${voxels} voxels.`);
      this.frame = { header, bytes };
      this.arrived(this.frame);
    } catch (error) {
      if (signal.aborted) return;
      this.failed(error instanceof RouteError ? error : new RouteError(0, {
        code: "bad_mask", what: "The voxels arrived damaged.", why: String(error.message) }));
    }
  }
}
