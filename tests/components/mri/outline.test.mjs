import assert from "node:assert/strict";
import test from "node:test";
import { traceOutline } from "../../../dashboard/components/mri_picture/outline.js";

/** A bitmap from rows of text, '#' being inside. */
function bitmap(...rows) {
  return { bits: Uint8Array.from(rows.join("").split("").map((c) => (c === "#" ? 1 : 0))), width: rows[0].length, height: rows.length };
}

/** Twice the signed area of a loop; positive is clockwise on a screen whose y is down. */
function area(loop) {
  let sum = 0;
  for (let at = 0; at < loop.length; at += 2) {
    const next = (at + 2) % loop.length;
    sum += loop[at] * loop[next + 1] - loop[next] * loop[at + 1];
  }
  return sum / 2;
}

test("nothing inside gives no loop", () => {
  const { bits, width, height } = bitmap("...", "...");
  assert.deepEqual(traceOutline(bits, width, height, 1), []);
});

test("one pixel is a diamond through the midpoints of its edges", () => {
  const { bits, width, height } = bitmap("...", ".#.", "...");
  const [loop, ...others] = traceOutline(bits, width, height, 1);
  assert.equal(others.length, 0);
  const points = [...Array(4).keys()].map((n) => `${loop[2 * n]},${loop[2 * n + 1]}`).sort();
  assert.deepEqual(points, ["0.5,1", "1,0.5", "1,1.5", "1.5,1"]);
});

test("straight borders lie on the pixel edges, even at the rim of the image", () => {
  const { bits, width, height } = bitmap("####", "####", "####");
  const [loop] = traceOutline(bits, width, height, 1);
  const xs = loop.filter((_, at) => at % 2 === 0);
  const ys = loop.filter((_, at) => at % 2 === 1);
  assert.deepEqual([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)], [-0.5, 3.5, -0.5, 2.5]);
  assert.equal(loop.length, 16);
});

test("a hole is a loop of its own, the other way round", () => {
  const { bits, width, height } = bitmap("####", "#..#", "#..#", "####");
  const areas = traceOutline(bits, width, height, 1).map(area).sort((a, b) => a - b);
  assert.equal(areas.length, 2);
  assert.ok(areas[0] < 0 && areas[1] > 0);
});

test("pixels that touch at a corner are traced apart, whichever corner", () => {
  for (const rows of [["#.", ".#"], [".#", "#."]]) {
    const { bits, width, height } = bitmap(...rows);
    const loops = traceOutline(bits, width, height, 1);
    assert.equal(loops.length, 2);
    for (const loop of loops) assert.equal(area(loop), 0.5);
  }
});

test("only the asked bits count", () => {
  const bits = Uint8Array.from([1, 3, 2, 0]);
  assert.equal(area(traceOutline(bits, 4, 1, 1)[0]), 1.5);
  assert.equal(area(traceOutline(bits, 4, 1, 4).at(0) ?? new Float32Array()), 0);
});

test("the area of any bitmap is its pixels less an eighth for each corner cut", () => {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let round = 0; round < 50; round++) {
    const [width, height] = [9, 7];
    const bits = Uint8Array.from({ length: width * height }, () => (random() < 0.5 ? 1 : 0));
    const inside = (x, y) => (x >= 0 && y >= 0 && x < width && y < height && bits[y * width + x] ? 1 : 0);
    let expected = 0;
    for (let y = 0; y <= height; y++) {
      for (let x = 0; x <= width; x++) {
        expected += inside(x, y);
        const [a, b, c, d] = [inside(x - 1, y - 1), inside(x, y - 1), inside(x - 1, y), inside(x, y)];
        const count = a + b + c + d;
        if (count === 1) expected -= 1 / 8;
        if (count === 3) expected += 1 / 8;
        if (count === 2 && a === d) expected -= 2 / 8;
      }
    }
    const traced = traceOutline(bits, width, height, 1).reduce((sum, loop) => sum + area(loop), 0);
    assert.ok(Math.abs(traced - expected) < 1e-4, `${traced} ${expected}`);
  }
});
