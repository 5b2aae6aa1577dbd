/** The viewer's own keys: which press is which deed. Verdict keys (A M X U N, digits, Enter) are not among them, nor C and R, which are Streamlit's. */

/** What each key does, in the words of the help page. */
export const KEYS = [
  ["Up, Down", "one slice"],
  ["Page up, Page down", "five slices"],
  ["J, K", "next, previous finding"],
  ["F", "hold: overlay hidden"],
  ["T", "hold: T1 before contrast"],
  ["O", "outline or fill"],
  ["Shift+O", "width of the outlines"],
  ["H", "probability map; Esc closes it"],
  ["Comma, Full stop", "its threshold down, up"],
  ["P", "its threshold back to the model's own"],
  ["Q", "compare two masks; Esc closes it"],
  ["S", "next series"],
  ["L", "next layout"],
  ["Shift+S", "beside a prior, same place: pair two places, then link here; Esc takes the link of before"],
  ["V", "next plane"],
  ["W", "left drag: crosshair or window"],
  ["I", "smooth or nearest pixels"],
  ["Shift+L, Shift+B, Shift+E, Shift+G", "measure: length, two diameters, ellipse, angle; Esc ends it, Delete removes the selected one"],
  ["Shift+P", "porus line of the selected finding"],
  ["B, E", "draw on the selected finding: brush, erase; Esc closes, the draft stays"],
  ["[, ]; Z; Shift+W", "drawing: smaller, larger brush; 2-D or 3-D; next region"],
  ["G; Shift+T; Shift+I", "drawing: grow from a seed; only within an intensity range; interpolate between slices"],
  ["Ctrl+Z, Ctrl+Shift+Z", "drawing: undo, redo"],
  ["+, -", "zoom"],
  ["Home", "fit"],
  ["Y", "copy the finding as one sentence"],
];

/** @typedef {{deed: string, by?: number, hold?: boolean}} Command */

/** @type {Record<string, Command>} */
const COMMANDS = {
  arrowup: { deed: "scroll", by: -1 }, arrowdown: { deed: "scroll", by: 1 },
  pageup: { deed: "scroll", by: -5 }, pagedown: { deed: "scroll", by: 5 },
  j: { deed: "finding", by: 1 }, k: { deed: "finding", by: -1 },
  f: { deed: "flash", hold: true }, t: { deed: "before", hold: true },
  o: { deed: "style" }, s: { deed: "series", by: 1 }, l: { deed: "layout" }, v: { deed: "plane" },
  w: { deed: "tool" }, i: { deed: "smooth" }, home: { deed: "fit" }, y: { deed: "copy" },
  "+": { deed: "zoom", by: 1.25 }, "=": { deed: "zoom", by: 1.25 }, "-": { deed: "zoom", by: 0.8 },
};

/**
 * The deed of a key press; null where it is none of ours. Only scrolling, zooming and the findings repeat.
 * @param {{key: string, repeat?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean, shiftKey?: boolean}} press
 * @returns {Command|null}
 */
export function commandOf(press) {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const key = press.key.toLowerCase();
  return press.shiftKey && key === "o" ? { deed: "line" } : (COMMANDS[key] ?? null);
}

/**
 * Whether a press is only the repetition of one that must not repeat.
 * @param {Command} command @param {boolean} repeat
 * @returns {boolean}
 */
export const isIdleRepeat = (command, repeat) => repeat && !["scroll", "zoom"].includes(command.deed);
