/** The viewer's own keys: which press is which deed. Verdict keys (A M X U N, digits, Enter) are not among them, nor C and R, which are Streamlit's. */

/** What each key does, in the words of the help page. */
export const KEYS = [
  ["Left, Right", "one page"],
  ["Shift Left, Shift Right", "a third of a page"],
  [", .", "one second"],
  ["Up, Down", "sensitivity"],
  ["Home, End", "start, end of the recording"],
  ["[ ]", "onset, end of the selected event"],
  ["J, K", "next, previous event"],
  ["F", "hold: marks hidden"],
  ["G", "go to a time"],
  ["Space", "play, a page a second"],
  ["B", "two cursors: time, frequency, amplitude"],
  ["H", "channels: mark as bad, hide"],
  ["E", "the same page without filters, below"],
  ["W", "each channel shaded by the detector's score"],
  ["I", "what other thresholds would make of the detector's score; nothing is recorded"],
  ["P", "the last accepted seizure beside this page"],
  ["V", "strips of the overview: spectra, aEEG, asymmetry, artefact"],
  ["+ - Z", "overview: less of the recording, more of it, the whole"],
  ["Escape", "drop the dragged range, close what is open"],
  ["S, T", "with a range dragged inside an alert: split it there; make it one with the next"],
  ["Y", "copy count, total, longest and worst hour of the reviewed events"],
];

/** @typedef {{deed: "turn"|"third"|"second"|"sensitivity"|"home"|"end"|"onset"|"offset"|"event"|"flash"|"drop"|"copy", by?: number}} Command */

/** @type {Record<string, Command>} */
const COMMANDS = {
  arrowleft: { deed: "turn", by: -1 }, arrowright: { deed: "turn", by: 1 },
  pageup: { deed: "turn", by: -1 }, pagedown: { deed: "turn", by: 1 },
  ",": { deed: "second", by: -1 }, ".": { deed: "second", by: 1 },
  arrowup: { deed: "sensitivity", by: 1 }, arrowdown: { deed: "sensitivity", by: -1 },
  home: { deed: "home" }, end: { deed: "end" }, "[": { deed: "onset" }, "]": { deed: "offset" },
  j: { deed: "event", by: 1 }, k: { deed: "event", by: -1 }, f: { deed: "flash" }, escape: { deed: "drop" },
  y: { deed: "copy" },
};

/**
 * The deed of a key press; null where it is none of ours. `[` and `]` may need AltGr, which counts as Ctrl and Alt.
 * @param {{key: string, shiftKey?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} press
 * @returns {Command|null}
 */
export function commandOf(press) {
  const isBracket = press.key === "[" || press.key === "]";
  if (press.metaKey || ((press.ctrlKey || press.altKey) && !isBracket)) return null;
  const command = COMMANDS[press.key.toLowerCase()] ?? null;
  return press.shiftKey && command?.deed === "turn" ? { deed: "third", by: command.by } : command;
}

/** Whether a press is only the repetition of one that must not repeat. @param {Command} command @param {boolean} repeat */
export const isIdleRepeat = (command, repeat) => repeat && !["turn", "third", "second", "sensitivity"].includes(command.deed);
