import assert from "node:assert/strict";
import test from "node:test";
import {
  draggedWindow, greyTable, histogramOf, presetWindow, quantile, windowWords,
} from "../../../dashboard/components/mri_picture/windows.js";

// Half air at 0, then 100 to 199 evenly, and one bright vessel.
const STORED = Int16Array.from({ length: 1001 }, (_, at) => (at < 500 ? 0 : at < 1000 ? 100 + (at % 100) : 3000));
const COUNTS = histogramOf(STORED, () => true);

test("the histogram counts only what has arrived", () => {
  assert.equal(histogramOf(STORED, (at) => at < 500).reduce((sum, n) => sum + n, 0), 500);
  assert.equal(COUNTS[32768], 500);
});

test("quantiles of nothing are not a number", () => {
  assert.ok(Number.isNaN(quantile(new Uint32Array(65536), 0.5)));
  assert.equal(presetWindow(new Uint32Array(65536), 1, 0, "brain"), null);
});

test("the brain preset leaves out air and the brightest two per cent", () => {
  const window = presetWindow(COUNTS, 1, 0, "brain");
  assert.ok(window.centre - window.width / 2 >= 100);
  assert.ok(window.centre + window.width / 2 <= 199);
});

test("the wide preset spans everything, in units of the image", () => {
  assert.deepEqual(presetWindow(COUNTS, 2, -10, "wide"), { centre: 2990, width: 6000 });
});

test("an image of one value has no preset", () => {
  assert.equal(presetWindow(histogramOf(new Int16Array(50).fill(7), () => true), 1, 0, "wide"), null);
});

test("the table is black below, white above, and halfway grey at the centre", () => {
  const table = greyTable({ centre: 100, width: 50 }, 0.5, 0);
  const at = (stored) => table[stored + 32768];
  assert.equal(at(150), 0xff000000);
  assert.equal(at(250), 0xffffffff);
  assert.ok([127, 128].includes(at(200) & 0xff));
});

test("dragging right widens, dragging up brightens, and a width never vanishes", () => {
  const from = { centre: 100, width: 200 };
  assert.ok(draggedWindow(from, 50, 0).width > 200);
  assert.ok(draggedWindow(from, 0, -50).centre < 100);
  assert.ok(draggedWindow(from, -1e5, 0).width > 0);
});

test("words have decimals only where they matter", () => {
  assert.equal(windowWords({ width: 812.4, centre: 405.6 }), "W 812 L 406");
  assert.equal(windowWords({ width: 0.812, centre: 0.25 }), "W 0.812 L 0.250");
});
