/** The tool row between overview and traces: montage, page, sensitivity, filters, paper, time. */

import { element } from "../shared/elements.js";
import { wordsOf } from "../eeg_paper/printed.js";
import { HIGH_CUTS, LOW_CUTS, NOTCHES, PAGE_LENGTHS, pixelsAMm, SENSITIVITIES } from "../eeg_paper/scales.js";

/**
 * @typedef {object} ToolDeeds
 * @property {(name: string) => void} montage @property {(seconds: number) => void} page
 * @property {(uvPerMm: number) => void} sensitivity @property {(cuts: Partial<import("../eeg_paper/filters.js").Cuts>) => void} cuts
 * @property {() => void} paper @property {(edge: "onset"|"end") => void} edge
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
        type: "button", "data-tool": `${label} ${value}`, title, disabled, "aria-pressed": String(pressed), onclick: () => choose(value),
      }, words)));
}

/**
 * The montages as a drop-down list; what could not be formed stands in its tooltip.
 * @param {import("../eeg_paper/montage.js").Montage[]} montages @param {import("../eeg_paper/montage.js").Montage|undefined} chosen @param {(name: string) => void} choose
 */
function montageList(montages, chosen, choose) {
  const missing = chosen?.missing.length ? `; not formed: ${chosen.missing.join(", ")}` : "";
  const made = /** @type {HTMLSelectElement} */ (element("select", {
    class: "eeg-select", "aria-label": "Montage", title: `Montage: ${chosen ? wordsOf(chosen) : "none"}${missing}`, "data-tool": "Montage",
    onchange: () => {
      made.blur();
      choose(made.value);
    },
  }, ...montages.map((one) => element("option", { value: one.name, selected: one === chosen, disabled: !one.rows.length }, shortWordsOf(one)))));
  return made;
}

/** The montage's title as the narrow row has room for it; the whole title is its tooltip. @param {import("../eeg_paper/montage.js").Montage} one */
const shortWordsOf = (one) => wordsOf(one).replace("Longitudinal", "Long.").replace("Transverse bipolar", "Transverse").replace("Common average", "Average");

/**
 * A drop-down list of numbers; it gives the focus back once something was chosen, so that the arrow keys turn pages again.
 * @param {string} label @param {number[]} values @param {number} chosen @param {(value: number) => string} words
 * @param {(value: number) => void} choose
 */
function select(label, values, chosen, words, choose) {
  const all = values.includes(chosen) ? values : [...values, chosen].sort((a, b) => a - b);
  const made = /** @type {HTMLSelectElement} */ (element("select", {
    class: "eeg-select", "aria-label": label, title: label, "data-tool": label,
    onchange: () => {
      made.blur();
      choose(Number(made.value));
    },
  }, ...all.map((value) => element("option", { value, selected: value === chosen }, words(value)))));
  return made;
}

/**
 * Draws the row anew; what had the focus has it again.
 * @param {HTMLElement} row @param {import("../eeg_paper/state.js").Data} data @param {import("../eeg_paper/state.js").ViewState} state
 * @param {ToolDeeds} deeds
 * @param {{words: string, title: string, pressed: boolean, press: () => void}[]} more Buttons of the features.
 */
export function drawToolbar(row, data, state, deeds, more) {
  const root = /** @type {ShadowRoot|Document} */ (row.getRootNode());
  const focused = row.contains(root.activeElement) ? root.activeElement.getAttribute("data-tool") : null;
  const montage = state.montageOf(data.montages);
  row.replaceChildren(
    montageList(data.montages, montage, deeds.montage),
    segment("Page", PAGE_LENGTHS.map((seconds) => ({
      value: String(seconds), words: seconds === state.pageS ? `${seconds} s` : String(seconds), pressed: seconds === state.pageS,
      title: `${seconds} seconds a page`,
    })), (value) => deeds.page(Number(value))),
    select(`Sensitivity in ${pixelsAMm() ? "calibrated" : "uncalibrated"} millimetres`, SENSITIVITIES, state.uvPerMm, (uv) => `${uv} µV/mm`, deeds.sensitivity),
    select("Low cut", LOW_CUTS, state.cuts.low, (hz) => (hz ? `${hz} Hz` : "no low cut"), (low) => deeds.cuts({ low })),
    element("span", { class: "eeg-to" }, "to"),
    select("High cut", HIGH_CUTS, state.cuts.high, (hz) => `${hz} Hz`, (high) => deeds.cuts({ high })),
    select("Notch", NOTCHES, state.cuts.notch, (hz) => (hz ? `notch ${hz} Hz` : "notch off"), (notch) => deeds.cuts({ notch })),
    element("button", {
      type: "button", class: "eeg-tool", "data-tool": "Paper", "aria-pressed": String(state.paper === "dark"),
      title: state.paper === "dark" ? "Dark paper: switch to light" : "Light paper: switch to dark", onclick: deeds.paper,
    }, "◐"),
    ...more.map(({ words, title, pressed, press }) => element("button", {
      type: "button", class: "eeg-tool", "data-tool": title, title, "aria-label": title, "aria-pressed": String(pressed), onclick: press,
    }, words)),
    element("span", { class: "eeg-gap" }),
    element("span", { class: "eeg-time", role: "status", "aria-live": "off" }),
    ...(data.events.length ? [edge("[", "onset", "onset", deeds), edge("]", "end", "end", deeds)] : []),
  );
  if (focused) /** @type {HTMLElement|null} */ (row.querySelector(`[data-tool="${CSS.escape(focused)}"]`))?.focus();
}

/** Says where the page begins. @param {HTMLElement} row @param {string[]} times From the start, and by the clock where there is one. */
export function tellTime(row, [sinceStart, byClock]) {
  row.querySelector(".eeg-time").replaceChildren(sinceStart, ...(byClock ? [element("span", { class: "eeg-clock" }, ` · ${byClock}`)] : []));
}

function edge(key, words, name, deeds) {
  return element("button", {
    type: "button", class: "eeg-tool", "data-tool": words, title: `Go to the ${words} of the selected event (${key})`,
    onclick: () => deeds.edge(name),
  }, element("span", { class: "ov-key" }, key), element("span", { class: "eeg-wide" }, ` ${words}`));
}
