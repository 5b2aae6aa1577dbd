/** The stretch that a reader drags: for an event that was missed, or an edge of a known one. A draft until a row holds it. */

import { nextNumber } from "../shared/selection.js";

/** @typedef {import("./viewer.js").Viewer} Viewer @typedef {import("./state.js").Range} Range */

/** A stretch is being dragged. @param {Viewer} viewer @param {Range} range */
export function previewRange(viewer, range) {
  if (viewer.data.replay) return;
  viewer.state.range = range;
  viewer.draw();
}

/** A stretch has been dragged, or dropped. @param {Viewer} viewer @param {Range|null} range */
export function setRange(viewer, range) {
  if (viewer.data.replay) return;
  viewer.guard.forget();
  viewer.state.range = range;
  const n = range ? viewer.selection.point() : nextNumber();
  viewer.reports.flush();
  viewer.send("range", { study: viewer.data.study, onset_s: null, duration_s: null, ...range, n });
  viewer.draw();
}

/** A stretch that has become an event, or an edge that has been recorded, is no longer the reader's draft. @param {Viewer} viewer */
export function dropRecordedRange({ state, data }) {
  const { range } = state;
  if (!range) return;
  const isIt = (onset, duration) => Math.abs(onset - range.onset_s) < 0.02 && Math.abs(duration - range.duration_s) < 0.02;
  const isRecorded = data.events.some((event) => (range.event
    ? event.id === range.event && isIt(event.reader_onset_s ?? NaN, event.reader_duration_s ?? NaN)
    : event.own && isIt(event.onset_s, event.duration_s)));
  if (isRecorded) state.range = null;
}
