/** The row of the prior: which study of before, how its place is linked, and the button that pairs two places. */

import { element } from "../shared/elements.js";

export class PriorsBar {
  /** @param {(study: string) => void} choose @param {() => void} link */
  constructor(choose, link) {
    this.which = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": "Prior study", onchange: () => {
      choose(this.which.value);
      this.which.blur();
    } }));
    this.words = element("span", { class: "prior-words", role: "status" });
    this.button = element("button", { type: "button", class: "heat-button", "data-value": "link", onclick: link });
    this.root = element("div", { class: "mri-layer prior-bar", role: "group", "aria-label": "Prior study", hidden: true },
      element("strong", {}, "Prior"), this.which, this.button, this.words);
  }

  /**
   * @param {{priors: import("./priors.js").PriorData[], chosen: string, adjusting: boolean, words: string}|null} said Null hides the row.
   */
  show(said) {
    this.root.hidden = said === null;
    if (!said) return;
    const names = JSON.stringify(said.priors.map(({ study, words }) => [study, words]));
    if (this.which.dataset.names !== names) {
      this.which.dataset.names = names;
      this.which.replaceChildren(...said.priors.map(({ study, words }) => element("option", { value: study }, words)));
    }
    this.which.value = said.chosen;
    this.button.textContent = said.adjusting ? "Link here" : "Pair a place";
    this.button.title = said.adjusting ? "These two places are the same (Shift+S); Esc takes the link of before"
      : "Move the prior alone until both panes show the same place (Shift+S)";
    this.button.setAttribute("aria-pressed", String(said.adjusting));
    this.words.textContent = said.words;
  }
}
