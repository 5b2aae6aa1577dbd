/** Volumes as they arrive: slabs put in their place, the next slab to ask for, and a cache with a bound on memory. */

/**
 * One series as Python sends it.
 * @typedef {object} Series
 * @property {string} digest
 * @property {string} sequence @property {string} label @property {string} description @property {string} date
 * @property {import("./geometry.js").Point} shape
 * @property {number[]} affine 16, row by row, LPS.
 * @property {0|1|2} through Array axis through the slices.
 * @property {boolean} sides_known
 * @property {string} frame Frame of reference; series of one frame are linked.
 * @property {number} [confidence] How sure its sequence is. @property {string} [taken_for] @property {string} [recognised_words]
 * @property {string} [source] As the file describes it.
 */

/** Bytes of the first slab: the first picture waits for no more than this. */
const FIRST_BYTES = 512 * 1024;
/** Bytes of each later slab. */
const NEXT_BYTES = 3 * 1024 * 1024;
/** Bytes of all volumes kept: four series of 512 x 512 x 200 fit, with 30 MB to spare. */
export const CACHE_BYTES = 450 * 1024 * 1024;

/** The array of one series, filled slab by slab along its through-axis. */
export class Volume {
  /** @param {{digest: string, shape: import("./geometry.js").Point, through: number}} series */
  constructor({ digest, shape, through }) {
    this.digest = digest;
    this.shape = shape;
    this.through = through;
    this.slices = shape[through];
    this.sliceBytes = (2 * shape[0] * shape[1] * shape[2]) / this.slices;
    /** Index i + ni * (j + nj * k). */
    this.data = new Int16Array(shape[0] * shape[1] * shape[2]);
    /** 0 missing, 1 asked for, 2 here; one for each slice along the through-axis. */
    this.state = new Uint8Array(this.slices);
    this.here = 0;
    /** Value = stored * slope + intercept, and the series' own window; null until the volume's route has said so.
     * @type {{slope: number, intercept: number, window: [number, number]}|null} */
    this.scale = null;
  }

  get complete() {
    return this.here === this.slices;
  }

  /** @param {number} slice Along the through-axis. */
  has(slice) {
    return this.state[slice] === 2;
  }

  /**
   * The missing slab nearest to a slice, marked as asked for; null where all is here or under way.
   * @param {number} focus
   * @returns {{first: number, last: number}|null}
   */
  nextSlab(focus) {
    const centre = Math.min(this.slices - 1, Math.max(0, focus));
    const untouched = this.state.every((state) => state === 0);
    const room = Math.max(1, Math.floor((untouched ? FIRST_BYTES : NEXT_BYTES) / this.sliceBytes));
    for (let away = 0; away < this.slices; away++) {
      for (const start of away ? [centre + away, centre - away] : [centre]) {
        if (this.state[start] !== 0) continue;
        const slab = this.grown(start, room, centre);
        this.state.fill(1, slab.first, slab.last + 1);
        return slab;
      }
    }
    return null;
  }

  /** Missing slices around `start`: both ways from the focus itself, outward from anywhere else. */
  grown(start, room, centre) {
    let [first, last] = [start, start];
    const free = (slice) => this.state[slice] === 0;
    while (last - first + 1 < room) {
      const before = start <= centre && free(first - 1);
      const after = start >= centre && free(last + 1);
      if (before && (!after || centre - first <= last - centre)) first -= 1;
      else if (after) last += 1;
      else break;
    }
    return { first, last };
  }

  /**
   * Puts a slab in its place.
   * @param {{first: number, last: number}} slab
   * @param {ArrayBuffer} bytes Little-endian int16, Fortran order, as every machine that runs a browser has them.
   * @throws {RangeError} Where the length is not that of the slab.
   */
  put({ first, last }, bytes) {
    const thick = last - first + 1;
    if (bytes.byteLength !== thick * this.sliceBytes) {
      throw new RangeError(`A slab of ${thick} slices has ${thick * this.sliceBytes} bytes, not ${bytes.byteLength}.`);
    }
    const from = new Int16Array(bytes);
    const [ni, nj, nk] = this.shape;
    if (this.through === 2) {
      this.data.set(from, first * ni * nj);
    } else if (this.through === 1) {
      for (let k = 0; k < nk; k++) {
        const at = k * ni * thick;
        this.data.set(from.subarray(at, at + ni * thick), ni * (first + nj * k));
      }
    } else {
      for (let row = 0, at = 0; row < nj * nk; row++, at += thick) {
        this.data.set(from.subarray(at, at + thick), first + ni * row);
      }
    }
    for (let slice = first; slice <= last; slice++) if (!this.has(slice)) this.here += 1;
    this.state.fill(2, first, last + 1);
  }

  /** Gives a slab back after a failure or an abort, so that it can be asked for again. */
  release({ first, last }) {
    for (let slice = first; slice <= last; slice++) if (this.state[slice] === 1) this.state[slice] = 0;
  }

  /** @param {number} at Place in `data`. @returns {boolean} Whether that voxel is here. */
  arrivedAt(at) {
    const [ni, nj] = this.shape;
    const index = [at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj))];
    return this.has(index[this.through]);
  }
}

/** Volumes by digest, the least recently used going first when together they pass the bound. */
export class VolumeCache {
  /** @param {number} [bound] Bytes. */
  constructor(bound = CACHE_BYTES) {
    this.bound = bound;
    /** @type {Map<string, Volume>} Oldest use first. */
    this.volumes = new Map();
  }

  /** @param {string} digest @returns {Volume|undefined} Counts as a use. */
  get(digest) {
    const volume = this.volumes.get(digest);
    if (volume) {
      this.volumes.delete(digest);
      this.volumes.set(digest, volume);
    }
    return volume;
  }

  /**
   * The volume of a series, made empty where it is not yet there.
   * @param {Series} series
   * @param {Set<string>} keep Digests that may not go.
   * @returns {Volume|null} Null where only what must be kept would have to go, and the series is not among it.
   */
  open(series, keep) {
    const known = this.get(series.digest);
    if (known) return known;
    const needed = 2 * series.shape[0] * series.shape[1] * series.shape[2];
    for (const digest of [...this.volumes.keys()]) {
      if (this.bytes + needed <= this.bound) break;
      if (!keep.has(digest)) this.volumes.delete(digest);
    }
    if (this.bytes + needed > this.bound && !keep.has(series.digest)) return null;
    const volume = new Volume(series);
    this.volumes.set(series.digest, volume);
    return volume;
  }

  get bytes() {
    let sum = 0;
    for (const volume of this.volumes.values()) sum += volume.data.byteLength;
    return sum;
  }
}
