/** Probabilities as colours and as volumes: which colour each step has, which steps lie at or above a threshold, how many voxels that is. */

/** Viridis at every eighth: even steps look even, also to colour-blind readers and in grey (van der Walt and Smith, 2015). */
const STOPS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
/** Steps of 255 below which nothing is coloured: about 0.05. */
export const FLOOR = 13;

/** @param {string} colour '#rrggbb' @returns {number[]} */
const rgbOf = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** @param {number} probability 0 to 1 @returns {[number, number, number]} Red, green, blue. */
export function colourOf(probability) {
  const place = Math.min(1, Math.max(0, probability)) * (STOPS.length - 1);
  const at = Math.min(STOPS.length - 2, Math.floor(place));
  const [low, high] = [rgbOf(STOPS[at]), rgbOf(STOPS[at + 1])];
  return /** @type {[number, number, number]} */ (low.map((value, n) => Math.round(value + (high[n] - value) * (place - at))));
}

/** @returns {Uint32Array} A little-endian RGBA word for each of 256 steps; 0 below `FLOOR`. */
export function washTable() {
  return Uint32Array.from({ length: 256 }, (_, step) => {
    if (step < FLOOR) return 0;
    const [r, g, b] = colourOf(step / 255);
    return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  });
}

/** @returns {string} The scale as a CSS gradient from 0 to 1. */
export const gradientWords = () => `linear-gradient(to right, ${STOPS.join(", ")})`;

/**
 * The lowest step that counts as at or above a threshold: probabilities are kept rounded to 255 steps, the threshold likewise.
 * @param {number} threshold 0 to 1
 * @returns {number} 1 to 255: a voxel without any probability lies above none.
 */
export const cutOf = (threshold) => Math.min(255, Math.max(1, Math.round(255 * threshold)));

/**
 * @param {Uint8Array} steps
 * @returns {Float64Array} For each step how many voxels have it or more.
 */
export function voxelsFrom(steps) {
  const counts = new Float64Array(256);
  for (let at = 0; at < steps.length; at++) counts[steps[at]] += 1;
  for (let step = 254; step >= 0; step--) counts[step] += counts[step + 1];
  return counts;
}

/**
 * Voxels of a region in the recorded mask.
 * @param {{bits: Uint8Array, lesions: Uint16Array}} mask @param {number} bit
 * @returns {Map<number, number>} By component; 0 is all of the study.
 */
export function countedRegion({ bits, lesions }, bit) {
  const counts = new Map([[0, 0]]);
  for (let at = 0; at < bits.length; at++) {
    if (!((bits[at] >> bit) & 1)) continue;
    counts.set(0, counts.get(0) + 1);
    if (lesions[at]) counts.set(lesions[at], (counts.get(lesions[at]) ?? 0) + 1);
  }
  return counts;
}

/**
 * A threshold moved by hundredths, within 0.01 and 0.99.
 * @param {number} threshold @param {number} hundredths
 * @returns {number}
 */
export const moved = (threshold, hundredths) => Math.min(99, Math.max(1, Math.round(100 * threshold) + hundredths)) / 100;
