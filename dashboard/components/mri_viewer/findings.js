/** The left column: findings with thumbnails, the regions of the overlay, and how much of each series was displayed. */

import { element } from "../shared/elements.js";
import { LINES } from "../mri_picture/state.js";

/** @typedef {import("../mri_picture/state.js").Data} Data */
/** @typedef {import("../mri_picture/state.js").Finding} Finding */

/** The letter of each state, where the column is folded to numbers: that of its key. */
const LETTERS = { open: "", accepted: "A", modified: "M", rejected: "X", unsure: "U" };

/**
 * Draws the list anew; what had the focus has it again.
 * @param {HTMLElement} column
 * @param {Data} data @param {string|null} selected
 * @param {(id: string) => void} select
 */
export function drawFindings(column, data, selected, select) {
  const root = /** @type {ShadowRoot|Document} */ (column.getRootNode());
  const focused = column.contains(root.activeElement) ? root.activeElement.getAttribute("data-finding") : null;
  const shown = data.blind ? [] : data.findings;
  const open = shown.filter(({ state }) => state === "open").length;
  const parts = [];
  if (!data.blind) {
    parts.push(element("h2", { class: "ov-heading" }, shown.length ? `Findings · ${open} of ${shown.length} open` : "Findings"));
    if (shown.length) parts.push(list("Findings", shown, selected, select));
    else parts.push(element("p", { class: "mri-hint" }, data.prediction ? "The model marked nothing." : "No model result."));
  }
  if (data.blind || data.own.length) {
    parts.push(element("h2", { class: "ov-heading" }, "Your findings"));
    if (data.own.length) parts.push(list("Your findings", data.own, selected, select));
  }
  if (data.blind) {
    parts.push(element("p", { class: "mri-hint" }, "Click a lesion, then 1 to 5 for how sure you are."));
  } else if (data.adding) {
    parts.push(element("p", { class: "mri-hint" }, "Click the lesion that you want to add."));
  }
  column.replaceChildren(...parts);
  if (focused) /** @type {HTMLElement|null} */ (column.querySelector(`[data-finding="${CSS.escape(focused)}"]`))?.focus();
  column.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
}

/** A list of cards; arrow keys move within it, as in any list box. */
function list(label, findings, selected, select) {
  const ids = findings.map(({ id }) => id);
  /** @param {KeyboardEvent} event */
  const onkeydown = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const next = ids[Math.min(ids.length - 1, Math.max(0, ids.indexOf(selected) + by))];
    if (next === selected) return;
    select(next);
    const root = /** @type {ShadowRoot|Document} */ (made.getRootNode());
    /** @type {HTMLElement|null} */ (root.querySelector(`[data-finding="${CSS.escape(next)}"]`))?.focus();
  };
  const made = element("div", { class: "mri-list", role: "listbox", "aria-label": label, onkeydown },
    ...findings.map((finding) => card(finding, finding.id === selected, ids.includes(selected), select)));
  return made;
}

/** @param {Finding} finding @param {boolean} chosen @param {boolean} anyChosen @param {(id: string) => void} select */
function card(finding, chosen, anyChosen, select) {
  const state = finding.state ?? "";
  const spoken = [finding.number ? `Finding ${finding.number}` : "Your finding", finding.title, ...finding.lines, finding.state_words, finding.score_words];
  const foot = finding.state_words || finding.score_words
    ? element("span", { class: "mri-card-foot" },
        finding.state_words ? element("span", { class: "mri-state", "data-state": state }, finding.state_words) : null,
        finding.score_words ? element("span", { class: "mri-score" }, finding.score_words) : null)
    : null;
  return element("div", {
    class: "mri-card", role: "option", "data-finding": finding.id, "aria-selected": String(chosen),
    "aria-label": spoken.filter(Boolean).join(", "), tabindex: chosen || (!anyChosen && finding.number === 1) ? 0 : -1,
    onclick: () => select(finding.id),
  },
    finding.thumbnail ? element("img", { src: finding.thumbnail, alt: "", width: 58, height: 58, draggable: "false" }) : null,
    element("span", { class: "mri-number", "data-state": state }, String(finding.number ?? "+"),
      element("sub", {}, LETTERS[state])),
    element("span", { class: "mri-card-words" },
      element("span", { class: "mri-card-title" }, `${finding.number ?? "+"} · ${finding.title}`),
      ...finding.lines.map((line) => element("span", { class: "mri-card-line" }, line)),
      foot));
}

/**
 * Draws the switches of the regions, each with the line by which it is drawn, and the width of the lines.
 * @param {HTMLElement} box
 * @param {import("../mri_picture/state.js").Region[]} regions @param {Map<string, boolean>} visible
 * @param {(name: string) => void} toggle
 * @param {{width: number, set: (width: number) => void}} line CSS pixels.
 */
export function drawRegions(box, regions, visible, toggle, line) {
  box.hidden = regions.length === 0;
  const root = /** @type {ShadowRoot|Document} */ (box.getRootNode());
  const focused = box.contains(root.activeElement) ? root.activeElement.getAttribute("data-region") : null;
  const rows = regions.map((region) => {
    const on = visible.get(region.name) ?? false;
    const note = region.evaluated ? (region.experimental ? "experimental" : "") : "not evaluated";
    return element("button", {
      type: "button", class: "mri-region", "data-region": region.name, "aria-pressed": String(on), disabled: !region.evaluated,
      title: `${region.words}${note ? `, ${note}` : ""}: ${on ? "hide" : "show"}`, onclick: () => toggle(region.name),
    },
      element("span", { class: "mri-line", "data-line": region.bit % 4, style: `--region: ${region.colour}` }),
      element("span", { class: "mri-region-words" }, region.words),
      element("span", { class: "mri-region-note" }, note || (on ? "" : "hidden")));
  });
  const widths = element("div", { class: "mri-lines", role: "group", "aria-label": "Width of the outlines" },
    element("span", { class: "mri-region-words" }, "Line"),
    ...LINES.map((width) => element("button", {
      type: "button", "data-region": `line ${width}`, "aria-label": `${width} pixels`, title: `Outlines of ${width} pixels (Shift+O: next)`,
      "aria-pressed": String(width === line.width), onclick: () => line.set(width),
    }, element("span", { style: `height: ${width}px` }))));
  box.replaceChildren(...rows, widths);
  if (focused) /** @type {HTMLElement|null} */ (box.querySelector(`[data-region="${CSS.escape(focused)}"]`))?.focus();
}

/**
 * Draws how much of each series was displayed.
 * @param {HTMLElement} box
 * @param {{label: string, percent: number}[]} series
 */
export function drawDisplayed(box, series) {
  const words = series.map(({ label, percent }) => `${label} ${percent}`).join();
  if (box.dataset.words === words) return;
  box.dataset.words = words;
  box.hidden = series.length === 0;
  box.replaceChildren(...series.map(({ label, percent }) =>
    element("div", { class: "mri-share" },
      element("span", {}, `Displayed of ${label}`),
      element("strong", {}, `${percent} %`),
      element("span", { class: "mri-bar", role: "progressbar", "aria-label": `Displayed of ${label}`, "aria-valuemin": 0,
        "aria-valuemax": 100, "aria-valuenow": percent }, element("span", { style: `width: ${percent}%` })))));
}
