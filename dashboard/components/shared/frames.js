/** Frames: a header in JSON, padded to four bytes, then numbers, all little-endian. */

/**
 * @param {ArrayBuffer} bytes
 * @returns {{header: any, at: number}} `at` is where the numbers begin.
 * @throws {RangeError} The frame is shorter than it says.
 */
export function unframe(bytes) {
  if (bytes.byteLength < 4) throw new RangeError("the frame has no header");
  const length = new DataView(bytes).getUint32(0, true);
  const at = 4 + Math.ceil(length / 4) * 4;
  if (at > bytes.byteLength) throw new RangeError("the frame is shorter than its header says");
  return { header: JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))), at };
}
