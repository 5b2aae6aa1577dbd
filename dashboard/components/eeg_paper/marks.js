/** Draws on the paper what is not signal: gaps, events, annotations, and the stretch that the reader drags. */

import { faded, hatch } from "./palette.js";
import { clock, elapsed, lengthWords, xOf } from "./scales.js";
import { edgesOf } from "./state.js";

/** @typedef {import("./state.js").Event} Event @typedef {import("./state.js").Range} Range */
/**
 * Where and with what to draw.
 * @typedef {object} Marks
 * @property {CanvasRenderingContext2D} context @property {import("./scales.js").TimeScale} time
 * @property {{x: number, y: number, width: number, height: number}} plot @property {import("./palette.js").Palette} palette
 * @property {string} font
 */

/** @param {Event} event @param {import("./palette.js").Palette} palette */
const colourOf = ({ state }, palette) => palette[`eeg-${state === "added" ? "accepted" : state}`] ?? palette["eeg-open"];

/** A stretch of time as a box of the plot, cut to it; null where it is not on the page. @param {Marks} marks @param {number} from @param {number} to */
function boxOf({ time, plot }, from, to) {
  const left = Math.max(plot.x, xOf(time, from));
  const right = Math.min(plot.x + plot.width, xOf(time, to));
  return right > left ? { x: left, y: plot.y, width: right - left, height: plot.height } : null;
}

/** Hatches gaps, and what lies before the recording's start and after its end. @param {Marks} marks @param {import("./pages.js").Recording} recording */
export function drawGaps(marks, { gaps, duration_s }) {
  const { context, time, palette, font } = marks;
  const end = time.start + time.span;
  const stretches = gaps.map(({ onset_s, duration_s: length }) => ({
    from: onset_s, to: onset_s + length,
    words: `no signal ${elapsed(onset_s, 1)} to ${elapsed(onset_s + length, 1)}, ${lengthWords(length)}`,
  }));
  if (time.start < 0) stretches.push({ from: time.start, to: 0, words: "before the start" });
  if (end > duration_s) stretches.push({ from: duration_s, to: end, words: "after the end" });
  for (const { from, to, words } of stretches) {
    const box = boxOf(marks, from, to);
    if (!box) continue;
    hatch(context, box, palette["eeg-hatch"]);
    context.font = `11px ${font}`;
    const width = context.measureText(words).width + 10;
    if (box.width < 24) continue;
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    context.save();
    context.translate(x, y);
    if (width >= box.width) context.rotate(-Math.PI / 2);
    context.fillStyle = palette["eeg-paper"];
    context.fillRect(-width / 2, -9, width, 18);
    context.fillStyle = palette["eeg-words"];
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(words, 0, 0);
    context.restore();
  }
}

/** Shades the events, below the traces. @param {Marks} marks @param {Event[]} events @param {Range|null} range @param {string|null} selected */
export function drawSpans(marks, events, range, selected) {
  const { context, palette } = marks;
  for (const event of events) {
    const { onset_s, duration_s } = edgesOf(event, range);
    const box = boxOf(marks, onset_s, onset_s + duration_s);
    if (!box) continue;
    context.fillStyle = faded(colourOf(event, palette), event.id === selected ? 0.09 : 0.05);
    context.fillRect(box.x, box.y, box.width, box.height);
  }
}

const WORD_LEVELS = 3;

/**
 * Writes along the top of the plot, nowhere over what was written before: the longest of the given words for which there is
 * room beside a place, nothing where there is none.
 * @param {Marks} marks
 * @returns {(choices: string[], x: number, colour: string) => void}
 */
function wordsAbove({ context, plot, palette, font }) {
  /** @type {{left: number, right: number}[][]} */
  const taken = Array.from({ length: WORD_LEVELS }, () => []);
  return (choices, x, colour) => {
    context.font = `600 11.5px ${font}`;
    for (const text of choices) {
      const width = context.measureText(text).width;
      const left = x + 6 + width < plot.x + plot.width ? x + 6 : x - 6 - width;
      const level = taken.findIndex((those) => those.every((one) => one.left > left + width + 6 || one.right < left - 6));
      if (level < 0) continue;
      taken[level].push({ left, right: left + width });
      context.fillStyle = faded(palette["eeg-paper"], 0.8);
      context.fillRect(left - 3, plot.y + 3 + level * 15, width + 6, 15);
      context.fillStyle = colour;
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.fillText(text, left, plot.y + 11 + level * 15);
      return;
    }
  };
}

/**
 * Draws the edges of the events with their times, above the traces; the model's own edges thin where the reader has moved them.
 * @param {Marks} marks @param {import("./state.js").Data} data @param {Range|null} range @param {string|null} selected
 * @returns {string[]} Events whose onset is on the page.
 */
export function drawEvents(marks, data, range, selected) {
  const { context, time, plot, palette } = marks;
  const onPage = (seconds) => seconds >= time.start && seconds <= time.start + time.span;
  const line = (seconds, colour, width, dash) => {
    const x = Math.round(xOf(time, seconds)) + (width % 2 ? 0.5 : 0);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, plot.y);
    context.lineTo(x, plot.y + plot.height);
    context.stroke();
    context.setLineDash([]);
    return x;
  };
  const write = wordsAbove(marks);
  const timeWords = (seconds) => [elapsed(seconds, 1), clock(data.recording.starts_at, seconds)].filter(Boolean).join(" · ");
  const shown = [];
  const touches = ({ onset_s, duration_s }) => onset_s <= time.start + time.span && onset_s + duration_s >= time.start;
  const touching = data.events.filter((event) => touches(event) || touches(edgesOf(event, range)));
  for (const event of touching.sort((a, b) => Number(b.id === selected) - Number(a.id === selected))) {
    const { onset_s, duration_s } = edgesOf(event, range);
    const end = onset_s + duration_s;
    const colour = colourOf(event, palette);
    const isSelected = event.id === selected;
    const name = `${event.own && !event.unlabelled ? "+" : event.number} ${event.state === "open" ? "" : `${event.state_words} `}`;
    if (onPage(onset_s)) {
      shown.push(event.id);
      const x = line(onset_s, colour, isSelected ? 2 : 1, []);
      write([`${isSelected ? name : `${name}· `}onset ${timeWords(onset_s)}`, `${name}· ${elapsed(onset_s, 1)}`, name.trim()], x, colour);
    }
    if (onPage(end)) write([`${isSelected ? "" : `${name}· `}end ${timeWords(end)}`, `end ${elapsed(end, 1)}`, "end"], line(end, colour, isSelected ? 2 : 1, [5, 3]), colour);
    const isMoved = Math.abs(onset_s - event.onset_s) > 1e-3 || Math.abs(end - event.onset_s - event.duration_s) > 1e-3;
    for (const edge of isMoved ? [event.onset_s, event.onset_s + event.duration_s] : []) {
      if (onPage(edge)) line(edge, faded(colour, 0.6), 1, [2, 4]);
    }
  }
  return shown;
}

/** The stretch dragged for a new event. @param {Marks} marks @param {Range|null} range */
export function drawRange(marks, range) {
  if (!range || range.event) return;
  const { context, palette, plot, font } = marks;
  const box = boxOf(marks, range.onset_s, range.onset_s + range.duration_s);
  if (!box) return;
  context.fillStyle = faded(palette["eeg-band"], 0.14);
  context.fillRect(box.x, box.y, box.width, box.height);
  context.fillStyle = palette["eeg-band"];
  for (const x of [box.x, box.x + box.width - 1]) context.fillRect(Math.round(x), box.y, 1, box.height);
  context.font = `600 11.5px ${font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(`${elapsed(range.onset_s, 1)}, ${range.duration_s.toFixed(1)} s`, Math.min(box.x + 6, plot.x + plot.width - 110), plot.y + plot.height - 12);
}
