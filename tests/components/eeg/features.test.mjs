import assert from "node:assert/strict";
import { test } from "node:test";
import { pinnedOf } from "../../../dashboard/components/eeg_tools/beside.js";
import { CARD_MM, keptFor } from "../../../dashboard/components/eeg_tools/calibration.js";
import { between, caliperWords } from "../../../dashboard/components/eeg_tools/calipers.js";
import { withoutMarked } from "../../../dashboard/components/eeg_tools/channels.js";
import { PIXELS_A_MM, pixelsDown, setPixelsAMm } from "../../../dashboard/components/eeg_paper/scales.js";
import { secondsOf } from "../../../dashboard/components/eeg_tools/timing.js";

const SINGLE = ["Fp1", "F7", "T3", "O1"];
const average = () => ({
  name: "average", missing: [],
  rows: SINGLE.map((label) => ({ label: `${label}-Avg`, side: "left", plus: Object.fromEntries(SINGLE.map((one) => [one, Number(one === label) - 0.25])) })),
});
const bipolar = () => ({ name: "longitudinal_bipolar", missing: [], rows: [
  { label: "Fp1-F7", side: "left", plus: { Fp1: 1, F7: -1 } }, { label: "F7-T3", side: "left", plus: { F7: 1, T3: -1 } }] });

test("a bad channel leaves the average, keeps a faint row of its own, and is named", () => {
  const made = withoutMarked(average(), new Map([["F7", "bad"]]));
  assert.deepEqual(made.rows.map(({ label, dim }) => [label, Boolean(dim)]), SINGLE.map((label) => [`${label}-Avg`, label === "F7"]));
  const values = { Fp1: 10, F7: 1000, T3: 4, O1: 1 };
  const of = (label) => Object.entries(made.rows.find((row) => row.label === label).plus).reduce((sum, [one, weight]) => sum + weight * values[one], 0);
  assert.ok(Math.abs(of("Fp1-Avg") - (10 - 5)) < 1e-9, "the mean of 10, 4 and 1");
  assert.ok(Math.abs(of("F7-Avg") - 995) < 1e-9);
  assert.match(made.said.join("; "), /bad: F7.*average/);
  assert.notEqual(made.name, average().name);
});

test("a hidden channel takes its rows with it, in a bipolar montage too", () => {
  assert.deepEqual(withoutMarked(bipolar(), new Map([["T3", "hidden"]])).rows.map(({ label }) => label), ["Fp1-F7"]);
  assert.deepEqual(withoutMarked(bipolar(), new Map([["Fp1", "bad"]])).rows.map(({ dim }) => dim), [true, false]);
  const none = bipolar();
  assert.equal(withoutMarked(none, new Map()), none);
});

test("a source derivation is not formed against a marked neighbour", () => {
  const laplacian = { name: "laplacian", missing: [], rows: [{ label: "Cz-Lap", side: "midline", plus: { Cz: 1, C3: -0.5, C4: -0.5 } }] };
  const made = withoutMarked(laplacian, new Map([["C3", "bad"]]));
  assert.deepEqual([made.rows, made.missing], [[], ["Cz-Lap"]]);
});

test("two cursors give time, frequency and amplitude", () => {
  const measured = between({ seconds: 2.1, row: 0, uv: -30 }, { seconds: 2.0, row: 0, uv: 20 });
  assert.ok(Math.abs(measured.hertz - 10) < 1e-9 && measured.uv === 50);
  assert.equal(caliperWords(measured), "100 ms · 10.0 Hz · 50 µV");
  assert.equal(between({ seconds: 2, row: 0, uv: 0 }, { seconds: 2, row: 0, uv: 0 }).hertz, null);
});

test("times are understood as readers write them, and nothing else is", () => {
  const start = "2024-03-11T14:02:03";
  for (const [text, seconds] of [["90", 90], ["1:30", 90], ["01:02:03", 3723], ["1:02.5", 62.5], ["@14:03:03", 60], ["14:03 clock", 57], ["@14:02:02", 86399]]) {
    assert.equal(secondsOf(text, start), seconds, text);
  }
  for (const text of ["", "soon", "1:2:3:4", "-5", "@14", "1e3"]) assert.equal(secondsOf(text, start), null, text);
  assert.equal(secondsOf("@14:03", ""), null, "a file without a clock has no clock times");
});

test("millimetres hold for the screen and the zoom that they were measured on", () => {
  const screen = { ratio: 1, width: 1440 };
  const text = JSON.stringify({ pixels: 4.2, ...screen });
  assert.equal(keptFor(text, screen), 4.2);
  assert.equal(keptFor(text, { ratio: 1.25, width: 1440 }), null);
  assert.equal(keptFor(text, { ratio: 1, width: 2560 }), null);
  for (const broken of [null, "", "{", "7", JSON.stringify({ pixels: 400, ...screen })]) assert.equal(keptFor(broken, screen), null);
  setPixelsAMm(5);
  assert.equal(pixelsDown(70, 7), 50);
  setPixelsAMm(null);
  assert.equal(pixelsDown(70, 7), 10 * PIXELS_A_MM);
  assert.equal(CARD_MM, 85.6);
});

test("what was accepted last is pinned; nothing is where nothing stands", () => {
  const event = (id, state, onset_s) => ({ id, state, onset_s });
  const before = [event("1", "open", 10), event("2", "open", 50), event("3", "accepted", 90)];
  assert.equal(pinnedOf([], before, ""), "3");
  const now = [event("1", "accepted", 10), ...before.slice(1)];
  assert.equal(pinnedOf(before, now, "3"), "1");
  assert.equal(pinnedOf(now, now, "1"), "1");
  assert.equal(pinnedOf(now, before, "1"), "3", "a verdict that was taken back pins nothing");
  assert.equal(pinnedOf([], [event("1", "rejected", 1)], ""), "");
});
