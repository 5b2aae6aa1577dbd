/** Montage algebra: rows as weighted sums of channels, and how they stand on the paper. */

import { NO_SAMPLE } from "./wire.js";

/** @typedef {import("./wire.js").SignalPage} SignalPage */
/** @typedef {{label: string, plus: Record<string, number>, side: string, dim?: boolean}} Row */
/** @typedef {{name: string, title?: string, words?: string, rows: Row[], missing: string[], reduced?: boolean, said?: string[]}} Montage */

/** Space between two groups of rows, as a share of a row. */
const GROUP_GAP = 0.42;
/** Space above the ECG. */
const APART_GAP = 0.7;

/**
 * Signal of the channels that rows need, decoded from pages onto one stretch of the recording's grid of samples.
 * @param {SignalPage[]} pages Of one recording. @param {Set<number>} wanted Channels, by index in the recording.
 * @param {number} first Number of the first sample. @param {number} count
 * @returns {Map<number, Float64Array>} Microvolts; NaN where there is no sample.
 */
export function decode(pages, wanted, first, count) {
  const out = new Map();
  for (const page of pages) {
    const from = Math.max(first, page.first);
    const to = Math.min(first + count, page.first + page.samples);
    page.channels.forEach((channel, row) => {
      if (!wanted.has(channel)) return;
      if (!out.has(channel)) out.set(channel, new Float64Array(count).fill(NaN));
      const signal = out.get(channel);
      const scale = page.scale_uv[row];
      const offset = row * page.samples - page.first;
      for (let n = from; n < to; n += 1) {
        const stored = page.stored[offset + n];
        signal[n - first] = stored === NO_SAMPLE ? NaN : stored * scale;
      }
    });
  }
  return out;
}

/**
 * One row of a montage.
 * @param {Row} row @param {Map<string, number>} indexOf Channel's index by label.
 * @param {Map<number, Float64Array>} signals @param {number} count
 * @returns {Float64Array|null} Null where a channel that the row needs is not there.
 */
export function derive(row, indexOf, signals, count) {
  const out = new Float64Array(count);
  for (const [label, weight] of Object.entries(row.plus)) {
    const signal = signals.get(indexOf.get(label) ?? -1);
    if (!signal) return null;
    for (let n = 0; n < count; n += 1) out[n] += weight * signal[n];
  }
  return out;
}

/**
 * The ECG channels as rows of their own.
 * @param {{label: string, kind: string}[]} channels
 * @returns {Row[]}
 */
export const apartRows = (channels) =>
  channels.filter(({ kind }) => kind === "ecg").map(({ label }) => ({ label, plus: { [label]: 1 }, side: "apart" }));

/**
 * Whether a gap stands above each row: where the side changes between chains, and above the first of the ECG.
 * @param {Row[]} rows
 * @returns {boolean[]}
 */
export function groupStarts(rows) {
  const changes = rows.map(({ side }, n) => n > 0 && side !== rows[n - 1].side);
  const chains = changes.filter(Boolean).length + 1;
  const inChains = rows.length / chains >= 2;
  return changes.map((change, n) => change && (inChains || [rows[n].side, rows[n - 1].side].some((side) => side === "midline" || side === "apart")));
}

/**
 * Where the rows' baselines lie.
 * @param {Row[]} rows @param {number} top @param {number} height
 * @returns {{baselines: number[], spacing: number}} In pixels.
 */
export function placeRows(rows, top, height) {
  const starts = groupStarts(rows);
  let at = 0;
  const units = rows.map((row, n) => {
    if (starts[n]) at += row.side === "apart" ? APART_GAP : GROUP_GAP;
    at += 1;
    return at - 0.5;
  });
  const spacing = height / Math.max(1, at);
  return { baselines: units.map((unit) => top + unit * spacing), spacing };
}
