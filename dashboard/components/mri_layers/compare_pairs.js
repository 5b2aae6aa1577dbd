/** Which masks are held against each other: choosing a pair, keeping it through what Python sends anew, and its words. */

/** A mask that may be compared, as Python tells it. @typedef {{key: string, words: string, prediction: string, grid: string, with: Record<string, string[]>}} CompareSide */
/** @typedef {{first: string, second: string, region: string}} Pair Keys of two sides, and a region of both. */
/** @typedef {{ml: [number, number, number], dice: number|null}} Shares Millilitres of both, only the first, only the second. */

/**
 * The pair to begin with: the result on screen beside the reader's own verdicts on it, else beside the next that goes with it.
 * @param {CompareSide[]} sides @param {string} prediction Digest of the result on screen.
 * @returns {Pair|null}
 */
export function firstPair(sides, prediction) {
  const first = sides.find(({ key }) => key === prediction) ?? sides[0];
  if (!first) return null;
  const beside = sides.filter(({ key }) => key in first.with);
  const second = beside.find((side) => side.prediction === first.prediction) ?? beside[0];
  return second ? { first: first.key, second: second.key, region: first.with[second.key][0] } : null;
}

/**
 * The pair after one of its three choices: what no longer goes with it gives way.
 * @param {CompareSide[]} sides @param {Pair} pair @param {Partial<Pair>} choice
 * @returns {Pair}
 */
export function chosenPair(sides, pair, choice) {
  let { first, second, region } = { ...pair, ...choice };
  const of = (key) => sides.find((side) => side.key === key);
  if (!(second in of(first).with)) second = Object.keys(of(first).with)[0];
  const regions = of(first).with[second];
  if (!regions.includes(region)) region = regions[0];
  return { first, second, region };
}

/**
 * The same pair among the sides that Python sends now: a reader's side has another key after each verdict, and the same words.
 * @param {CompareSide[]} before @param {CompareSide[]} now @param {Pair} pair
 * @returns {Pair|null} Null where it is not offered any more.
 */
export function samePair(before, now, pair) {
  const find = (key) => now.find((side) => side.key === key)
    ?? now.find((side) => side.words === before.find((old) => old.key === key)?.words);
  const [first, second] = [find(pair.first), find(pair.second)];
  if (!first || !second || !first.with[second.key]?.includes(pair.region)) return null;
  return { first: first.key, second: second.key, region: pair.region };
}

/** Twelve digits of a result, then those of a reader's verdicts: a key as a view keeps it. @param {string} key */
export const shortKey = (key) => key.slice(0, 12) + key.slice(64);

/**
 * A pair as a view keeps it, among the sides that are offered.
 * @param {CompareSide[]} sides @param {any} kept
 * @returns {Pair|null} Null where one of the two, or the region, is not there.
 */
export function thatPair(sides, { first, second, region }) {
  const [one, other] = [first, second].map((short) => sides.find(({ key }) => shortKey(key) === short));
  return one && other && one.with[other.key]?.includes(region) ? { first: one.key, second: other.key, region } : null;
}

/** @param {number|null} dice @returns {string} 'Dice 0.91'; where neither marked anything there is none. */
export const diceWords = (dice) => (dice === null ? "no Dice: neither marked any" : `Dice ${dice.toFixed(2)}`);

/**
 * Shares of the selected finding, where its result is one of the two.
 * @param {any} header Of the difference. @param {string} prediction On screen. @param {number|undefined} number Of the finding.
 * @returns {Shares|string|null} Words where it was left out.
 */
export function findingShares(header, prediction, number) {
  if (!number || !header.findings[prediction]) return null;
  return header.findings[prediction][number] ?? header.left_out[number] ?? null;
}
