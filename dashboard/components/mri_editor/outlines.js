/** The reader's recorded outlines of a study, fetched by their digests; the sheet that shows them in the model's mask. */

import { fetchBytes, RouteError } from "../shared/fetching.js";
import { unframe } from "../shared/frames.js";
import { boxOf, Sheet } from "./sheet.js";

/** Numbers of the reader's own findings on a sheet: beyond any of a model's. */
const FIRST_OWN = 60000;

/** One outline to be shown. @typedef {{finding: string, number: number, digest: string}} Wanted */

export class Outlines {
  /** @param {() => void} arrived @param {(error: RouteError) => void} failed */
  constructor(arrived, failed) {
    this.arrived = arrived;
    this.failed = failed;
    this.forget();
  }

  /** Forgets all of a study. */
  forget() {
    this.abort?.abort();
    this.abort = new AbortController();
    /** @type {Map<string, {box: import("./sheet.js").Box, bits: Uint8Array}>} */
    this.held = new Map();
    this.asked = new Set();
    /** @type {Wanted[]} */
    this.wanted = [];
    /** @type {Sheet|null} */
    this.sheet = null;
    this.key = "";
    /** How many drawings lie on the sheet that are no rows yet. */
    this.drawnCount = 0;
  }

  /**
   * Which outlines are to be shown now.
   * @param {import("../mri_picture/state.js").Data} data
   */
  want(data) {
    const own = data.own.map((finding, n) => ({ ...finding, component: FIRST_OWN + n }));
    this.wanted = (data.replay ? [] : [...data.findings, ...own]).filter(({ outline }) => outline)
      .map(({ id, component, outline }) => ({ finding: id, number: component, digest: outline }));
    for (const { finding, digest } of this.wanted) {
      if (this.held.has(digest) || this.asked.has(digest)) continue;
      this.asked.add(digest);
      void this.fetch(`/api/outline/${data.prediction?.digest ?? "none"}/${finding}/${digest}`, digest, data.token, this.abort.signal);
    }
  }

  async fetch(path, digest, token, signal) {
    try {
      const sent = await fetchBytes(path, token, signal);
      if (signal.aborted) return;
      const { header, at } = unframe(sent);
      this.held.set(digest, { box: header.box, bits: new Uint8Array(sent, at) });
      this.arrived();
    } catch (error) {
      if (signal.aborted) return;
      this.asked.delete(digest);
      this.failed(error instanceof RouteError ? error : new RouteError(0, { what: "An outline arrived damaged." }));
    }
  }

  /** All that is to be shown is here. */
  get ready() {
    return this.wanted.every(({ digest }) => this.held.has(digest));
  }

  /** @param {string} finding @returns {string} Digest of its recorded outline, '' for none. */
  digestOf(finding) {
    return this.wanted.find((one) => one.finding === finding)?.digest ?? "";
  }

  /** @param {string} finding @returns {number|undefined} Its number on the sheet. */
  numberOf(finding) {
    return this.wanted.find((one) => one.finding === finding)?.number;
  }

  /**
   * The mask with the reader's outlines in it, made anew when any of it is another.
   * @param {import("../mri_picture/geometry.js").Point} shape
   * @param {import("../mri_picture/loader.js").Mask|null} mask
   * @returns {Sheet}
   */
  made(shape, mask) {
    const key = [mask?.digest ?? "none", ...this.wanted.map(({ digest, number }) => `${number}:${digest}`)].join("+");
    if (this.key === key && this.sheet) return this.sheet;
    const sheet = new Sheet(shape, mask, key);
    const box = this.wanted.length ? boxOf(sheet.lesions, shape) : null;
    for (const { number, digest } of this.wanted) sheet.replace(number, this.held.get(digest), box);
    sheet.settle();
    this.sheet = sheet;
    this.key = key;
    return sheet;
  }
}
