/** Colours of the spectra: dark to bright in even steps of lightness (the path of matplotlib's 'inferno'). */

/** @typedef {import("../eeg_paper/wire.js").Spectra} Spectra */

const STOPS = [
  [0, 0, 4], [22, 11, 57], [66, 10, 104], [106, 23, 110], [147, 38, 103], [188, 55, 84], [221, 81, 58], [243, 120, 25],
  [252, 165, 10], [246, 215, 70], [252, 255, 164],
];

/** @param {number} level 0 to 255. @returns {number[]} Red, green, blue. */
export function colourOf(level) {
  const at = (level / 255) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(at));
  return STOPS[low].map((value, n) => Math.round(value + (at - low) * (STOPS[low + 1][n] - value)));
}

/** Columns of an image at most: more than any screen has; the highest level of each is kept. */
const WIDEST = 4096;

/** @type {WeakMap<Spectra, Map<number, HTMLCanvasElement>>} */
const images = new WeakMap();

/**
 * One side as an image, the highest frequency on top.
 * @param {Spectra} spectra @param {number} side
 * @returns {HTMLCanvasElement}
 */
export function colourLevels(spectra, side) {
  if (!images.has(spectra)) images.set(spectra, new Map());
  const made = images.get(spectra);
  if (made.has(side)) return made.get(side);
  const { columns, rows, levels } = spectra;
  const each = Math.ceil(columns / WIDEST);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.max(1, Math.ceil(columns / each)), height: Math.max(1, rows) });
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const colours = Array.from({ length: 256 }, (_, level) => colourOf(level));
  for (let row = 0; row < rows; row += 1) {
    const from = (side * rows + row) * columns;
    for (let x = 0; x < canvas.width; x += 1) {
      const level = levels.subarray(from + x * each, from + Math.min(columns, (x + 1) * each)).reduce((a, b) => Math.max(a, b), 0);
      image.data.set([...colours[level], 255], 4 * ((rows - 1 - row) * canvas.width + x));
    }
  }
  context.putImageData(image, 0, 0);
  made.set(side, canvas);
  return canvas;
}
