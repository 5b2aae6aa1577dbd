/** The row that says which series stand in step beside the one on screen, two to four of them. */

import { element } from "../shared/elements.js";

const MOST = 4;

/**
 * What a press on a series does: takes it out, or in again.
 * @param {import("../mri_picture/state.js").ViewState} state @param {string} digest
 * @returns {string} Why it does nothing; '' where it did.
 */
export function toggleStep(state, digest) {
  const isIn = state.linked.some((one) => one.digest === digest);
  if (digest === state.current) return "This is the series whose slices are stepped through.";
  if (isIn && state.linked.length <= 2) return "Two at least stand in step.";
  if (!isIn && state.linked.length >= MOST) return "Four at most stand in step: take one out first.";
  if (isIn) state.leftOut.add(digest);
  else state.leftOut.delete(digest);
  return "";
}

export class InStep {
  /** @param {import("./viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.buttons = element("div", { class: "ov-segment", role: "group", "aria-label": "Series in step" });
    this.root = element("div", { class: "mri-layer", hidden: true }, element("strong", {}, "In step"), this.buttons);
    this.bars = [this.root];
  }

  follow() {
    const { state } = this.viewer;
    const all = state.shown ? state.linkable : [];
    this.root.hidden = state.layout !== "series" || all.length < 3;
    if (this.root.hidden) return;
    const focused = /** @type {ShadowRoot} */ (this.root.getRootNode()).activeElement?.getAttribute("data-step");
    const inStep = new Set(state.linked.map(({ digest }) => digest));
    const ordered = [...state.series.values()].filter((one) => all.includes(one));
    this.buttons.replaceChildren(...ordered.map(({ digest, label, description }) => element("button", {
      type: "button", "data-step": digest, title: description, "aria-pressed": String(inStep.has(digest)), onclick: () => this.toggle(digest),
    }, label)));
    if (focused) /** @type {HTMLElement|null} */ (this.buttons.querySelector(`[data-step="${focused}"]`))?.focus();
  }

  /** @param {string} digest */
  toggle(digest) {
    const why = toggleStep(this.viewer.state, digest);
    if (why) this.viewer.say(why);
    this.viewer.set({});
  }
}
