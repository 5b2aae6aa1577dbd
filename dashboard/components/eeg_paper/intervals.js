/** Stretches of time: union, overlap, what was displayed, and the runs between missing samples. */

/** From and to, in seconds, from below to. @typedef {[number, number]} Interval */

/**
 * @param {Interval[]} intervals In any order. @param {number} [touch] Stretches this near to each other become one.
 * @returns {Interval[]} Sorted and apart.
 */
export function union(intervals, touch = 1e-6) {
  /** @type {Interval[]} */
  const out = [];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last && from <= last[1] + touch) last[1] = Math.max(last[1], to);
    else if (to > from) out.push([from, to]);
  }
  return out;
}

/**
 * @param {Interval[]} intervals Apart from each other. @param {Interval[]} others Likewise.
 * @returns {Interval[]} What of the first is not in the second.
 */
export function without(intervals, others) {
  let rest = intervals;
  for (const [from, to] of others) {
    rest = rest.flatMap(([a, b]) => /** @type {Interval[]} */ (
      [[a, Math.min(b, from)], [Math.max(a, to), b]].filter(([start, stop]) => stop > start)));
  }
  return rest;
}

/** @param {Interval[]} intervals Apart from each other. @returns {number} Seconds in all. */
export const total = (intervals) => intervals.reduce((sum, [from, to]) => sum + to - from, 0);

/** @param {{onset_s: number, duration_s: number}[]} spans @returns {Interval[]} */
export const intervalsOf = (spans) => spans.map(({ onset_s, duration_s }) => [onset_s, onset_s + duration_s]);

/**
 * Share of the recording's signal that was displayed; gaps hold no signal and count on neither side.
 * @param {Interval[]} displayed Apart from each other. @param {number} durationS @param {Interval[]} gaps
 * @returns {number} 0 to 1; 1 only where nothing is missing but less than a hundredth of a second.
 */
export function shareDisplayed(displayed, durationS, gaps) {
  const signal = without([[0, durationS]], union(gaps));
  const all = total(signal);
  if (all <= 0) return 0;
  const missing = total(without(signal, displayed));
  return missing < 0.01 ? 1 : Math.min(0.999, Math.floor((1 - missing / all) * 1000) / 1000);
}

/**
 * The stretches of finite numbers.
 * @param {ArrayLike<number>} values
 * @returns {[number, number][]} First index and the one after the last.
 */
export function runs(values) {
  /** @type {[number, number][]} */
  const out = [];
  let from = -1;
  for (let at = 0; at <= values.length; at += 1) {
    const finite = at < values.length && values[at] - values[at] === 0;
    if (finite && from < 0) from = at;
    if (!finite && from >= 0) {
      out.push([from, at]);
      from = -1;
    }
  }
  return out;
}
