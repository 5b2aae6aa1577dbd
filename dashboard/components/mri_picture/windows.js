/** Window and level: presets from what has been loaded, dragging, and the table from stored value to grey. */

/**
 * @typedef {object} Window
 * @property {number} centre @property {number} width In units of the image, width at least `MINIMUM_WIDTH`.
 */

/** As DICOM PS3.3 C.11.2.1.2 has it for the linear function, a width below 1 has no meaning for stored integers. */
const MINIMUM_WIDTH = 1e-6;

/**
 * How often each stored value occurs, of every `stride`-th voxel of the slices that have arrived.
 * @param {Int16Array} stored
 * @param {(at: number) => boolean} arrived Whether the voxel at that place has been loaded.
 * @param {number} [samples] About how many voxels to look at.
 * @returns {Uint32Array} 65536 counts, of value -32768 first.
 */
export function histogramOf(stored, arrived, samples = 400000) {
  const counts = new Uint32Array(65536);
  let stride = Math.max(1, Math.floor(stored.length / samples));
  if (stride > 1 && stride % 2 === 0) stride += 1;
  for (let at = 0; at < stored.length; at += stride) if (arrived(at)) counts[stored[at] + 32768] += 1;
  return counts;
}

/**
 * The stored value below which a share of the counted voxels lies, of those above `floor`.
 * @param {Uint32Array} counts @param {number} share 0 to 1 @param {number} [floor]
 * @returns {number} NaN where nothing was counted.
 */
export function quantile(counts, share, floor = -32769) {
  const first = Math.max(0, floor + 32769);
  let total = 0;
  for (let at = first; at < counts.length; at++) total += counts[at];
  if (!total) return NaN;
  let seen = 0;
  for (let at = first; at < counts.length; at++) {
    seen += counts[at];
    if (seen > 0 && seen >= share * total) return at - 32768;
  }
  return 32767;
}

/**
 * A preset from what has been loaded. 'brain': 2nd to 98th percentile of what is brighter than a tenth of the
 * 99.5th percentile above the darkest value, so that air does not count. 'wide': darkest to brightest.
 * @param {Uint32Array} counts
 * @param {number} slope @param {number} intercept
 * @param {"brain"|"wide"} preset
 * @returns {Window|null} Null where nothing has arrived, or all is one value.
 */
export function presetWindow(counts, slope, intercept, preset) {
  const darkest = quantile(counts, 0);
  const brightest = quantile(counts, 1);
  if (!(brightest > darkest)) return null;
  let [low, high] = [darkest, brightest];
  if (preset === "brain") {
    const floor = darkest + 0.1 * (quantile(counts, 0.995) - darkest);
    low = quantile(counts, 0.02, Math.floor(floor));
    high = quantile(counts, 0.98, Math.floor(floor));
    if (!(high > low)) return null;
  }
  const ends = [low * slope + intercept, high * slope + intercept];
  return { centre: (ends[0] + ends[1]) / 2, width: Math.max(Math.abs(ends[1] - ends[0]), MINIMUM_WIDTH) };
}

/**
 * The window after a drag: to the right wider, upwards brighter (a lower centre), in step with the width it began with.
 * @param {Window} from @param {number} dx @param {number} dy Screen pixels, y down.
 * @returns {Window}
 */
export function draggedWindow(from, dx, dy) {
  const step = from.width / 256;
  return { centre: from.centre + dy * step, width: Math.max(from.width * Math.exp(dx / 256), MINIMUM_WIDTH) };
}

/**
 * Opaque grey for each of the 65536 stored values, as little-endian RGBA words.
 * @param {Window} window @param {number} slope @param {number} intercept
 * @returns {Uint32Array} Of value -32768 first.
 */
export function greyTable(window, slope, intercept) {
  const table = new Uint32Array(65536);
  const low = window.centre - window.width / 2;
  const scale = 255 / window.width;
  for (let at = 0; at < 65536; at++) {
    const value = ((at - 32768) * slope + intercept - low) * scale;
    const grey = value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
    table[at] = (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0;
  }
  return table;
}

/**
 * @param {Window} window
 * @returns {string} 'W 812 L 406', with decimals only where the numbers are small.
 */
export function windowWords({ width, centre }) {
  const digits = width >= 20 ? 0 : width >= 2 ? 1 : 3;
  return `W ${width.toFixed(digits)} L ${centre.toFixed(digits)}`;
}

/**
 * Gives the series on screen one of its preset windows; the brain and the wide one are taken from its histogram.
 * @param {import("./state.js").ViewState} state @param {import("./volumes.js").Volume|undefined} volume Of the series on screen.
 * @param {"auto"|"brain"|"wide"} preset
 */
export function choosePreset(state, volume, preset) {
  if (!state.shown || !volume?.scale) return;
  const { digest } = state.shown;
  if (preset === "auto") return state.resetWindow(digest, volume.scale.window);
  const counts = histogramOf(volume.data, (at) => volume.complete || volume.arrivedAt(at));
  const made = presetWindow(counts, volume.scale.slope, volume.scale.intercept, preset);
  if (!made) return;
  state.windows.set(digest, made);
  state.presets.set(digest, preset);
}
