/** How a study of before is looked at: the same plane, place and magnification as the current one, by a link that is said on screen. */

import { apply, inverse, stepOf } from "../mri_picture/geometry.js";
import { ViewState } from "../mri_picture/state.js";

/** @typedef {import("../mri_picture/geometry.js").Point} Point */
/** @typedef {import("../mri_picture/volumes.js").Series} Series */
/**
 * How a place of the current study is found in the prior: by adding `offset`, in LPS millimetres.
 * @typedef {object} Link
 * @property {"frame"|"reader"|"middles"} by One frame of reference; a place that the reader paired; the middles of the two scans, which nobody checked.
 * @property {Point} offset
 */

/** Words of each kind of link, as they are burnt into the prior's pane. */
export const LINK_WORDS = {
  frame: "same place: one frame of reference",
  reader: "place paired by you",
  middles: "PLACE NOT PAIRED: middles of both scans together",
};

/** @param {Point} one @param {Point} other @param {number} [sign] @returns {Point} */
export const moved = (one, other, sign = 1) => /** @type {Point} */ (one.map((value, axis) => value + sign * other[axis]));

/** @param {Series} series @returns {Point} The middle of a series' field, LPS mm. */
const middleOf = ({ affine, shape }) => apply(affine, /** @type {Point} */ (shape.map((size) => (size - 1) / 2)));

/**
 * The link before a reader has made one.
 * @param {Series} current @param {Series} prior
 * @returns {Link}
 */
export function firstLink(current, prior) {
  if (current.frame && current.frame === prior.frame) return { by: "frame", offset: [0, 0, 0] };
  return { by: "middles", offset: moved(middleOf(prior), middleOf(current), -1) };
}

/**
 * The series of a prior that is put beside one of the current study: the same sequence, and where that has no name the same description.
 * @param {Series} current @param {Series[]} series Of the prior, one brought into line before the one that it was made from.
 * @returns {Series|undefined}
 */
export const sameSeries = (current, series) => series.find(({ sequence, description }) =>
  sequence === current.sequence && (sequence !== "other" || description === current.description));

/** The prior's view; it has no crosshair, plane or zoom of its own. What is set on it moves the current study's, or the link while that is being made. */
export class PriorState extends ViewState {
  /**
   * @param {import("./priors.js").PriorData} data
   * @param {ViewState} main Of the current study.
   * @param {() => Link} link
   * @param {() => {scale: number, focus: Point}|null} place Pixels a millimetre of the current study's pane, and what lies in its middle.
   */
  constructor(data, main, link, place) {
    super(/** @type {any} */ ({ ...data, current: data.series[0]?.digest ?? "", convention: main.convention }));
    this.main = main;
    this.link = link;
    this.place = place;
    /** Whether what moves the prior changes the link. */
    this.adjusting = false;
    for (const name of ["primary", "style", "line", "opacity", "smooth", "hidden", "convention", "tool"]) {
      Object.defineProperty(this, name, { get: () => main[name], set: () => {} });
    }
    Object.defineProperty(this, "cross", { get: () => moved(main.cross, link().offset), set: (lps) => this.go(lps) });
    this.views = /** @type {any} */ ({ get: () => this.view, set: (name, view) => this.look(name, view) });
  }

  /** @param {Series} series Of this prior. */
  put(series) {
    this.current = series.digest;
    this.toVoxel = inverse(series.affine);
  }

  /** @param {Point} lps Where the crosshair is to be in the prior. */
  go(lps) {
    const link = this.link();
    if (this.adjusting) link.offset = moved(lps, this.main.cross, -1);
    else this.main.cross = moved(lps, link.offset, -1);
  }

  scroll(name, slices) {
    if (this.adjusting) super.scroll(name, slices);
    else this.main.scroll(name, slices); // By the current study's slices: of finer ones it would not move at each.
  }

  /** As large as the current study's pane, about the same place. */
  get view() {
    const at = this.place();
    return at ? { scale: at.scale, focus: moved(at.focus, this.link().offset) } : undefined;
  }

  /** Zoomed or moved on its pane. */
  look(name, { scale, focus }) {
    const at = this.place();
    if (!at) return;
    if (!this.adjusting) return this.main.views.set(name, { scale, focus: moved(focus, this.link().offset, -1) });
    this.main.views.set(name, { scale, focus: at.focus });
    const step = stepOf(this.shown.affine, this.plane(name).n);
    const by = moved(focus, this.view.focus, -1);
    const along = (step[0] * by[0] + step[1] * by[1] + step[2] * by[2]) / (step[0] ** 2 + step[1] ** 2 + step[2] ** 2);
    this.link().offset = moved(this.link().offset, /** @type {Point} */ (by.map((mm, axis) => mm - along * step[axis])));
  }
}
