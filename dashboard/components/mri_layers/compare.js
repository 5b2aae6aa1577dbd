/**
 * Two masks held against each other: one model's beside another's, a model's beside the reader's, a reader's beside another's.
 * What is drawn is counted and joined by the server. The recorded outline stays on screen: a verdict is about that one.
 */

import { CompareBar } from "./compare_bar.js";
import { drawParts } from "./compare_paint.js";
import { chosenPair, findingShares, firstPair, samePair, shortKey, thatPair } from "./compare_pairs.js";
import { FrameHolder } from "../shared/frame_holder.js";
import { writeAside } from "./layer_words.js";

const OPACITY = 0.85;

export class Compare {
  /** @param {import("../mri_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** Closes the other layer: one at a time. */
    this.alone = () => {};
    this.changed = () => {};
    this.holder = new FrameHolder(({ header, bytes }) => {
      this.mask = { digest: this.holder.path, bits: bytes, lesions: new Uint16Array(0) };
      this.header = header;
      this.refresh();
    }, (error) => {
      this.trouble = `${error.what} ${error.why}`;
      this.refresh();
    });
    this.bar = new CompareBar((choice) => this.choose(choice), () => this.leave());
    this.bars = [this.bar.root];
    this.drop();
  }

  /** Forgets everything of a study. */
  drop() {
    this.on = false;
    this.prediction = "";
    /** @type {import("./compare_pairs.js").CompareSide[]} */
    this.sides = [];
    /** @type {import("./compare_pairs.js").Pair|null} */
    this.pair = null;
    /** @type {import("../mri_picture/loader.js").Mask|null} */
    this.mask = null;
    this.header = null;
    this.trouble = "";
    this.holder.show("");
    this.bar.show(null);
  }

  /** Nothing drawn of the pair before. @param {string} path */
  clear(path, token = "", voxels = 0) {
    if (path === this.holder.path) return;
    this.mask = null;
    this.header = null;
    this.trouble = "";
    this.holder.show(path, token, voxels);
  }

  /** What Python offers now: nothing in a blind read; of a recorded view that is looked at again the two that stood there. */
  get offered() {
    const { data } = this.viewer;
    return data && !data.blind && data.prediction ? data.sides ?? [] : [];
  }

  /** Why nothing can be compared; '' where it can. */
  get reason() {
    return this.offered.length ? "" : "Nothing to compare: there is one mask of this study for you to see.";
  }

  show(_data, isOther) {
    const now = this.offered;
    const pair = this.on && !isOther && this.viewer.data.prediction?.digest === this.prediction ? samePair(this.sides, now, this.pair) : null;
    if (!pair) this.drop();
    else {
      this.sides = now;
      this.fetch(pair);
    }
    this.changed();
  }

  toggle() {
    if (this.on) return this.leave();
    if (this.reason) return this.viewer.say(this.reason);
    if (this.viewer.editor.session) return this.viewer.say("Close the drawing (Esc) before masks are compared.");
    this.start(firstPair(this.offered, this.viewer.data.prediction.digest));
  }

  /** @param {import("./compare_pairs.js").Pair} pair */
  start(pair) {
    this.alone();
    this.sides = this.offered;
    this.on = true;
    this.prediction = this.viewer.data.prediction.digest;
    this.fetch(pair);
    this.viewer.interact();
    this.changed();
  }

  yields() {
    if (this.on) this.leave();
  }

  leave() {
    this.drop();
    this.changed();
    this.viewer.draw();
  }

  choose(choice) {
    this.fetch(chosenPair(this.sides, this.pair, choice));
  }

  /** @param {import("./compare_pairs.js").Pair} pair */
  fetch(pair) {
    this.pair = pair;
    const grid = this.grid;
    if (!grid) {
      this.clear("");
      this.trouble = "The first mask's series is not among those on screen.";
    } else {
      const { replay } = this.viewer.data;
      const path = ["", "api", "difference", pair.first, pair.second, pair.region].join("/");
      this.clear(replay ? `${path}?row=${replay}` : path, this.viewer.data.token, grid.shape[0] * grid.shape[1] * grid.shape[2]);
    }
    this.refresh();
  }

  /** The series on whose voxels the parts lie: that of the first side. */
  get grid() {
    return this.viewer.state.series.get(this.sides.find(({ key }) => key === this.pair?.first)?.grid ?? "");
  }

  selected() {
    this.refresh();
  }

  refresh() {
    if (!this.on) return;
    const { data, selection } = this.viewer;
    const number = data.findings.find(({ id }) => id === selection.id)?.number;
    this.bar.show({
      sides: this.sides, pair: this.pair, trouble: this.trouble, number, recorded: data.prediction.model ?? "",
      regions: Object.fromEntries(data.prediction.regions.map(({ name, words }) => [name, words])),
      whole: this.header?.whole ?? null,
      finding: this.header && findingShares(this.header, this.prediction, number),
      left_out: Object.entries(this.header?.left_out ?? {}),
    });
    this.viewer.draw();
  }

  /** Whether a scene shows the study to which the comparison belongs, in the frame in which its voxels lie. @param {import("../mri_picture/pane.js").Scene} scene */
  belongs({ state, prior }) {
    return this.on && !prior && this.mask !== null && state === this.viewer.state && state.prediction === this.prediction
      && this.grid?.frame === state.shown?.frame;
  }

  outlines() {
    return this.on;
  }

  under(context, scene, place, slice) {
    if (this.on && this.viewer.editor.session) this.leave(); // What is drawn now is in no comparison yet.
    if (!this.belongs(scene)) return;
    drawParts(context, { mask: this.mask, grid: this.grid, regions: [], component: 0 }, scene.state, place, slice, OPACITY);
    if (!scene.large) return;
    const words = (key) => this.sides.find((side) => side.key === key).words;
    writeAside(context, place.width, [`${words(this.pair.first)} beside`, words(this.pair.second)]);
  }

  look() {
    return this.on ? `compare ${this.mask ? this.holder.path : "loading"}` : "";
  }

  /** The recorded outline is what a verdict is about: it comes back if it was held hidden. */
  verdict() {
    if (!this.on) return;
    const { state } = this.viewer;
    state.hidden = false;
    if (![...state.visible.values()].some(Boolean)) {
      const first = this.viewer.data.prediction.regions.find(({ evaluated }) => evaluated);
      if (first) state.visible.set(first.name, true);
      this.viewer.drawTools();
    }
    this.viewer.paint();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !this.viewer.data?.prediction || this.viewer.data.blind) return false;
    const key = event.key.toLowerCase();
    if (key !== "q" && !(this.on && key === "escape")) return false;
    if (!event.repeat) key === "q" ? this.toggle() : this.leave();
    return true;
  }

  /** Twelve digits of each key, as the command line names results. */
  record() {
    if (!this.on) return {};
    const { first, second, region } = this.pair;
    return { compare: { first: shortKey(first), second: shortKey(second), region } };
  }

  /** The pair of a recorded view, as Python found it again. */
  restore({ compare }) {
    if (!compare || !this.viewer.data.prediction) return;
    const pair = thatPair(this.offered, compare);
    if (pair) this.start(pair);
    else this.viewer.say("Two masks stood beside each other here; one of them is not there any more, or not for you to see.", 0);
  }

  close() {
    this.drop();
  }
}
