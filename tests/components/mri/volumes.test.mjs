import assert from "node:assert/strict";
import test from "node:test";
import { Volume, VolumeCache } from "../../../dashboard/components/mri_picture/volumes.js";

const SHAPE = [4, 5, 6];
/** Value of voxel (i, j, k): unlike for each. */
const valueAt = (i, j, k) => i + 10 * j + 100 * k;

/** The bytes of a slab as the route sends them: Fortran order of the restricted array. */
function slabBytes(through, first, last) {
  const low = [0, 0, 0];
  const high = SHAPE.map((size) => size - 1);
  low[through] = first;
  high[through] = last;
  const values = [];
  for (let k = low[2]; k <= high[2]; k++)
    for (let j = low[1]; j <= high[1]; j++) for (let i = low[0]; i <= high[0]; i++) values.push(valueAt(i, j, k));
  return Int16Array.from(values).buffer;
}

for (const through of [0, 1, 2]) {
  test(`slabs along axis ${"ijk"[through]} end up in their places, in any order`, () => {
    const volume = new Volume({ digest: "d", shape: SHAPE, through });
    const end = SHAPE[through] - 1;
    volume.put({ first: 2, last: end }, slabBytes(through, 2, end));
    assert.ok(!volume.complete && volume.has(2) && !volume.has(1));
    volume.put({ first: 0, last: 1 }, slabBytes(through, 0, 1));
    assert.ok(volume.complete);
    volume.data.forEach((value, at) =>
      assert.equal(value, valueAt(at % 4, Math.floor(at / 4) % 5, Math.floor(at / 20))));
  });
}

test("a slab of the wrong length is refused", () => {
  const volume = new Volume({ digest: "d", shape: SHAPE, through: 2 });
  assert.throws(() => volume.put({ first: 0, last: 1 }, slabBytes(2, 0, 0)), RangeError);
  assert.ok(!volume.has(0));
});

test("the first slab is around the focus, and every slice is asked for exactly once", () => {
  const volume = new Volume({ digest: "d", shape: [512, 512, 60], through: 2 });
  const first = volume.nextSlab(40);
  assert.ok(first.first <= 40 && first.last >= 40 && first.last - first.first < 3);
  const asked = new Uint8Array(60);
  for (let slab = first; slab; slab = volume.nextSlab(40)) asked.fill(asked[slab.first] + 1, slab.first, slab.last + 1);
  assert.ok(asked.every((times) => times === 1));
});

test("a slab given back can be asked for again", () => {
  const volume = new Volume({ digest: "d", shape: SHAPE, through: 2 });
  const slab = volume.nextSlab(3);
  assert.deepEqual(slab, { first: 0, last: 5 });
  assert.equal(volume.nextSlab(3), null);
  volume.release(slab);
  assert.deepEqual(volume.nextSlab(3), slab);
});

test("the least recently used volume goes first, and what is kept stays", () => {
  const cache = new VolumeCache(3 * 240);
  const series = (digest) => ({ digest, shape: SHAPE, through: 2 });
  for (const digest of ["a", "b", "c"]) cache.open(series(digest), new Set());
  cache.get("a");
  cache.open(series("d"), new Set(["b"]));
  assert.deepEqual([...cache.volumes.keys()], ["b", "a", "d"]);
  assert.equal(cache.open(series("e"), new Set(["a", "b", "d"])), null);
  assert.ok(cache.open(series("e"), new Set(["a", "b", "d", "e"])), "what is on screen is never refused");
});
