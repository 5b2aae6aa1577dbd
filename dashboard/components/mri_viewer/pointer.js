/** Mouse and pen on a pane: crosshair, window, pan, zoom, scroll, and the click that marks a lesion. */

import { draggedWindow } from "../mri_picture/windows.js";

/** Pixels of a trackpad's wheel that make one slice; a notch of a mouse wheel is at least one. */
const WHEEL_STEP = 40;
/** A press that moves less than this many pixels is a click. */
const CLICK_PX = 4;

/**
 * @typedef {object} Deeds
 * @property {() => import("../mri_picture/state.js").ViewState} state
 * @property {(pane: import("../mri_picture/pane.js").Pane, slices: number) => void} scroll
 * @property {() => void} changed Something of the state has changed: draw again.
 * @property {(index: import("../mri_picture/geometry.js").Point) => void} clicked Voxel of the series on screen, rounded.
 * @property {(pane: import("../mri_picture/pane.js").Pane) => void} enlarge
 * @property {() => import("./features.js").Feature|undefined} feature To which the chosen tool belongs.
 */

/**
 * @param {import("../mri_picture/pane.js").Pane} pane
 * @param {Deeds} deeds
 */
export function listenTo(pane, deeds) {
  const { canvas } = pane;
  let wheel = 0;
  /** @type {{mode: "cross"|"window"|"pan"|"tool", x: number, y: number, moved: number, window?: import("../mri_picture/windows.js").Window, series?: string, feature?: import("./features.js").Feature}|null} */
  let drag = null;

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (!pane.scene || pane.scene.message) return;
    if (event.ctrlKey) {
      pane.zoom(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY);
      return deeds.changed();
    }
    const notch = event.deltaMode !== 0 || Math.abs(event.deltaY) >= WHEEL_STEP;
    wheel = notch ? Math.sign(event.deltaY) * WHEEL_STEP : wheel + event.deltaY;
    const slices = Math.trunc(wheel / WHEEL_STEP);
    wheel = notch ? 0 : wheel - slices * WHEEL_STEP;
    if (slices) deeds.scroll(pane, slices);
  }, { passive: false });

  canvas.addEventListener("pointerdown", (event) => {
    if (!pane.scene || pane.scene.message) return;
    const { tool } = deeds.state();
    const { windows } = pane.scene.state;
    const series = pane.scene.source.digest;
    const mode = event.button === 2 || (event.button === 0 && tool === "window" && !event.shiftKey) ? "window"
      : event.button === 1 || event.shiftKey ? "pan" : "cross";
    if (mode === "pan") event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    const feature = mode === "cross" ? featureHere() : undefined;
    const isTools = Boolean(feature?.begin) && feature.begin(pane, event) !== false;
    drag = { mode: isTools ? "tool" : mode, x: event.offsetX, y: event.offsetY, moved: 0, window: windows.get(series), series, feature };
    if (drag.mode === "cross") follow(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pane.scene || pane.scene.message) return;
    if (!drag) return featureHere()?.hover?.(pane, event);
    if (drag.mode === "tool") return drag.feature.move?.(pane, event);
    const [dx, dy] = [event.offsetX - drag.x, event.offsetY - drag.y];
    drag.moved = Math.max(drag.moved, Math.hypot(dx, dy));
    const { state } = pane.scene;
    if (drag.mode === "cross") return follow(event);
    if (drag.mode === "window" && state.windows.has(drag.series)) {
      state.windows.set(drag.series, draggedWindow(drag.window, dx, dy));
      state.presets.delete(drag.series);
    } else if (drag.mode === "pan") {
      pane.pan(dx, dy);
      Object.assign(drag, { x: event.offsetX, y: event.offsetY });
    }
    deeds.changed();
  });
  canvas.addEventListener("pointerup", (event) => {
    const ended = drag;
    drag = null;
    if (ended?.mode === "tool") return ended.feature.end?.(pane, event);
    if (ended?.mode !== "cross" || ended.moved > CLICK_PX || !pane.scene || pane.scene.message || pane.scene.prior) return;
    const index = /** @type {import("../mri_picture/geometry.js").Point} */ (pane.indexAt(event.offsetX, event.offsetY).map(Math.round));
    const { shape } = deeds.state().shown;
    if (index.every((value, axis) => value >= 0 && value < shape[axis])) deeds.clicked(index);
  });
  canvas.addEventListener("pointercancel", (event) => {
    if (drag?.mode === "tool") drag.feature.end?.(pane, event);
    drag = null;
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("dblclick", () => deeds.enlarge(pane));

  /** @param {PointerEvent} event */
  function follow(event) {
    pane.scene.state.moveTo(pane.indexAt(event.offsetX, event.offsetY));
    deeds.changed();
  }

  /** The chosen tool's, on the study under review alone. */
  function featureHere() {
    return pane.scene.prior ? undefined : deeds.feature();
  }
}
