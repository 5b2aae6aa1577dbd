/** The pointer on a pane while drawing: strokes, seeds, and the line of a cut. */

import { spacingOf, toImage } from "../mri_picture/geometry.js";
import { alongStroke, brushSteps, stamp } from "./brush.js";

/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** @typedef {import("./editor.js").Editor} Editor */

/** Standard deviations around the mean of where a stroke begins that a brush of a range takes. */
const SPREAD = 2;

/** @param {Editor} editor @returns {((at: number) => number)|null} Value of a voxel of the series on screen; null where not all of it is here. */
export function valuesOf({ viewer }) {
  const volume = viewer.loader.cache.get(viewer.state.shown.digest);
  if (!volume?.complete || !volume.scale) return null;
  const { slope, intercept } = volume.scale;
  return (at) => volume.data[at] * slope + intercept;
}

/** The range of intensities of a brush's first disc. @param {(at: number) => number} values @param {number[]} voxels @returns {[number, number]} */
export function rangeAround(values, voxels) {
  const all = voxels.map(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const spread = SPREAD * Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
  return [mean - spread, mean + spread];
}

/** One press of a tool: made when it begins, told of each move, ended once. */
export class Stroke {
  /** @param {Editor} editor @param {import("../mri_picture/pane.js").Pane} pane @param {PointerEvent} event */
  constructor(editor, pane, event) {
    this.editor = editor;
    this.pane = pane;
    const { settings, session, grid } = editor;
    this.plane = editor.viewer.state.plane(pane.scene.plane);
    this.erases = settings.tool === "erase" || event.altKey;
    this.steps = brushSteps(spacingOf(grid.affine), settings.size / 2, settings.ball ? null : this.plane.n);
    this.from = pane.indexAt(event.offsetX, event.offsetY);
    this.to = this.from;
    /** Where it began, in CSS pixels of the pane. */
    this.start = { x: event.offsetX, y: event.offsetY };
    this.shape = session.drawing.sheet.shape;
    this.limit = this.limited();
  }

  /** What a brush of a range may take. @returns {((at: number) => boolean)|null} */
  limited() {
    const { settings } = this.editor;
    if (!settings.ranged || this.erases) return null;
    const values = valuesOf(this.editor);
    if (!values) return () => false;
    const voxels = [];
    stamp(this.steps, /** @type {Point} */ (this.from.map(Math.round)), this.shape, (at) => voxels.push(at));
    const [low, high] = settings.range ?? (voxels.length ? rangeAround(values, voxels) : [0, 0]);
    return (at) => values(at) >= low && values(at) <= high;
  }

  /** @param {PointerEvent} event */
  follow(event) {
    const { editor, limit, erases } = this;
    const { drawing } = editor.session;
    const before = this.to;
    this.to = this.pane.indexAt(event.offsetX, event.offsetY);
    if (editor.settings.tool === "cut") return;
    for (const middle of alongStroke(before, this.to)) {
      stamp(this.steps, middle, this.shape, (at) => {
        if (limit && !limit(at)) return;
        if (erases) drawing.erase(at);
        else drawing.paint(at);
      });
    }
  }

  /** Which side of the line a voxel lies on, in the plane drawn in. @returns {(index: Point) => boolean} */
  side() {
    const one = toImage(this.plane, this.from);
    const other = toImage(this.plane, this.to);
    return (index) => {
      const { x, y } = toImage(this.plane, index);
      return (other.x - one.x) * (y - one.y) - (other.y - one.y) * (x - one.x) > 0;
    };
  }
}

/**
 * A click with a tool that takes one: fill, grow, merge.
 * @param {Editor} editor @param {import("../mri_picture/pane.js").Pane} pane @param {PointerEvent} event
 * @returns {string} Why nothing was done; '' where something was.
 */
export function seed(editor, pane, event) {
  const { settings, session: { drawing }, viewer } = editor;
  const { shape } = drawing.sheet;
  const index = pane.indexAt(event.offsetX, event.offsetY).map(Math.round);
  if (index.some((value, axis) => value < 0 || value >= shape[axis])) return "";
  const at = index[0] + shape[0] * (index[1] + shape[1] * index[2]);
  const { n } = viewer.state.plane(pane.scene.plane);
  if (settings.tool === "merge") {
    const of = drawing.sheet.lesions[at];
    if (!of || drawing.numbers.includes(of)) return "Click on another finding to take it over.";
    const finding = viewer.data.findings.find(({ component }) => component === of);
    drawing.merge(of, finding?.number ?? null);
    return finding ? `Finding ${finding.number} is part of this one now; reject it after this verdict.` : "";
  }
  if (settings.tool === "fill") {
    const filled = drawing.fillAt(at, n);
    return filled === null ? "It is not closed here: nothing was filled." : filled ? "" : "There is no hole here.";
  }
  const belongs = settings.by === "probability" ? editor.probable() : alike(editor, at);
  if (!belongs) return "The picture or the map is still loading.";
  const grown = drawing.growAt(at, belongs, settings.ball ? null : n);
  return grown === null ? "It would run away: nothing was grown. Take a narrower tolerance." : grown ? "" : "Nothing grew here.";
}

/** Voxels within a share of the window's width of the seed. */
function alike(editor, seedAt) {
  const values = valuesOf(editor);
  const window = editor.viewer.state.windows.get(editor.viewer.state.current);
  if (!values || !window) return null;
  const reach = (window.width * editor.settings.tolerance) / 100;
  const middle = values(seedAt);
  return (at) => Math.abs(values(at) - middle) <= reach;
}

