import assert from "node:assert/strict";
import { test } from "node:test";
import { choiceOf, choiceText, COMPACT, layoutOf } from "../../../dashboard/components/eeg_overview/strips.js";
import { balanceAt, levelsAt, madeOf, readTrends, semilog, shareAt, wordsOver } from "../../../dashboard/components/eeg_overview/trends.js";
import { following, inside, isZoomed, zoomed } from "../../../dashboard/components/eeg_overview/zoom.js";

const KINDS = ["flat", "saturated", "high", "muscle", "mains"];
const BANDS = [["total", 1, 25], ["delta", 1, 4], ["theta", 4, 8], ["alpha", 8, 13], ["beta", 13, 25]];

/** Two epochs of aEEG of 10 s, ten of the others of 2 s; the second half is left out. */
function frame() {
  const header = {
    epoch_s: 2, epochs: 10, gap_epochs: 5,
    aeeg: { sides: ["left", "right"], rows: ["C3-P3", "C4-P4"], epoch_s: 10, epochs: 2, gap_epochs: 1, levels: ["a", "b", "c", "d"], band_hz: [2, 15], why: "" },
    asymmetry: { bands: BANDS, pairs: [["F7-T3", "F8-T4"]], unpaired: ["Cz"], dropped: 3, why: "" },
    artefacts: { kinds: KINDS, words: Object.fromEntries(KINDS.map((kind) => [kind, `${kind} means`])), electrodes: 19, rows: 18, missing: ["mains"] },
  };
  const levels = Float32Array.from([4, NaN, 6.04, NaN, 23, NaN, 40, NaN, 3, NaN, 5, NaN, 12, NaN, 20, NaN]);
  const balance = new Int8Array(50).fill(-128);
  balance.set([-20, -40, -30, -30, -30], 0);
  balance.set([10, 10, 10, 10, 10], 20);
  const shares = new Uint8Array(50).fill(255);
  for (const kind of [0, 1, 2, 3]) shares.fill(0, kind * 10, kind * 10 + 5);
  shares[32] = 50;
  const text = new TextEncoder().encode(JSON.stringify(header));
  const size = Math.ceil(text.length / 4) * 4;
  const bytes = new Uint8Array(4 + size + 64 + 100).fill(32);
  new DataView(bytes.buffer).setUint32(0, size, true);
  bytes.set(text, 4);
  bytes.set(new Uint8Array(levels.buffer), 4 + size);
  bytes.set(new Uint8Array(balance.buffer), 4 + size + 64);
  bytes.set(shares, 4 + size + 114);
  return bytes.buffer;
}

test("trends are read side by side and band by band, and what was left out is no number", () => {
  const trends = readTrends(frame());
  assert.deepEqual(levelsAt(trends, 0, 0).map((uv) => Math.round(uv)), [4, 6, 23, 40]);
  assert.deepEqual(levelsAt(trends, 1, 0), [3, 5, 12, 20]);
  assert.ok(levelsAt(trends, 1, 1).every(Number.isNaN));
  assert.equal(balanceAt(trends, 0, 1), -0.4);
  assert.equal(balanceAt(trends, 2, 0), 0.1);
  assert.ok(Number.isNaN(balanceAt(trends, 0, 7)) && Number.isNaN(balanceAt(trends, 0, 99)));
  assert.equal(shareAt(trends, 3, 2), 0.2);
  assert.ok(Number.isNaN(shareAt(trends, 4, 2)));
});

test("words say the side, the microvolts and the share over the page, and what is left out", () => {
  const trends = readTrends(frame());
  assert.deepEqual(wordsOver(trends, ["aeeg", "asymmetry", "artefact"], "total", 0, 10),
    ["aEEG left 6.0 to 23 µV, right 5.0 to 12 µV", "asymmetry 30 % to the left", "artefact: muscle 20 %"]);
  assert.deepEqual(wordsOver(trends, ["asymmetry"], "theta", 2, 4), ["asymmetry (theta) 10 % to the right"]);
  assert.deepEqual(wordsOver(trends, ["artefact"], "total", 0, 4), ["no sign of artefact"]);
  assert.deepEqual(wordsOver(trends, ["aeeg", "asymmetry", "artefact"], "total", 12, 20), ["aEEG left not computed, right not computed", "asymmetry not computed", "artefact not computed"]);
  assert.deepEqual(wordsOver(trends, ["cdsa"], "total", 0, 10), []);
});

test("each strip says what it is made of, which electrodes and epochs are left out, and which kinds are not shown", () => {
  const made = madeOf(readTrends(frame()), "theta");
  assert.match(made.aeeg, /C3-P3 and C4-P4.*µV from peak to peak.*2 to 15 Hz.*1 of 2 epochs touch a gap/);
  assert.match(made.asymmetry, /theta, 4 to 8 Hz.*right up, left down.*In no pair: Cz\..*Left out 3 times.*5 of 10 epochs/);
  assert.match(made.artefact, /19 electrodes or 18 rows.*flat: flat means.*Not shown by this sampling: mains/);
});

test("the aEEG's scale is linear to 10 microvolts, logarithmic to 100, and ends there", () => {
  assert.deepEqual([0, 5, 10, 100, 1000].map(semilog), [0, 0.25, 0.5, 1, 1]);
  assert.ok(Math.abs(semilog(Math.sqrt(1000)) - 0.75) < 1e-9, "half a decade is half of the upper half");
});

test("strips lie below one another without overlap, and the compact overview is as high as it was", () => {
  assert.equal(layoutOf(COMPACT).height, 185);
  assert.deepEqual(layoutOf(COMPACT).places, { cdsa: { y: 105, height: 62 } });
  const { places, axisY } = layoutOf(["cdsa", "aeeg", "asymmetry", "artefact"]);
  const all = Object.values(places);
  all.slice(1).forEach(({ y }, n) => assert.ok(y > all[n].y + all[n].height));
  assert.ok(axisY > all.at(-1).y + all.at(-1).height);
  assert.ok(layoutOf(["cdsa", "aeeg", "asymmetry", "artefact"]).height <= 370, "half of a screen of 900 pixels is left for traces");
});

test("a choice is kept as text and comes back, none at all too", () => {
  for (const [chosen, band] of [[["cdsa"], "total"], [[], "total"], [["aeeg", "asymmetry"], "theta"], [["cdsa", "artefact"], "total"]]) {
    assert.deepEqual(choiceOf(choiceText(chosen, band)), { chosen, band });
  }
  for (const text of [null, undefined, 7]) assert.deepEqual(choiceOf(text), { chosen: COMPACT, band: "total" });
  assert.deepEqual(choiceOf("nonsense aeeg"), { chosen: ["aeeg"], band: "total" });
});

test("zooming keeps the time under the pointer in its place, stays within the recording and never ends below three pages", () => {
  const day = 86400;
  const view = zoomed({ start: 0, span: day }, 0.5, 21600, day, 10);
  assert.deepEqual(view, { start: 10800, span: 43200 });
  assert.equal((21600 - view.start) / view.span, 21600 / day);
  assert.deepEqual(zoomed(view, 100, 21600, day, 10), { start: 0, span: day });
  assert.equal(zoomed(view, 1e-9, 21600, day, 10).span, 30);
  assert.equal(zoomed(view, 1e-9, 21600, day, 60).span, 180);
  assert.equal(zoomed({ start: 0, span: 20 }, 0.1, 5, 20, 10).span, 20, "a short recording is never cut");
  assert.deepEqual(inside({ start: 80000, span: 10000 }, day), { start: 76400, span: 10000 });
  assert.deepEqual([isZoomed(view, day), isZoomed({ start: 0, span: day }, day)], [true, false]);
});

test("a zoomed overview goes along with the page: just so far at its edge, and to its middle after a jump", () => {
  const view = { start: 1000, span: 100 };
  assert.equal(following(view, 1050, 10, 5000), view);
  assert.deepEqual(following(view, 1095, 10, 5000), { start: 1005, span: 100 });
  assert.deepEqual(following(view, 995, 10, 5000), { start: 995, span: 100 });
  assert.deepEqual(following(view, 3000, 10, 5000), { start: 2955, span: 100 });
  assert.deepEqual(following(view, -3, 10, 5000), { start: 0, span: 100 });
});
