/** What the reader has set: series, layout, crosshair, zoom, windows, overlay. Knows no page and no canvas. */

import { apply, inverse, nearestVoxel, planeNormalTo, planeOf, sameGrid } from "./geometry.js";

/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./geometry.js").PlaneName} PlaneName */
/** @typedef {import("./volumes.js").Series} Series */
/** @typedef {import("./windows.js").Window} Window */
/** @typedef {"planes"|"one"|"series"|"prior"} Layout */
/** @typedef {{name: string, words: string, short?: string, bit: number, colour: string, experimental: boolean, evaluated: boolean, visible: boolean, threshold?: number}} Region */
/** @typedef {{id: string, number: number, component?: number, title: string, lines: string[], state?: string, state_words?: string, score_words?: string, centre_lps?: Point|null, kind?: string, sentence?: string, thumbnail?: string, outline?: string}} Finding */
/**
 * What Python sends, see `face.py` of the viewer.
 * @typedef {object} Data
 * @property {string} study @property {string} token @property {boolean} blind @property {boolean} [adding]
 * @property {string} pseudonym @property {boolean} synthetic @property {"radiological"|"neurological"} convention
 * @property {Series[]} series @property {string} current
 * @property {{digest: string, grid: string, model?: string, probability?: boolean, regions: Region[]}|null} prediction
 * @property {Finding[]} findings @property {Finding[]} own @property {string|null} selected
 * @property {{study: string, token: string, series: Series[]}|null} [next]
 * @property {Record<string, number>} [echo]
 * @property {boolean} [activity] Whether seconds at work are counted. @property {string} [reader] Under whose name measures are kept in the tab.
 * @property {import("../mri_layers/compare_pairs.js").CompareSide[]} [sides] Masks that may be held against each other.
 * @property {import("../mri_priors/priors.js").PriorData[]} [priors] Studies of the same subject of before, the newest first.
 * @property {import("../mri_viewer/assign.js").Choice[]|null} [assign] Sequences that the reader may name. @property {boolean} [assigning]
 * @property {{grid: string, regions: Region[]}|null} [drawing] Where this reader may draw. @property {import("../shared/drafts.js").Kept[]} [drafts]
 * @property {string[]} [taken] Drawings of a blind read that will be committed.
 * @property {string|null} [modifying] Finding on which modify is chosen.
 * @property {Record<string, any>|null} [view] A recorded view, taken over once. @property {number} [replay] Row that is replayed: nothing is told to Python.
 */

/** Widths of an outline that can be chosen, CSS pixels. */
export const LINES = [1, 2, 3, 4];
/** Opacity with which each style begins: an outline hides little, a fill hides what it lies on. */
const OPACITY = { outline: 1, fill: 0.4 };

/** The reader's settings for one study; a change of study makes a new one. */
export class ViewState {
  /** @param {Data} data @param {Partial<ViewState>} [habits] Settings that outlive a study. */
  constructor(data, habits = {}) {
    this.study = data.study;
    this.convention = data.convention;
    this.series = new Map(data.series.map((series) => [series.digest, series]));
    /** @type {Layout} */
    this.layout = habits.layout ?? "planes";
    /** @type {"outline"|"fill"} */
    this.style = habits.style ?? "outline";
    /** @type {{outline: number, fill: number}} */
    this.opacity = { ...(habits.opacity ?? OPACITY) };
    /** Width of an outline, 1 to 4 CSS pixels. @type {number} */
    this.line = habits.line ?? 2;
    /** @type {string} */
    this.tool = habits.tool ?? "cross";
    /** @type {boolean} */
    this.smooth = habits.smooth ?? true;
    this.hidden = false;
    this.before = false;
    /** Series that are not to stand in step. @type {Set<string>} */
    this.leftOut = new Set();
    /** How many studies of before there are. */
    this.priors = 0;
    /** @type {Map<string, Window>} */
    this.windows = new Map();
    /** Name of the preset of each series' window; absent once dragged. @type {Map<string, string>} */
    this.presets = new Map();
    this.prediction = "";
    /** @type {Map<string, boolean>} */
    this.visible = new Map();
    this.current = "";
    this.showSeries(this.series.has(data.current) ? data.current : (data.series[0]?.digest ?? ""));
  }

  /** @returns {Series|undefined} The series whose grid is drawn. */
  get shown() {
    return this.series.get(this.current);
  }

  /**
   * Puts a series on screen; crosshair, zoom and pan stay within one frame of reference.
   * @param {string} digest
   */
  showSeries(digest) {
    const next = this.series.get(digest);
    if (!next) return;
    const before = this.shown;
    const reset = !before || before.frame !== next.frame;
    this.current = digest;
    this.toVoxel = inverse(next.affine);
    if (reset || !sameGrid(before, next)) this.primary = planeNormalTo(next.affine, next.through);
    if (reset) {
      this.cross = apply(next.affine, /** @type {Point} */ (next.shape.map((size) => Math.floor(size / 2))));
      this.fit();
    }
  }

  /** Every plane as large as its pane takes it. */
  fit() {
    /** Pixels a millimetre and the point in the pane's middle, for each plane; absent: as large as it fits. */
    this.views = new Map();
  }

  /** Gives a series its own window. @param {string} digest @param {[number, number]} window Centre and width. */
  resetWindow(digest, [centre, width]) {
    this.windows.set(digest, { centre, width });
    this.presets.set(digest, "auto");
  }

  /** @param {PlaneName} name */
  plane(name) {
    return planeOf(this.shown.affine, this.shown.shape, name, this.convention, this.shown.sides_known);
  }

  /** @returns {Point} Voxel of the series on screen nearest to the crosshair, which itself stays where it was put. */
  get voxel() {
    return nearestVoxel(this.toVoxel, this.shown.shape, this.cross);
  }

  /** @param {Point} index */
  moveTo(index) {
    const { shape, affine } = this.shown;
    this.cross = apply(affine, /** @type {Point} */ (
      index.map((value, axis) => Math.min(shape[axis] - 1, Math.max(0, Math.round(value))))));
  }

  /**
   * Steps along a plane's normal to the centre of a slice; within the slice the crosshair stays where it is.
   * @param {PlaneName} name @param {number} slices
   */
  scroll(name, slices) {
    const { shape, affine } = this.shown;
    const { n } = this.plane(name);
    const index = apply(this.toVoxel, this.cross);
    index[n] = Math.min(shape[n] - 1, Math.max(0, this.voxel[n] + slices));
    this.cross = apply(affine, index);
  }

  /** @returns {PlaneName[]} The planes beside the primary one. */
  get secondary() {
    return /** @type {PlaneName[]} */ (["axial", "coronal", "sagittal"].filter((name) => name !== this.primary));
  }

  /** @returns {Series[]} Series that can be drawn on the pixels of the one on screen, it first. */
  get linkable() {
    const shown = this.shown;
    return [shown, ...[...this.series.values()].filter((one) => one !== shown && one.frame === shown.frame)];
  }

  /** @returns {Series[]} Those of them that stand in step with it, at most four: without what the reader left out, unless that were all. */
  get linked() {
    const [shown, ...others] = this.linkable;
    const kept = others.filter(({ digest }) => !this.leftOut.has(digest));
    return [shown, ...(kept.length ? kept : others)].slice(0, 4);
  }

  /** @returns {Series|undefined} The series before contrast, to be held over the one on screen. */
  get beforeContrast() {
    const shown = this.shown;
    return [...this.series.values()].find((one) => one.sequence === "t1" && one !== shown && one.frame === shown?.frame);
  }

  /**
   * Takes over the regions of a prediction: those sent as visible are, experimental ones are not.
   * @param {Data["prediction"]} prediction
   */
  showPrediction(prediction) {
    const digest = prediction?.digest ?? "";
    if (digest === this.prediction) return;
    this.prediction = digest;
    this.hidden = false;
    this.visible = new Map((prediction?.regions ?? []).map((region) =>
      [region.name, region.visible && !region.experimental && region.evaluated]));
  }

  /** @returns {Record<string, unknown>} The view as it is recorded: canonical, small, in LPS millimetres. */
  record() {
    const plane = this.plane(this.primary);
    const window = this.windows.get(this.current);
    const view = this.views.get(this.primary);
    return {
      series: this.current, layout: this.layout, plane: this.primary, slice: this.voxel[plane.n],
      window: window ? [round(window.centre), round(window.width)] : null, zoom: view ? round(view.scale) : "fit",
      crosshair_lps: this.cross.map(round), overlay: this.style, opacity: round(this.opacity[this.style]), line: this.line,
      regions: [...this.visible].filter(([, visible]) => visible).map(([name]) => name),
      ...(view ? { focus_lps: view.focus.map(round) } : {}),
    };
  }

  /**
   * Takes over a view as `record` wrote it; what is missing or does not fit this study stays as it is.
   * Rows written before `focus_lps` was recorded are centred on their crosshair.
   * @param {Record<string, any>} view
   */
  restore(view) {
    if (this.series.has(view.series)) this.showSeries(view.series);
    if (!this.shown) return;
    if (["planes", "one", "series"].includes(view.layout)) this.layout = view.layout;
    if (["axial", "coronal", "sagittal"].includes(view.plane)) this.primary = view.plane;
    if (isPoint(view.crosshair_lps)) this.cross = view.crosshair_lps;
    if (Array.isArray(view.window) && view.window.every(Number.isFinite)) {
      this.windows.set(this.current, { centre: view.window[0], width: view.window[1] });
      this.presets.delete(this.current);
    }
    this.fit();
    if (Number.isFinite(view.zoom)) {
      this.views.set(this.primary, { scale: view.zoom, focus: isPoint(view.focus_lps) ? view.focus_lps : this.cross });
    }
    if (view.overlay === "outline" || view.overlay === "fill") this.style = view.overlay;
    if (Number.isFinite(view.opacity)) this.opacity[this.style] = view.opacity;
    if (LINES.includes(view.line)) this.line = view.line;
    if (Array.isArray(view.regions)) for (const name of this.visible.keys()) this.visible.set(name, view.regions.includes(name));
  }
}

/** @param {unknown} value @returns {boolean} */
const isPoint = (value) => Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);

/** @param {number} value @returns {number} With at most three decimals, and no negative zero. */
const round = (value) => Math.round(value * 1000) / 1000 + 0;
