/** One viewport: a canvas that shows one plane of one series with its overlay, letters, numbers and scale bar. */

import { element } from "../shared/elements.js";
import { drawAnnotations } from "./annotations.js";
import { apply, toImage, toIndex } from "./geometry.js";
import { fillOverlay, strokeOutlines } from "./overlay.js";
import { bandHeight, drawBand } from "./date_band.js";
import { acquiredSlice, greySlice, walkOf } from "./slices.js";
import { greyTable } from "./windows.js";

/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./volumes.js").Series} Series */

/**
 * What a pane shows at this moment.
 * @typedef {object} Scene
 * @property {import("./state.js").ViewState} state
 * @property {import("./geometry.js").PlaneName} plane
 * @property {Series} source The series drawn on the pixels of the one on screen.
 * @property {import("./volumes.js").Volume|undefined} volume Of `source`.
 * @property {{mask: import("./loader.js").Mask, grid: Series, regions: import("./state.js").Region[], component: number}|null} overlay
 * @property {{index: Point, number: number, chosen: boolean}[]} points Voxels of the series on screen, not rounded.
 * @property {boolean} large The first pane, with all its corners.
 * @property {boolean} held Shown only while a key is held.
 * @property {string} pseudonym @property {boolean} synthetic
 * @property {import("../mri_viewer/features.js").Feature[]} features
 * @property {string} message Instead of a picture.
 * @property {boolean} prior It shows another study than the one under review: nothing done on it is about that one.
 * @property {import("./date_band.js").Band|null} band Says above the picture which study it is.
 */

/**
 * What a pane has drawn.
 * @typedef {object} Drawn
 * @property {boolean} picture Pixels of the slice, all of them.
 * @property {boolean} overlay The mask's slice, with what is visible of it.
 * @property {number} acquired Slice of the acquisition plane, or -1.
 */

const FIT = 0.96;

export class Pane {
  constructor() {
    this.canvas = /** @type {HTMLCanvasElement} */ (element("canvas", { class: "mri-canvas", role: "img", tabindex: 0 }));
    this.context = this.canvas.getContext("2d");
    this.image = document.createElement("canvas");
    /** @type {{key: string, table: Uint32Array}} */
    this.grey = { key: "", table: new Uint32Array(0) };
    this.imageKey = "";
    this.imageWhole = false;
    /** @type {Scene|null} */
    this.scene = null;
  }

  /** Pixels a millimetre and the pane's middle in image coordinates. */
  placement() {
    const { state, plane: name } = this.scene;
    const plane = state.plane(name);
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    const above = bandHeight(this.scene.band);
    const fit = FIT * Math.min(width / (plane.width * plane.columnMm), (height - above) / (plane.height * plane.rowMm));
    const view = state.views.get(name);
    const middle = view
      ? toImage(plane, apply(state.toVoxel, view.focus))
      : { x: (plane.width - 1) / 2, y: (plane.height - 1) / 2 };
    const scale = view?.scale ?? fit;
    const [sx, sy] = [scale * plane.columnMm, scale * plane.rowMm];
    const centre = { x: width / 2, y: (height + above) / 2 };
    return { plane, width, height, centre, fit, scale, sx, sy, left: centre.x - middle.x * sx, top: centre.y - middle.y * sy };
  }

  /** @param {number} x @param {number} y CSS pixels within the canvas. @returns {Point} Voxel index, not rounded. */
  indexAt(x, y) {
    const { plane, sx, sy, left, top } = this.placement();
    return toIndex(plane, (x - left) / sx, (y - top) / sy, this.scene.state.voxel[plane.n]);
  }

  /** @param {Point} lps @returns {{x: number, y: number, away: number}} CSS pixels, and slices away from the one drawn. */
  placeOf(lps) {
    const { plane, sx, sy, left, top } = this.placement();
    const at = toImage(plane, apply(this.scene.state.toVoxel, lps));
    return { x: left + at.x * sx, y: top + at.y * sy, away: at.slice - this.scene.state.voxel[plane.n] };
  }

  /** Zooms about a place: what lies there stays there. @param {number} factor @param {number} x @param {number} y */
  zoom(factor, x, y) {
    const { plane, scale, fit, centre, sx, sy, left, top } = this.placement();
    const next = Math.min(fit * 20, Math.max(fit * 0.25, scale * factor));
    const ratio = scale / next;
    const middle = [x + (centre.x - x) * ratio, y + (centre.y - y) * ratio];
    this.look(plane, (middle[0] - left) / sx, (middle[1] - top) / sy, next);
  }

  /** Moves the picture by CSS pixels. @param {number} dx @param {number} dy */
  pan(dx, dy) {
    const { plane, scale, centre, sx, sy, left, top } = this.placement();
    this.look(plane, (centre.x - dx - left) / sx, (centre.y - dy - top) / sy, scale);
  }

  look(plane, x, y, scale) {
    const { state } = this.scene;
    const focus = apply(state.shown.affine, toIndex(plane, x, y, state.voxel[plane.n]));
    state.views.set(plane.name, { scale, focus });
  }

  /**
   * Draws the scene; nothing of an earlier one is left.
   * @param {Scene} scene
   * @returns {Drawn}
   */
  paint(scene) {
    const drawn = this.draw(scene);
    if (scene.band) drawBand(this.context, scene.band, this.canvas.clientWidth, this.canvas.clientHeight);
    return drawn;
  }

  /** @param {Scene} scene @returns {Drawn} */
  draw(scene) {
    this.scene = scene;
    if (scene.prior) this.canvas.dataset.measures = "";
    const { canvas, context } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    if (scene.message || !width || !height) return this.skeleton(scene.message);

    const { state, source, volume } = scene;
    const place = this.placement();
    const slice = state.voxel[place.plane.n];
    const walk = walkOf(place.plane, slice, state.shown, source);
    const acquired = acquiredSlice(walk, place.plane, source);
    if (!volume?.scale || (acquired >= 0 && !volume.has(acquired))) {
      this.skeleton(`Loading ${source.label}`);
      drawAnnotations(context, scene, place, slice);
      return { picture: false, overlay: false, acquired: -1 };
    }
    this.readSlice(scene, walk, place.plane, slice, volume);
    context.imageSmoothingEnabled = state.smooth;
    context.imageSmoothingQuality = "high";
    const box = /** @type {[number, number, number, number]} */ ([place.left - place.sx / 2, place.top - place.sy / 2, place.plane.width * place.sx, place.plane.height * place.sy]);
    context.drawImage(this.image, ...box);

    const overlay = scene.overlay && !state.hidden ? scene.overlay : null;
    if (!state.hidden) for (const feature of scene.features) feature.under?.(context, scene, place, slice);
    const style = scene.features.some((feature) => feature.outlines?.()) ? "outline" : state.style;
    if (overlay && style === "fill") {
      fillOverlay(context, overlay, state, place.plane, slice, box);
      strokeOutlines(context, overlay, state, place, slice, true);
    }
    if (overlay && style === "outline") strokeOutlines(context, overlay, state, place, slice);
    for (const feature of scene.features) feature.paint?.(context, scene, place, slice);
    drawAnnotations(context, scene, place, slice);
    canvas.dataset.drawn = `${state.study} ${source.digest} ${place.plane.name} ${slice} ${overlay?.mask.digest ?? "-"}`;
    canvas.dataset.look = [style, state.opacity[style], state.line, ...scene.features.map((feature) => feature.look?.() ?? "")].join(" ").trim();
    return { picture: this.imageWhole, overlay: overlay !== null, acquired };
  }

  /** Keeps the slice's pixels until series, slice, window or what has arrived changes. */
  readSlice({ state, source, held }, walk, plane, slice, volume) {
    const window = state.windows.get(held ? state.current : source.digest) ?? state.windows.get(source.digest);
    const { slope, intercept } = volume.scale;
    const greyKey = `${window.centre} ${window.width} ${slope} ${intercept}`;
    if (this.grey.key !== greyKey) this.grey = { key: greyKey, table: greyTable(window, slope, intercept) };
    const key = [source.digest, state.current, state.convention, plane.name, slice, greyKey, volume.here].join(" ");
    if (this.imageKey === key) return;
    if (this.image.width !== plane.width || this.image.height !== plane.height) {
      Object.assign(this.image, { width: plane.width, height: plane.height });
    }
    const pixels = new ImageData(plane.width, plane.height);
    this.imageWhole = greySlice(volume, walk, plane, this.grey.table, new Uint32Array(pixels.data.buffer));
    this.image.getContext("2d").putImageData(pixels, 0, 0);
    this.imageKey = key;
  }

  /** @param {string} text @returns {Drawn} */
  skeleton(text) {
    const { canvas, context } = this;
    Object.assign(canvas.dataset, { drawn: "", measures: "" });
    canvas.setAttribute("aria-label", text);
    context.fillStyle = "#8a95a3";
    context.font = "13px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    text.split("\n").forEach((line, row, lines) =>
      context.fillText(line, canvas.clientWidth / 2, canvas.clientHeight / 2 + (row - (lines.length - 1) / 2) * 20, canvas.clientWidth - 16));
    return { picture: false, overlay: false, acquired: -1 };
  }
}
