/** What a pointer does on the traces: drags a stretch for a missed event, moves an edge of a known one; the wheel goes through time. */

import { secondsAt, xOf } from "../eeg_paper/scales.js";
import { edgesOf } from "../eeg_paper/state.js";

/** Pixels on either side of an edge within which it is taken. */
const EDGE_REACH = 5;
/** Pixels that a pointer moves before it drags. */
const DRAG_FROM = 4;
/** The shortest stretch, in seconds. */
export const SHORTEST_S = 0.2;

/** @typedef {import("../eeg_paper/state.js").Event} Event @typedef {import("../eeg_paper/state.js").Range} Range */

/**
 * The edge under a pointer, of the selected event before others.
 * @param {Event[]} events @param {Range|null} range @param {string|null} selected
 * @param {import("../eeg_paper/scales.js").TimeScale} time @param {number} x
 * @returns {{event: Event, edge: "onset"|"end"}|null}
 */
export function edgeAt(events, range, selected, time, x) {
  let best = null;
  let least = Infinity;
  for (const event of events) {
    const { onset_s, duration_s } = edgesOf(event, range);
    for (const [edge, seconds] of /** @type {["onset"|"end", number][]} */ ([["onset", onset_s], ["end", onset_s + duration_s]])) {
      const away = Math.abs(xOf(time, seconds) - x);
      const rank = away - (event.id === selected ? EDGE_REACH : 0);
      if (away <= EDGE_REACH && rank < least) {
        best = { event, edge };
        least = rank;
      }
    }
  }
  return best;
}

/**
 * A stretch between two times, within the recording, in milliseconds and no shorter than the shortest.
 * @param {number} a @param {number} b @param {number} durationS
 * @returns {{onset_s: number, duration_s: number}}
 */
export function stretch(a, b, durationS) {
  const from = Math.max(0, Math.min(a, b, durationS - SHORTEST_S));
  const to = Math.min(durationS, Math.max(a, b, from + SHORTEST_S));
  const onset = Math.round(from * 1000) / 1000;
  return { onset_s: onset, duration_s: Math.round((to - onset) * 1000) / 1000 };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} viewer
 * @param {() => boolean} viewer.ready Traces are on screen.
 * @param {() => {events: Event[], range: Range|null, selected: string|null, time: import("../eeg_paper/scales.js").TimeScale, durationS: number}} viewer.look
 * @param {(range: Range, isDone: boolean) => void} viewer.dragged
 * @param {(byPages: number) => void} viewer.wheeled
 * @param {() => import("./features.js").Feature[]} viewer.features One of them may take a press for itself.
 * @param {AbortSignal} signal Ends the listening.
 */
export function listenToPointer(canvas, { ready, look, dragged, wheeled, features }, signal) {
  /** @type {import("./features.js").Feature|undefined} */
  let taker;
  /** @type {{x: number, seconds: number, edge: ReturnType<typeof edgeAt>, kept: number, moved: boolean, range: Range|null}|null} */
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !ready()) return;
    const { events, range, selected, time } = look();
    const x = event.offsetX;
    taker = features().find((feature) => feature.press?.(event));
    if (taker) return canvas.setPointerCapture(event.pointerId);
    if (x < time.left) return;
    const edge = edgeAt(events, range, selected, time, x);
    let kept = secondsAt(time, x);
    if (edge) {
      const { onset_s, duration_s } = edgesOf(edge.event, range);
      kept = edge.edge === "onset" ? onset_s + duration_s : onset_s;
    }
    drag = { x, seconds: kept, edge, kept, moved: false, range: null };
    canvas.setPointerCapture(event.pointerId);
  }, { signal });
  canvas.addEventListener("pointermove", (event) => {
    if (taker) return taker.move?.(event);
    if (!drag && ready()) for (const feature of features()) feature.hover?.(event);
    const { events, range, selected, time, durationS } = look();
    if (!drag) {
      canvas.style.cursor = edgeAt(events, range, selected, time, event.offsetX) ? "ew-resize" : "crosshair";
      return;
    }
    if (!drag.moved && Math.abs(event.offsetX - drag.x) < DRAG_FROM) return;
    drag.moved = true;
    const x = Math.min(time.left + time.width, Math.max(time.left, event.offsetX));
    let at = secondsAt(time, x);
    if (drag.edge) at = drag.edge.edge === "onset" ? Math.min(at, drag.kept - SHORTEST_S) : Math.max(at, drag.kept + SHORTEST_S);
    drag.range = { ...stretch(drag.kept, at, durationS), ...(drag.edge ? { event: drag.edge.event.id } : {}) };
    dragged(drag.range, false);
  }, { signal });
  canvas.addEventListener("pointerup", (event) => {
    taker?.end?.(event);
    taker = undefined;
    if (drag?.range) dragged(drag.range, true);
    drag = null;
  }, { signal });
  canvas.addEventListener("pointercancel", (event) => {
    taker?.end?.(event);
    taker = undefined;
    drag = null;
  }, { signal });
  canvas.addEventListener("wheel", (event) => {
    if (event.ctrlKey) return;
    event.preventDefault();
    const moved = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY;
    if (moved) wheeled(Math.sign(moved) * 0.1);
  }, { signal, passive: false });
}
