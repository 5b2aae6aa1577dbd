/** Reads the trends of a recording and says in words what they show: microvolts, side and share of each strip. Pure. */

import { unframe } from "../shared/frames.js";

/** Stored where an epoch was left out. */
export const NO_ASYMMETRY = -128;
export const NO_SHARE = 255;
/** Of a share stored as a whole number. */
const WHOLE = 250;

/** @typedef {object} Trends
 * @property {number} epoch_s @property {number} epochs @property {number} gap_epochs
 * @property {{sides: string[], rows: string[], epoch_s: number, epochs: number, gap_epochs: number, band_hz: number[], levels: string[], why: string}} aeeg
 * @property {{bands: [string, number, number][], pairs: [string, string][], unpaired: string[], dropped: number, why: string}} asymmetry
 * @property {{kinds: string[], words: Record<string, string>, electrodes: number, rows: number, missing: string[]}} artefacts
 * @property {Float32Array} levels aEEG in microvolts, (side, level, epoch): lowest, tenth and ninetieth percentile, highest.
 * @property {Int8Array} balance (band, epoch), percent, left below 0. @property {Uint8Array} shares (kind, epoch).
 */

/** @param {ArrayBuffer} bytes @returns {Trends} */
export function readTrends(bytes) {
  const { header, at } = unframe(bytes);
  const { aeeg, asymmetry, artefacts, epochs } = header;
  const many = aeeg.sides.length * aeeg.levels.length * aeeg.epochs;
  const behind = at + 4 * many;
  return {
    ...header,
    levels: new Float32Array(bytes, at, many),
    balance: new Int8Array(bytes, behind, asymmetry.bands.length * epochs),
    shares: new Uint8Array(bytes, behind + asymmetry.bands.length * epochs, artefacts.kinds.length * epochs),
  };
}

/** The four levels of a side in an epoch, in microvolts; NaN where it was left out. @param {Trends} trends @param {number} side @param {number} epoch */
export function levelsAt({ levels, aeeg }, side, epoch) {
  return [0, 1, 2, 3].map((level) => levels[(side * 4 + level) * aeeg.epochs + epoch]);
}

/** -1 (left) to 1 (right); NaN where it was left out. @param {Trends} trends @param {number} band @param {number} epoch */
export function balanceAt({ balance, epochs }, band, epoch) {
  const stored = balance[band * epochs + epoch];
  return stored === NO_ASYMMETRY || stored === undefined ? NaN : stored / 100;
}

/** 0 to 1; NaN where it was left out or the sampling does not show it. @param {Trends} trends @param {number} kind @param {number} epoch */
export function shareAt({ shares, epochs }, kind, epoch) {
  const stored = shares[kind * epochs + epoch];
  return stored === NO_SHARE || stored === undefined ? NaN : stored / WHOLE;
}

/** The band of that name, else the first. @param {Trends} trends @param {string} name */
export const bandOf = ({ asymmetry }, name) => Math.max(0, asymmetry.bands.findIndex(([one]) => one === name));

/**
 * How far up the aEEG's strip an amplitude lies: half of it is linear from 0 to 10 microvolts, half logarithmic from 10 to 100.
 * @param {number} uv @returns {number} 0 to 1; what is above 100 lies at 1.
 */
export const semilog = (uv) => (uv <= 10 ? Math.max(0, uv) / 20 : Math.min(1, 0.5 + Math.log10(uv / 10) / 2));

const rounded = (uv) => (uv < 10 ? uv.toFixed(1) : String(Math.round(uv)));

/** What each strip is computed from, a sentence a strip. @param {Trends} trends @param {string} band @returns {Record<"aeeg"|"asymmetry"|"artefact", string>} */
export function madeOf(trends, band) {
  const { aeeg, asymmetry, artefacts } = trends;
  const [name, low, high] = asymmetry.bands[bandOf(trends, band)];
  const gaps = (count, of) => (count ? ` ${count} of ${of} epochs touch a gap and are left out.` : "");
  const unpaired = asymmetry.unpaired.length ? ` In no pair: ${asymmetry.unpaired.join(", ")}.` : "";
  const dropped = asymmetry.dropped ? ` Left out ${asymmetry.dropped} times: a pair with a flat or saturated electrode.` : "";
  const missing = artefacts.missing.length ? ` Not shown by this sampling: ${artefacts.missing.join(", ")}.` : "";
  return {
    aeeg: aeeg.why ? `aEEG: ${aeeg.why}`
      : `aEEG of ${aeeg.rows.join(" and ")}, µV from peak to peak, ${aeeg.band_hz.join(" to ")} Hz, asymmetric filter; scale linear to 10, logarithmic to 100. Each ${aeeg.epoch_s} s: lowest to highest pale, 10th to 90th percentile full.${gaps(aeeg.gap_epochs, aeeg.epochs)}`,
    asymmetry: asymmetry.why ? `Asymmetry: ${asymmetry.why}`
      : `Asymmetry (right less left over both) of power, ${name}, ${low} to ${high} Hz, the mean over ${asymmetry.pairs.length} pairs of bipolar rows, each ${trends.epoch_s} s; right up, left down, drawn to 50 %.${unpaired}${dropped}${gaps(trends.gap_epochs, trends.epochs)}`,
    artefact: `Artefact, signs only, share of ${artefacts.electrodes} electrodes or ${artefacts.rows} rows, within 2 s: ${artefacts.kinds.map((kind) => `${kind}: ${artefacts.words[kind]}`).join("; ")}.${missing}${gaps(trends.gap_epochs, trends.epochs)}`,
  };
}

/** Numbers of the epochs that a stretch touches. @param {number} from @param {number} to Seconds. @param {number} epochS @param {number} epochs */
function epochsOf(from, to, epochS, epochs) {
  const first = Math.max(0, Math.floor(from / epochS + 1e-9));
  const stop = Math.min(epochs, Math.max(first + 1, Math.ceil(to / epochS - 1e-9)));
  return Array.from({ length: Math.max(0, stop - first) }, (_, n) => first + n);
}

const there = (values) => values.filter((value) => !Number.isNaN(value) && value !== undefined);

/**
 * What the strips show over a stretch, in words: the aEEG's band, the mean asymmetry, the largest share of each kind of artefact.
 * @param {Trends} trends @param {string[]} chosen @param {string} band @param {number} from @param {number} to Seconds.
 * @returns {string[]} A phrase a strip.
 */
export function wordsOver(trends, chosen, band, from, to) {
  const said = [];
  const epochs = epochsOf(from, to, trends.epoch_s, trends.epochs);
  if (chosen.includes("aeeg")) {
    const { aeeg } = trends;
    const sides = aeeg.sides.map((side, n) => {
      const found = epochsOf(from, to, aeeg.epoch_s, aeeg.epochs).map((epoch) => levelsAt(trends, n, epoch));
      const [low, high] = [there(found.map((one) => one[1])), there(found.map((one) => one[2]))];
      return low.length ? `${side} ${rounded(Math.min(...low))} to ${rounded(Math.max(...high))} µV` : `${side} not computed`;
    });
    said.push(sides.length ? `aEEG ${sides.join(", ")}` : "no aEEG");
  }
  if (chosen.includes("asymmetry")) {
    const values = there(epochs.map((epoch) => balanceAt(trends, bandOf(trends, band), epoch)));
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    const percent = Math.round(100 * Math.abs(mean));
    const name = bandOf(trends, band) ? `asymmetry (${band})` : "asymmetry";
    said.push(values.length ? `${name} ${percent} %${percent ? ` to the ${mean > 0 ? "right" : "left"}` : ""}` : `${name} not computed`);
  }
  if (chosen.includes("artefact")) {
    const most = trends.artefacts.kinds.map((_, kind) => Math.max(...there(epochs.map((epoch) => shareAt(trends, kind, epoch)))));
    const seen = trends.artefacts.kinds.flatMap((kind, n) => (most[n] > 0 ? [`${kind} ${Math.round(100 * most[n])} %`] : []));
    said.push(seen.length ? `artefact: ${seen.join(", ")}` : most.every((one) => one === -Infinity) ? "artefact not computed" : "no sign of artefact");
  }
  return said;
}
