import assert from "node:assert/strict";
import test from "node:test";
import {
  apply, inverse, lettersTowards, multiply, nearestAxes, nearestVoxel, planeNormalTo, planeOf, positionWords, sameGrid,
  scaleBarMm, toImage, toIndex,
} from "../../../dashboard/components/mri_picture/geometry.js";

/** 16 row-major numbers from the steps of i, j, k and the origin. */
function affine(i, j, k, origin) {
  return [0, 1, 2].flatMap((row) => [i[row], j[row], k[row], origin[row]]).concat([0, 0, 0, 1]);
}

// Arrays of the same 100 x 120 x 80 mm head, stored in different ways.
const LPS = affine([1, 0, 0], [0, 1, 0], [0, 0, 2], [-50, -60, -40]);
const RAS = affine([-1, 0, 0], [0, -1, 0], [0, 0, 2], [49, 59, -40]);
const SAGITTAL = affine([0, 1, 0], [0, 0, -1], [2, 0, 0], [-50, -60, 40]);
const CORONAL = affine([1, 0, 0], [0, 0, -1], [0, 2, 0], [-50, -60, 40]);
const angle = (20 * Math.PI) / 180;
const OBLIQUE = affine([Math.cos(angle), Math.sin(angle), 0], [-Math.sin(angle), Math.cos(angle), 0], [0, 0, 3], [-50, -60, -40]);
const ARRAYS = [
  ["LPS", LPS, [100, 120, 40]], ["RAS", RAS, [100, 120, 40]], ["sagittal", SAGITTAL, [120, 80, 50]],
  ["coronal", CORONAL, [100, 80, 60]], ["oblique", OBLIQUE, [100, 120, 27]],
];
const PLANES = ["axial", "coronal", "sagittal"];

/** Screen image coordinates of a patient point. */
function onScreen(matrix, shape, plane, lps) {
  return toImage(plane, apply(inverse(matrix), lps));
}

for (const [name, matrix, shape] of ARRAYS) {
  test(`radiological, ${name}: the patient's left is on the screen's right in axial and coronal`, () => {
    for (const view of ["axial", "coronal"]) {
      const plane = planeOf(matrix, shape, view, "radiological", true);
      const left = onScreen(matrix, shape, plane, [30, 0, 0]);
      const right = onScreen(matrix, shape, plane, [-30, 0, 0]);
      assert.ok(left.x > right.x, view);
      assert.equal(plane.letters.right[0], "L");
      assert.equal(plane.letters.left[0], "R");
    }
  });
  test(`neurological, ${name}: the patient's left is on the screen's left, sagittal stays`, () => {
    for (const view of ["axial", "coronal"]) {
      const plane = planeOf(matrix, shape, view, "neurological", true);
      assert.ok(onScreen(matrix, shape, plane, [30, 0, 0]).x < onScreen(matrix, shape, plane, [-30, 0, 0]).x);
      assert.equal(plane.letters.left[0], "L");
    }
    assert.deepEqual(
      planeOf(matrix, shape, "sagittal", "neurological", true), planeOf(matrix, shape, "sagittal", "radiological", true));
  });
  test(`sagittal faces screen left, feet and back are down, ${name}`, () => {
    const sagittal = planeOf(matrix, shape, "sagittal", "radiological", true);
    assert.ok(onScreen(matrix, shape, sagittal, [0, -30, 0]).x < onScreen(matrix, shape, sagittal, [0, 30, 0]).x);
    for (const view of ["coronal", "sagittal"]) {
      const plane = planeOf(matrix, shape, view, "radiological", true);
      assert.ok(onScreen(matrix, shape, plane, [0, 0, 20]).y < onScreen(matrix, shape, plane, [0, 0, -20]).y);
      assert.deepEqual([plane.letters.top, plane.letters.bottom], ["S", "I"]);
    }
    const axial = planeOf(matrix, shape, "axial", "radiological", true);
    assert.ok(onScreen(matrix, shape, axial, [0, -30, 0]).y < onScreen(matrix, shape, axial, [0, 30, 0]).y);
    assert.equal(axial.letters.top[0], "A");
  });
  test(`image to index undoes index to image, ${name}`, () => {
    for (const view of PLANES) {
      const plane = planeOf(matrix, shape, view, "radiological", true);
      const index = [3, 5, 7];
      const { x, y, slice } = toImage(plane, index);
      assert.deepEqual(toIndex(plane, x, y, slice), index);
    }
  });
  test(`the inverse undoes the affine, ${name}`, () => {
    const identity = multiply(matrix, inverse(matrix));
    identity.forEach((value, at) => assert.ok(Math.abs(value - (at % 5 === 0 ? 1 : 0)) < 1e-9));
  });
}

test("the acquisition plane is named after the nearest normal", () => {
  assert.equal(planeNormalTo(LPS, 2), "axial");
  assert.equal(planeNormalTo(SAGITTAL, 2), "sagittal");
  assert.equal(planeNormalTo(CORONAL, 2), "coronal");
  assert.equal(planeNormalTo(OBLIQUE, 2), "axial");
});

test("an axis at 45 degrees still gives each LPS axis once", () => {
  const half = Math.SQRT1_2;
  const axes = nearestAxes(affine([half, half, 0], [-half, half, 0], [0, 0, 1], [0, 0, 0]));
  assert.deepEqual(axes.map((axis) => axis.world).sort(), [0, 1, 2]);
});

test("oblique edges have a second letter beyond 15 degrees", () => {
  assert.equal(lettersTowards([1, 0, 0], true), "L");
  assert.equal(lettersTowards([Math.cos(angle), Math.sin(angle), 0], true), "LP");
  assert.equal(lettersTowards([Math.cos(0.2), Math.sin(0.2), 0], true), "L");
  assert.equal(lettersTowards([-1, 0, -1], true), "RI");
});

test("unknown sides are question marks, the other letters stay", () => {
  const plane = planeOf(LPS, [100, 120, 40], "axial", "radiological", false);
  assert.deepEqual(plane.letters, { left: "?", right: "?", top: "A", bottom: "P" });
  const sagittal = planeOf(LPS, [100, 120, 40], "sagittal", "radiological", false);
  assert.equal(positionWords(LPS, [100, 120, 40], sagittal, 0, false), "? 50.0 mm");
});

test("slice positions carry the letter of their side of the origin", () => {
  const plane = planeOf(LPS, [100, 120, 40], "axial", "radiological", true);
  assert.equal(positionWords(LPS, [100, 120, 40], plane, 0, true), "I 40.0 mm");
  assert.equal(positionWords(LPS, [100, 120, 40], plane, 39, true), "S 38.0 mm");
  const coronal = planeOf(RAS, [100, 120, 40], "coronal", "radiological", true);
  assert.equal(positionWords(RAS, [100, 120, 40], coronal, 0, true), "P 59.0 mm");
});

test("the nearest voxel of a point outside is on the border", () => {
  assert.deepEqual(nearestVoxel(inverse(LPS), [100, 120, 40], [500, -500, 0.9]), [99, 0, 20]);
});

test("a flat affine has no inverse", () => {
  assert.throws(() => inverse(affine([1, 0, 0], [2, 0, 0], [0, 0, 1], [0, 0, 0])), RangeError);
});

test("a scale bar is a round number that fits", () => {
  assert.equal(scaleBarMm(4, 100), 20);
  assert.equal(scaleBarMm(0.5, 100), 100);
  assert.equal(scaleBarMm(80, 100), 1);
});

test("grids differ by shape or by place", () => {
  const grid = { affine: LPS, shape: [100, 120, 40] };
  assert.ok(sameGrid(grid, { affine: [...LPS], shape: [100, 120, 40] }));
  assert.ok(!sameGrid(grid, { affine: RAS, shape: [100, 120, 40] }));
  assert.ok(!sameGrid(grid, { affine: LPS, shape: [100, 120, 41] }));
});
