/** Millimetres of this screen: a bank card held against a bar says how many pixels one has. Kept in this browser. */

import { element } from "../shared/elements.js";
import { GUTTER, MARGIN } from "../eeg_paper/paper.js";
import { PIXELS_A_MM, pixelsAMm, setPixelsAMm } from "../eeg_paper/scales.js";

/** Width of a bank card, in millimetres (ISO/IEC 7810, ID-1). */
export const CARD_MM = 85.6;
/** Paper speed of old, in millimetres a second. */
const PAPER_SPEED = 30;
const KEPT_AS = "overread-eeg-millimetres";

/**
 * What was kept, if it holds for this screen: another zoom or another screen has other pixels.
 * @param {string|null} text @param {{ratio: number, width: number}} screen
 * @returns {number|null} Pixels a millimetre.
 */
export function keptFor(text, { ratio, width }) {
  try {
    const kept = JSON.parse(text ?? "null");
    const isThis = kept && kept.ratio === ratio && kept.width === width;
    return isThis && kept.pixels > 1 && kept.pixels < 20 ? kept.pixels : null;
  } catch {
    return null;
  }
}

const thisScreen = () => ({ ratio: globalThis.devicePixelRatio || 1, width: globalThis.screen?.width ?? 0 });

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature */

/** @implements {Feature} */
export class Calibration {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.card = element("div", { class: "eeg-card-width" });
    this.slider = /** @type {HTMLInputElement} */ (element("input", {
      type: "range", min: 150, max: 900, step: 1, "aria-label": "Width of a bank card on this screen, pixels",
      oninput: () => this.size(Number(this.slider.value)),
    }));
    const button = (words, onclick) => element("button", { type: "button", class: "eeg-tool", onclick }, words);
    this.bar = element("div", { class: "eeg-bar eeg-calibrate", hidden: true, role: "group", "aria-label": "Calibrate millimetres" },
      element("span", {}, "Hold a bank card against the bar and make it as wide (85.6 mm)"), this.card, this.slider,
      button("Use", () => this.keep()), button("Forget", () => this.forget()), button(`${PAPER_SPEED} mm/s`, () => this.paperSpeed()));
    this.bars = [this.bar];
    this.read();
  }

  get buttons() {
    return [{ words: "mm", title: pixelsAMm() ? "Millimetres are calibrated" : "Millimetres are not calibrated: do it with a bank card",
      pressed: !this.bar.hidden, press: () => this.open(this.bar.hidden) }];
  }

  read() {
    setPixelsAMm(keptFor(localStorage.getItem(KEPT_AS), thisScreen()));
  }

  /** The zoom or the screen may have changed since. */
  show() {
    this.read();
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.bar.hidden = !isOpen;
    this.size(Math.round((pixelsAMm() ?? PIXELS_A_MM) * CARD_MM));
    this.viewer.set({});
  }

  /** @param {number} pixels Of the card. */
  size(pixels) {
    this.slider.value = String(pixels);
    this.card.style.width = `${pixels}px`;
  }

  keep() {
    localStorage.setItem(KEPT_AS, JSON.stringify({ pixels: Number(this.slider.value) / CARD_MM, ...thisScreen() }));
    this.read();
    this.open(false);
  }

  forget() {
    localStorage.removeItem(KEPT_AS);
    this.read();
    this.open(false);
  }

  /** As many seconds as the paper would hold at 30 mm/s. */
  paperSpeed() {
    if (!pixelsAMm()) return this.viewer.say("Calibrate the millimetres first: hold a bank card against the bar.");
    const seconds = (this.viewer.paper.clientWidth - GUTTER - MARGIN) / (PAPER_SPEED * pixelsAMm());
    const { state, data } = this.viewer;
    state.setPage(Math.round(seconds * 1000) / 1000, data.recording.duration_s, null);
    this.open(false);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "Escape" || this.bar.hidden) return false;
    this.open(false);
    return true;
  }
}
