/** What can be done to the outline of one finding: only its own voxels and free ones are touched, another finding's never. */

import { slicesBetween } from "./between.js";
import { grown, holeAt, holesOf, pieces } from "./growing.js";
import { drawable, erasedBits, paintedBits } from "./regions.js";
import { boxOf, eachOf, indexOf } from "./sheet.js";

/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** @typedef {import("./sheet.js").Box} Box */

/** Numbers of what is split off, and of a new finding: beyond any recorded one's. */
export const FIRST_NEW = 65000;
/** Numbers from here on are none of a model's. */
const FIRST_OWN = 60000;

export class Drawing {
  /**
   * @param {import("./sheet.js").Sheet} sheet
   * @param {number} number The finding's on the sheet.
   * @param {import("./regions.js").Region[]} regions
   */
  constructor(sheet, number, regions) {
    this.sheet = sheet;
    this.number = number;
    this.regions = regions;
    this.region = drawable(regions)[0].name;
    /** The finding's number, then those split off it. */
    this.numbers = [number];
    /** Holds all voxels of these numbers, and perhaps more. @type {Box|null} */
    this.box = boxOf(sheet.lesions, sheet.shape, (of) => of === number);
  }

  set region(name) {
    this.name = name;
    this.paints = paintedBits(this.regions, name);
    this.erases = erasedBits(this.regions, name);
    this.own = 1 << drawable(this.regions).find((region) => region.name === name).bit;
  }

  get region() {
    return this.name;
  }

  /** @param {number} at */
  reach(at) {
    const index = indexOf(at, this.sheet.shape);
    if (!this.box) this.box = /** @type {Box} */ (index.map((value) => [value, value + 1]));
    this.box.forEach((bounds, axis) => {
      bounds[0] = Math.min(bounds[0], index[axis]);
      bounds[1] = Math.max(bounds[1], index[axis] + 1);
    });
  }

  /** @param {number} at @returns {boolean} The region, of this finding. */
  inside(at) {
    return this.sheet.lesions[at] === this.number && (this.sheet.bits[at] & this.own) !== 0;
  }

  /** Another finding's voxels stay its own. @param {number} at */
  paint(at) {
    const { sheet, number } = this;
    const of = sheet.lesions[at];
    const bits = sheet.bits[at] | this.paints;
    if ((of !== 0 && of !== number) || (of === number && bits === sheet.bits[at])) return;
    sheet.set(at, bits, number);
    this.reach(at);
  }

  /** @param {number} at */
  erase(at) {
    const { sheet, number } = this;
    if (sheet.lesions[at] === number) sheet.set(at, sheet.bits[at] & ~this.erases, number);
  }

  /** @param {number} [of] @returns {number[]} */
  voxels(of = this.number) {
    const found = [];
    if (this.box) eachOf(this.box, this.sheet.shape, (at) => this.sheet.lesions[at] === of && found.push(at));
    return found;
  }

  get volume() {
    return this.voxels().length;
  }

  /** All of the region goes, and what lies within it. */
  clear() {
    for (const at of this.voxels()) this.erase(at);
    return this.sheet.end();
  }

  /** @param {0|1|2} normal @param {[number, number]} slices First and end. */
  fillHoles(normal, slices) {
    if (!this.box) return false;
    const holes = holesOf(this.box, this.sheet.shape, (at) => this.inside(at), normal, slices);
    for (const at of holes) this.paint(at);
    return this.sheet.end();
  }

  /** Fills the closed hole around a voxel. @returns {boolean|null} Null where it is open. */
  fillAt(seed, normal) {
    const hole = this.box && holeAt(seed, this.sheet.shape, (at) => this.inside(at), normal, this.box);
    if (!hole) return null;
    for (const at of hole) this.paint(at);
    return this.sheet.end();
  }

  /**
   * Grows from a seed; another finding's voxels bar the way.
   * @param {number} seed @param {(at: number) => boolean} belongs @param {0|1|2|null} normal
   * @returns {boolean|null} Null where it would run away.
   */
  growAt(seed, belongs, normal) {
    const { lesions } = this.sheet;
    const free = (at) => (lesions[at] === 0 || lesions[at] === this.number) && belongs(at);
    const found = grown(seed, this.sheet.shape, free, normal);
    if (!found) return null;
    for (const at of found) this.paint(at);
    return this.sheet.end();
  }

  /** Takes a finding over, all of it. @param {number} of On the sheet. @param {number|null} number Of the model's finding, to be told. */
  merge(of, number) {
    const { sheet } = this;
    const box = boxOf(sheet.lesions, sheet.shape, (value) => value === of);
    if (!box) return false;
    eachOf(box, sheet.shape, (at) => {
      if (sheet.lesions[at] !== of) return;
      sheet.set(at, sheet.bits[at], this.number);
      this.reach(at);
    });
    return sheet.end(number === null ? undefined : [number]);
  }

  /** A number for what is split off. */
  next() {
    const number = Math.max(this.number >= FIRST_OWN ? 0 : FIRST_NEW, ...this.numbers) + 1;
    this.numbers.push(number);
    return number;
  }

  /** What does not hang together with the largest piece becomes findings of their own. @returns {number} How many. */
  split() {
    const [, ...rest] = pieces(this.voxels(), this.sheet.shape);
    for (const piece of rest) {
      const number = this.next();
      for (const at of piece) this.sheet.set(at, this.sheet.bits[at], number);
    }
    this.sheet.end();
    return rest.length;
  }

  /** What lies on one side becomes a finding of its own. @param {(index: Point) => boolean} isBeyond @returns {boolean} False where one side is empty. */
  cut(isBeyond) {
    const all = this.voxels();
    const beyond = all.filter((at) => isBeyond(indexOf(at, this.sheet.shape)));
    if (!beyond.length || beyond.length === all.length) return false;
    const number = this.next();
    for (const at of beyond) this.sheet.set(at, this.sheet.bits[at], number);
    return this.sheet.end();
  }

  /**
   * Draws the slices between those that were drawn on; where fewer than two were, the empty ones between those that hold the region.
   * @param {0|1|2} normal @param {Point} spacing @param {number} from How many changes there were when the drawing began.
   */
  between(normal, spacing, from) {
    if (!this.box) return false;
    const { shape } = this.sheet;
    const drawnOn = new Set();
    for (const { at } of this.sheet.done.slice(from)) for (const voxel of at) drawnOn.add(indexOf(voxel, shape)[normal]);
    const [u, v] = [0, 1, 2].filter((axis) => axis !== normal);
    const [width, height] = [this.box[u][1] - this.box[u][0], this.box[v][1] - this.box[v][0]];
    const strides = [1, shape[0], shape[0] * shape[1]];
    const place = (n, slice) => (this.box[u][0] + (n % width)) * strides[u] + (this.box[v][0] + Math.floor(n / width)) * strides[v] + slice * strides[normal];
    const sliceOf = (slice) => Uint8Array.from({ length: width * height }, (_, n) => Number(this.inside(place(n, slice))));
    const filled = [];
    for (let slice = this.box[normal][0]; slice < this.box[normal][1]; slice++) if (sliceOf(slice).includes(1)) filled.push(slice);
    const chosen = filled.filter((slice) => drawnOn.has(slice));
    const keys = chosen.length >= 2 ? chosen : filled;
    keys.slice(1).forEach((last, n) => {
      const first = keys[n];
      const made = slicesBetween(sliceOf(first), sliceOf(last), last - first - 1, width, height, spacing[u], spacing[v]);
      made.forEach((pixels, step) => pixels.forEach((is, pixel) => {
        const at = place(pixel, first + 1 + step);
        if (is) this.paint(at);
        else this.erase(at);
      }));
    });
    return this.sheet.end();
  }

  /** Puts a kept drawing in place of the finding. @param {import("./frame.js").Drawing} kept */
  load({ box, bits, pieces: piece, merged }) {
    const { sheet } = this;
    const most = piece.reduce((high, n) => Math.max(high, n), 0);
    while (this.numbers.length < most) this.next();
    for (const at of this.voxels()) sheet.set(at, 0, 0);
    eachOf(box, sheet.shape, (at, n) => bits[n] && sheet.set(at, bits[n], this.numbers[piece[n] - 1]));
    if (!this.box) this.box = /** @type {Box} */ (box.map((bounds) => [...bounds]));
    this.box.forEach((bounds, axis) => {
      bounds[0] = Math.min(bounds[0], box[axis][0]);
      bounds[1] = Math.max(bounds[1], box[axis][1]);
    });
    return sheet.end(merged);
  }
}
