/** The tool row above the panes: series, layout, window, overlay. */

import { element } from "../shared/elements.js";
import { assignWords } from "./assign.js";

/** @typedef {import("../mri_picture/state.js").ViewState} ViewState */
/**
 * @typedef {object} ToolDeeds
 * @property {(digest: string) => void} series
 * @property {(() => void)|null} assign Opens the menu of sequences; null where this reader may not assign.
 * @property {(layout: import("../mri_picture/state.js").Layout) => void} layout
 * @property {(preset: "auto"|"brain"|"wide") => void} preset
 * @property {() => void} tool
 * @property {() => void} measure
 * @property {(style: "outline"|"fill") => void} style
 * @property {(opacity: number) => void} opacity
 * @property {(hidden: boolean) => void} flash
 */

/**
 * Buttons of which one is pressed.
 * @param {string} label For screen readers.
 * @param {{value: string, words: string, title?: string, pressed: boolean, disabled?: boolean}[]} choices
 * @param {(value: string) => void} choose
 */
function segment(label, choices, choose) {
  return element("div", { class: "ov-segment", role: "group", "aria-label": label },
    ...choices.map(({ value, words, title, pressed, disabled }) =>
      element("button", {
        type: "button", "data-value": value, title, disabled, "aria-pressed": String(pressed), onclick: () => choose(value),
      }, words)));
}

/**
 * Draws the row anew; what had the focus has it again.
 * @param {HTMLElement} row
 * @param {ViewState} state
 * @param {boolean} overlay Whether there is a mask to show.
 * @param {ToolDeeds} deeds
 */
export function drawToolbar(row, state, overlay, deeds) {
  const root = /** @type {ShadowRoot|Document} */ (row.getRootNode());
  const focused = root.activeElement;
  const at = focused && row.contains(focused)
    ? [focused.parentElement.getAttribute("aria-label"), focused.getAttribute("data-value")] : null;
  const shown = state.shown;
  const preset = shown ? state.presets.get(shown.digest) : undefined;
  const linked = shown ? state.linked.length : 0;
  row.replaceChildren(...[
    segment("Series", [...state.series.values()].map((one) => ({
      value: one.digest, words: one.label, title: one.description, pressed: one === shown,
    })), deeds.series),
    deeds.assign ? assignButton(shown, deeds.assign) : null,
    segment("Layout", [
      { value: "planes", words: "3 planes", title: "Three planes (L)", pressed: state.layout === "planes" },
      { value: "one", words: "1", title: "One large (L)", pressed: state.layout === "one" },
      { value: "series", words: "2×2", title: linked > 1 ? "Series in step (L)" : "No other series lies in the same frame",
        pressed: state.layout === "series", disabled: linked < 2 },
      ...(state.priors ? [{ value: "prior", words: "Prior", title: "A study of before beside this one (L)", pressed: state.layout === "prior" }] : []),
    ], deeds.layout),
    element("span", { class: "mri-gap" }),
    segment("Window", [
      { value: "auto", words: "Auto", title: "The series' own window", pressed: preset === "auto" },
      { value: "brain", words: "Brain", title: "2nd to 98th percentile without air", pressed: preset === "brain" },
      { value: "wide", words: "Wide", title: "Darkest to brightest", pressed: preset === "wide" },
      { value: "drag", words: "Drag", title: "Left drag sets the window (W); right drag always does", pressed: state.tool === "window" },
    ], (value) => (value === "drag" ? deeds.tool() : deeds.preset(/** @type {"auto"} */ (value)))),
    segment("Measuring tools", [{ value: "measure", words: "↔", title: "Measure: lengths, diameters, areas (Shift+L)", pressed: state.tool === "measure" }], deeds.measure),
    ...(overlay ? overlayTools(state, deeds) : []),
  ].filter(Boolean));
  if (at) {
    for (const group of row.children) {
      if (group.getAttribute("aria-label") !== at[0]) continue;
      /** @type {HTMLElement|null} */ (group.querySelector(`[data-value="${at[1]}"]`))?.focus();
    }
  }
}

/** @param {import("../mri_picture/volumes.js").Series|undefined} series @param {() => void} open */
function assignButton(series, open) {
  const { words, title, unsure } = assignWords(series);
  return element("button", {
    type: "button", class: `mri-sequence${unsure ? " mri-unsure" : ""}`, title, "aria-label": title, "aria-haspopup": "menu",
    "data-value": "assign", onclick: open,
  }, words);
}

/** @param {ViewState} state @param {ToolDeeds} deeds */
function overlayTools(state, deeds) {
  const slider = /** @type {HTMLInputElement} */ (element("input", {
    type: "range", min: 0.1, max: 1, step: 0.05, value: state.opacity[state.style], "aria-label": "Opacity of the overlay",
    "data-value": "opacity",
    oninput: () => deeds.opacity(Number(slider.value)),
  }));
  const hide = () => deeds.flash(true);
  const show = () => deeds.flash(false);
  return [
    segment("Overlay", [
      { value: "outline", words: "Outline", title: "Outline (O)", pressed: state.style === "outline" },
      { value: "fill", words: "Fill", title: "Fill (O)", pressed: state.style === "fill" },
    ], deeds.style),
    element("label", { class: "mri-opacity", "aria-label": "Opacity" }, element("span", { class: "mri-wide" }, "Opacity"), slider),
    element("button", {
      type: "button", class: "mri-flash", title: "Hold to hide the overlay (F)", onpointerdown: hide, onpointerup: show,
      onpointerleave: show, "data-value": "flash",
    }, element("span", { class: "ov-key" }, "F"), element("span", { class: "mri-wide" }, "flash")),
  ];
}
