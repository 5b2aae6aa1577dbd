import assert from "node:assert/strict";
import { test } from "node:test";

import { voxelsOfFindings } from "../../../dashboard/components/mri_layers/heat_findings.js";
import { colourOf, countedRegion, cutOf, FLOOR, moved, voxelsFrom, washTable } from "../../../dashboard/components/mri_layers/heat_scale.js";

/** @param {number} value 0 to 255, sRGB @returns {number} 0 to 1, of light. */
const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);

/** Lightness of CIELAB, 0 to 100, of linear RGB. */
function lightness([r, g, b]) {
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 216 / 24389 ? 116 * Math.cbrt(y) - 16 : (y * 24389) / 27;
}

/** As protanopes and deuteranopes see linear RGB (Viénot, Brettel and Mollon, 1999). */
const SEEN = {
  all: (rgb) => rgb,
  protanopes: ([r, g, b]) => [0.11238 * r + 0.88762 * g, 0.11238 * r + 0.88762 * g, 0.00401 * r - 0.00401 * g + b],
  deuteranopes: ([r, g, b]) => [0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b],
};

test("the scale grows lighter by even steps, whichever way colours are seen", () => {
  const steps = Array.from({ length: 11 }, (_, at) => at / 10);
  for (const [who, see] of Object.entries(SEEN)) {
    const values = steps.map((step) => lightness(see(colourOf(step).map(linear))));
    const gains = values.slice(1).map((value, at) => value - values[at]);
    assert.ok(gains.every((gain) => gain > 4.5 && gain < 10.5), `${who}: ${gains.join(" ")}`);
  }
});

test("the ends of the scale are viridis', and what lies beyond is its ends", () => {
  assert.deepEqual(colourOf(0), [0x44, 0x01, 0x54]);
  assert.deepEqual(colourOf(1), [0xfd, 0xe7, 0x25]);
  assert.deepEqual(colourOf(0.5), [0x21, 0x91, 0x8c]);
  assert.deepEqual(colourOf(-1), colourOf(0));
  assert.deepEqual(colourOf(7), colourOf(1));
});

test("nothing is coloured below the floor, everything above it is opaque", () => {
  const table = washTable();
  assert.ok(table.subarray(0, FLOOR).every((word) => word === 0));
  assert.ok(table.subarray(FLOOR).every((word) => word >>> 24 === 255));
  assert.equal(table[255], (0xff000000 | (0x25 << 16) | (0xe7 << 8) | 0xfd) >>> 0);
});

test("a threshold counts a probability that was rounded as it itself is", () => {
  assert.equal(cutOf(0.5), 128); // 0.5 is kept as 128, 0.499 as 127
  assert.equal(cutOf(0), 1);
  assert.equal(cutOf(1), 255);
  for (let hundredth = 1; hundredth < 100; hundredth++) assert.equal(cutOf(hundredth / 100), Math.round((hundredth / 100) * 255));
});

test("voxels at or above each step are counted", () => {
  const counts = voxelsFrom(Uint8Array.of(0, 0, 127, 128, 128, 255));
  assert.equal(counts[0], 6);
  assert.equal(counts[1], 4);
  assert.equal(counts[128], 3);
  assert.equal(counts[129], 1);
  assert.equal(counts[255], 1);
});

test("a threshold moves by hundredths and stays between 0.01 and 0.99", () => {
  assert.equal(moved(0.5, 1), 0.51);
  assert.equal(moved(0.29, -1), 0.28);
  assert.equal(moved(0.01, -1), 0.01);
  assert.equal(moved(0.99, 1), 0.99);
  assert.equal(moved(0, 0), 0.01);
});

test("a finding has what of its mask reaches the threshold, and what hangs together with it there", () => {
  const steps = Uint8Array.of(200, 150, 100, 50, 120, 180, 90, 0, 240);
  const lesions = Uint16Array.of(1, 0, 0, 0, 0, 2, 0, 0, 0);
  const found = voxelsOfFindings(steps, lesions, [9, 1, 1]);
  const at = (component) => [201, 190, 160, 101, 95, 60, 40, 3].map((cut) => found.get(component)[cut]);
  assert.deepEqual(at(1), [0, 1, 1, 2, 3, 3, 3, 3], "the 50 between them is of the one that reaches it first");
  assert.deepEqual(at(2), [0, 0, 1, 2, 2, 3, 4, 4]);
  const both = [...found.values()].reduce((sum, counts) => sum + counts[3], 0);
  assert.equal(both, 7, "none counts twice; what lies apart (240) is of neither");
});

test("voxels touch by a corner, and never across the edge of the volume", () => {
  const steps = new Uint8Array(27).fill(0);
  const lesions = new Uint16Array(27);
  lesions[0] = 7;
  for (const at of [0, 13, 26]) steps[at] = 200; // A diagonal through the cube.
  assert.equal(voxelsOfFindings(steps, lesions, [3, 3, 3]).get(7)[200], 3);
  const rows = Uint8Array.of(0, 0, 200, 200, 0, 0);
  assert.equal(voxelsOfFindings(rows, Uint16Array.of(0, 0, 7, 0, 0, 0), [3, 2, 1]).get(7)[200], 1, "the next row's first voxel is no neighbour");
});

test("a lesion's counts at every threshold are those of a flood at that threshold", () => {
  const shape = [14, 11, 9];
  const size = 14 * 11 * 9;
  let seed = 5;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const steps = Uint8Array.from({ length: size }, () => Math.floor(256 * random() ** 2));
  const lesions = Uint16Array.from({ length: size }, (_, at) => (at % 14 < 4 && at < 300 && steps[at] > 40 ? 1 : 0));
  const counts = voxelsOfFindings(steps, lesions, shape).get(1);
  for (const cut of [3, 20, 60, 90, 128, 200, 255]) {
    const reached = new Set([...steps.keys()].filter((at) => lesions[at] && steps[at] >= cut));
    for (let before = -1; before < reached.size; ) {
      before = reached.size;
      for (const at of [...reached]) {
        const [i, j, k] = [at % 14, Math.floor(at / 14) % 11, Math.floor(at / 154)];
        for (const [x, y, z] of [-1, 0, 1].flatMap((a) => [-1, 0, 1].flatMap((b) => [-1, 0, 1].map((c) => [i + a, j + b, k + c])))) {
          const next = x + 14 * (y + 11 * z);
          if (x >= 0 && y >= 0 && z >= 0 && x < 14 && y < 11 && z < 9 && steps[next] >= cut) reached.add(next);
        }
      }
      if (reached.size === before) break;
    }
    assert.equal(counts[cut], reached.size, `threshold ${cut}`);
  }
});

test("the recorded region is counted by finding and in all", () => {
  const counts = countedRegion({ bits: Uint8Array.of(3, 1, 2, 0, 3), lesions: Uint16Array.of(1, 1, 0, 0, 300) }, 1);
  assert.deepEqual([...counts], [[0, 3], [1, 1], [300, 1]]);
});
