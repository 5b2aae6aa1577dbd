/** Which part of the recording the overview shows: all of it, or a stretch that keeps the page in it. Pure. */

/** @typedef {{start: number, span: number}} View Seconds. */

/** The shortest stretch, in seconds and in pages. */
const SHORTEST_S = 30;
const SHORTEST_PAGES = 3;
/** What one turn of the wheel or one press of a key makes of the span. */
export const ZOOM_STEP = 1.5;

/** @param {number} durationS @param {number} pageS @returns {number} The shortest stretch of this recording. */
export const shortestSpan = (durationS, pageS) => Math.min(durationS, Math.max(SHORTEST_S, SHORTEST_PAGES * pageS));

/** @param {View} view @param {number} durationS @returns {View} The same, within the recording. */
export function inside({ start, span }, durationS) {
  const wide = Math.min(span, durationS);
  return { start: Math.max(0, Math.min(start, durationS - wide)), span: wide };
}

/**
 * Wider or narrower around a time, which keeps its place.
 * @param {View} view @param {number} factor Of the span. @param {number} around Seconds. @param {number} durationS @param {number} pageS
 * @returns {View}
 */
export function zoomed(view, factor, around, durationS, pageS) {
  const span = Math.max(shortestSpan(durationS, pageS), Math.min(durationS, view.span * factor));
  const share = Math.max(0, Math.min(1, (around - view.start) / view.span));
  return inside({ start: around - share * span, span }, durationS);
}

/**
 * Moved so that a page is in it: just so far where part of it is, else with the page in the middle.
 * @param {View} view @param {number} start Of the page. @param {number} pageS @param {number} durationS
 * @returns {View}
 */
export function following(view, start, pageS, durationS) {
  const from = Math.max(0, start);
  const to = Math.min(durationS, start + pageS);
  if (from >= view.start && to <= view.start + view.span) return view;
  const end = view.start + view.span;
  if (to <= view.start || from >= end) return inside({ start: (from + to) / 2 - view.span / 2, span: view.span }, durationS);
  return inside({ start: from < view.start ? from : to - view.span, span: view.span }, durationS);
}

/** Whether less than the whole recording is shown. @param {View} view @param {number} durationS */
export const isZoomed = (view, durationS) => view.span < durationS - 1e-6;
