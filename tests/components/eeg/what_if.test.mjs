import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, rulesOf, whatIfWords } from "../../../dashboard/components/eeg_tools/what_if.js";
import { compared, riskEvents, timesOf } from "../../../dashboard/components/eeg_tools/what_if_rules.js";

const RULES = { on: 0.9, off: 0.45, min_duration_s: 2, merge_gap_s: 4 };
const risk = (scores) => ({ start_s: 5, step_s: 2, n: scores.length, scores: Float32Array.from(scores) });
const made = (scores, rules = RULES, gaps = []) => riskEvents(timesOf(risk(scores)), risk(scores).scores, 2, rules, gaps);
const spans = (events) => events.map(({ onset_s, duration_s }) => [onset_s, onset_s + duration_s]);

test("a lower threshold gains, a higher one loses, and what is not evaluated is no event", () => {
  const scores = [0.1, 0.95, 0.95, 0.1, 0.1, 0.1, 0.7, 0.7, 0.1, NaN, NaN, 0.1];
  assert.deepEqual(spans(made(scores)), [[6, 10]]);
  assert.deepEqual(spans(made(scores, { ...RULES, on: 0.6 })), [[6, 10], [16, 20]]);
  assert.deepEqual(made(scores, { ...RULES, on: 0.97 }), []);
  assert.deepEqual(spans(made([0.95, NaN, 0.95])), [[4, 6], [8, 10]], "nothing is merged over it");
  assert.deepEqual(spans(made([0.95, 0.95, 0.95], { ...RULES, min_duration_s: 1 }, [{ onset_s: 5.5, duration_s: 0.75 }])), [[4, 5.5], [6.25, 10]]);
});

test("gained meets no alert, lost meets no event; the reader's own events are no alerts", () => {
  const alert = (id, onset_s, state, own = false) => ({ id, onset_s, duration_s: 4, state, own });
  const alerts = [alert("1", 6, "open"), alert("2", 30, "accepted"), alert("3", 50, "rejected"), alert("r", 16, "added", true)];
  const found = compared([{ onset_s: 9, duration_s: 2, peak: 1 }, { onset_s: 16, duration_s: 4, peak: 1 }], alerts);
  assert.deepEqual(found.gained.map(({ onset_s }) => onset_s), [16]);
  assert.deepEqual(found.lost.map(({ id }) => id), ["2", "3"]);
  assert.equal(whatIfWords(found), "2 events, 6 s · recorded: 3 · gained 1, lost 2, 1 of them accepted");
  const touching = compared([{ onset_s: 2, duration_s: 4, peak: 1 }], [alert("1", 6, "open")]);
  assert.deepEqual([touching.gained.length, touching.lost.length], [1, 1], "edges that touch don't meet");
});

test("thresholds never cross, and what is no number changes nothing", () => {
  assert.deepEqual(changed(RULES, "on", 0.3), { ...RULES, on: 0.3, off: 0.3 });
  assert.deepEqual(changed(RULES, "off", 0.95), { ...RULES, on: 0.95, off: 0.95 });
  assert.equal(changed(RULES, "on", 7).on, 0.99);
  assert.equal(changed(RULES, "min_duration_s", -1).min_duration_s, 0);
  assert.equal(changed(RULES, "merge_gap_s", NaN), RULES);
});

test("there are rules only where the score and all of them are known", () => {
  const prediction = { digest: "d", calibrated: false, ...RULES };
  assert.deepEqual(rulesOf(prediction), RULES);
  assert.equal(rulesOf({ ...prediction, imported: true }), null);
  assert.equal(rulesOf({ digest: "d", calibrated: false, on: 0.9, off: 0.5 }), null);
  assert.equal(rulesOf(null), null);
});

test("times are those of single precision", () => {
  const step = Math.fround(0.1);
  assert.deepEqual([...timesOf({ start_s: 0, step_s: step, n: 4 })], [0, 0.1, 0.2, 0.3].map(Math.fround));
});
