/** The row of the measuring tools, shown while one is in use. */

import { element } from "../shared/elements.js";

/** @typedef {import("./measures.js").Kind} Kind */

/** The tools by their keys, in the order of the row. @type {{kind: Kind, key: string, words: string, title: string}[]} */
export const TOOLS = [
  { kind: "ruler", key: "L", words: "Length", title: "A length" },
  { kind: "two", key: "B", words: "Two diameters", title: "A longest diameter and one at right angles to it" },
  { kind: "ellipse", key: "E", words: "Ellipse", title: "An area with mean and standard deviation" },
  { kind: "angle", key: "G", words: "Angle", title: "An angle: drag one side, then its other end" },
  { kind: "porus", key: "P", words: "Porus line", title: "From the anterior to the posterior lip of the porus, on an axial slice" },
];

/** What to do with each. @type {Record<Kind, string>} */
const HINTS = {
  ruler: "Drag from end to end.", two: "Drag the longest diameter; then drag the ends of the other.",
  ellipse: "Drag from corner to corner.", angle: "Drag one side towards the corner; then drag the other end.",
  porus: "Drag from lip to lip, on an axial slice.",
};

/**
 * Draws the row anew; what had the focus has it again.
 * @param {HTMLElement} bar
 * @param {{kind: Kind|null, offered: (kind: Kind) => boolean, chosen: boolean}} state `chosen`: a measure is selected.
 * @param {{choose: (kind: Kind) => void, remove: () => void, leave: () => void}} deeds
 */
export function drawBar(bar, { kind, offered, chosen }, deeds) {
  const root = /** @type {ShadowRoot|Document} */ (bar.getRootNode());
  const focused = bar.contains(root.activeElement) ? root.activeElement.getAttribute("data-value") : null;
  bar.hidden = kind === null;
  if (kind === null) return bar.replaceChildren();
  bar.replaceChildren(
    element("div", { class: "ov-segment", role: "group", "aria-label": "Measure" },
      ...TOOLS.filter((one) => offered(one.kind)).map((one) => element("button", {
        type: "button", "data-value": one.kind, title: `${one.title} (Shift+${one.key})`, "aria-pressed": String(one.kind === kind),
        onclick: () => deeds.choose(one.kind),
      }, one.words))),
    element("span", { class: "mri-hint" }, HINTS[kind]),
    element("span", { class: "mri-gap" }),
    element("button", { type: "button", class: "mri-measure-button", "data-value": "remove", disabled: !chosen, title: "Remove the selected measure (Delete)",
      onclick: deeds.remove }, "Remove"),
    element("button", { type: "button", class: "mri-measure-button", "data-value": "leave", title: "Measures stay (Esc)", onclick: deeds.leave }, "Done"));
  if (focused) /** @type {HTMLElement|null} */ (bar.querySelector(`[data-value="${focused}"]`))?.focus();
}
