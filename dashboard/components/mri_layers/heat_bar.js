/** The row of the probability map: region, colour scale with the threshold on it, what lies above, and that nothing of it is recorded. */

import { element } from "../shared/elements.js";
import { gradientWords } from "./heat_scale.js";

const TICKS = [0, 0.25, 0.5, 0.75, 1];

/**
 * @typedef {object} HeatWords
 * @property {{name: string, words: string}[]} regions @property {string} region
 * @property {number} threshold @property {number} manifest The threshold with which the mask was made.
 * @property {number|null} above_ml What lies at or above the threshold; null while the map is on its way.
 * @property {number|null} recorded_ml
 * @property {{number: number, above_ml: number, recorded_ml: number|null}|null} finding The selected one.
 * @property {string} trouble Why there is no map; '' where there is one or will be.
 */

/** @typedef {{region: (name: string) => void, threshold: (value: number) => void, opacity: (value: number) => void, back: () => void, leave: () => void}} HeatDeeds */

/** @param {number} size Millilitres. @returns {string} '82.1', with two decimals below ten. */
export const sizeWords = (size) => size.toFixed(size < 10 ? 2 : 1);
/** @param {number} size @returns {string} The same with its unit. */
export const volumeWords = (size) => [sizeWords(size), "ml"].join(" ");

export class HeatBar {
  /** @param {HeatDeeds} deeds */
  constructor(deeds) {
    const value = (event) => Number(/** @type {HTMLInputElement} */ (event.target).value);
    this.region = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": "Region of the probability map", onchange: () => {
      deeds.region(this.region.value);
      this.region.blur();
    } }));
    this.slider = /** @type {HTMLInputElement} */ (element("input", {
      type: "range", min: 0, max: 1, step: 0.01, "aria-label": "Threshold of the probability map", oninput: (event) => deeds.threshold(value(event)) }));
    this.mark = element("span", { class: "heat-mark" });
    this.scale = element("div", { class: "heat-scale", style: `--scale: ${gradientWords()}` }, this.slider, this.mark,
      element("span", { class: "heat-ticks", "aria-hidden": "true" }, ...TICKS.map((tick) => element("span", {}, String(tick)))));
    this.at = element("strong", { class: "heat-at" });
    this.back = element("button", { type: "button", class: "heat-button", onclick: () => deeds.back() });
    this.words = element("span", { class: "heat-words", role: "status" });
    this.finding = element("span", { class: "heat-finding",
      title: "Of the selected finding: what of its mask reaches the threshold, and what hangs together with it there" });
    this.wash = /** @type {HTMLInputElement} */ (element("input", {
      type: "range", min: 0.1, max: 1, step: 0.05, "aria-label": "Opacity of the probability map", oninput: (event) => deeds.opacity(value(event)) }));
    this.root = element("div", { class: "mri-layer", role: "group", "aria-label": "Probability map", hidden: true },
      this.region, this.scale, this.at, this.back, this.words, this.finding,
      element("span", { class: "heat-if" }, "What if: changes nothing that is recorded"),
      element("label", { class: "mri-opacity" }, "Colour", this.wash),
      element("button", { type: "button", class: "heat-button", title: "Close (H or Esc)", "aria-label": "Close the probability map",
        onclick: () => deeds.leave() }, "×"));
  }

  /** @param {HeatWords|null} said Null hides the row. @param {number} opacity */
  show(said, opacity = 0) {
    this.root.hidden = said === null;
    if (!said) return;
    const { regions, region, threshold, manifest, above_ml: above, recorded_ml: recorded, finding, trouble } = said;
    const names = regions.map(({ name }) => name).join();
    if (this.region.dataset.names !== names) {
      this.region.dataset.names = names;
      this.region.replaceChildren(...regions.map(({ name, words }) => element("option", { value: name }, words)));
    }
    this.region.value = region;
    this.slider.value = String(threshold);
    this.slider.setAttribute("aria-valuetext", `${threshold.toFixed(2)}${above === null ? "" : `, ${volumeWords(above)} above`}`);
    this.mark.style.setProperty("--at", String(manifest));
    this.mark.title = `The model's own threshold, ${manifest.toFixed(2)}`;
    this.at.textContent = `≥ ${threshold.toFixed(2)}`;
    this.back.textContent = `P  ${manifest.toFixed(2)}`;
    this.back.title = `Back to the model's own threshold, ${manifest.toFixed(2)} (P)`;
    const both = (ml, mask) => `${volumeWords(ml)} above${mask === null ? "" : ` · the mask has ${volumeWords(mask)}`}`;
    this.words.textContent = trouble || (above === null ? "loading" : both(above, recorded));
    this.finding.textContent = !trouble && above !== null && finding
      ? `finding ${finding.number}: ${both(finding.above_ml, finding.recorded_ml)}` : "";
    this.wash.value = String(opacity);
  }
}
