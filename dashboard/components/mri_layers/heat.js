/**
 * The probability map of one region with a threshold that can be moved: what if the model had been cut elsewhere.
 * It changes nothing that is recorded: the recorded outline stays on screen all the while, and a verdict is about that one.
 */

import { spacingOf } from "../mri_picture/geometry.js";
import { FrameHolder } from "../shared/frame_holder.js";
import { HeatBar, volumeWords } from "./heat_bar.js";
import { voxelsOfFindings } from "./heat_findings.js";
import { drawWash, strokeThreshold } from "./heat_paint.js";
import { countedRegion, cutOf, moved, voxelsFrom } from "./heat_scale.js";
import { writeAside } from "./layer_words.js";

const OPACITY = 0.45;

export class Heat {
  /** @param {import("../mri_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** Closes the other layer: one at a time. */
    this.alone = () => {};
    this.changed = () => {};
    this.opacity = OPACITY;
    /** The frame after which the row is told; 0 while nothing is to be told. */
    this.next = 0;
    this.holder = new FrameHolder(({ bytes }) => {
      this.above = voxelsFrom(bytes);
      this.refresh();
    }, (error) => {
      this.trouble = `${error.what} ${error.why}`;
      this.refresh();
    });
    this.bar = new HeatBar({
      region: (name) => this.choose(name),
      threshold: (value) => this.cutAt(value),
      opacity: (value) => {
        this.opacity = value;
        this.refresh();
      },
      back: () => this.cutAt(this.manifest),
      leave: () => this.leave(),
    });
    this.bars = [this.bar.root];
    /** @type {HTMLElement[]} */
    this.boxes = [];
    this.drop();
  }

  /** Forgets everything of a result. */
  drop() {
    this.on = false;
    this.prediction = "";
    this.region = "";
    this.threshold = 0;
    this.trouble = "";
    /** @type {Float64Array|null} */
    this.above = null;
    this.recorded = { mask: null, region: "", voxels: new Map() };
    this.ofFindings = { mask: null, frame: null, voxels: new Map() };
    this.holder?.show("");
    this.bar?.show(null);
  }

  /** Of the result on screen; null while nothing of a model may be shown. */
  get said() {
    const { data } = this.viewer;
    return data && !data.blind ? data.prediction : null;
  }

  get regions() {
    return (this.said?.regions ?? []).filter(({ evaluated }) => evaluated);
  }

  get manifest() {
    return this.regions.find(({ name }) => name === this.region)?.threshold ?? 0.5;
  }

  get grid() {
    return this.viewer.state.series.get(this.said?.grid ?? "");
  }

  /** Why there is no map to be shown; '' where there is one. */
  get reason() {
    if (!this.said) return "No model result is on screen.";
    if (!this.said.probability) return `No probability map: ${this.said.model ?? "this result"} came as a mask alone.`;
    return this.regions.length && this.grid ? "" : "No probability map: no region was evaluated.";
  }

  show(_data, isOther) {
    if (isOther || !this.said || this.said.digest !== this.prediction) this.drop();
    this.changed();
    if (this.on) this.refresh();
  }

  toggle() {
    if (this.on) return this.leave();
    if (this.reason) return this.viewer.say(this.reason);
    const shown = this.regions.find(({ name }) => this.viewer.state.visible.get(name)) ?? this.regions[0];
    this.prediction = this.said.digest;
    this.start(shown.name);
  }

  start(region) {
    this.alone();
    this.on = true;
    this.choose(region);
    this.viewer.interact();
    this.changed();
  }

  leave() {
    this.drop();
    this.changed();
    this.viewer.drawTools();
    this.viewer.draw();
  }

  /** Another region: its map is fetched, its own threshold holds, its recorded outline is shown. @param {string} region */
  choose(region) {
    this.region = region;
    this.threshold = this.manifest;
    this.above = null;
    this.trouble = "";
    const { shape } = this.grid;
    const index = this.said.regions.findIndex(({ name }) => name === region);
    this.holder.show(`/api/probability/${this.said.digest}/${index}`, this.viewer.data.token, shape[0] * shape[1] * shape[2]);
    this.uncover();
    this.refresh();
  }

  /** @param {number} threshold */
  cutAt(threshold) {
    this.threshold = threshold === this.manifest ? threshold : moved(threshold, 0);
    this.viewer.interact("threshold");
    this.refresh();
  }

  /** The recorded outline of the region comes back if it was hidden. */
  uncover() {
    const { state } = this.viewer;
    if (state.hidden || !state.visible.get(this.region)) {
      state.hidden = false;
      state.visible.set(this.region, true);
      this.viewer.drawTools();
    }
  }

  verdict() {
    if (!this.on) return;
    this.uncover();
    this.viewer.paint();
  }

  /** Millilitres at or above the threshold; null while the map is on its way. */
  get above_ml() {
    return this.above && this.above[cutOf(this.threshold)] * this.voxel_ml;
  }

  get voxel_ml() {
    return spacingOf(this.grid.affine).reduce((product, mm) => product * mm, 1) / 1000;
  }

  /** The mask that stands recorded, once it has arrived. */
  get mask() {
    const { mask } = this.viewer.masks;
    return mask && mask.digest === this.prediction ? mask : null;
  }

  /** Millilitres of the region as it is recorded, of one component or of all; counted once a mask. @param {number} [component] */
  recorded_ml(component = 0) {
    const { mask } = this;
    if (!mask) return null;
    if (this.recorded.mask !== mask || this.recorded.region !== this.region) {
      const voxels = countedRegion(mask, this.regions.find(({ name }) => name === this.region).bit);
      this.recorded = { mask, region: this.region, voxels };
    }
    return (this.recorded.voxels.get(component) ?? 0) * this.voxel_ml;
  }

  /** Number and millilitres of the selected finding, at or above the threshold and as recorded; null where none is selected. */
  get finding() {
    const { data, selection } = this.viewer;
    const { number, component } = data.findings.find(({ id }) => id === selection.id) ?? {};
    const [mask, frame] = [this.mask, this.holder.frame];
    if (!component || !mask || !frame) return null;
    if (this.ofFindings.mask !== mask || this.ofFindings.frame !== frame) {
      this.ofFindings = { mask, frame, voxels: voxelsOfFindings(frame.bytes, mask.lesions, this.grid.shape) };
    }
    const above = this.ofFindings.voxels.get(component)?.[cutOf(this.threshold)] ?? 0;
    return { number, above_ml: above * this.voxel_ml, recorded_ml: this.recorded_ml(component) };
  }

  selected() {
    this.refresh();
  }

  refresh() {
    if (!this.on) return;
    this.viewer.draw();
    // The picture says the volume at once; the row, of which the browser lays out the page anew, follows a frame later.
    this.next ||= requestAnimationFrame(() => setTimeout(() => this.tell()));
  }

  /** Says in the row what is on screen now. */
  tell() {
    this.next = 0;
    if (!this.on) return;
    const { regions, region, threshold, manifest, above_ml, finding, trouble } = this;
    this.bar.show({ regions, region, threshold, manifest, above_ml, recorded_ml: this.recorded_ml(), finding, trouble }, this.opacity);
  }

  /** Whether a scene shows the study and the mask that the map belongs to. @param {import("../mri_picture/pane.js").Scene} scene */
  belongs({ state, overlay, prior }) {
    return this.on && !prior && this.holder.frame !== null && state === this.viewer.state && state.prediction === this.prediction
      && overlay !== null && overlay.grid === this.grid;
  }

  outlines() {
    return this.on;
  }

  under(context, scene, place, slice) {
    if (this.belongs(scene)) drawWash(context, this.holder.frame, this.grid, scene.state, place, slice, this.opacity);
  }

  paint(context, scene, place, slice) {
    if (!this.belongs(scene) || scene.state.hidden) return;
    strokeThreshold(context, this.holder.frame, this.grid, scene.state, place, slice, this.threshold);
    if (scene.large) writeAside(context, place.width, [`what if ≥ ${this.threshold.toFixed(2)}: ${volumeWords(this.above_ml)}`, "white dashes: not recorded"]);
  }

  look() {
    return this.on ? `heat ${this.region} ${this.threshold} ${this.opacity} ${this.holder.frame ? "drawn" : "loading"}` : "";
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !this.said) return false;
    const key = event.key.toLowerCase();
    const step = { ",": -1, ".": 1 }[key];
    if (key === "h") {
      if (!event.repeat) this.toggle();
    } else if (!this.on) return false;
    else if (step) this.cutAt(moved(this.threshold, step));
    else if (key === "p") this.cutAt(this.manifest);
    else if (key === "escape") this.leave();
    else return false;
    return true;
  }

  record() {
    return this.on ? { heat: { region: this.region, threshold: this.threshold, own: this.manifest } } : {};
  }

  restore({ heat }) {
    if (!heat || this.reason || !this.regions.some(({ name }) => name === heat.region)) return;
    this.prediction = this.said.digest;
    this.start(heat.region);
    if (Number.isFinite(heat.threshold)) this.threshold = moved(heat.threshold, 0);
    this.refresh();
  }

  close() {
    this.drop();
  }
}
