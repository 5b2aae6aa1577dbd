/** The two layers that lie below the recorded outline, one at a time, and the box of the left column that switches them. */

import { element } from "../shared/elements.js";
import { Compare } from "./compare.js";
import { Heat } from "./heat.js";

/** @param {import("../mri_viewer/viewer.js").Viewer} viewer @returns {import("../mri_viewer/features.js").Feature[]} */
export function layersOf(viewer) {
  const heat = new Heat(viewer);
  const compare = new Compare(viewer);
  heat.alone = () => compare.on && compare.leave();
  compare.alone = () => heat.on && heat.leave();
  const button = (key, words, layer) => element("button", { type: "button", class: "mri-region", "data-layer": key, onclick: () => layer.toggle() },
    element("span", { class: "ov-key" }, key), element("span", { class: "mri-region-words" }, words));
  const rows = /** @type {[HTMLElement, Heat|Compare][]} */ ([
    [button("H", "Probability map", heat), heat], [button("Q", "Compare masks", compare), compare]]);
  const why = element("p", { class: "mri-hint layer-why" });
  const box = element("div", { class: "mri-regions", role: "group", "aria-label": "Layers below the outline", hidden: true },
    ...rows.map(([one]) => one), why);
  const changed = () => {
    box.hidden = !heat.said;
    for (const [one, layer] of rows) {
      one.hidden = Boolean(layer.reason);
      one.setAttribute("aria-pressed", String(layer.on));
    }
    why.textContent = heat.reason;
    why.hidden = !heat.reason;
  };
  heat.changed = changed;
  compare.changed = changed;
  heat.boxes.push(box);
  return [heat, compare];
}
