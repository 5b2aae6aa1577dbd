/** Measuring on the picture: tools, drags, the selected measure, and what is kept of them. */

import { element } from "../shared/elements.js";
import { nextNumber } from "../shared/selection.js";
import { apply, stepOf } from "../mri_picture/geometry.js";
import { cross, dragged, drawnPoints, LEAST_MM, minus, moved, unit, valuesOf } from "./measures.js";
import { drawBar, TOOLS } from "./measures_bar.js";
import { drawMeasure, hit, standsOn } from "./measures_draw.js";
import { allUnpacked, keepInTab, keptInTab, recorded } from "./measures_kept.js";

/** @typedef {import("./measures.js").Measure} Measure */
/** @typedef {import("./measures.js").Kind} Kind */
/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** @typedef {import("../mri_picture/pane.js").Pane} Pane */

/** Digits of a prediction's digest that name it, as on the command line. */
const PREFIX = 12;

/** A feature of the viewer, see features.js. */
export class Measuring {
  /** @param {import("../mri_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.bar = element("div", { class: "mri-layer mri-measure", role: "toolbar", "aria-label": "Measuring", hidden: true });
    this.bars = [this.bar];
    this.tools = ["measure"];
    /** @type {Measure[]} */
    this.measures = [];
    /** The chosen tool; null while nothing is measured. @type {Kind|null} */
    this.kind = null;
    /** @type {Measure|null} */
    this.chosen = null;
    /** @type {{measure: Measure, handle: number, from: Point, isNew: boolean, done?: boolean}|null} */
    this.drag = null;
    this.leftOut = 0;
  }

  /** @param {import("../mri_picture/state.js").Data} data @param {boolean} isOther */
  show(data, isOther) {
    if (isOther) {
      this.measures = data.replay ? [] : keptInTab(data);
      this.leftOut = 0;
      this.drag = null;
      this.leave();
      if (this.measures.some(({ kind }) => kind === "porus")) this.tell();
    } else {
      if (this.kind && !this.offers(this.kind)) this.leave();
      this.drawBar();
    }
  }

  selected() {
    if (this.chosen?.kind === "porus") this.chosen = null;
    if (this.kind === "porus" && !this.finding) this.choose("ruler");
    this.drawBar();
  }

  /** The selected finding under which a porus line is kept; '' where none of a model is selected. */
  get finding() {
    const { data, state, selection } = this.viewer;
    if (!data || data.blind || data.replay || !state.prediction) return "";
    const chosen = data.findings.find(({ id }) => id === selection.id);
    return chosen?.kind === "lesion" ? `${state.prediction.slice(0, PREFIX)}.${chosen.id}` : "";
  }

  /** @param {Kind} kind */
  offers(kind) {
    return kind !== "porus" || this.finding !== "";
  }

  /** @param {Kind} kind */
  choose(kind) {
    const { viewer } = this;
    if (!this.offers(kind)) return viewer.say("A porus line belongs to a finding: select one first.");
    this.kind = kind;
    viewer.state.tool = "measure";
    this.changed();
  }

  leave() {
    const { state } = this.viewer;
    if (state?.tool === "measure") state.tool = "cross";
    this.stop();
    this.changed();
  }

  stop() {
    this.kind = null;
    this.chosen = null;
    this.drawBar();
  }

  /** Draws again without a word to Python: measuring runs no page. */
  changed() {
    this.drawBar();
    this.viewer.drawTools();
    this.viewer.draw();
  }

  drawBar() {
    const { kind } = this;
    for (const { canvas } of this.viewer.panes) if (kind === null) canvas.style.cursor = "";
    drawBar(this.bar, { kind, offered: (one) => this.offers(one), chosen: this.chosen !== null }, {
      choose: (one) => this.choose(one), remove: () => this.remove(), leave: () => this.leave(),
    });
  }

  remove() {
    const gone = this.chosen;
    if (!gone) return;
    this.measures = this.measures.filter((one) => one !== gone);
    this.chosen = null;
    this.kept(gone);
  }

  /** @param {Measure} measure That was drawn, changed or removed. */
  kept(measure) {
    const { viewer } = this;
    if (!viewer.data.replay) keepInTab(viewer.data, this.measures);
    if (measure.kind === "porus") this.tell();
    this.changed();
  }

  /** Tells Python the porus lines of the prediction on screen. */
  tell() {
    const { data, state, send } = this.viewer;
    const prediction = data.prediction?.digest ?? "";
    if (data.blind || data.replay || !prediction) return;
    const own = `${prediction.slice(0, PREFIX)}.`;
    const lines = Object.fromEntries(this.measures.filter(({ finding }) => finding?.startsWith(own))
      .map(({ finding, points }) => [finding.slice(own.length), points.map((point) => point.map((mm) => Math.round(mm * 100) / 100))]));
    send("porus", { study: state.study, prediction, lines, n: nextNumber() });
  }

  /** Measures on the slice of a pane, the selected one last. @param {import("../mri_picture/pane.js").Scene} scene @param {import("../mri_picture/geometry.js").Plane} plane @param {number} slice */
  on({ state, plane: name }, plane, slice) {
    const here = this.measures.filter((one) =>
      standsOn(one, state, name, plane, slice) && (!one.finding || one.finding === this.finding || this.viewer.data.replay));
    return here.sort((one, other) => Number(one === this.chosen) - Number(other === this.chosen));
  }

  /** @type {import("../mri_viewer/features.js").Feature["paint"]} */
  paint(context, scene, place, slice) {
    if (this.kind !== null && scene.state.tool !== "measure") this.stop(); // Another tool has been chosen.
    const words = this.on(scene, place.plane, slice).map((one) =>
      drawMeasure(context, one, scene, place, slice, one === this.chosen, this.kind !== null).join(", "));
    context.canvas.dataset.measures = words.join("; ");
  }

  look() {
    return this.measures.length ? `measures ${this.measures.length}` : "";
  }

  /** @param {Pane} pane @param {PointerEvent} event */
  found(pane, event) {
    const { scene } = pane;
    const place = pane.placement();
    for (const measure of this.on(scene, place.plane, scene.state.voxel[place.plane.n]).reverse()) {
      const handle = hit(measure, scene.state.toVoxel, place, event.offsetX, event.offsetY);
      if (handle !== null) return { measure, handle };
    }
    return null;
  }

  /** @param {Pane} pane @param {PointerEvent} event @returns {Point} Patient millimetres under the pointer. */
  lpsAt(pane, event) {
    return apply(pane.scene.state.shown.affine, pane.indexAt(event.offsetX, event.offsetY));
  }

  /** @param {Pane} pane @returns {{normal: Point, across: Point}} */
  viewOf(pane) {
    const { state, plane: name } = pane.scene;
    const { u, v } = state.plane(name);
    const across = stepOf(state.shown.affine, u);
    return { normal: unit(cross(across, stepOf(state.shown.affine, v))), across };
  }

  /** @param {Pane} pane @param {PointerEvent} event */
  begin(pane, event) {
    if (this.kind === null) return false;
    const from = this.lpsAt(pane, event);
    const found = this.found(pane, event);
    if (found) {
      this.drag = { ...found, from, isNew: false };
    } else if (this.kind === "porus" && pane.scene.plane !== "axial") {
      this.viewer.say("The porus line is drawn on an axial slice.");
    } else {
      const { plane, state } = pane.scene;
      const finding = this.kind === "porus" ? { finding: this.finding } : {};
      const measure = { kind: this.kind, plane, frame: state.shown.frame, points: [from, from], ...finding };
      this.drag = { measure, handle: 1, from, isNew: true };
    }
    this.chosen = found?.measure ?? null;
    this.changed();
    return true;
  }

  /** @param {Pane} pane @param {PointerEvent} event */
  move(pane, event) {
    const { drag } = this;
    if (!drag) return;
    const to = this.lpsAt(pane, event);
    const { measure, handle, from, isNew } = drag;
    if (isNew) {
      measure.points = drawnPoints(measure.kind, from, to, this.viewOf(pane));
      if (!this.measures.includes(measure) && valuesOf(measure).longest >= LEAST_MM) this.add(measure);
    } else if (handle < 0) {
      measure.points = moved(measure, minus(to, from));
      drag.from = to;
    } else {
      measure.points = dragged(measure, handle, to, this.viewOf(pane).normal);
    }
    drag.done = true;
    this.viewer.draw();
  }

  /** @param {Measure} measure A finding has one porus line. */
  add(measure) {
    this.measures = [...this.measures.filter(({ finding }) => !finding || finding !== measure.finding), measure];
    this.chosen = measure;
  }

  end() {
    const { drag } = this;
    this.drag = null;
    if (!drag?.done) return;
    if (drag.isNew && this.measures.includes(drag.measure) && valuesOf(drag.measure).longest < LEAST_MM) this.remove();
    else this.kept(drag.measure);
  }

  /** @param {Pane} pane @param {PointerEvent} event */
  hover(pane, event) {
    const found = this.found(pane, event);
    pane.canvas.style.cursor = !found ? "" : found.handle < 0 ? "move" : "grab";
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (event.shiftKey) {
      const tool = TOOLS.find(({ key }) => key.toLowerCase() === event.key.toLowerCase());
      if (tool && !event.repeat) this.choose(tool.kind);
      return tool !== undefined;
    }
    if (this.kind === null) return false;
    if (event.key === "Escape") this.leave();
    else if (this.chosen && ["Delete", "Backspace"].includes(event.key)) this.remove();
    else return false;
    return true;
  }

  /** @param {number} room Characters that the view has left. */
  record(room) {
    const { state } = this.viewer;
    const kept = recorded(this.measures, state.shown?.frame ?? "", room);
    const leftOut = kept.measures_left_out ?? 0;
    if (leftOut && leftOut !== this.leftOut) {
      this.viewer.say(`A verdict keeps ${this.measures.length - leftOut} of ${this.measures.length} measures, the newest: there is no room for more.`);
    }
    this.leftOut = leftOut;
    return kept;
  }

  /** @param {Record<string, any>} view */
  restore(view) {
    this.measures = allUnpacked(view.measures, this.viewer.state.shown?.frame ?? "");
    if (view.measures_left_out) this.viewer.say(`${view.measures_left_out} more measures were not stored with this row.`, 0);
  }
}
