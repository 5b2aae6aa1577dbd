/** A detector's score into events, as `dashboard/eeg/events.py` does it, number for number; and what other rules would gain and lose. */

/** A window in seconds and what rules make of the score. @typedef {{onset_s: number, duration_s: number, peak: number}} Proposed */
/** An alert that was recorded. @typedef {{id: string, onset_s: number, duration_s: number, state: string, own: boolean}} Alert */
/**
 * The rules: thresholds `on` and `off`, the least duration, and the gap over which two events are one, in seconds.
 * @typedef {{on: number, off: number, min_duration_s: number, merge_gap_s: number}} Rules
 */
/** From and to, in seconds. @typedef {[number, number]} Stretch */

/** @param {Proposed} event */
const endOf = ({ onset_s, duration_s }) => onset_s + duration_s;

/**
 * Makes events of a score curve; see `risk_events` in Python for each rule.
 * @param {ArrayLike<number>} times Centres of the windows, ascending. @param {ArrayLike<number>} scores NaN where not evaluated.
 * @param {number} stepS @param {Rules} rules `off` not above `on`. @param {{onset_s: number, duration_s: number}[]} gaps
 * @returns {Proposed[]} Apart, in time's order.
 */
export function riskEvents(times, scores, stepS, { on, off, min_duration_s, merge_gap_s }, gaps) {
  const breaks = gaps.map(({ onset_s, duration_s }) => /** @type {Stretch} */ ([onset_s, onset_s + duration_s]));
  const found = runsOf(times, scores, stepS, off, breaks).map((run) => clipped(times, scores, run, stepS, breaks));
  const barriers = barriersOf(times, scores, stepS, breaks);
  /** @type {Proposed[]} */
  const merged = [];
  for (const event of found) {
    if (!event || !(event.peak >= on)) continue;
    const last = merged.at(-1);
    const isNear = last !== undefined && event.onset_s - endOf(last) <= merge_gap_s + 1e-9;
    if (isNear && !barriers.some(([low, high]) => low < event.onset_s + 1e-9 && high > endOf(last) - 1e-9)) {
      merged[merged.length - 1] = {
        onset_s: last.onset_s, duration_s: endOf(event) - last.onset_s, peak: Math.max(last.peak, event.peak),
      };
    } else {
      merged.push(event);
    }
  }
  return merged.filter(({ duration_s }) => duration_s >= min_duration_s - 1e-9);
}

/** Windows in a row that are high, as first and last; a jump in time or a gap between two parts them. @returns {Stretch[]} */
function runsOf(times, scores, stepS, off, breaks) {
  /** @type {Stretch[]} */
  const runs = [];
  const isParted = (before, after) => after - before > 1.5 * stepS || breaks.some(([low, high]) => low < after && high > before);
  for (let n = 0; n < times.length; n += 1) {
    if (!(scores[n] >= off)) continue;
    const last = runs.at(-1);
    if (last && last[1] === n - 1 && !isParted(times[n - 1], times[n])) last[1] = n;
    else runs.push([n, n]);
  }
  return runs;
}

/** The run's time, half a step beyond its outer centres, kept out of gaps; null where a centre lies in one. @returns {Proposed|null} */
function clipped(times, scores, [first, last], stepS, breaks) {
  let start = Math.max(0, times[first] - stepS / 2);
  let end = times[last] + stepS / 2;
  for (const [low, high] of breaks) {
    if ((low <= times[first] && times[first] < high) || (low <= times[last] && times[last] < high)) return null;
    if (times[last] < low && low < end) end = low;
    if (start < high && high <= times[first]) start = high;
  }
  let peak = -Infinity;
  for (let n = first; n <= last; n += 1) peak = Math.max(peak, scores[n]);
  return { onset_s: start, duration_s: end - start, peak };
}

/** Stretches over which nothing is merged: gaps, windows not evaluated, windows that are missing. @returns {Stretch[]} */
function barriersOf(times, scores, stepS, breaks) {
  /** @type {Stretch[]} */
  const barriers = [...breaks];
  for (let n = 0; n < times.length; n += 1) {
    if (Number.isNaN(scores[n])) barriers.push([times[n] - stepS / 4, times[n] + stepS / 4]);
    if (n && times[n] - times[n - 1] > 1.5 * stepS) barriers.push([times[n - 1] + stepS / 2, times[n] - stepS / 2]);
  }
  return barriers;
}

/**
 * Centres of the windows as Python keeps them: single precision.
 * @param {{start_s: number, step_s: number, n: number}} risk
 */
export const timesOf = ({ start_s, step_s, n }) => Float32Array.from({ length: n }, (_, at) => start_s + at * step_s);

const STANDS = new Set(["accepted", "modified"]);

/**
 * What other rules would change against the alerts that are recorded: an event is gained where it meets no alert, an alert is
 * lost where no event meets it.
 * @param {Proposed[]} proposed @param {Alert[]} events The reader's own don't count.
 */
export function compared(proposed, events) {
  const alerts = events.filter(({ own }) => !own);
  /** @param {{onset_s: number, duration_s: number}} a @param {{onset_s: number, duration_s: number}} b */
  const meet = (a, b) => a.onset_s < b.onset_s + b.duration_s && b.onset_s < a.onset_s + a.duration_s;
  const gained = proposed.filter((one) => !alerts.some((alert) => meet(one, alert)));
  const lost = alerts.filter((alert) => !proposed.some((one) => meet(one, alert)));
  return {
    count: proposed.length, total_s: proposed.reduce((sum, { duration_s }) => sum + duration_s, 0), gained, lost,
    lostThatStood: lost.filter(({ state }) => STANDS.has(state)).length, recorded: alerts.length,
  };
}
