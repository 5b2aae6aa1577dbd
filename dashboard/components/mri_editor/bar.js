/** The row of the drawing tools, and what it says of the draft. */

import { element } from "../shared/elements.js";

/** @typedef {{value: string, words: string, title: string}} Choice */

/** @type {Choice[]} */
export const TOOLS = [
  { value: "brush", words: "Brush", title: "Brush (B)" },
  { value: "erase", words: "Erase", title: "Erase (E); Alt with the brush" },
  { value: "fill", words: "Fill", title: "Fill a closed hole: click in it" },
  { value: "grow", words: "Grow", title: "Grow from a seed: click (G)" },
  { value: "merge", words: "Merge", title: "Take another finding over into this one: click on it" },
  { value: "cut", words: "Cut", title: "Split by a line drawn across: what lies on its right becomes a finding of its own" },
];

/** @typedef {object} Shown
 * @property {string} title @property {string} tool @property {boolean} ball @property {number} size @property {string} region
 * @property {import("./regions.js").Region[]} regions @property {boolean} ranged @property {[number, number]|null} range
 * @property {"intensity"|"probability"} by @property {boolean} probable @property {number} tolerance @property {number} least
 * @property {boolean} undo @property {boolean} redo @property {string} status @property {boolean} trouble
 */

export class EditBar {
  /** @param {Record<string, (...said: any[]) => void>} deeds */
  constructor(deeds) {
    this.deeds = deeds;
    this.root = element("div", { class: "mri-edit", role: "toolbar", "aria-label": "Drawing", hidden: true });
    this.offer = element("div", { class: "mri-edit", role: "group", "aria-label": "Draft", hidden: true });
    this.status = element("span", { class: "edit-status", role: "status" });
    this.key = "";
  }

  button(name, words, title, { pressed = undefined, disabled = false, say = undefined } = {}) {
    return element("button", {
      type: "button", "data-value": name, title, disabled, "aria-pressed": pressed === undefined ? undefined : String(pressed),
      onclick: () => this.deeds[name.split("-")[0]](say),
    }, words);
  }

  /** @param {string} name @param {string} label @param {number|string} value @param {{min?: number, max?: number, step?: number}} limits */
  number(name, label, value, { min, max, step }) {
    const field = /** @type {HTMLInputElement} */ (element("input", { type: "number", value, min, max, step, "aria-label": label, title: label, "data-value": name,
      onchange: () => this.deeds[name](field.value === "" ? null : Number(field.value)) }));
    return field;
  }

  /** @param {Shown|null} shown */
  show(shown) {
    this.root.hidden = !shown;
    if (!shown) {
      this.key = "";
      return;
    }
    this.status.textContent = shown.status;
    this.status.dataset.trouble = String(shown.trouble);
    const key = JSON.stringify({ ...shown, status: "", trouble: false });
    if (key === this.key) return;
    this.key = key;
    const root = /** @type {ShadowRoot|Document} */ (this.root.getRootNode());
    const focused = this.root.contains(root.activeElement) ? root.activeElement.getAttribute("data-value") : null;
    const { tool, ball, size, ranged, range, by, tolerance, least } = shown;
    const brushes = tool === "brush" || tool === "erase";
    const regions = element("div", { class: "ov-segment", role: "group", "aria-label": "Region to draw" },
      ...shown.regions.map(({ name, words, short, colour }) => this.button(`region-${name}`,
        element("span", { class: "edit-region" }, element("span", { class: "mri-swatch", style: `--region: ${colour}` }), short ?? words), `${words} (Shift+W: next)`,
        { pressed: name === shown.region, say: name })));
    this.root.replaceChildren(...[
      element("strong", {}, shown.title),
      element("div", { class: "ov-segment", role: "group", "aria-label": "Tool" }, ...TOOLS.map(({ value, words, title }) =>
        this.button(`tool-${value}`, words, title, { pressed: tool === value, say: value }))),
      regions,
      ...(brushes || tool === "grow" ? [element("div", { class: "ov-segment", role: "group", "aria-label": "Shape" },
        this.button("ball-off", "2-D", "In the plane drawn in (Z)", { pressed: !ball, say: false }),
        this.button("ball-on", "3-D", "In all directions, round in millimetres (Z)", { pressed: ball, say: true }))] : []),
      ...(brushes ? [element("span", { class: "edit-size" },
        this.button("size-down", "−", "Smaller ([)", { say: -1 }), element("output", {}, `${size} mm`), this.button("size-up", "+", "Larger (])", { say: 1 }))] : []),
      ...(tool === "brush" ? [this.button("ranged", "In range", "Only voxels of an intensity range: that around where the stroke begins, unless given (Shift+T)", { pressed: ranged })] : []),
      ...(tool === "brush" && ranged ? [this.number("low", "From", range ? range[0] : "", {}), this.number("high", "To", range ? range[1] : "", {})] : []),
      ...(tool === "grow" && shown.probable ? [element("div", { class: "ov-segment", role: "group", "aria-label": "Grow by" },
        this.button("by-intensity", "Intensity", "Voxels like the seed", { pressed: by === "intensity", say: "intensity" }),
        this.button("by-probability", "Probability", "Voxels to which the model gives at least so much", { pressed: by === "probability", say: "probability" }))] : []),
      ...(tool === "grow" ? [by === "probability" ? this.number("least", "Probability at least", least, { min: 0.05, max: 0.95, step: 0.05 })
        : this.number("tolerance", "Percent of the window's width", tolerance, { min: 1, max: 100, step: 1 })] : []),
      element("span", { class: "mri-gap" }),
      this.button("holes", "Holes", "Closed holes of the slice on screen; with 3-D of all slices"),
      this.button("between", "Interpolate", "Between the slices drawn on (Shift+I)"),
      this.button("split", "Split", "What does not hang together becomes findings of their own"),
      this.button("clear", "Delete", "All of the region, and what lies within it"),
      this.button("undo", "Undo", "Ctrl+Z", { disabled: !shown.undo }),
      this.button("redo", "Redo", "Ctrl+Shift+Z", { disabled: !shown.redo }),
      this.status,
      this.button("leave", "Close", "Esc; the draft stays"),
    ]);
    if (focused) /** @type {HTMLElement|null} */ (this.root.querySelector(`[data-value="${CSS.escape(focused)}"]`))?.focus();
  }

  /**
   * Offers a draft, or asks which of two goes on.
   * @param {{words: string, choices: {name: string, words: string}[]}|null} said
   */
  ask(said) {
    this.offer.hidden = !said;
    const key = JSON.stringify(said);
    if (this.offer.dataset.key === key) return;
    this.offer.dataset.key = key;
    this.offer.replaceChildren(...(said ? [element("span", { role: "status" }, said.words),
      ...said.choices.map(({ name, words }) => this.button(name, words, words))] : []));
  }
}
