/** What was noted in the file, in a lane of its own below the traces: found by time, so that thousands cost no more than those on the page. */

import { faded } from "./palette.js";
import { elapsed, xOf } from "./scales.js";

/** @typedef {import("./state.js").Annotation} Annotation */
/** Annotations in order, and for each the latest end up to it. @typedef {{sorted: Annotation[], ends: Float64Array}} NoteIndex */
/** One that is on the page, where its mark or its words are. @typedef {{x: number, right: number, note: Annotation}} DrawnNote */

const LEVELS = 2;
const LEVEL_HEIGHT = 13;
const LANE_HEIGHT = LEVELS * LEVEL_HEIGHT + 5;
/** Pixels that the words of one may take. */
const WIDEST = 260;
const LONGEST = 48;
/** Pixels beside a mark within which a pointer is on it. */
const REACH = 4;

/** @type {WeakMap<Annotation[], NoteIndex>} */
const indices = new WeakMap();

/** @param {Annotation[]} annotations @returns {NoteIndex} Made once. */
export function indexOf(annotations) {
  const made = indices.get(annotations);
  if (made) return made;
  const sorted = [...annotations].sort((a, b) => a.onset_s - b.onset_s);
  const ends = new Float64Array(sorted.length);
  sorted.forEach(({ onset_s, duration_s }, n) => {
    ends[n] = Math.max(n ? ends[n - 1] : -Infinity, onset_s + (duration_s || 0));
  });
  const index = { sorted, ends };
  indices.set(annotations, index);
  return index;
}

/** The first place whose number is not below a value. @param {number} n @param {(at: number) => boolean} isBelow */
function firstNot(n, isBelow) {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The annotations that touch a stretch, in order.
 * @param {NoteIndex} index @param {number} from @param {number} to The end itself is not in it.
 * @returns {Annotation[]}
 */
export function notesBetween({ sorted, ends }, from, to) {
  const first = firstNot(sorted.length, (at) => ends[at] < from);
  const stop = firstNot(sorted.length, (at) => sorted[at].onset_s < to);
  const found = [];
  for (let at = first; at < stop; at += 1) if (sorted[at].onset_s + (sorted[at].duration_s || 0) >= from) found.push(sorted[at]);
  return found;
}

/** Pixels that the lane takes: none where the file has no annotation. @param {Annotation[]} annotations */
export const laneHeight = (annotations) => (annotations.length ? LANE_HEIGHT : 0);

/**
 * Draws the lane below the plot.
 * @param {import("./marks.js").Marks} marks @param {Annotation[]} annotations
 * @returns {DrawnNote[]}
 */
export function drawNotes({ context, time, plot, palette, font }, annotations) {
  if (!annotations.length) return [];
  const top = plot.y + plot.height;
  const right = plot.x + plot.width;
  context.fillStyle = faded(palette["eeg-words"], 0.07);
  context.fillRect(0, top, right, LANE_HEIGHT);
  context.fillStyle = faded(palette["eeg-words"], 0.35);
  context.fillRect(0, top, right, 1);
  context.font = `11px ${font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const rights = Array.from({ length: LEVELS }, () => -Infinity);
  /** @type {DrawnNote[]} */
  const drawn = [];
  let unwritten = 0;
  for (const note of notesBetween(indexOf(annotations), time.start, time.start + time.span)) {
    const x = Math.max(plot.x, Math.round(xOf(time, note.onset_s)));
    const end = Math.min(right, xOf(time, note.onset_s + (note.duration_s || 0)));
    context.fillStyle = faded(palette["eeg-words"], 0.7);
    context.fillRect(x, top + LANE_HEIGHT - 3, Math.max(1, end - x), 2);
    const level = note.text ? rights.findIndex((taken) => taken < x) : -1;
    const room = Math.min(WIDEST, right - x - 6);
    if (level < 0 || room < 24) {
      unwritten += note.text ? 1 : 0;
      drawn.push({ x: x - REACH, right: Math.max(x + REACH, end), note });
      continue;
    }
    const { words, width } = fitting(context, note.text, room);
    context.fillRect(x, top + 3 + LEVEL_HEIGHT * level, 1, LEVEL_HEIGHT - 1);
    context.fillStyle = palette["eeg-words"];
    context.fillText(words, x + 4, top + 3 + LEVEL_HEIGHT * (level + 0.5));
    rights[level] = x + width + 12;
    drawn.push({ x: x - REACH, right: Math.max(end, x + width + 4), note });
  }
  context.fillStyle = palette["eeg-words"];
  context.fillText("annotations", 8, top + 3 + LEVEL_HEIGHT / 2, plot.x - 12);
  if (unwritten) context.fillText(`+${unwritten}: point at it`, 8, top + 3 + LEVEL_HEIGHT * 1.5, plot.x - 12);
  return drawn;
}

/** As much of a text as there is room for. @param {CanvasRenderingContext2D} context @param {string} text @param {number} room */
function fitting(context, text, room) {
  let words = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  let { width } = context.measureText(words);
  while (width > room && words.length > 2) {
    words = `${words.slice(0, Math.max(1, Math.floor((words.length * room) / width) - 1))}…`;
    width = context.measureText(words).width;
  }
  return { words, width };
}

/** @param {Annotation} note */
const wordsOf = ({ onset_s, duration_s, text }) => `${elapsed(Math.max(0, onset_s), 1)}${duration_s ? `, ${duration_s.toFixed(1)} s` : ""} · ${text || "no words"}`;

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature */

/** Says the whole of an annotation where the pointer is on it, and to a screen reader those of the page. @implements {Feature} */
export class Notes {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
  }

  /** @param {PointerEvent} event */
  hover({ offsetX: x, offsetY: y }) {
    const { paper, notes } = this.viewer;
    const { top, bottom, drawn } = notes;
    const under = y >= top && y <= bottom ? drawn.filter((one) => x >= one.x && x <= one.right) : [];
    const words = under.slice(0, 6).map(({ note }) => wordsOf(note)).join("\n");
    if (paper.title !== words) paper.title = words;
  }

  after() {
    const { paper, notes } = this.viewer;
    const said = notes.drawn.slice(0, 5).map(({ note }) => note.text).filter(Boolean);
    if (said.length) paper.setAttribute("aria-label", `${paper.getAttribute("aria-label")}. Annotations: ${said.join("; ")}${notes.drawn.length > 5 ? "; and more" : ""}`);
  }
}
