/** What viewer and list of events say to each other: one module a page, so both see the same. */

/**
 * What the viewer on the page says of itself.
 * @typedef {object} Word
 * @property {string} study @property {string|null} selected @property {(id: string) => void} select
 */

/** @type {Word|null} */
let latest = null;
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {Word|null} What the viewer said last; null where none is on the page. */
export const lastWord = () => latest;

/** @param {Word|null} word */
export function say(word) {
  latest = word;
  for (const listener of listeners) listener();
}

/**
 * @param {() => void} listener Called whenever the viewer has said something new.
 * @returns {() => void} Stops listening.
 */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
