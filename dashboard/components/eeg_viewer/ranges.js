/** The stretch that a reader drags: for an event that was missed, or an edge of a known one. A draft until a row holds it. */

import { nextNumber } from "../shared/selection.js";

/** @typedef {import("./viewer.js").Viewer} Viewer @typedef {import("../eeg_paper/state.js").Range} Range */

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
  viewer.keeping.keep(range);
  viewer.send("range", { study: viewer.data.study, onset_s: null, duration_s: null, ...range, n });
  viewer.draw();
}

/** Whether a row holds a stretch: as an event of the reader's own, or as an event's edges. @param {Range} range @param {import("../eeg_paper/state.js").Event[]} events */
export function isRecorded(range, events) {
  const isIt = (onset, duration) => Math.abs(onset - range.onset_s) < 0.02 && Math.abs(duration - range.duration_s) < 0.02;
  return events.some((event) => (range.event
    ? event.id === range.event && isIt(event.reader_onset_s ?? NaN, event.reader_duration_s ?? NaN)
    : event.own && isIt(event.onset_s, event.duration_s)));
}

/** A stretch that has become an event, or an edge that has been recorded, is no longer the reader's draft. @param {Viewer} viewer */
export function dropRecordedRange({ state, data, keeping }) {
  if (!state.range || !isRecorded(state.range, data.events)) return;
  state.range = null;
  keeping.keep(null);
}
