/** The reader's choice of strips, the overview's zoom, and what each strip is computed from, in words. */

import { element } from "../shared/elements.js";
import { elapsed } from "../eeg_paper/scales.js";
import { trendsHolder } from "./sources.js";
import { choiceOf, choiceText, COMPACT, keepChoice, keptChoice, layoutOf, STRIPS } from "./strips.js";
import { madeOf, wordsOver } from "./trends.js";
import { ZOOM_STEP } from "./zoom.js";

/** The smallest viewer at the compact overview's height, in pixels. */
const LEAST_HEIGHT = 480;
/** Strips that the trends are asked for. */
const OF_TRENDS = ["aeeg", "asymmetry", "artefact"];

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature @typedef {import("./strips.js").StripName} StripName */

/** @implements {Feature} */
export class StripBar {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    const { chosen, band } = keptChoice();
    this.chosen = chosen;
    this.band = band;
    this.trends = trendsHolder(() => this.changed());
    const tool = (words, title, onclick, more = {}) => element("button", { type: "button", class: "eeg-tool", title, onclick, ...more }, words);
    this.opener = tool("strips ▾", "Strips of the overview, and its zoom (V)", () => this.open(this.bar.hidden), { class: "eeg-tool eeg-strips-open", "aria-expanded": "false" });
    this.back = tool("", "Show the whole recording in the overview (Z)", () => viewer.overview.whole(), { class: "eeg-tool eeg-whole", hidden: true });
    this.toggles = STRIPS.map(({ name, title }) => ({ name, button: tool(title, `Show or hide: ${title}`, () => this.turn(name)) }));
    this.bands = /** @type {HTMLSelectElement} */ (element("select", { class: "eeg-select", "aria-label": "Band of the asymmetry", title: "Band of the asymmetry",
      onchange: () => {
        this.bands.blur();
        this.choose(this.chosen, this.bands.value);
      } }));
    this.words = element("div", {});
    this.how = element("details", { class: "eeg-strips-words" }, element("summary", {}, "how computed, what is left out"), this.words);
    this.state = element("span", { role: "status" });
    this.here = element("div", { class: "eeg-strips-here" });
    this.bar = element("div", { class: "eeg-bar eeg-strips", hidden: true, role: "group", "aria-label": "Strips of the overview" },
      element("span", {}, "Overview"), ...this.toggles.map(({ button }) => button), this.bands, this.state,
      element("span", { class: "eeg-gap" }), element("span", {}, "zoom"),
      tool("−", "Show more of the recording in the overview (-)", () => viewer.overview.zoom(ZOOM_STEP)),
      tool("+", "Show less of the recording in the overview (+)", () => viewer.overview.zoom(1 / ZOOM_STEP)),
      tool("whole", "Show the whole recording in the overview (Z)", () => viewer.overview.whole()),
      this.here, this.how);
    this.bars = [this.bar];
    viewer.overview.root.append(this.opener, this.back);
  }

  /** @param {import("../eeg_paper/state.js").Data} data @param {boolean} isOther */
  show(data, isOther) {
    if (isOther) this.viewer.overview.begin(data.recording.duration_s);
    this.ask(data);
    this.drawBar();
  }

  /** Trends are fetched once a strip shows them. @param {import("../eeg_paper/state.js").Data} data */
  ask(data) {
    const isWanted = this.chosen.some((name) => OF_TRENDS.includes(name));
    this.trends.show(isWanted ? data.recording.digest : "", data.token);
  }

  /** What the overview draws of it. */
  get shown() {
    return { chosen: this.chosen, band: this.band, trends: this.trends.held, trendsProblem: this.trends.problem };
  }

  /** What the strips show at the page. @returns {string} */
  get saying() {
    const { start, pageS } = this.viewer.state;
    const { held } = this.trends;
    return held ? wordsOver(held, this.chosen, this.band, Math.max(0, start), start + pageS).join("; ") : "";
  }

  changed() {
    this.viewer.overview.forget();
    if (this.viewer.data) this.drawBar();
    this.viewer.draw();
  }

  /** @param {StripName} name */
  turn(name) {
    const isOn = this.chosen.includes(name);
    this.choose(STRIPS.map((one) => one.name).filter((one) => (one === name ? !isOn : this.chosen.includes(one))), this.band);
  }

  /** @param {StripName[]} chosen @param {string} band */
  choose(chosen, band) {
    this.chosen = chosen;
    this.band = band;
    keepChoice(chosen, band);
    this.ask(this.viewer.data);
    this.changed();
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.bar.hidden = !isOpen;
    this.drawBar();
    this.viewer.draw();
    if (isOpen) this.toggles[0].button.focus();
  }

  drawBar() {
    const { held, problem } = this.trends;
    for (const { name, button } of this.toggles) button.setAttribute("aria-pressed", String(this.chosen.includes(name)));
    this.opener.setAttribute("aria-expanded", String(!this.bar.hidden));
    const isWanted = this.chosen.some((name) => OF_TRENDS.includes(name));
    this.how.hidden = !held || !isWanted;
    this.state.textContent = held || !isWanted ? "" : problem || "being computed; a long recording takes some seconds, once";
    this.bands.hidden = !held || !this.chosen.includes("asymmetry");
    if (held) {
      this.bands.replaceChildren(...held.asymmetry.bands.map(([name, low, high]) =>
        element("option", { value: name, selected: name === this.band }, `${name} ${low}-${high} Hz`)));
      const made = madeOf(held, this.band);
      this.words.replaceChildren(...OF_TRENDS.filter((name) => this.chosen.includes(/** @type {StripName} */ (name))).map((name) => element("p", {}, made[name])));
    }
    const extra = layoutOf(this.chosen).height - layoutOf(COMPACT).height;
    this.viewer.root.style.minHeight = extra > 0 ? `${LEAST_HEIGHT + extra}px` : "";
  }

  after() {
    const { overview } = this.viewer;
    this.back.hidden = !overview.isZoomed;
    const { start, span } = overview.view;
    this.back.textContent = overview.isZoomed ? `${elapsed(start)} to ${elapsed(start + span)} of ${elapsed(overview.duration)} · whole` : "";
    if (!this.bar.hidden) this.here.textContent = this.saying ? `At the page: ${this.saying}` : "";
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const { overview } = this.viewer;
    if (event.key === "Escape" && !this.bar.hidden) this.open(false);
    else if (event.key === "+" || event.key === "=") overview.zoom(1 / ZOOM_STEP);
    else if (event.key === "-" || event.key === "_") overview.zoom(ZOOM_STEP);
    else if (event.repeat) return false;
    else if (event.key.toLowerCase() === "z") overview.whole();
    else if (event.key.toLowerCase() === "v") this.open(this.bar.hidden);
    else return false;
    return true;
  }

  /** The strips on screen and the stretch, where they are not the compact ones and the whole. */
  record() {
    const { view, isZoomed } = this.viewer.overview;
    const strips = choiceText(this.chosen, this.band);
    return {
      ...(strips === choiceText(COMPACT, "total") ? {} : { strips }),
      ...(isZoomed ? { overview_s: [view.start, view.span].map((seconds) => Math.round(seconds * 10) / 10) } : {}),
    };
  }

  /** @param {Record<string, any>} view */
  restore(view) {
    const { chosen, band } = choiceOf(view.strips);
    this.chosen = chosen;
    this.band = band;
    this.ask(this.viewer.data);
    this.drawBar();
    const { overview } = this.viewer;
    const [start, span] = Array.isArray(view.overview_s) ? view.overview_s : [];
    if (span > 0 && start >= 0 && start + span <= overview.duration + 1) overview.view = { start, span: Math.min(span, overview.duration) };
  }

  close() {
    this.trends.show("", "");
  }
}
