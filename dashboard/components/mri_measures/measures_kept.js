/** Measures as a view, a page and a tab keep them: short, checked when they come back. */

import { POINTS } from "./measures.js";

/** @typedef {import("./measures.js").Measure} Measure */
/** @typedef {import("./measures.js").Kind} Kind */
/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** A kind, a plane, the points' coordinates one after the other, and where it is another than the view's the frame of reference. @typedef {(string|number)[]} Packed */

const PLANES = ["axial", "coronal", "sagittal"];

/** @param {number} mm @returns {number} To a hundredth, without a negative zero. */
const short = (mm) => Math.round(mm * 100) / 100 + 0;

/** @param {Measure} measure @param {string} frame Of the series on screen. @returns {Packed} */
export function packed({ kind, plane, frame: own, points, finding }, frame) {
  const apart = own !== frame || finding;
  return [kind, plane, ...points.flat().map(short), ...(apart ? [own] : []), ...(finding ? [finding] : [])];
}

/**
 * @param {unknown} kept As `packed` wrote it.
 * @param {string} frame Of the series that was on screen.
 * @returns {Measure|null} Null where it is none.
 */
export function unpacked(kept, frame) {
  if (!Array.isArray(kept) || !Object.hasOwn(POINTS, kept[0]) || !PLANES.includes(kept[1])) return null;
  const kind = /** @type {Kind} */ (kept[0]);
  const numbers = kept.slice(2, 2 + 3 * POINTS[kind]);
  if (numbers.length !== 3 * POINTS[kind] || !numbers.every(Number.isFinite)) return null;
  const [own = frame, finding] = kept.slice(2 + numbers.length);
  const points = numbers.flatMap((_, at) => (at % 3 ? [] : [/** @type {Point} */ (numbers.slice(at, at + 3))]));
  return { kind, plane: kept[1], frame: String(own), points, ...(finding ? { finding: String(finding) } : {}) };
}

/** @param {unknown} kept @param {string} frame @returns {Measure[]} */
export const allUnpacked = (kept, frame) =>
  (Array.isArray(kept) ? kept : []).map((one) => unpacked(one, frame)).filter((one) => one !== null);

/** Characters of a value as JSON with a space behind every comma and colon, the widest that it is ever written. @param {unknown} value */
export const jsonLength = (value) => {
  const text = JSON.stringify(value);
  return text.length + (text.match(/[,:]/g)?.length ?? 0);
};

/**
 * As many measures as fit, the newest first given room, in the order in which they were drawn.
 * @param {Measure[]} measures @param {string} frame
 * @param {number} room Characters.
 * @returns {{measures?: Packed[], measures_left_out?: number}} Nothing where there are none.
 */
export function recorded(measures, frame, room) {
  if (!measures.length) return {};
  let left = room - jsonLength({ measures: [], measures_left_out: 999 });
  const kept = [];
  for (const measure of [...measures].reverse()) {
    const one = packed(measure, frame);
    left -= jsonLength(one) + 2;
    if (left < 0) break;
    kept.unshift(one);
  }
  const out = measures.length - kept.length;
  return { ...(kept.length ? { measures: kept } : {}), ...(out ? { measures_left_out: out } : {}) };
}

/**
 * Whose measures of which study, and of which kind of read: another reader in the same tab sees none of them, nor does a
 * blind read see what was drawn beside a model's mask.
 * @param {import("../mri_picture/state.js").Data} data @param {boolean} blind
 */
const keyOf = ({ study, reader }, blind) => `overread-measures ${reader ?? ""} ${study}${blind ? " blind" : ""}`;

/**
 * Keeps the measures for a reload of the page, in this tab only.
 * @param {import("../mri_picture/state.js").Data} data @param {Measure[]} measures
 */
export function keepInTab(data, measures) {
  try {
    const key = keyOf(data, data.blind);
    if (measures.length) sessionStorage.setItem(key, JSON.stringify(measures.map((one) => packed(one, ""))));
    else sessionStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing: they last as long as the page.
  }
}

/**
 * Those that this reader drew on the study in this tab. What was drawn in a blind read is taken over once it is
 * committed, and no later blind read of the same study finds it.
 * @param {import("../mri_picture/state.js").Data} data
 * @returns {Measure[]}
 */
export function keptInTab(data) {
  try {
    const read = (blind) => allUnpacked(JSON.parse(sessionStorage.getItem(keyOf(data, blind)) ?? "[]"), "");
    if (data.blind) return read(true);
    const all = [...read(false), ...read(true)];
    sessionStorage.removeItem(keyOf(data, true));
    keepInTab(data, all);
    return all;
  } catch {
    return [];
  }
}
