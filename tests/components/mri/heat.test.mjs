import assert from "node:assert/strict";
import { test } from "node:test";

import { colourOf, cutOf, FLOOR, moved, voxelsFrom, washTable } from "../../../dashboard/components/mri_viewer/heat_scale.js";

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
