import assert from "node:assert/strict";
import test from "node:test";
import {
  apartScale, calibrationBar, clock, elapsed, envelope, lengthWords, markStep, microvolts, nextSensitivity, PIXELS_A_MM,
  pixelsDown, secondsAt, shortElapsed, xOf,
} from "../../../dashboard/components/eeg_paper/scales.js";

test("negative goes up, 70 microvolts at 7 a millimetre are 10 mm", () => {
  assert.ok(Math.abs(pixelsDown(70, 7) - 10 * PIXELS_A_MM) < 1e-9);
  assert.ok(pixelsDown(-70, 7) < 0);
  for (const uv of [-300, 0.5, 42]) assert.ok(Math.abs(microvolts(pixelsDown(uv, 15), 15) - uv) < 1e-9);
});

test("time to pixels and back", () => {
  const scale = { left: 82, width: 1037, start: 56.7, span: 10 };
  assert.equal(xOf(scale, 56.7), 82);
  assert.equal(xOf(scale, 66.7), 1119);
  for (const seconds of [0, 60, 61.234]) assert.ok(Math.abs(secondsAt(scale, xOf(scale, seconds)) - seconds) < 1e-9);
});

test("the calibration bar is round, fits, and is as high as its voltage", () => {
  assert.deepEqual([calibrationBar(7, 10).uv, calibrationBar(7, 10).seconds], [50, 0.5]);
  for (const uvPerMm of [1, 7, 20, 100]) {
    const { uv, height } = calibrationBar(uvPerMm, 30);
    assert.ok(height <= 44 && height > 10, `${uvPerMm}`);
    assert.equal(height, pixelsDown(uv, uvPerMm));
  }
  assert.equal(calibrationBar(7, 60).seconds, 2);
});

test("sensitivity steps through its list and stays at its ends", () => {
  assert.deepEqual([nextSensitivity(7, 1), nextSensitivity(7, -1)], [5, 10]);
  assert.deepEqual([nextSensitivity(1, 1), nextSensitivity(100, -1)], [1, 100]);
  assert.equal(nextSensitivity(8, 1), 7);
});

test("elapsed and clock time, over midnight, before the start, and without a clock", () => {
  assert.equal(elapsed(348.7, 1), "00:05:48.7");
  assert.equal(elapsed(59.96, 1), "00:01:00.0");
  assert.equal(elapsed(-2.5, 1), "-00:00:02.5");
  assert.equal(elapsed(90000), "25:00:00");
  assert.equal(shortElapsed(118), "01:58");
  assert.equal(shortElapsed(3948), "1:05:48");
  assert.equal(clock("2024-03-11T23:59:30", 45), "00:00:15");
  assert.equal(clock("2024-03-11T00:00:10", -20), "23:59:50");
  assert.equal(clock("", 45), "");
});

test("lengths in words", () => {
  assert.deepEqual([0.4, 9, 13.2, 84, 144, 120, 7500].map(lengthWords), ["0.4 s", "9 s", "13 s", "84 s", "2 min 24 s", "2 min", "2 h 05 min"]);
});

test("marks of an axis are round and few", () => {
  assert.deepEqual([markStep(10, 12), markStep(60, 12), markStep(500, 10), markStep(86400, 10)], [1, 5, 60, 10800]);
});

test("the envelope keeps each column's extremes, in their order, and breaks over gaps", () => {
  const values = Float64Array.from({ length: 1000 }, (_, n) => Math.sin(n / 7));
  values[333] = 90;
  values[334] = -80;
  const { at, value } = envelope(values, 0, 1000, 50);
  assert.equal(value.length, 100);
  const place = value.indexOf(90);
  assert.deepEqual([at[place], value[place + 1], at[place + 1]], [333, -80, 334]);
  for (let n = 1; n < at.length; n += 1) assert.ok(at[n] >= at[n - 1]);
  values.fill(NaN, 400, 600);
  const broken = envelope(values, 0, 1000, 50);
  assert.ok(broken.value.slice(40, 60).every(Number.isNaN));
  assert.ok(!Number.isNaN(broken.value[80]));
});

test("few samples are all drawn", () => {
  const { at, value } = envelope([1, 2, NaN, 4], 0, 4, 10);
  assert.deepEqual([...at], [0, 1, 2, 3]);
  assert.deepEqual([...value], [1, 2, NaN, 4]);
});

test("a signal apart gets a scale that holds it; an empty one the finest", () => {
  assert.equal(apartScale([-120, NaN, 900]), 200);
  assert.equal(apartScale([-1, 1]), 5);
  assert.equal(apartScale([NaN]), 5);
  assert.equal(apartScale([0, 1e6]), 1000);
});
