import assert from "node:assert/strict";
import test from "node:test";
import { apply, inverse, planeOf, toIndex } from "../../../dashboard/components/mri_picture/geometry.js";
import { acquiredSlice, fillTable, greySlice, maskSlice, walkOf } from "../../../dashboard/components/mri_picture/slices.js";
import { Volume } from "../../../dashboard/components/mri_picture/volumes.js";
import { greyTable } from "../../../dashboard/components/mri_picture/windows.js";

const SHAPE = [6, 5, 4];
const LPS = [1, 0, 0, -3, 0, 1, 0, -2, 0, 0, 2, -4, 0, 0, 0, 1];
/** The same places, stored from the other end of i and j. */
const RAS = [-1, 0, 0, 2, 0, -1, 0, 2, 0, 0, 2, -4, 0, 0, 0, 1];
const TABLE = greyTable({ centre: 127.5, width: 255 }, 1, 0);
const valueAt = ([i, j, k]) => i + 10 * j + 50 * k;

/** A volume whose slices `first` to the last are here. */
function aVolume(first = 0) {
  const volume = new Volume({ digest: "d", shape: SHAPE, through: 2 });
  const values = [];
  for (let k = first; k < 4; k++) for (let j = 0; j < 5; j++) for (let i = 0; i < 6; i++) values.push(valueAt([i, j, k]));
  volume.put({ first, last: 3 }, Int16Array.from(values).buffer);
  return volume;
}

for (const name of ["axial", "coronal", "sagittal"]) {
  test(`${name}: each pixel shows its own voxel, whichever way the plane is turned`, () => {
    const grid = { affine: RAS, shape: SHAPE };
    const plane = planeOf(RAS, SHAPE, name, "radiological", true);
    const pixels = new Uint32Array(plane.width * plane.height);
    assert.ok(greySlice(aVolume(), walkOf(plane, 2, grid, grid), plane, TABLE, pixels));
    for (let y = 0; y < plane.height; y++)
      for (let x = 0; x < plane.width; x++)
        assert.equal(pixels[y * plane.width + x] & 255, valueAt(toIndex(plane, x, y, 2)));
  });
}

test("voxels that have not arrived stay transparent, and the slice is not whole", () => {
  const grid = { affine: LPS, shape: SHAPE };
  const plane = planeOf(LPS, SHAPE, "coronal", "radiological", true);
  const pixels = new Uint32Array(24);
  assert.ok(!greySlice(aVolume(2), walkOf(plane, 1, grid, grid), plane, TABLE, pixels));
  assert.deepEqual([...pixels].map((pixel) => pixel >>> 24), [...Array(12).fill(255), ...Array(12).fill(0)]);
});

test("a series on another grid is taken by the nearest voxel through both affines", () => {
  const [on, source] = [{ affine: LPS, shape: SHAPE }, { affine: RAS, shape: SHAPE }];
  const plane = planeOf(LPS, SHAPE, "axial", "radiological", true);
  const pixels = new Uint32Array(30);
  greySlice(aVolume(), walkOf(plane, 1, on, source), plane, TABLE, pixels);
  for (let y = 0; y < 5; y++)
    for (let x = 0; x < 6; x++) {
      const index = apply(inverse(RAS), apply(LPS, toIndex(plane, x, y, 1))).map(Math.round);
      assert.equal(pixels[y * 6 + x] & 255, valueAt(index));
    }
});

test("pixels beyond the other grid stay transparent", () => {
  const far = [...LPS];
  far[3] += 3;
  const plane = planeOf(LPS, SHAPE, "axial", "radiological", true);
  const pixels = new Uint32Array(30);
  greySlice(aVolume(), walkOf(plane, 0, { affine: LPS, shape: SHAPE }, { affine: far, shape: SHAPE }), plane, TABLE, pixels);
  assert.deepEqual([...pixels.slice(0, 6)].map((pixel) => pixel >>> 24), [0, 0, 0, 255, 255, 255]);
});

test("the selected finding's bits are kept apart from the others'", () => {
  const mask = { bits: new Uint8Array(120), lesions: new Uint16Array(120) };
  Object.assign(mask.bits, { 0: 1, 1: 3, 2: 1 });
  Object.assign(mask.lesions, { 0: 1, 1: 1, 2: 2 });
  const grid = { affine: LPS, shape: SHAPE };
  const plane = planeOf(LPS, SHAPE, "axial", "radiological", true);
  const { chosen, others, any } = maskSlice(mask, walkOf(plane, 0, grid, grid), plane, SHAPE, 1);
  assert.equal(any, 3);
  assert.deepEqual([[...chosen.slice(0, 3)], [...others.slice(0, 3)]], [[1, 3, 0], [0, 0, 1]]);
  assert.deepEqual([...maskSlice(mask, walkOf(plane, 0, grid, grid), plane, SHAPE, 0).chosen.slice(0, 3)], [1, 3, 1]);
});

test("only a parallel plane counts as the acquisition plane", () => {
  const source = { affine: LPS, shape: SHAPE, through: 2 };
  const slice = (name, number, on = source) => {
    const plane = planeOf(on.affine, on.shape, name, "radiological", true);
    return acquiredSlice(walkOf(plane, number, on, source), plane, source);
  };
  assert.equal(slice("axial", 3), 3);
  assert.equal(slice("coronal", 1), -1);
  assert.equal(slice("sagittal", 1), -1);
  const thin = { affine: [1, 0, 0, -3, 0, 1, 0, -2, 0, 0, 1, -4, 0, 0, 0, 1], shape: [6, 5, 8] };
  assert.deepEqual([0, 1, 4, 7].map((number) => slice("axial", number, thin)), [0, 1, 2, -1]);
});

test("the innermost visible region gives a pixel its colour", () => {
  const table = fillTable([{ bit: 0, colour: "#112233" }, { bit: 2, colour: "#ff0080" }]);
  assert.equal(table[1], 0xff332211);
  assert.equal(table[5], 0xff8000ff);
  assert.equal(table[2], 0);
});

test("of 300 findings each is drawn alone when it is selected", () => {
  const shape = [20, 15, 2];
  const grid = { affine: LPS, shape };
  const mask = { bits: new Uint8Array(600).fill(1, 0, 300), lesions: new Uint16Array(600) };
  for (let voxel = 0; voxel < 300; voxel++) mask.lesions[voxel] = voxel + 1;
  const plane = planeOf(LPS, shape, "axial", "radiological", true);
  const walk = walkOf(plane, 0, grid, grid);
  const places = new Set();
  for (let number = 1; number <= 300; number++) {
    const { chosen, others } = maskSlice(mask, walk, plane, shape, number);
    assert.equal(chosen.reduce((sum, bits) => sum + bits, 0), 1, `finding ${number} is not alone`);
    assert.equal(others.reduce((sum, bits) => sum + bits, 0), 299);
    places.add(chosen.indexOf(1));
  }
  assert.equal(places.size, 300);
});
