/** Slices between two drawn ones: their signed distances to the border are mixed, and what is below 0 is inside. */

/**
 * Signed distance of each pixel to the border of a slice, negative inside; in pixels of the finer spacing.
 * @param {Uint8Array} inside Row by row. @param {number} width @param {number} height
 * @param {number} columnMm @param {number} rowMm
 * @returns {Float64Array} Millimetres; Infinity everywhere where nothing is inside.
 */
export function signedDistance(inside, width, height, columnMm, rowMm) {
  const out = squaredDistance(inside, 1, width, height, columnMm, rowMm);
  const within = squaredDistance(inside, 0, width, height, columnMm, rowMm);
  return Float64Array.from(out, (squared, at) => Math.sqrt(squared) - Math.sqrt(within[at]));
}

/** Squared distance of each pixel to the nearest of a value (Felzenszwalb and Huttenlocher 2012, doi:10.4086/toc.2012.v008a019). */
function squaredDistance(pixels, value, width, height, columnMm, rowMm) {
  const grid = Float64Array.from(pixels, (pixel) => ((pixel ? 1 : 0) === value ? 0 : Infinity));
  for (let x = 0; x < width; x++) {
    const column = Float64Array.from({ length: height }, (_, y) => grid[x + width * y]);
    lower(column, rowMm).forEach((squared, y) => {
      grid[x + width * y] = squared;
    });
  }
  for (let y = 0; y < height; y++) grid.set(lower(grid.slice(width * y, width * (y + 1)), columnMm), width * y);
  return grid;
}

/** Lower envelope of parabolas, each step so many millimetres. */
function lower(values, mm) {
  const size = values.length;
  const vertex = [];
  const from = [];
  for (let q = 0; q < size; q++) {
    if (values[q] === Infinity) continue;
    let start = -Infinity;
    while (vertex.length) {
      const p = vertex[vertex.length - 1];
      start = (values[q] - values[p] + mm * mm * (q * q - p * p)) / (2 * mm * mm * (q - p));
      if (start > from[from.length - 1]) break;
      vertex.pop();
      from.pop();
      start = -Infinity;
    }
    vertex.push(q);
    from.push(start);
  }
  const made = new Float64Array(size).fill(Infinity);
  for (let q = 0, n = 0; vertex.length && q < size; q++) {
    while (n + 1 < vertex.length && from[n + 1] < q) n += 1;
    made[q] = mm * mm * (q - vertex[n]) ** 2 + values[vertex[n]];
  }
  return made;
}

/**
 * The slices between two.
 * @param {Uint8Array} first @param {Uint8Array} last Row by row, neither empty.
 * @param {number} count How many lie between. @param {number} width @param {number} height
 * @param {number} columnMm @param {number} rowMm
 * @returns {Uint8Array[]} 1 inside; in order from the first to the last.
 */
export function slicesBetween(first, last, count, width, height, columnMm, rowMm) {
  const one = signedDistance(first, width, height, columnMm, rowMm);
  const other = signedDistance(last, width, height, columnMm, rowMm);
  return Array.from({ length: count }, (_, n) => {
    const share = (n + 1) / (count + 1);
    return Uint8Array.from(one, (mm, at) => (mm * (1 - share) + other[at] * share < 0 ? 1 : 0));
  });
}
