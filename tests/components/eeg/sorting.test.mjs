import assert from "node:assert/strict";
import { test } from "node:test";

import { sorted } from "../../../dashboard/components/eeg_viewer/events.js";

const events = [
  { id: "1", onset_s: 10, duration_s: 5, score: 0.7, state: "accepted", own: false },
  { id: "2", onset_s: 30, duration_s: 50, score: 0.9, state: "open", own: false },
  { id: "3", onset_s: 20, duration_s: 9, reader_onset_s: 40, reader_duration_s: 60, score: 0.8, state: "modified", own: false },
  { id: "r-1", onset_s: 1, duration_s: 5, score: null, state: "added", own: true },
];

test("events are listed by the time, length, score or state that the reader left them with", () => {
  const order = (by) => sorted(events, by).map(({ id }) => id).join(" ");
  assert.equal(order("time"), "r-1 1 2 3");
  assert.equal(order("length"), "3 2 r-1 1");
  assert.equal(order("score"), "2 3 1 r-1");
  assert.equal(order("state"), "2 3 1 r-1");
  assert.equal(events[0].id, "1");
});
