import assert from "node:assert/strict";
import test from "node:test";
import { filterBetweenGaps, sectionsOf } from "../../../dashboard/components/eeg_paper/filters.js";
import { runs, shareDisplayed, total, union, without } from "../../../dashboard/components/eeg_paper/intervals.js";
import { apartRows, decode, derive, groupStarts, placeRows } from "../../../dashboard/components/eeg_paper/montage.js";
import { makePage, neededTiles } from "../../../dashboard/components/eeg_paper/pages.js";
import { colourOf } from "../../../dashboard/components/eeg_overview/spectrogram.js";
import { TileCache, tilesOf } from "../../../dashboard/components/eeg_paper/tiles.js";
import { firstSampleAt, NO_SAMPLE, readPage, readRisk, readSpectra } from "../../../dashboard/components/eeg_paper/wire.js";
import { unframe } from "../../../dashboard/components/shared/frames.js";

/** A frame as the routes send it. */
function framed(header, payload) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 4) * 4;
  const bytes = new Uint8Array(4 + padded + payload.byteLength).fill(32);
  new DataView(bytes.buffer).setUint32(0, padded, true);
  bytes.set(text, 4);
  bytes.set(new Uint8Array(payload.buffer), 4 + padded);
  return bytes.buffer;
}

const aPage = (start_s, channels, stored, rate_hz = 4) =>
  readPage(framed({ start_s, rate_hz, channels, samples: stored.length / channels.length, scale_uv: channels.map(() => 0.5) }, Int16Array.from(stored)));

test("a page is read with its place on the recording's grid of samples", () => {
  const page = aPage(30, [2, 5], [10, 20, NO_SAMPLE, 40, 1, 2, 3, 4]);
  assert.deepEqual([page.first, page.samples, [...page.channels]], [120, 4, [2, 5]]);
  assert.deepEqual([...page.stored], [10, 20, NO_SAMPLE, 40, 1, 2, 3, 4]);
  assert.equal(firstSampleAt(0.1 * 3, 10), 3, "rounding does not lose a sample");
});

test("a length that is no multiple of four is padded, and a short frame is refused", () => {
  const bytes = framed({ a: 1 }, new Uint8Array(0));
  new DataView(bytes).setUint32(0, 7, true);
  assert.deepEqual(unframe(bytes), { header: { a: 1 }, at: 12 });
  new DataView(bytes).setUint32(0, 400, true);
  assert.throws(() => unframe(bytes), RangeError);
  assert.throws(() => unframe(new ArrayBuffer(2)), RangeError);
});

test("risk and spectra", () => {
  const risk = readRisk(framed({ n: 3, step_s: 1, start_s: 0.5 }, Float32Array.of(0.25, NaN, 1)));
  assert.deepEqual([...risk.scores], [0.25, NaN, 1]);
  const spectra = readSpectra(framed({ sides: ["left", "right"], rows: 2, columns: 3 }, Uint8Array.from({ length: 12 }, (_, n) => n)));
  assert.equal(spectra.levels.length, 12);
  assert.deepEqual([colourOf(0), colourOf(255)], [[0, 0, 4], [252, 255, 164]]);
});

test("pages of two stretches are decoded onto one, microvolts and gaps in place", () => {
  const pages = [aPage(0, [0, 1], [2, 4, 6, 8, 1, 1, 1, 1]), aPage(1, [0, 1], [10, NO_SAMPLE, 14, 16, 1, 1, 1, 1])];
  const signals = decode(pages, new Set([0]), 2, 5);
  assert.deepEqual([...signals.keys()], [0]);
  assert.deepEqual([...signals.get(0)], [3, 4, 5, NaN, 7]);
});

test("a derivation is the weighted sum of its channels; a missing one is none", () => {
  const indexOf = new Map([["Fp1", 0], ["F7", 1]]);
  const signals = new Map([[0, Float64Array.of(10, 20, NaN)], [1, Float64Array.of(4, 25, 1)]]);
  assert.deepEqual([...derive({ label: "Fp1-F7", plus: { Fp1: 1, F7: -1 }, side: "left" }, indexOf, signals, 3)], [6, -5, NaN]);
  assert.equal(derive({ label: "O1", plus: { O1: 1 }, side: "left" }, indexOf, signals, 3), null);
});

const rowsOf = (sides) => sides.map((side, n) => ({ label: String(n), plus: {}, side }));

test("chains stand apart, single electrodes do not, the midline and the ECG always", () => {
  const chains = groupStarts(rowsOf(["left", "left", "left", "right", "right", "right", "midline", "midline", "apart"]));
  assert.deepEqual(chains, [false, false, false, true, false, false, true, false, true]);
  assert.deepEqual(groupStarts(rowsOf(["left", "right", "left", "right", "midline"])), [false, false, false, false, true]);
  const { baselines, spacing } = placeRows(rowsOf(["left", "left", "right", "right"]), 10, 442);
  assert.equal(spacing, 100);
  assert.deepEqual(baselines, [60, 160, 302, 402]);
  assert.deepEqual(apartRows([{ label: "ECG", kind: "ecg" }, { label: "Cz", kind: "eeg" }]).map(({ label }) => label), ["ECG"]);
});

const recording = { digest: "d", duration_s: 100, starts_at: "", channels: [{ label: "A", kind: "eeg", rate_hz: 64 }], gaps: [] };
const montage = { name: "referential", rows: [{ label: "A", plus: { A: 1 }, side: "left" }, { label: "B", plus: { B: 1 }, side: "left" }], missing: [] };

test("a made page holds what is seen and one sample on either side, filtered over its neighbours", () => {
  const rate = 64;
  const stored = Array.from({ length: 100 * rate }, (_, n) => Math.round(8000 * Math.sin((2 * Math.PI * 8 * n) / rate)));
  const tiles = [0, 1, 2, 3].map((tile) => aPage(30 * tile, [0], stored.slice(30 * tile * rate, 30 * (tile + 1) * rate), rate));
  const request = { recording, montage, cuts: { low: 1, high: 70, notch: 0 }, start: 40, span: 10 };
  assert.deepEqual(neededTiles(request), [1]);
  assert.deepEqual(neededTiles({ ...request, start: 45 }), [1, 2]);
  assert.deepEqual(neededTiles({ ...request, start: -3 }), [0]);
  assert.deepEqual(neededTiles({ ...request, start: 95 }), [2, 3]);
  const page = makePage(request, [tiles[1]]);
  assert.equal(page.first, 40 * rate - 1);
  assert.equal(page.rows[0].signal.length, 10 * rate + 2);
  assert.equal(page.rows[1].signal, null, "a channel that is not there is not drawn flat");
  assert.equal(page.cuts.high, 28.8);
  const whole = makePage({ ...request, start: 0, span: 100 }, tiles);
  const part = whole.rows[0].signal.slice(40 * rate - 1, 50 * rate + 1);
  assert.ok(page.rows[0].signal.every((value, n) => Math.abs(value - part[n]) < 0.05));
});

for (const [low, gap] of [[1, [44, 46]], [1, [38, 39.5]], [0.1, [51, 52]], [5, [39.5, 40.25]], [0.5, [49.9, 60]]]) {
  test(`each page equals the whole recording filtered, low cut ${low} Hz, a gap from ${gap.join(" to ")} s`, () => {
    const rate = 64;
    const stored = Array.from({ length: 100 * rate }, (_, n) => {
      const isGap = n >= gap[0] * rate && n < gap[1] * rate;
      return isGap ? NO_SAMPLE : Math.round(600 * Math.sin(n / 700) + 300 * Math.sin((2 * Math.PI * 8 * n) / rate) + 200 * Math.sin(n * n));
    });
    const tiles = [0, 1, 2, 3].map((tile) => aPage(30 * tile, [0], stored.slice(30 * tile * rate, 30 * (tile + 1) * rate), rate));
    const cuts = { low, high: 20, notch: 0 };
    const signal = Float64Array.from(stored, (value) => (value === NO_SAMPLE ? NaN : value * 0.5));
    const whole = filterBetweenGaps(sectionsOf(cuts, rate), signal);
    for (const start of [0, 30, 40, 50, 90]) {
      const request = { recording, montage, cuts, start, span: 10 };
      const page = makePage(request, neededTiles(request).map((tile) => tiles[tile]));
      const part = whole.slice(page.first, page.first + page.rows[0].signal.length);
      page.rows[0].signal.forEach((value, n) => {
        assert.equal(Number.isNaN(value), Number.isNaN(part[n]), `${start} s, sample ${n}`);
        if (!Number.isNaN(value)) assert.ok(Math.abs(value - part[n]) < 0.02, `${start} s, sample ${n}: ${value} for ${part[n]}`);
      });
    }
  });
}

test("stretches by number, and the oldest leave a full cache", () => {
  assert.deepEqual(tilesOf(29, 61, 100), [0, 1, 2]);
  assert.deepEqual(tilesOf(95, 120, 100), [3]);
  const cache = new TileCache(100);
  for (const tile of [0, 1, 2]) cache.put("d", tile, { stored: new Int16Array(20) });
  assert.deepEqual([0, 1, 2].map((tile) => cache.has("d", tile)), [false, true, true]);
  assert.equal(cache.all("d", [1])?.length, 1);
  cache.put("d", 3, { stored: new Int16Array(20) });
  assert.deepEqual([1, 2, 3].map((tile) => cache.has("d", tile)), [true, false, true], "the one last used stays");
  assert.equal(cache.all("d", [1, 2]), null);
  assert.equal(cache.has("e", 1), false);
});

test("intervals: union, difference, length", () => {
  assert.deepEqual(union([[20, 30], [0, 10], [10, 12], [25, 26]]), [[0, 12], [20, 30]]);
  assert.deepEqual(without([[0, 10], [20, 30]], [[5, 22]]), [[0, 5], [22, 30]]);
  assert.equal(total([[0, 12], [20, 30]]), 22);
});

test("share displayed leaves gaps out and is whole only when nothing is missing", () => {
  assert.equal(shareDisplayed([[0, 50]], 100, []), 0.5);
  assert.equal(shareDisplayed([[0, 50], [80, 100]], 100, [[50, 80]]), 1);
  assert.equal(shareDisplayed([[0, 99.98]], 100, []), 0.999);
  assert.equal(shareDisplayed([], 0, []), 0);
});

test("runs of finite numbers", () => {
  assert.deepEqual(runs([NaN, 1, 2, NaN, NaN, 3]), [[1, 3], [5, 6]]);
  assert.deepEqual(runs([]), []);
  assert.deepEqual(runs([Infinity, 1]), [[1, 2]]);
});
