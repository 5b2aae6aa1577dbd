/** A study of before beside the current one, in step with it. Its images, mask and place are its own: nothing of it is drawn into the current pane. */

import { nextNumber } from "../shared/selection.js";
import { apply } from "../mri_picture/geometry.js";
import { MaskHolder } from "../mri_picture/loader.js";
import { PriorsBar } from "./priors_bar.js";
import { firstLink, LINK_WORDS, PriorState, sameSeries } from "./priors_state.js";

/** @typedef {import("../mri_picture/volumes.js").Series} Series */
/**
 * One study of before as Python sends it, the newest first.
 * @typedef {object} PriorData
 * @property {string} study @property {string} token @property {string} pseudonym @property {boolean} synthetic
 * @property {string} date @property {string} words Date and how long before. @property {Series[]} series
 * @property {{digest: string, key: string, grid: string, marks: string, regions: import("../mri_picture/state.js").Region[]}|null} prediction
 *   Null where there is none, or none for this reader to see as yet. `key` names the result with the verdicts in force, `marks` says whose outline it is.
 * @property {string} without_outline Why no outline is shown; '' where one is.
 * @property {import("../mri_picture/geometry.js").Point|null} [link] Paired by the reader before.
 */

export class Priors {
  /** @param {import("../mri_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.masks = new MaskHolder(() => viewer.draw(), (error) => viewer.say(`The prior's outline: ${error.what} ${error.why}`, 0), "judged");
    this.bar = new PriorsBar((study) => this.choose(study), () => this.toggle());
    this.bars = [this.bar.root];
    this.drop();
  }

  /** Forgets every prior. */
  drop() {
    /** @type {PriorData[]} */
    this.all = [];
    this.chosen = "";
    /** @type {PriorState|null} */
    this.state = null;
    /** @type {Map<string, import("./priors_state.js").Link>} By prior study and the two frames of reference. */
    this.links = new Map();
    /** @type {import("./priors_state.js").Link|null} The link as it was before it was being changed. */
    this.before = null;
    this.masks.show("", "", 0);
    this.bar.show(null);
  }

  /** @returns {PriorData|undefined} */
  get data() {
    return this.all.find(({ study }) => study === this.chosen);
  }

  /** Whether a prior stands beside the current study. */
  get on() {
    return this.viewer.state?.layout === "prior" && Boolean(this.data);
  }

  /** @returns {Series|undefined} The prior's series that belongs beside the one on screen. */
  get series() {
    const { shown } = this.viewer.state;
    return this.data && shown ? sameSeries(shown, this.data.series) : undefined;
  }

  show(data, isOther) {
    if (isOther) this.drop();
    const { state } = this.viewer;
    this.all = data.replay ? [] : data.priors ?? [];
    state.priors = this.all.length;
    if (!this.data) this.pick(this.all[0]?.study ?? "");
    if (this.state) this.state.series = new Map(this.data.series.map((series) => [series.digest, series]));
    if (!this.all.length && state.layout === "prior") state.layout = "planes";
  }

  /** Layout or series may have changed. */
  follow() {
    if (this.before && !this.on) this.cancel();
    this.showMask();
    this.refresh();
  }

  /** @param {string} study '' for none. */
  pick(study) {
    this.chosen = study;
    this.before = null;
    this.state = this.data ? new PriorState(this.data, this.viewer.state, () => this.link, () => this.place) : null;
  }

  /** The reader looks at another prior. @param {string} study */
  choose(study) {
    this.pick(study);
    this.viewer.set({});
  }

  /** The outline is fetched only once the prior is looked at, and never before this reader may see it: then there is none. */
  showMask() {
    const prediction = this.on ? this.data.prediction : null;
    const grid = prediction ? this.data.series.find(({ digest }) => digest === prediction.grid) : undefined;
    this.masks.show(grid ? prediction.key : "", this.data?.token ?? "", grid ? grid.shape[0] * grid.shape[1] * grid.shape[2] : 0);
  }

  /** @returns {import("./priors_state.js").Link} That of the series on screen. */
  get link() {
    const { shown } = this.viewer.state;
    const prior = this.series ?? this.data.series[0];
    const key = `${this.chosen} ${shown.frame} ${prior.frame}`;
    if (!this.links.has(key)) {
      const kept = this.data.link;
      this.links.set(key, kept ? { by: "reader", offset: kept } : firstLink(shown, prior));
    }
    return this.links.get(key);
  }

  /** Magnification of the current study's pane and what lies in its middle; null before it has been drawn. */
  get place() {
    const [pane] = this.viewer.panes;
    if (!pane.scene || pane.scene.message || pane.scene.prior) return null;
    const { scale, centre } = pane.placement();
    return { scale, focus: apply(pane.scene.state.shown.affine, pane.indexAt(centre.x, centre.y)) };
  }

  /** What the loader fetches of it: behind the current study's, the series that would stand beside the one on screen. */
  wanted() {
    const { series, state } = this;
    if (!series) return [];
    const middle = series.shape[series.through] >> 1;
    const focus = () => {
      state.put(series);
      return this.on ? state.voxel[series.through] : middle;
    };
    return [{ series, token: this.data.token, focus }];
  }

  /**
   * What the prior's pane shows.
   * @param {import("../mri_picture/volumes.js").VolumeCache} images @param {(series: Series) => string} messageOf
   * @returns {import("../mri_picture/pane.js").Scene}
   */
  scene(images, messageOf) {
    const { data, series, state, viewer } = this;
    const main = viewer.state;
    const common = { state, plane: main.primary, points: [], features: [], large: true, prior: true, pseudonym: data.pseudonym,
      synthetic: data.synthetic, band: this.band(series), overlay: null, held: false, source: series, volume: undefined };
    if (!series) return { ...common, message: `The prior has no ${main.shown.label}` };
    state.put(series);
    const before = main.before ? state.beforeContrast : undefined;
    const source = before ?? series;
    const volume = images.get(source.digest);
    if (volume?.scale && !state.windows.has(source.digest)) state.resetWindow(source.digest, volume.scale.window);
    return { ...common, source, volume, held: Boolean(before), overlay: this.marked(series), message: messageOf(source) };
  }

  /** The prior's own outline, in its own pane. */
  marked(series) {
    const { mask } = this.masks;
    const { prediction } = this.data;
    const grid = prediction && this.data.series.find(({ digest }) => digest === prediction.grid);
    if (!mask || !grid || mask.digest !== prediction.key || grid.frame !== series.frame) return null;
    const { visible } = this.viewer.state;
    return { mask, grid, component: 0, regions: prediction.regions.filter(({ name, visible: own }) => visible.get(name) ?? own) };
  }

  /** @returns {import("../mri_picture/date_band.js").Band} */
  band(series) {
    const { data } = this;
    const marks = data.prediction?.marks || data.without_outline;
    const place = series ? (this.before ? "PAIRING: move the prior to the place of the current, then Shift+S" : LINK_WORDS[this.link.by]) : "";
    return { prior: true, title: `PRIOR · ${data.pseudonym} · ${data.words}`, lines: [place, marks] };
  }

  /** Begins to pair two places, or says that the two on screen are one. */
  toggle() {
    if (!this.on || !this.series) return this.viewer.say("Two places are paired beside a prior that has this sequence.");
    if (!this.before) {
      this.before = { ...this.link };
      this.state.adjusting = true;
      this.viewer.say("Scroll, click or drag the prior alone until it shows the same place; then Shift+S.");
    } else {
      this.before = null;
      this.state.adjusting = false;
      Object.assign(this.link, { by: "reader" });
      const offset = this.link.offset.map((mm) => Math.round(mm * 100) / 100);
      this.viewer.say("Paired: from here both move together.");
      this.viewer.send("linked", { study: this.viewer.data.study, prior: this.chosen, offset_lps: offset, n: nextNumber() });
    }
    this.refresh();
    this.viewer.draw();
  }

  /** The link of before. */
  cancel() {
    Object.assign(this.link, this.before);
    this.before = null;
    this.state.adjusting = false;
    this.refresh();
    this.viewer.draw();
  }

  refresh() {
    this.bar.show(this.on ? { priors: this.all, chosen: this.chosen, adjusting: Boolean(this.before),
      words: this.series ? (this.before ? "Move the prior to the place that the current study shows." : LINK_WORDS[this.link.by]) : "" } : null);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (event.key === "Escape" && this.before) this.cancel();
    else if (event.key.toLowerCase() === "s" && event.shiftKey) event.repeat || this.toggle();
    else return false;
    return true;
  }

  /** Which study stood beside, and how its place was found. */
  record() {
    if (!this.on || !this.series) return {};
    const { by, offset } = this.link;
    return { prior: { study: this.chosen, series: this.series.digest.slice(0, 12), by, offset_lps: offset.map((mm) => Math.round(mm * 10) / 10 + 0) } };
  }

  close() {
    this.drop();
  }
}
