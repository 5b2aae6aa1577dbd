import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  butterworth, filterBetweenGaps, filterBothWays, notchSection, paddingSeconds, possibleCuts, sectionsOf,
} from "../../../dashboard/components/eeg_paper/filters.js";

// Made with scipy.signal by `python -m tests.components.eeg.make_golden`.
const golden = JSON.parse(readFileSync(new URL("golden.json", import.meta.url)));

/** Noise that is the same on every machine (Numerical Recipes' linear congruence). */
function noise(n, seed = 1) {
  let state = seed >>> 0;
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 100;
  });
}

const near = (a, b, tolerance) => Math.max(...a.map((value, n) => Math.abs(value - b[n]))) < tolerance;

for (const { rate, low, high, notch, sections, x, y } of golden.cases) {
  test(`${low} to ${high} Hz, notch ${notch}, at ${rate} Hz equals scipy.signal`, () => {
    const made = sectionsOf({ low, high, notch }, rate);
    sections.forEach(([b0, b1, b2, , a1, a2], n) => assert.ok(near(made[n], [b0, b1, b2, a1, a2], 1e-9), `section ${n}`));
    assert.ok(near([...filterBothWays(made, Float64Array.from(x))], y, 2e-6));
  });
}

test("higher orders have SciPy's response", () => {
  for (const { kind, order, cut, rate, response } of golden.orders) {
    const sections = butterworth(kind, order, cut, rate);
    [1, cut, 2 * cut].forEach((hz, n) => assert.ok(Math.abs(gain(sections, hz, rate) - response[n]) < 1e-8, `${kind} ${hz}`));
  }
  assert.throws(() => butterworth("lowpass", 3, 10, 100), RangeError);
  assert.throws(() => butterworth("lowpass", 2, 50, 100), RangeError);
});

/** Gain of one run at a frequency. */
function gain(sections, hz, rate) {
  const w = (2 * Math.PI * hz) / rate;
  const size = (c0, c1, c2) => Math.hypot(c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w), c1 * Math.sin(w) + c2 * Math.sin(2 * w));
  return sections.reduce((all, [b0, b1, b2, a1, a2]) => (all * size(b0, b1, b2)) / size(1, a1, a2), 1);
}

test("a notch takes its frequency away and leaves its neighbours", () => {
  const section = notchSection(50, 30, 256);
  assert.ok(gain([section], 50, 256) < 1e-9);
  assert.ok(gain([section], 45, 256) > 0.98);
});

test("zero phase: a peak stays where it is", () => {
  const x = new Float64Array(513);
  x[256] = 100;
  const y = filterBothWays(sectionsOf({ low: 1, high: 35, notch: 0 }, 256), x);
  assert.equal(y.indexOf(Math.max(...y)), 256);
  for (let away = 1; away < 100; away += 1) assert.ok(Math.abs(y[256 - away] - y[256 + away]) < 1e-3);
});

for (const low of [0.1, 0.5, 1, 5]) {
  test(`a page with its padding equals the whole recording, low cut ${low} Hz`, () => {
    const rate = 128;
    const whole = noise(rate * 180).map((value, n) => value + 300 * Math.sin(n / 900) + 150);
    const sections = sectionsOf({ low, high: 40, notch: 50 }, rate);
    const all = filterBothWays(sections, whole);
    const padding = paddingSeconds(low) * rate;
    const [from, to] = [80 * rate, 90 * rate];
    const page = filterBothWays(sections, whole.slice(from - padding, to + padding)).slice(padding, padding + to - from);
    assert.ok(near([...page], [...all.slice(from, to)], 0.01), "within a hundredth of a microvolt");
    const bare = filterBothWays(sections, whole.slice(from, to));
    assert.ok(!near([...bare], [...all.slice(from, to)], 0.5), "without padding the edges are wrong");
  });
}

test("each side of a gap is filtered by itself", () => {
  const sections = sectionsOf({ low: 1, high: 40, notch: 0 }, 128);
  const before = noise(600, 3);
  const after = noise(500, 4).map((value) => value + 5000);
  const y = filterBetweenGaps(sections, Float64Array.from([...before, ...new Array(50).fill(NaN), ...after]));
  assert.deepEqual([...y.slice(0, 600)], [...filterBothWays(sections, before)]);
  assert.deepEqual([...y.slice(650)], [...filterBothWays(sections, after)]);
  assert.ok([...y.slice(600, 650)].every(Number.isNaN));
});

test("one sample, and none, are no error; a constant has no signal above the low cut", () => {
  const sections = sectionsOf({ low: 1, high: 40, notch: 50 }, 128);
  assert.equal(filterBothWays(sections, new Float64Array(0)).length, 0);
  assert.ok(Math.abs(filterBothWays(sections, Float64Array.of(70))[0]) < 1e-9);
  assert.ok(filterBothWays(sections, new Float64Array(300).fill(70)).every((value) => Math.abs(value) < 1e-6));
});

test("the high cut stays below Nyquist, a notch beyond it is left out, and both are said", () => {
  const { high, notch, said } = possibleCuts({ low: 1, high: 70, notch: 50 }, 100);
  assert.deepEqual([high, notch], [45, 0]);
  assert.equal(said.length, 2);
  assert.match(said[0], /70 Hz.*100 Hz.*45 Hz/);
  assert.deepEqual(possibleCuts({ low: 1, high: 70, notch: 50 }, 256), { low: 1, high: 70, notch: 50, said: [] });
});
