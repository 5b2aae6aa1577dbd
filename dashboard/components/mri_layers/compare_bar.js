/** The row of a comparison: which two, in which region, and the legend with volumes and Dice of the study and of the finding. */

import { element } from "../shared/elements.js";
import { diceWords } from "./compare_pairs.js";
import { drawSwatch, PARTS } from "./compare_paint.js";
import { volumeWords, sizeWords } from "./heat_bar.js";

/** @typedef {import("./compare_pairs.js").CompareSide} CompareSide */
/** @typedef {import("./compare_pairs.js").Pair} Pair */
/** @typedef {import("./compare_pairs.js").Shares} Shares */
/**
 * @typedef {object} CompareWords
 * @property {CompareSide[]} sides @property {Pair} pair @property {Record<string, string>} regions Words by name.
 * @property {Shares|null} whole Null while it is on its way.
 * @property {Shares|string|null} finding @property {number|undefined} number Of the selected finding.
 * @property {[string, string][]} left_out Findings that are not compared, and why. @property {string} trouble
 * @property {string} recorded The model whose outline stays on screen.
 */

const UNIT = "ml";

/** Fills a menu anew only where its choices are others. */
function fill(select, choices, value) {
  const names = JSON.stringify(choices);
  if (select.dataset.names !== names) {
    select.dataset.names = names;
    select.replaceChildren(...choices.map(([key, words]) => element("option", { value: key }, words)));
  }
  select.value = value;
}

export class CompareBar {
  /** @param {(choice: Partial<Pair>) => void} choose @param {() => void} leave */
  constructor(choose, leave) {
    const menu = (label, name) => {
      const select = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": label, "data-side": name, onchange: () => {
        choose({ [name]: select.value });
        select.blur();
      } }));
      return select;
    };
    this.first = menu("First mask", "first");
    this.second = menu("Second mask", "second");
    this.region = menu("Region compared", "region");
    this.legend = element("div", { class: "compare-legend", role: "status" });
    this.parts = PARTS.map((part) => {
      const swatch = /** @type {HTMLCanvasElement} */ (element("canvas", { width: 22, height: 14, "aria-hidden": "true" }));
      drawSwatch(swatch, part);
      const words = element("span", {});
      return { words, root: element("span", { class: "compare-part", "data-part": part.pattern }, swatch, words) };
    });
    this.dice = element("strong", { class: "compare-dice" });
    this.finding = element("span", { class: "compare-finding" });
    this.left = element("span", { class: "compare-left" });
    this.lines = element("span", {});
    this.legend.append(...this.parts.map(({ root }) => root), this.dice, this.finding, this.left, this.lines);
    this.root = element("div", { class: "mri-layer", role: "group", "aria-label": "Comparison of two masks", hidden: true },
      this.first, element("span", {}, "beside"), this.second, element("span", {}, "in"), this.region,
      element("span", { class: "mri-gap" }),
      element("button", { type: "button", class: "heat-button", title: "Close (Q or Esc)", "aria-label": "Close the comparison", onclick: leave }, "×"),
      this.legend);
  }

  /** @param {CompareWords|null} said Null hides the row. */
  show(said) {
    this.root.hidden = said === null;
    if (!said) return;
    const { sides, pair, regions, whole, finding, number, left_out: left, trouble } = said;
    const first = sides.find(({ key }) => key === pair.first);
    const second = sides.find(({ key }) => key === pair.second);
    fill(this.first, sides.map(({ key, words }) => [key, words]), pair.first);
    fill(this.second, sides.filter(({ key }) => key in first.with).map(({ key, words }) => [key, words]), pair.second);
    fill(this.region, first.with[pair.second].map((name) => [name, regions[name] ?? name]), pair.region);
    const names = ["both", `only ${first.words}`, `only ${second.words}`];
    this.parts.forEach(({ words }, at) => {
      words.textContent = `${names[at]}${whole ? ` ${volumeWords(whole.ml[at])}` : ""}`;
    });
    this.dice.textContent = trouble || (whole ? diceWords(whole.dice) : "loading");
    this.finding.textContent = typeof finding === "string" ? `finding ${number}: ${finding}`
      : finding ? `finding ${number}: ${diceWords(finding.dice)}, ${finding.ml.map(sizeWords).join(" / ")} ${UNIT}` : "";
    this.finding.title = "Both / only the first / only the second";
    this.lines.textContent = `lines: the mask that verdicts are about, ${said.recorded}`;
    this.left.textContent = left.length ? `not compared: ${left.map(([at, why]) => `${at} (${why})`).join(", ")}` : "";
  }
}
