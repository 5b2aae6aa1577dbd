/** Regions lie within each other, the outermost first: an inner one can't be where an outer one is not. */

/** @typedef {{name: string, bit: number, words: string, short?: string, colour: string, evaluated: boolean}} Region */

/** The regions in which can be drawn. @param {Region[]} regions @returns {Region[]} Outermost first. */
export const drawable = (regions) => regions.filter(({ evaluated }) => evaluated);

/**
 * @param {Region[]} regions Outermost first. @param {string} name
 * @returns {number} Bits that painting a region sets: its own, and those of all regions around it.
 */
export function paintedBits(regions, name) {
  const known = drawable(regions);
  const at = known.findIndex((region) => region.name === name);
  return known.slice(0, at + 1).reduce((bits, { bit }) => bits | (1 << bit), 0);
}

/**
 * @param {Region[]} regions Outermost first. @param {string} name
 * @returns {number} Bits that erasing a region clears: its own, and those of all regions within it.
 */
export function erasedBits(regions, name) {
  const known = drawable(regions);
  const at = Math.max(0, known.findIndex((region) => region.name === name));
  return known.slice(at).reduce((bits, { bit }) => bits | (1 << bit), 0);
}

/** Names of regions in the order of their bits, as a drawing's header has them. @param {Region[]} regions @returns {string[]} */
export const byBit = (regions) => [...regions].sort((one, other) => one.bit - other.bit).map(({ name }) => name);
