/** The mask as this reader sees it: a model's with the reader's outlines in it, and every change undoable. Knows no page. */

/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** @typedef {[number, number][]} Box First and end along each axis. */
/**
 * Voxels that one deed changed, and what they were and became.
 * @typedef {object} Change
 * @property {Uint32Array} at
 * @property {Uint8Array} bitsBefore @property {Uint8Array} bitsAfter
 * @property {Uint16Array} ofBefore @property {Uint16Array} ofAfter
 * @property {number[]} [merged] Numbers of findings that it took over.
 */

/** The box that holds all that is not 0. @param {Uint8Array|Uint16Array} numbers @param {Point} shape @param {(value: number) => boolean} [wanted] @returns {Box|null} */
export function boxOf(numbers, [ni, nj, nk], wanted = (value) => value !== 0) {
  const low = [ni, nj, nk];
  const high = [0, 0, 0];
  for (let k = 0, at = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      for (let i = 0; i < ni; i++, at++) {
        if (numbers[at] === 0 || !wanted(numbers[at])) continue;
        if (i < low[0]) low[0] = i;
        if (i >= high[0]) high[0] = i + 1;
        if (j < low[1]) low[1] = j;
        if (j >= high[1]) high[1] = j + 1;
        if (k < low[2]) low[2] = k;
        high[2] = k + 1;
      }
    }
  }
  return high[2] ? /** @type {Box} */ (low.map((first, axis) => [first, high[axis]])) : null;
}

/** Calls with each voxel of a box. @param {Box} box @param {Point} shape @param {(at: number, n: number) => void} each `n` counts within the box. */
export function eachOf(box, [ni, nj], each) {
  let n = 0;
  for (let k = box[2][0]; k < box[2][1]; k++) {
    for (let j = box[1][0]; j < box[1][1]; j++) {
      for (let i = box[0][0], at = i + ni * (j + nj * k); i < box[0][1]; i++, at++, n++) each(at, n);
    }
  }
}

/** @param {number} at @param {Point} shape @returns {Point} */
export const indexOf = (at, [ni, nj]) => [at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj))];

export class Sheet {
  /**
   * @param {Point} shape
   * @param {{digest: string, bits: Uint8Array, lesions: Uint16Array}|null} mask The model's, which stays as it is.
   * @param {string} digest What the sheet is called on screen.
   */
  constructor(shape, mask, digest) {
    this.shape = shape;
    this.digest = digest;
    const voxels = shape[0] * shape[1] * shape[2];
    this.bits = new Uint8Array(voxels);
    this.lesions = new Uint16Array(voxels);
    const box = mask && boxOf(mask.bits, shape);
    if (box) {
      eachOf(box, shape, (at) => {
        this.bits[at] = mask.bits[at];
        this.lesions[at] = mask.lesions[at];
      });
    }
    /** Counts changes, of all and of each slice along each axis. */
    this.revision = 0;
    this.revisions = shape.map((size) => new Uint32Array(size));
    /** @type {Change[]} */
    this.done = [];
    /** @type {Change[]} */
    this.undone = [];
    /** Voxels of the deed under way, with what they were. @type {Map<number, number>} */
    this.before = new Map();
    this.merged = [];
  }

  /** @param {0|1|2} axis @param {number} slice */
  revisionAt(axis, slice) {
    return this.revisions[axis][slice];
  }

  /** @param {number} at @param {number} bits @param {number} of The finding's number; 0 for none. */
  set(at, bits, of) {
    const number = bits ? of : 0;
    if (this.bits[at] === bits && this.lesions[at] === number) return;
    if (!this.before.has(at)) this.before.set(at, this.bits[at] | (this.lesions[at] << 8));
    this.put(at, bits, number);
  }

  put(at, bits, of) {
    this.bits[at] = bits;
    this.lesions[at] = of;
    const [ni, nj] = this.shape;
    this.revision += 1;
    this.revisions[0][at % ni] += 1;
    this.revisions[1][Math.floor(at / ni) % nj] += 1;
    this.revisions[2][Math.floor(at / (ni * nj))] += 1;
  }

  /**
   * Ends a deed: all since the last end is undone and redone together.
   * @param {number[]} [merged] Numbers of findings that it took over.
   * @returns {boolean} Whether it changed anything.
   */
  end(merged) {
    const at = Uint32Array.from(this.before.keys());
    const was = [...this.before.values()];
    this.before = new Map();
    if (!at.length) return false;
    this.done.push({
      at, merged,
      bitsBefore: Uint8Array.from(was, (value) => value & 255), ofBefore: Uint16Array.from(was, (value) => value >>> 8),
      bitsAfter: Uint8Array.from(at, (voxel) => this.bits[voxel]), ofAfter: Uint16Array.from(at, (voxel) => this.lesions[voxel]),
    });
    this.undone = [];
    return true;
  }

  /** @returns {Change|null} What was taken back. */
  undo() {
    const change = this.done.pop();
    if (!change) return null;
    change.at.forEach((at, n) => this.put(at, change.bitsBefore[n], change.ofBefore[n]));
    this.undone.push(change);
    return change;
  }

  /** @returns {Change|null} What was done again. */
  redo() {
    const change = this.undone.pop();
    if (!change) return null;
    change.at.forEach((at, n) => this.put(at, change.bitsAfter[n], change.ofAfter[n]));
    this.done.push(change);
    return change;
  }

  /** Forgets how to undo: what is here now is where a drawing begins. */
  settle() {
    this.before = new Map();
    this.done = [];
    this.undone = [];
  }

  /** Takes all changes back. */
  revert() {
    this.end();
    while (this.undo());
    this.settle();
  }

  /** Numbers of the findings taken over into this one, and not given back. @returns {number[]} */
  get takenOver() {
    return [...new Set(this.done.flatMap(({ merged }) => merged ?? []))];
  }

  /**
   * Puts an outline in place of whatever a finding was.
   * @param {number} of @param {{box: Box, bits: Uint8Array}} outline
   * @param {Box|null} where The finding lay within it.
   */
  replace(of, { box, bits }, where) {
    if (where) eachOf(where, this.shape, (at) => this.lesions[at] === of && this.set(at, 0, 0));
    eachOf(box, this.shape, (at, n) => bits[n] && this.set(at, bits[n], of));
  }
}
