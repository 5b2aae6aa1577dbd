/** Reads what the routes send: a header in JSON, then numbers, all little-endian. */

import { unframe } from "../shared/frames.js";

/** Stored where there is no sample. */
export const NO_SAMPLE = -32768;

/** A stretch of signal as sent. @typedef {object} SignalPage
 * @property {number} start_s @property {number} rate_hz @property {number} samples
 * @property {number[]} channels Index in the recording of each row of `stored`. @property {number[]} scale_uv
 * @property {Int16Array} stored Channel by channel. @property {number} first Number of the first sample of the recording's grid.
 */
/** Spectra of both sides over the whole recording; row 0 is the lowest frequency. @typedef {object} Spectra
 * @property {string[]} sides @property {number} columns @property {number} rows @property {number} step_s
 * @property {number} f_max_hz @property {Uint8Array} levels Side by side, row by row.
 */
/** A detector's score over the recording. @typedef {object} Risk
 * @property {number} step_s @property {number} start_s @property {number} n @property {{on: number, off: number}} threshold
 * @property {[number, number][]} not_evaluated Onset and duration. @property {Float32Array} scores
 * @property {string[]} channels Rows of its montage that have a score of their own; none where it gives one for all.
 * @property {number} channel_scale Of a step of `channelScores`. @property {number} channel_not_judged The step that is no score.
 * @property {Uint8Array} channelScores Channel by channel.
 */

/** The number of the first sample at or after a time. @param {number} seconds @param {number} rateHz */
export const firstSampleAt = (seconds, rateHz) => Math.ceil(seconds * rateHz - 1e-6);

/** @param {ArrayBuffer} bytes @returns {SignalPage} */
export function readPage(bytes) {
  const { header, at } = unframe(bytes);
  const stored = new Int16Array(bytes, at, header.channels.length * header.samples);
  return { ...header, stored, first: firstSampleAt(header.start_s, header.rate_hz) };
}

/** @param {ArrayBuffer} bytes @returns {Spectra} */
export function readSpectra(bytes) {
  const { header, at } = unframe(bytes);
  return { ...header, levels: new Uint8Array(bytes, at, header.sides.length * header.rows * header.columns) };
}

/** @param {ArrayBuffer} bytes @returns {Risk} */
export function readRisk(bytes) {
  const { header, at } = unframe(bytes);
  const channels = header.channels ?? [];
  const channelScores = new Uint8Array(bytes, at + 4 * header.n, channels.length * header.n);
  return { ...header, channels, channelScores, scores: new Float32Array(bytes, at, header.n) };
}
