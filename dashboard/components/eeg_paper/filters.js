/** Zero-phase Butterworth filters and a notch, as second-order sections run forwards and backwards. */

import { runs } from "./intervals.js";

/** One section: b0, b1, b2, a1, a2, with a0 = 1. @typedef {[number, number, number, number, number]} Section */
/** What the reader asked for, in hertz; 0 leaves a filter out. @typedef {{low: number, high: number, notch: number}} Cuts */

/** Order of each Butterworth filter; run twice, it falls by 24 dB an octave and by 6 dB at the cut. */
export const ORDER = 2;
/** Centre over width (-3 dB, one run) of the notch. */
export const NOTCH_Q = 30;
/** The highest cut as a share of the sampling rate. */
const HIGHEST_SHARE = 0.45;

/**
 * Butterworth filter by bilinear transform with prewarped cut (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.1).
 * @param {"lowpass"|"highpass"} kind @param {number} order Even.
 * @param {number} cutHz Above 0, below half the rate. @param {number} rateHz
 * @returns {Section[]}
 */
export function butterworth(kind, order, cutHz, rateHz) {
  if (order < 2 || order % 2) throw new RangeError("the order is even");
  if (!(cutHz > 0 && cutHz < rateHz / 2)) throw new RangeError("the cut lies between 0 and half the rate");
  const k = Math.tan((Math.PI * cutHz) / rateHz);
  return Array.from({ length: order / 2 }, (_, n) => {
    const damping = 2 * Math.sin((Math.PI * (2 * n + 1)) / (2 * order));
    const norm = 1 / (1 + k * damping + k * k);
    const a1 = 2 * (k * k - 1) * norm;
    const a2 = (1 - k * damping + k * k) * norm;
    return kind === "lowpass" ? [k * k * norm, 2 * k * k * norm, k * k * norm, a1, a2] : [norm, -2 * norm, norm, a1, a2];
  });
}

/**
 * Second-order notch (Orfanidis, Introduction to Signal Processing, 11.3).
 * @param {number} centreHz @param {number} q @param {number} rateHz
 * @returns {Section}
 */
export function notchSection(centreHz, q, rateHz) {
  const w = (2 * Math.PI * centreHz) / rateHz;
  const gain = 1 / (1 + Math.tan(w / q / 2));
  return [gain, -2 * gain * Math.cos(w), gain, -2 * gain * Math.cos(w), 2 * gain - 1];
}

/**
 * What can be had of the asked cuts at a rate: the high cut stays below Nyquist, a notch above it is left out.
 * @param {Cuts} asked @param {number} rateHz
 * @returns {Cuts & {said: string[]}} `said` tells the reader what was changed, a phrase each.
 */
export function possibleCuts(asked, rateHz) {
  const highest = Math.floor(rateHz * HIGHEST_SHARE * 10) / 10;
  const said = [];
  const high = Math.min(asked.high, highest);
  if (high < asked.high) said.push(`high cut ${asked.high} Hz is above what ${rateHz} Hz sampling holds: ${high} Hz`);
  const notch = asked.notch && asked.notch <= highest ? asked.notch : 0;
  if (notch !== asked.notch) said.push(`no notch at ${asked.notch} Hz: sampling at ${rateHz} Hz does not reach it`);
  return { low: asked.low, high, notch, said };
}

/**
 * @param {Cuts} cuts Possible at this rate. @param {number} rateHz
 * @returns {Section[]}
 */
export function sectionsOf({ low, high, notch }, rateHz) {
  return [
    ...(low ? butterworth("highpass", ORDER, low, rateHz) : []),
    ...(high ? butterworth("lowpass", ORDER, high, rateHz) : []),
    ...(notch ? [notchSection(notch, NOTCH_Q, rateHz)] : []),
  ];
}

/**
 * Seconds that a page needs of its neighbours so that its edges equal those of the whole recording, filtered: 10 s,
 * and three over the low cut (the slowest pole has then fallen below a millionth).
 * @param {number} lowHz
 */
export const paddingSeconds = (lowHz) => (lowHz ? Math.max(10, Math.ceil(3 / lowHz)) : 10);

/** One run over a signal in place, from a start that has always had the first value. */
function runSections(sections, x, backwards) {
  const n = x.length;
  const first = backwards ? n - 1 : 0;
  const step = backwards ? -1 : 1;
  let level = x[first];
  for (const [b0, b1, b2, a1, a2] of sections) {
    const gain = (b0 + b1 + b2) / (1 + a1 + a2);
    let z2 = (b2 - a2 * gain) * level;
    let z1 = (b1 - a1 * gain) * level + z2;
    level *= gain;
    for (let count = 0, at = first; count < n; count += 1, at += step) {
      const value = x[at];
      const y = b0 * value + z1;
      z1 = b1 * value - a1 * y + z2;
      z2 = b2 * value - a2 * y;
      x[at] = y;
    }
  }
}

/**
 * Filters forwards and backwards, both ends extended by reflection through the end point, as `scipy.signal.sosfiltfilt`.
 * @param {Section[]} sections @param {Float64Array} signal Finite throughout.
 * @returns {Float64Array} A new array of the same length.
 */
export function filterBothWays(sections, signal) {
  const n = signal.length;
  if (!n || !sections.length) return signal.slice(); // A tenth of the time of Float64Array.from.
  const edge = Math.min(n - 1, 3 * (2 * sections.length + 1));
  const x = new Float64Array(n + 2 * edge);
  x.set(signal, edge);
  for (let away = 1; away <= edge; away += 1) {
    x[edge - away] = 2 * signal[0] - signal[away];
    x[edge + n - 1 + away] = 2 * signal[n - 1] - signal[n - 1 - away];
  }
  runSections(sections, x, false);
  runSections(sections, x, true);
  return x.slice(edge, edge + n);
}

/**
 * Filters each stretch between missing samples by itself: nothing is joined over a gap.
 * @param {Section[]} sections @param {Float64Array} signal NaN where there is no sample.
 * @returns {Float64Array} NaN in the same places.
 */
export function filterBetweenGaps(sections, signal) {
  const out = new Float64Array(signal.length).fill(NaN);
  for (const [from, to] of runs(signal)) out.set(filterBothWays(sections, signal.subarray(from, to)), from);
  return out;
}
