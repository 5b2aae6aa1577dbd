/** A drawing as it is sent and kept: a header, then gzip of regions and pieces, each a byte a voxel of a box. */

import { unframe } from "../shared/frames.js";
import { eachOf } from "./sheet.js";

/** @typedef {import("./sheet.js").Box} Box */
/**
 * @typedef {object} Drawing
 * @property {string} grid Digest of the series on whose grid it lies. @property {string} prediction Of the result whose finding it is.
 * @property {Box} box @property {string[]} regions By their bits. @property {number[]} merged
 * @property {Uint8Array} bits @property {Uint8Array} pieces Number of the piece, 1 the finding itself; i fastest.
 */

/**
 * What of a sheet is a finding's, copied.
 * @param {import("./sheet.js").Sheet} sheet @param {Box} box That holds it.
 * @param {number[]} numbers In the sheet: the finding's, then those split off.
 * @param {{grid: string, prediction: string, regions: string[]}} said
 * @returns {Drawing}
 */
export function drawingOf(sheet, box, numbers, { grid, prediction, regions }) {
  const size = box.reduce((product, [first, end]) => product * (end - first), 1);
  const bits = new Uint8Array(size);
  const pieces = new Uint8Array(size);
  const piece = new Map(numbers.map((number, n) => [number, n + 1]));
  eachOf(box, sheet.shape, (at, n) => {
    const of = piece.get(sheet.lesions[at]);
    if (!of) return;
    bits[n] = sheet.bits[at];
    pieces[n] = of;
  });
  return { grid, prediction, box, regions, merged: sheet.takenOver, bits, pieces };
}

/** @param {Uint8Array} bytes @param {"compress"|"decompress"} way */
async function through(bytes, way) {
  const stream = way === "compress" ? new CompressionStream("gzip") : new DecompressionStream("gzip");
  return new Uint8Array(await new Response(new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(stream)).arrayBuffer());
}

/** @param {Drawing} drawing @returns {Promise<Uint8Array>} */
export async function framed({ grid, prediction, box, regions, merged, bits, pieces }) {
  const header = new TextEncoder().encode(JSON.stringify({ grid, prediction, box, regions, merged }));
  const plain = new Uint8Array(bits.length * 2);
  plain.set(bits);
  plain.set(pieces, bits.length);
  const packed = await through(plain, "compress");
  const at = 4 + Math.ceil(header.length / 4) * 4;
  const bytes = new Uint8Array(at + packed.length).fill(32, 4, at);
  new DataView(bytes.buffer).setUint32(0, at - 4, true);
  bytes.set(header, 4);
  bytes.set(packed, at);
  return bytes;
}

/**
 * @param {ArrayBuffer} bytes
 * @returns {Promise<Drawing>}
 * @throws {RangeError} It is not what its header says.
 */
export async function unframed(bytes) {
  const { header, at } = unframe(bytes);
  const plain = await through(new Uint8Array(bytes, at), "decompress");
  const size = header.box.reduce((product, [first, end]) => product * (end - first), 1);
  if (plain.length !== 2 * size) throw new RangeError(`${plain.length} bytes for two of ${size} voxels.`);
  return { ...header, bits: plain.slice(0, size), pieces: plain.slice(size) };
}
