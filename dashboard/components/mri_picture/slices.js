/** Takes one slice out of an array: grey of a series, or bits of a mask, on the pixels of a plane of the series on screen. */

import { apply, inverse, multiply, sameGrid, toIndex } from "./geometry.js";

/** @typedef {import("./geometry.js").Plane} Plane */
/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {{affine: number[], shape: Point}} Grid */

/**
 * Where the pixels of a slice lie in an array: index = origin + x * across + y * down.
 * @typedef {object} Walk
 * @property {Point} origin @property {Point} across @property {Point} down
 * @property {boolean} exact Each pixel is a voxel's centre and lies within the array: the grids are the same.
 */

/**
 * @param {Plane} plane Of `on`.
 * @param {number} slice
 * @param {Grid} on The grid whose pixels are drawn.
 * @param {Grid} source The grid of the array that is read.
 * @returns {Walk}
 */
export function walkOf(plane, slice, on, source) {
  const exact = on === source || sameGrid(on, source);
  const map = exact ? null : multiply(inverse(source.affine), on.affine);
  const at = (x, y) => (map ? apply(map, toIndex(plane, x, y, slice)) : toIndex(plane, x, y, slice));
  const origin = at(0, 0);
  const minus = (point) => /** @type {Point} */ (point.map((value, axis) => value - origin[axis]));
  return { origin, across: minus(at(1, 0)), down: minus(at(0, 1)), exact };
}

/**
 * Calls `each(pixel, voxel)` for every pixel that has a voxel nearest to it in the array, row by row.
 * @param {Walk} walk @param {Plane} plane @param {Point} shape Of the array that is read.
 * @param {(pixel: number, voxel: number, index: number[]) => void} each `voxel` is the place in the array.
 */
function eachVoxel({ origin, across, down, exact }, plane, shape, each) {
  const [ni, nj, nk] = shape;
  const index = [0, 0, 0];
  let pixel = 0;
  for (let y = 0; y < plane.height; y++) {
    let i = origin[0] + y * down[0];
    let j = origin[1] + y * down[1];
    let k = origin[2] + y * down[2];
    for (let x = 0; x < plane.width; x++, pixel++, i += across[0], j += across[1], k += across[2]) {
      // Half a voxel belongs to the array on each side; Math.round takes halves up, on both grids alike.
      index[0] = exact ? i : Math.round(i);
      index[1] = exact ? j : Math.round(j);
      index[2] = exact ? k : Math.round(k);
      if (index[0] < 0 || index[1] < 0 || index[2] < 0 || index[0] >= ni || index[1] >= nj || index[2] >= nk) continue;
      each(pixel, index[0] + ni * (index[1] + nj * index[2]), index);
    }
  }
}

/**
 * Writes the grey of a slice; pixels without a loaded voxel stay transparent.
 * @param {import("./volumes.js").Volume} volume
 * @param {Walk} walk @param {Plane} plane
 * @param {Uint32Array} table Of `greyTable`.
 * @param {Uint32Array} pixels Row by row; overwritten.
 * @returns {boolean} Whether every voxel that the slice needs was there.
 */
export function greySlice(volume, walk, plane, table, pixels) {
  pixels.fill(0);
  const { data, through, complete, state } = volume;
  if (complete && walk.exact) {
    const [ni, nj] = volume.shape;
    const step = ([i, j, k]) => i + ni * (j + nj * k);
    const across = step(walk.across);
    const down = step(walk.down);
    let row = step(walk.origin);
    for (let y = 0, pixel = 0; y < plane.height; y++, row += down) {
      for (let x = 0, at = row; x < plane.width; x++, pixel++, at += across) pixels[pixel] = table[data[at] + 32768];
    }
    return true;
  }
  let whole = true;
  eachVoxel(walk, plane, volume.shape, (pixel, voxel, index) => {
    if (state[index[through]] === 2) pixels[pixel] = table[data[voxel] + 32768];
    else whole = false;
  });
  return whole;
}

/**
 * The bits of a mask on a slice, those of the selected finding apart from the others.
 * @param {{bits: Uint8Array, lesions: Uint16Array}} mask
 * @param {Walk} walk @param {Plane} plane
 * @param {Point} shape Of the mask's array.
 * @param {number} component Number of the selected finding in `lesions`; 0 makes no difference between findings.
 * @returns {{chosen: Uint8Array, others: Uint8Array, any: number}} Row by row; `any` is the union of all bits.
 */
export function maskSlice(mask, walk, plane, shape, component) {
  const chosen = new Uint8Array(plane.width * plane.height);
  const others = new Uint8Array(plane.width * plane.height);
  let any = 0;
  eachVoxel(walk, plane, shape, (pixel, voxel) => {
    const bits = mask.bits[voxel];
    if (!bits) return;
    any |= bits;
    if (component === 0 || mask.lesions[voxel] === component) chosen[pixel] = bits;
    else others[pixel] = bits;
  });
  return { chosen, others, any };
}

/**
 * Slices of the acquisition plane of a series that a drawn slice shows: the nearest one where the planes are parallel
 * within about ten degrees, else -1.
 * @param {Walk} walk @param {Plane} plane
 * @param {import("./volumes.js").Series} source
 * @returns {number} Slice along the source's through-axis.
 */
export function acquiredSlice(walk, plane, source) {
  const { through, shape } = source;
  const mm = Math.hypot(source.affine[through], source.affine[4 + through], source.affine[8 + through]);
  const tilt = Math.hypot((walk.across[through] * mm) / plane.columnMm, (walk.down[through] * mm) / plane.rowMm);
  if (tilt > Math.sin((10 * Math.PI) / 180)) return -1;
  const middle = walk.origin[through] + (walk.across[through] * (plane.width - 1) + walk.down[through] * (plane.height - 1)) / 2;
  const slice = Math.round(middle);
  return slice >= 0 && slice < shape[through] ? slice : -1;
}

/**
 * The colour of each combination of bits: the last visible region that holds wins.
 * @param {{bit: number, colour: string}[]} regions Visible ones, the outermost first; colours '#rrggbb'.
 * @returns {Uint32Array} 256 little-endian RGBA words, 0 where no visible region holds.
 */
export function fillTable(regions) {
  const table = new Uint32Array(256);
  for (const { bit, colour } of regions) {
    const rgb = parseInt(colour.slice(1), 16);
    const word = (0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
    for (let bits = 0; bits < 256; bits++) if (bits & (1 << bit)) table[bits] = word;
  }
  return table;
}
