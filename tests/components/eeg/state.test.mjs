import assert from "node:assert/strict";
import test from "node:test";
import { commandOf, isIdleRepeat } from "../../../dashboard/components/eeg_viewer/keys.js";
import { edgeAt, SHORTEST_S, stretch } from "../../../dashboard/components/eeg_viewer/pointer.js";
import {
  edgesOf, eventBeside, startForEnd, startForOnset, turned, ViewState, within,
} from "../../../dashboard/components/eeg_paper/state.js";
import { isVerdictKey } from "../../../dashboard/components/shared/verdict_guard.js";

const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("an onset opens one third into the page, also near the recording's ends", () => {
  near((60 - startForOnset({ onset_s: 60 }, 10)) / 10, 1 / 3);
  near((2 - startForOnset({ onset_s: 2 }, 30)) / 30, 1 / 3);
  near((84 - startForEnd({ onset_s: 60, duration_s: 24 }, 10)) / 10, 2 / 3);
});

test("pages turn within the recording and stop where its end is seen", () => {
  assert.deepEqual([turned(0, 10, 10, 25), turned(10, 10, 10, 25), turned(20, 10, 10, 25)], [10, 20, 20]);
  assert.deepEqual([turned(4, -10, 10, 25), turned(-3, -10, 10, 25), turned(-3, 10, 10, 25)], [0, -3, 7]);
  assert.deepEqual([within(99, 10, 25), within(-2, 10, 25), within(3, 30, 25)], [15, 0, 0]);
});

const events = [{ id: "1", onset_s: 60, duration_s: 24 }, { id: "3", onset_s: 300, duration_s: 9 }, { id: "r-2", onset_s: 200, duration_s: 5 }];

test("the next event is the next in time, and the ends hold", () => {
  assert.equal(eventBeside(events, "1", 1).id, "r-2");
  assert.equal(eventBeside(events, "3", 1).id, "3");
  assert.equal(eventBeside(events, null, 1).id, "1");
  assert.equal(eventBeside(events, null, -1).id, "3");
  assert.equal(eventBeside([], "1", 1), undefined);
});

test("edges: dragged before the reader's before the model's", () => {
  const event = { ...events[0], reader_onset_s: 61, reader_duration_s: 20 };
  assert.deepEqual(edgesOf(events[0], null), { onset_s: 60, duration_s: 24 });
  assert.deepEqual(edgesOf(event, null), { onset_s: 61, duration_s: 20 });
  assert.deepEqual(edgesOf(event, { event: "1", onset_s: 62, duration_s: 3 }), { onset_s: 62, duration_s: 3 });
  assert.deepEqual(edgesOf(event, { event: "3", onset_s: 62, duration_s: 3 }), { onset_s: 61, duration_s: 20 });
});

test("the edge under the pointer is the selected event's before a nearer one", () => {
  const time = { left: 0, width: 1000, start: 0, span: 100 };
  const two = [{ id: "1", onset_s: 10, duration_s: 10 }, { id: "2", onset_s: 20.3, duration_s: 10 }];
  assert.equal(edgeAt(two, null, null, time, 203).event.id, "2");
  const found = edgeAt(two, null, "1", time, 203);
  assert.deepEqual([found.event.id, found.edge], ["1", "end"]);
  assert.equal(edgeAt(two, null, "1", time, 150), null);
});

test("a dragged stretch runs either way, stays within the recording, and has a length", () => {
  assert.deepEqual(stretch(12.3456, 10, 100), { onset_s: 10, duration_s: 2.346 });
  assert.deepEqual(stretch(-5, 3, 100), { onset_s: 0, duration_s: 3 });
  assert.deepEqual(stretch(98, 130, 100), { onset_s: 98, duration_s: 2 });
  assert.equal(stretch(50, 50, 100).duration_s, SHORTEST_S);
});

const DATA = { defaults: { page_s: 10, uv_per_mm: 7, low_hz: 1, high_hz: 70, notch: "50" } };

test("a new recording begins with the defaults, the next one with what the reader has set", () => {
  const state = new ViewState(DATA);
  assert.deepEqual([state.pageS, state.uvPerMm, state.cuts], [10, 7, { low: 1, high: 70, notch: 50 }]);
  state.pageS = 30;
  state.range = { onset_s: 1, duration_s: 2 };
  state.start = 90;
  const next = new ViewState(DATA, state);
  assert.deepEqual([next.pageS, next.range, next.start], [30, null, 0]);
});

test("a recorded view comes back as it was: start, page, montage, sensitivity, filters, paper", () => {
  const seen = new ViewState(DATA);
  Object.assign(seen, { start: -3.25, pageS: 30, uvPerMm: 15, cuts: { low: 0.5, high: 35, notch: 60 }, paper: "dark", hidden: true });
  const row = JSON.parse(JSON.stringify(seen.record("average")));
  const again = new ViewState(DATA, {});
  again.restore(row);
  assert.deepEqual(again.record(again.montageName), row);
  const before = again.record("average");
  again.restore({ start_s: "x", page_s: 0, uv_per_mm: -1, low_hz: null, paper: "red", marks: false });
  assert.deepEqual(again.record("average"), before);
});

test("another page length keeps an onset on the page where it belongs", () => {
  const state = new ViewState(DATA);
  state.start = startForOnset({ onset_s: 60 }, 10);
  state.setPage(30, 500, 60);
  near(state.start, 50);
  state.setPage(60, 70, 900);
  assert.equal(state.start, 10);
});

test("a montage without rows is never the one on screen", () => {
  const state = new ViewState(DATA);
  const montages = [{ name: "longitudinal_bipolar", rows: [] }, { name: "referential", rows: [{}] }];
  state.montageName = "longitudinal_bipolar";
  assert.equal(state.montageOf(montages).name, "referential");
  assert.equal(state.montageOf([]), undefined);
});

test("keys: arrows turn, with Shift by a third; none is a verdict's, C or R", () => {
  assert.deepEqual(commandOf({ key: "ArrowRight" }), { deed: "turn", by: 1 });
  assert.deepEqual(commandOf({ key: "ArrowLeft", shiftKey: true }), { deed: "third", by: -1 });
  assert.equal(commandOf({ key: "[", ctrlKey: true, altKey: true }).deed, "onset", "AltGr, as on a German keyboard");
  assert.equal(commandOf({ key: "ArrowRight", ctrlKey: true }), null);
  for (const key of ["a", "m", "x", "u", "n", "Enter", "1", "c", "r", "p", "l", "Tab"]) assert.equal(commandOf({ key }), null, key);
  for (const key of ["j", "K", "f", "Home", "End", ",", ".", "Escape"]) {
    assert.ok(commandOf({ key }), key);
    assert.ok(!isVerdictKey({ key }), key);
  }
  assert.ok(isIdleRepeat(commandOf({ key: "j" }), true));
  assert.ok(!isIdleRepeat(commandOf({ key: "ArrowRight" }), true));
});
