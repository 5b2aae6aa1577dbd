/** Which sequence the series on screen is taken for: a small button beside the series, and a menu to say otherwise. */

import { element } from "../shared/elements.js";

/** @typedef {import("../mri_picture/volumes.js").Series} Series */
/** @typedef {{value: string, words: string}} Choice */

/** Below this confidence the button asks. */
const SURE = 0.8;

/**
 * @param {Series|undefined} series
 * @returns {{words: string, title: string, unsure: boolean}} What the button says of a series.
 */
export function assignWords(series) {
  const confidence = series?.confidence ?? 1;
  const unsure = confidence < SURE;
  const taken = `Taken for ${series?.taken_for ?? "?"}`;
  const how = series?.recognised_words ? `, by a reader; the file was taken for ${series.recognised_words}`
    : unsure ? ", but that is not sure" : "";
  return { words: unsure ? "?" : "⋯", title: `${taken}${how}. Press to say which sequence it is.`, unsure };
}

/** The menu below the tools. It opens for the series on screen, and a choice is about that series whatever comes meanwhile. */
export class AssignMenu {
  /** @param {(series: string, sequence: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.root = element("div", { class: "mri-assign", role: "menu", "aria-label": "Which sequence is this series?", hidden: true });
    this.root.addEventListener("focusout", (event) => {
      const next = /** @type {FocusEvent} */ (event).relatedTarget;
      if (!(next instanceof Node && this.root.contains(next))) this.close();
    });
    /** Keys pressed in the menu are the menu's: an A for ADC must not accept a finding. @param {KeyboardEvent} event */
    this.onKey = (event) => {
      if (!event.composedPath().includes(this.root)) return;
      event.stopImmediatePropagation();
      if (event.key === "Escape") this.close();
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const buttons = [...this.root.querySelectorAll("button")];
      const at = buttons.findIndex((button) => button.matches(":focus"));
      buttons[(at + step + buttons.length) % buttons.length].focus();
    };
  }

  /** @param {Series} series @param {Choice[]} choices */
  open(series, choices) {
    this.root.replaceChildren(
      element("p", { class: "ov-heading" }, `${series.label}${series.source ? `: ${series.source}` : ""}`),
      ...choices.map(({ value, words }) => element("button", {
        type: "button", role: "menuitemradio", "data-value": value, "aria-checked": String(value === series.sequence),
        onclick: () => {
          this.close();
          this.choose(series.digest, value);
        },
      }, words)),
      element("button", { type: "button", role: "menuitem", "data-value": "cancel", onclick: () => this.close() }, "Leave it"),
    );
    this.root.hidden = false;
    window.addEventListener("keydown", this.onKey, { capture: true });
    /** @type {HTMLElement|null} */ (this.root.querySelector("[aria-checked=true]"))?.focus();
  }

  close() {
    if (this.root.hidden) return;
    window.removeEventListener("keydown", this.onKey, { capture: true });
    this.root.hidden = true;
    this.root.replaceChildren();
  }
}

/**
 * What may be shown while a series is being assigned: nothing of a model, until Python has answered.
 * @template {{study: string, echo?: Record<string, number>, prediction: unknown, findings: unknown[]}} D
 * @param {D} data
 * @param {{study: string, n: number}|null} assigning
 * @returns {D & {assigning?: boolean}}
 */
export function withheldWhileAssigning(data, assigning) {
  if (!assigning || assigning.study !== data.study || (data.echo?.assigned ?? 0) >= assigning.n) return data;
  return { ...data, prediction: null, findings: [], assigning: true };
}
