/** Seconds to pixels, microvolts to pixels, and the words for both. */

/** CSS pixels a millimetre where a screen has 96 dots an inch, which is assumed and not measured. */
export const PIXELS_A_MM = 96 / 25.4;
/** What this screen was measured to have; null where nobody has. @type {number|null} */
let measured = null;
/** @param {number|null} pixels CSS pixels a millimetre; null where it is not known. */
export const setPixelsAMm = (pixels) => {
  measured = pixels;
};
/** @returns {number|null} As measured. */
export const pixelsAMm = () => measured;
/** Sensitivities that can be chosen, in microvolts a millimetre. */
export const SENSITIVITIES = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100];
/** Page lengths, in seconds. */
export const PAGE_LENGTHS = [5, 10, 15, 20, 30, 60];
export const LOW_CUTS = [0.1, 0.3, 0.5, 1, 1.6, 2, 3, 5];
export const HIGH_CUTS = [15, 20, 25, 30, 35, 40, 50, 60, 70, 100];
export const NOTCHES = [0, 50, 60];

/**
 * Pixels downwards for a voltage: negative goes up, as in all clinical EEG.
 * @param {number} uv @param {number} uvPerMm
 */
export const pixelsDown = (uv, uvPerMm) => (uv / uvPerMm) * (measured ?? PIXELS_A_MM);

/** @param {number} pixels Downwards. @param {number} uvPerMm @returns {number} Microvolts. */
export const microvolts = (pixels, uvPerMm) => (pixels / (measured ?? PIXELS_A_MM)) * uvPerMm;

/**
 * Where time lies across a plot.
 * @typedef {{left: number, width: number, start: number, span: number}} TimeScale
 */

/** @param {TimeScale} scale @param {number} seconds @returns {number} */
export const xOf = ({ left, width, start, span }, seconds) => left + ((seconds - start) / span) * width;

/** @param {TimeScale} scale @param {number} x @returns {number} Seconds. */
export const secondsAt = ({ left, width, start, span }, x) => start + ((x - left) / width) * span;

/**
 * The next or previous sensitivity: `by` above 0 makes traces larger.
 * @param {number} uvPerMm @param {number} by
 */
export function nextSensitivity(uvPerMm, by) {
  if (by > 0) return SENSITIVITIES.findLast((one) => one < uvPerMm) ?? SENSITIVITIES[0];
  return SENSITIVITIES.find((one) => one > uvPerMm) ?? SENSITIVITIES.at(-1);
}

const BARS_UV = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/**
 * The calibration bar: the largest round voltage of at most 44 pixels, and a round time.
 * @param {number} uvPerMm @param {number} pageS
 * @returns {{uv: number, height: number, seconds: number}} `height` in pixels.
 */
export function calibrationBar(uvPerMm, pageS) {
  const uv = BARS_UV.findLast((one) => pixelsDown(one, uvPerMm) <= 44) ?? BARS_UV[0];
  const seconds = [0.2, 0.5, 1, 2, 5].findLast((one) => one / pageS <= 0.0501) ?? 0.2;
  return { uv, height: pixelsDown(uv, uvPerMm), seconds };
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/**
 * @param {number} spanS @param {number} most Marks at most.
 * @returns {number} Seconds from one mark to the next.
 */
export const markStep = (spanS, most) => STEPS_S.find((step) => spanS / step <= most) ?? STEPS_S.at(-1);

/**
 * Time from the recording's start: '00:05:48', with decimals '00:05:48.7'.
 * @param {number} seconds @param {number} [decimals]
 */
export function elapsed(seconds, decimals = 0) {
  const unit = 10 ** decimals;
  const whole = Math.round(Math.abs(seconds) * unit);
  const parts = [whole / unit / 3600, (whole / unit / 60) % 60].map((part) => String(Math.floor(part)).padStart(2, "0"));
  const rest = (whole % (60 * unit)) / unit;
  return `${seconds < 0 && whole ? "-" : ""}${parts.join(":")}:${rest.toFixed(decimals).padStart(decimals ? 3 + decimals : 2, "0")}`;
}

/** Short form for lists and axes: '05:48', from one hour on '1:05:48'. @param {number} seconds */
export function shortElapsed(seconds) {
  const text = elapsed(seconds);
  return text.startsWith("00:") ? text.slice(3) : text.replace(/^0/, "");
}

/**
 * The clock at a time of the recording: '14:03:21'; empty where the file has no clock.
 * @param {string} startsAt 'YYYY-MM-DDTHH:MM:SS' or ''. @param {number} seconds
 */
export function clock(startsAt, seconds) {
  const found = /T(\d\d):(\d\d):(\d\d)/.exec(startsAt);
  if (!found) return "";
  const [hours, minutes, whole] = found.slice(1).map(Number);
  const ofDay = hours * 3600 + minutes * 60 + whole + Math.floor(seconds + 1e-6);
  return elapsed(((ofDay % 86400) + 86400) % 86400);
}

/** '13 s', '1 min 24 s', '2 h 05 min'. @param {number} seconds */
export function lengthWords(seconds) {
  if (seconds < 9.95 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 100) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ""}`;
  return `${Math.floor(whole / 3600)} h ${String(Math.round((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/**
 * The lowest and the highest sample of each pixel column, in their order; all samples where there are few.
 * @param {ArrayLike<number>} values NaN where there is no sample. @param {number} first @param {number} stop Index after the last.
 * @param {number} columns
 * @returns {{at: Float64Array, value: Float64Array}} Places (index into `values`) and values; NaN breaks the line.
 */
export function envelope(values, first, stop, columns) {
  const n = stop - first;
  if (n <= 2 * columns) {
    const at = new Float64Array(Math.max(0, n));
    const value = new Float64Array(at.length);
    for (let k = 0; k < at.length; k += 1) { // A tenth of the time of Float64Array.from.
      at[k] = first + k;
      value[k] = values[first + k];
    }
    return { at, value };
  }
  const at = new Float64Array(2 * columns);
  const value = new Float64Array(2 * columns);
  for (let column = 0; column < columns; column += 1) {
    const from = first + Math.floor((column * n) / columns);
    const to = first + Math.floor(((column + 1) * n) / columns);
    let low = from;
    let high = from;
    let missing = -1;
    for (let k = from; k < to; k += 1) {
      const one = values[k];
      if (one !== one) missing = k;
      else {
        if (!(values[low] <= one)) low = k;
        if (!(values[high] >= one)) high = k;
      }
    }
    const [a, b] = low < high ? [low, high] : [high, low];
    at[2 * column] = a;
    value[2 * column] = values[a];
    at[2 * column + 1] = missing >= 0 ? missing : b;
    value[2 * column + 1] = missing >= 0 ? NaN : values[b];
  }
  return { at, value };
}

const APART_UV_PER_MM = [5, 10, 20, 50, 100, 200, 500, 1000];
/** Millimetres that a signal with a scale of its own may take from its lowest to its highest. */
const APART_MM = 6;

/**
 * A sensitivity for a signal that stands apart, such as the ECG, from what one page of it spans.
 * @param {ArrayLike<number>} values Microvolts, NaN where there is no sample.
 * @returns {number} Microvolts a millimetre.
 */
export function apartScale(values) {
  let low = Infinity;
  let high = -Infinity;
  for (let n = 0; n < values.length; n += 1) {
    if (values[n] < low) low = values[n];
    if (values[n] > high) high = values[n];
  }
  return APART_UV_PER_MM.find((scale) => high - low <= scale * APART_MM || high < low) ?? APART_UV_PER_MM.at(-1);
}
