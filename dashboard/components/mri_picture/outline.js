/** Traces the borders of a mask's slice as closed loops, to be drawn as a thin vector path at any zoom. */

/**
 * Loops around the true pixels of a bitmap, through the midpoints of the pixel edges on the border.
 *
 * Straight borders lie exactly on the pixel edges; corners are cut by half a pixel. Pixels that touch at a corner only
 * are traced apart. Pixel (x, y) covers x - 0.5 to x + 0.5: image coordinates are those of pixel centres.
 * @param {Uint8Array} bits Row by row.
 * @param {number} width @param {number} height
 * @param {number} mask A pixel is inside where `bits & mask` is not zero.
 * @returns {Float32Array[]} x, y, x, y, ... of each loop, clockwise on screen around the inside.
 */
export function traceOutline(bits, width, height, mask) {
  const box = boxOf(bits, width, height, mask);
  if (!box) return [];
  const [x0, y0, x1, y1] = box;
  const across = x1 - x0 + 2;
  const down = y1 - y0 + 2;
  const inside = (x, y) =>
    x >= x0 && x <= x1 && y >= y0 && y <= y1 && (bits[y * width + x] & mask) !== 0;
  // Outgoing edges of each pixel corner: bit 0 east, 1 south, 2 west, 3 north, the inside always to the right.
  const edges = new Uint8Array(across * down);
  const corner = (x, y) => (y - y0) * across + (x - x0);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      if (!inside(x, y)) continue;
      if (!inside(x, y - 1)) edges[corner(x, y)] |= 1;
      if (!inside(x + 1, y)) edges[corner(x + 1, y)] |= 2;
      if (!inside(x, y + 1)) edges[corner(x + 1, y + 1)] |= 4;
      if (!inside(x - 1, y)) edges[corner(x, y + 1)] |= 8;
    }
  }
  const walked = new Uint8Array(edges.length);
  const loops = [];
  for (let start = 0; start < edges.length; start++) {
    for (let first = 0; first < 4; first++) {
      if (!(edges[start] & ~walked[start] & (1 << first))) continue;
      const points = [];
      let at = start;
      let way = first;
      do {
        walked[at] |= 1 << way;
        points.push(x0 + (at % across) + STEP_X[way] / 2 - 0.5, y0 + Math.floor(at / across) + STEP_Y[way] / 2 - 0.5);
        at += STEP_X[way] + STEP_Y[way] * across;
        way = nextWay(edges[at], way);
      } while (at !== start || way !== first);
      loops.push(withoutRuns(points));
    }
  }
  return loops;
}

/** Steps of the ways east, south, west, north; y is down. */
const STEP_X = [1, 0, -1, 0];
const STEP_Y = [0, 1, 0, -1];

/** The way on from a corner: right before straight before left, which keeps pixels that touch at a corner apart. */
function nextWay(out, way) {
  const right = (way + 1) & 3;
  if (out & (1 << right)) return right;
  return out & (1 << way) ? way : (way + 3) & 3;
}

/** Inclusive box of the pixels inside, or null where there is none. */
function boxOf(bits, width, height, mask) {
  let [x0, y0, x1, y1] = [width, height, -1, -1];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      if (!(bits[at] & mask)) continue;
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      y1 = y;
    }
  }
  return y1 < 0 ? null : [x0, y0, x1, y1];
}

/** The loop without the points in the middle of straight runs. */
function withoutRuns(points) {
  const kept = [];
  const size = points.length;
  for (let at = 0; at < size; at += 2) {
    const [px, py] = [points[(at + size - 2) % size], points[(at + size - 1) % size]];
    const [x, y] = [points[at], points[at + 1]];
    const [nx, ny] = [points[(at + 2) % size], points[(at + 3) % size]];
    if ((x - px) * (ny - y) !== (y - py) * (nx - x)) kept.push(x, y);
  }
  return Float32Array.from(kept);
}
