/** Pure parts of the drawing: sheet, brush, regions, growing, slices between, the frame. */

import assert from "node:assert/strict";
import test from "node:test";

import { slicesBetween, signedDistance } from "../../../dashboard/components/mri_editor/between.js";
import { alongStroke, brushSteps, nextSize, stamp } from "../../../dashboard/components/mri_editor/brush.js";
import { Drawing } from "../../../dashboard/components/mri_editor/drawing.js";
import { drawingOf, framed, unframed } from "../../../dashboard/components/mri_editor/frame.js";
import { grown, holeAt, holesOf, pieces } from "../../../dashboard/components/mri_editor/growing.js";
import { deedOf } from "../../../dashboard/components/mri_editor/keys.js";
import { erasedBits, paintedBits } from "../../../dashboard/components/mri_editor/regions.js";
import { boxOf, indexOf, Sheet } from "../../../dashboard/components/mri_editor/sheet.js";

const REGIONS = ["whole_tumour", "tumour_core", "enhancing_tumour"].map((name, bit) =>
  ({ name, bit, words: name, colour: "#ffffff", evaluated: true }));
const SHAPE = /** @type {[number, number, number]} */ ([8, 7, 5]);
const at = (i, j, k) => i + SHAPE[0] * (j + SHAPE[1] * k);

/** A sheet with finding 1 as a cube at 1 to 2, and finding 2 at 5 to 6. */
function aSheet() {
  const voxels = SHAPE[0] * SHAPE[1] * SHAPE[2];
  const mask = { digest: "m", bits: new Uint8Array(voxels), lesions: new Uint16Array(voxels) };
  for (const [of, from] of [[1, 1], [2, 5]]) {
    for (let k = 1; k <= 2; k++) for (let j = 1; j <= 2; j++) for (let i = from; i <= from + 1; i++) {
      mask.bits[at(i, j, k)] = 1;
      mask.lesions[at(i, j, k)] = of;
    }
  }
  return { mask, sheet: new Sheet(SHAPE, mask, "s") };
}

test("painting an inner region sets those around it, erasing an outer one clears those within", () => {
  assert.equal(paintedBits(REGIONS, "enhancing_tumour"), 7);
  assert.equal(paintedBits(REGIONS, "whole_tumour"), 1);
  assert.equal(erasedBits(REGIONS, "whole_tumour"), 7);
  assert.equal(erasedBits(REGIONS, "enhancing_tumour"), 4);
  const without = REGIONS.map((region) => ({ ...region, evaluated: region.name !== "tumour_core" }));
  assert.equal(paintedBits(without, "enhancing_tumour"), 5, "a region that was not evaluated is never set");
});

test("a disc is round in millimetres and one voxel thick, a ball is round in all directions", () => {
  const disc = brushSteps([1, 1, 5], 2, 2);
  assert.ok(disc.every(([, , k]) => k === 0));
  assert.equal(disc.length, 13);
  const ball = brushSteps([1, 1, 5], 5, null);
  assert.ok(ball.some(([i, j, k]) => k === 1 && i === 0 && j === 0));
  assert.ok(!ball.some(([i, , k]) => k === 1 && i !== 0));
  assert.equal(brushSteps([2, 2, 2], 0.4, null).length, 1, "the middle voxel always is");
  assert.deepEqual([nextSize(6, 1), nextSize(6, -1), nextSize(40, 1), nextSize(1, -1)], [8, 5, 40, 1]);
});

test("a fast stroke has no gaps, and nothing is painted beyond the array", () => {
  const middles = alongStroke([0, 0, 2], [7, 3.4, 2]);
  for (let n = 1; n < middles.length; n++) assert.ok(Math.max(...middles[n].map((v, axis) => Math.abs(v - middles[n - 1][axis]))) <= 1);
  const found = [];
  stamp(brushSteps([1, 1, 1], 2, null), [0, 0, 0], SHAPE, (voxel) => found.push(voxel));
  assert.ok(found.every((voxel) => indexOf(voxel, SHAPE).every((value, axis) => value >= 0 && value < SHAPE[axis])));
  assert.equal(new Set(found).size, found.length);
});

test("the model's mask stays as it is; undo and redo go back and forth without an end", () => {
  const { mask, sheet } = aSheet();
  const before = [sheet.bits.slice(), sheet.lesions.slice()];
  const drawing = new Drawing(sheet, 1, REGIONS);
  for (let n = 0; n < 200; n++) {
    drawing.region = REGIONS[n % 3].name;
    if (n % 4) drawing.paint(at(n % 8, n % 7, n % 5));
    else drawing.erase(at(1 + (n % 2), 1, 1));
    sheet.end();
  }
  const after = [sheet.bits.slice(), sheet.lesions.slice()];
  while (sheet.undo());
  assert.deepEqual([sheet.bits, sheet.lesions], before);
  while (sheet.redo());
  assert.deepEqual([sheet.bits, sheet.lesions], after);
  assert.equal(mask.bits.reduce((sum, bit) => sum + bit, 0), 16);
  sheet.undo();
  drawing.paint(at(7, 6, 4));
  assert.ok(sheet.end());
  assert.equal(sheet.redo(), null, "a new stroke ends the way forward");
});

test("only the slices that changed are drawn anew", () => {
  const { sheet } = aSheet();
  sheet.set(at(3, 4, 2), 1, 1);
  assert.deepEqual([sheet.revisionAt(2, 2), sheet.revisionAt(2, 1), sheet.revisionAt(0, 3), sheet.revisionAt(1, 4)], [1, 0, 1, 1]);
});

test("another finding's voxels are neither painted over nor erased, but can be taken over", () => {
  const { sheet } = aSheet();
  const drawing = new Drawing(sheet, 1, REGIONS);
  for (let i = 0; i < 8; i++) drawing.paint(at(i, 1, 1));
  drawing.erase(at(6, 2, 2));
  sheet.end();
  assert.equal(sheet.lesions[at(5, 1, 1)], 2);
  assert.equal(sheet.lesions[at(6, 2, 2)], 2);
  assert.equal(sheet.lesions[at(4, 1, 1)], 1);
  assert.ok(drawing.merge(2, 2));
  assert.equal(sheet.lesions[at(6, 2, 2)], 1);
  assert.deepEqual(sheet.takenOver, [2]);
  sheet.undo();
  assert.deepEqual([sheet.takenOver, sheet.lesions[at(6, 2, 2)]], [[], 2]);
});

test("split and cut make findings of their own; what is whole stays whole", () => {
  const { sheet } = aSheet();
  const drawing = new Drawing(sheet, 1, REGIONS);
  assert.equal(drawing.split(), 0);
  drawing.paint(at(1, 5, 4));
  sheet.end();
  assert.equal(drawing.split(), 1);
  assert.equal(drawing.numbers.length, 2);
  assert.equal(sheet.lesions[at(1, 5, 4)], drawing.numbers[1]);
  assert.equal(drawing.volume, 8);
  assert.equal(drawing.cut(() => true), false, "nothing would be left");
  assert.ok(drawing.cut(([i]) => i > 1));
  assert.equal(drawing.volume, 4);
  assert.ok(drawing.clear());
  assert.equal(drawing.volume, 0);
});

test("holes are filled in their slice where they are closed, and nowhere else", () => {
  const { sheet } = aSheet();
  const drawing = new Drawing(sheet, 1, REGIONS);
  drawing.clear();
  const ring = [[1, 3], [2, 3], [3, 3], [1, 4], [3, 4], [1, 5], [2, 5], [3, 5]];
  for (const [i, j] of ring) drawing.paint(at(i, j, 2));
  sheet.end();
  assert.equal(drawing.fillAt(at(0, 0, 2), 2), null, "outside it is open");
  assert.equal(drawing.fillAt(at(2, 4, 2), 2), true);
  assert.ok(drawing.inside(at(2, 4, 2)));
  sheet.undo();
  assert.ok(drawing.fillHoles(2, [2, 3]));
  assert.ok(drawing.inside(at(2, 4, 2)));
  assert.deepEqual(holesOf([[0, 8], [0, 7], [0, 5]], SHAPE, () => false, 2, [0, Infinity]), []);
  assert.equal(holeAt(at(1, 1, 1), SHAPE, () => true, 2, [[0, 8], [0, 7], [0, 5]])?.length, 0);
});

test("growing takes what hangs together and stops before it runs away", () => {
  const alike = new Set([at(1, 1, 1), at(2, 1, 1), at(2, 1, 2), at(5, 1, 1)]);
  assert.deepEqual(new Set(grown(at(1, 1, 1), SHAPE, (voxel) => alike.has(voxel))), new Set([at(1, 1, 1), at(2, 1, 1), at(2, 1, 2)]));
  assert.deepEqual(new Set(grown(at(1, 1, 1), SHAPE, (voxel) => alike.has(voxel), 2)), new Set([at(1, 1, 1), at(2, 1, 1)]));
  assert.equal(grown(0, SHAPE, () => true, null, 20), null);
  assert.deepEqual(grown(0, SHAPE, () => false), []);
  assert.deepEqual(pieces([at(0, 0, 0), at(1, 1, 1), at(4, 4, 4)], SHAPE).map((piece) => piece.length), [2, 1], "corners hang together");
});

test("between a small and a large disc lie discs of sizes between", () => {
  const disc = (radius) => Uint8Array.from({ length: 441 }, (_, n) => Number(Math.hypot((n % 21) - 10, Math.floor(n / 21) - 10) <= radius));
  const made = slicesBetween(disc(3), disc(9), 2, 21, 21, 1, 1).map((pixels) => Math.sqrt(pixels.reduce((sum, one) => sum + one, 0) / Math.PI));
  assert.ok(Math.abs(made[0] - 5) < 0.6 && Math.abs(made[1] - 7) < 0.6, made.join());
  const distance = signedDistance(disc(5), 21, 21, 2, 1);
  assert.ok(Math.abs(distance[10 + 21 * 0] - 5) < 1e-9, "five rows of 1 mm above the border");
  assert.ok(Math.abs(distance[0 + 21 * 10] - 10) < 1e-9, "five columns of 2 mm beside it");
  assert.ok(distance[10 + 21 * 10] < 0);
});

test("interpolation draws the slices between those that were drawn on", () => {
  const { sheet } = aSheet();
  const drawing = new Drawing(sheet, 1, REGIONS);
  drawing.clear();
  sheet.settle();
  for (const k of [0, 4]) for (let j = 2; j <= 4; j++) for (let i = 1; i <= 3; i++) drawing.paint(at(i, j, k));
  sheet.end();
  assert.ok(drawing.between(2, [1, 1, 3], 0));
  for (const k of [1, 2, 3]) assert.ok(drawing.inside(at(2, 3, k)) && drawing.inside(at(1, 2, k)) && !drawing.inside(at(4, 3, k)));
  assert.equal(drawing.volume, 45);
});

test("a drawing comes back from its frame voxel for voxel, pieces apart", async () => {
  const { sheet } = aSheet();
  const drawing = new Drawing(sheet, 1, REGIONS);
  drawing.region = "enhancing_tumour";
  drawing.paint(at(0, 0, 0));
  drawing.paint(at(7, 6, 4));
  sheet.end();
  drawing.split();
  const said = drawingOf(sheet, drawing.box, drawing.numbers, { grid: "g", prediction: "p", regions: ["a"] });
  const bytes = await framed(said);
  const back = await unframed(bytes.buffer);
  assert.deepEqual({ ...back, bits: [...back.bits], pieces: [...back.pieces] }, { ...said, bits: [...said.bits], pieces: [...said.pieces] });
  const other = aSheet().sheet;
  const again = new Drawing(other, 1, REGIONS);
  again.load(back);
  assert.deepEqual(other.bits, sheet.bits);
  assert.equal(again.numbers.length, drawing.numbers.length);
  await assert.rejects(unframed(bytes.slice(0, 30).buffer));
  assert.equal(boxOf(new Uint8Array(280), SHAPE), null);
});

test("keys are the drawing's only while it lasts, but for those that begin it", () => {
  assert.equal(deedOf({ key: "b" }, false), "brush");
  assert.equal(deedOf({ key: "E" }, false), "erase");
  assert.equal(deedOf({ key: "E", shiftKey: true }, true), "", "the ellipse is another's");
  assert.equal(deedOf({ key: "z", ctrlKey: true }, false), "", "the verdict is taken back");
  assert.equal(deedOf({ key: "z", ctrlKey: true }, true), "undo");
  assert.equal(deedOf({ key: "Z", ctrlKey: true, shiftKey: true }, true), "redo");
  assert.equal(deedOf({ key: "[" }, true), "smaller");
  assert.equal(deedOf({ key: "Escape" }, false), "");
  for (const key of ["a", "m", "x", "u", "n", "d", "1", "Enter"]) assert.equal(deedOf({ key }, true), "");
});
