/** Going to a time, playing, and a picture of what is on screen. */

import { element } from "../shared/elements.js";
import { clock, elapsed } from "../eeg_paper/scales.js";

/** Pages a second while playing: a page stands long enough to be looked at. */
const PLAY_EVERY_MS = 1000;

/**
 * Seconds from the start that somebody means: '90', '1:30', '01:02:03', '14:03:21 clock' or '@14:03' by the recording's clock.
 * @param {string} text @param {string} startsAt 'YYYY-MM-DDTHH:MM:SS' or ''.
 * @returns {number|null} Null where it is no time.
 */
export function secondsOf(text, startsAt) {
  const isClock = /^\s*@|clock\s*$/i.test(text);
  const parts = text.replace(/^\s*@|clock\s*$/gi, "").trim().split(":");
  if (parts.length > 3 || !parts.every((part) => /^\d+(\.\d+)?$/.test(part))) return null;
  const numbers = parts.map(Number);
  if (!isClock) return numbers.reduce((sum, one) => sum * 60 + one, 0);
  const began = /T(\d\d):(\d\d):(\d\d)/.exec(startsAt);
  if (!began || parts.length < 2) return null;
  const [hours, minutes, seconds = 0] = numbers;
  /** @param {number[]} clock */
  const day = ([h, m, s]) => h * 3600 + m * 60 + s;
  return (day([hours, minutes, seconds]) - day(began.slice(1).map(Number)) + 86400) % 86400;
}

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature */

/** @implements {Feature} */
export class Timing {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.timer = 0;
    this.input = /** @type {HTMLInputElement} */ (element("input", {
      type: "text", class: "eeg-goto", "aria-label": "Go to a time", placeholder: "01:02:03, or @14:03 by the clock",
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        event.stopPropagation();
        if (event.key === "Enter") this.goTo();
        if (event.key === "Escape") this.open(false);
      },
    }));
    this.bar = element("div", { class: "eeg-bar", hidden: true, role: "group", "aria-label": "Go to a time" },
      element("span", {}, "Go to"), this.input, element("button", { type: "button", class: "eeg-tool", onclick: () => this.goTo() }, "Go"));
    this.bars = [this.bar];
  }

  get buttons() {
    return [
      { words: "go to", title: "Go to a time (G)", pressed: !this.bar.hidden, press: () => this.open(this.bar.hidden) },
      { words: this.timer ? "❚❚" : "▶", title: "Play, a page a second (Space)", pressed: Boolean(this.timer), press: () => this.play(!this.timer) },
      { words: "PNG", title: "Save overview and traces as a picture", pressed: false, press: () => this.save() },
    ];
  }

  /** @param {import("../eeg_paper/state.js").Data} _data @param {boolean} isOther */
  show(_data, isOther) {
    if (isOther) this.play(false);
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.bar.hidden = !isOpen;
    this.viewer.set({});
    if (isOpen) this.input.focus();
    else this.viewer.paper.focus();
  }

  goTo() {
    const { recording } = this.viewer.data;
    const seconds = secondsOf(this.input.value, recording.starts_at);
    if (seconds === null) return this.viewer.say("That is no time. Write 90, 1:30 or 01:02:03, or @14:03 by the recording's clock.");
    if (seconds > recording.duration_s) return this.viewer.say(`The recording ends at ${elapsed(recording.duration_s)}.`);
    this.open(false);
    this.viewer.goTo(seconds);
  }

  /** @param {boolean} isOn */
  play(isOn) {
    if (isOn === Boolean(this.timer)) return;
    clearInterval(this.timer);
    this.timer = isOn ? window.setInterval(() => this.turn(), PLAY_EVERY_MS) : 0;
    if (this.viewer.data) this.viewer.drawTools();
  }

  /** The next page, once the one before has been drawn. */
  turn() {
    const { viewer } = this;
    if (!viewer.isOnScreen) return;
    const before = viewer.state.start;
    viewer.turn(viewer.state.pageS);
    if (viewer.state.start === before) this.play(false);
  }

  /** A verdict is about what stands still. */
  verdict() {
    this.play(false);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return false;
    const target = event.composedPath()[0];
    const isOnControl = target instanceof Element && target.closest("button, a, select, input, [role=option], [role=radio], summary");
    if (event.key === " " && !isOnControl) this.play(!this.timer);
    else if (event.key.toLowerCase() === "g") this.open(true);
    else return false;
    return true;
  }

  /** Overview and papers, one above the other, with whose and when: the settings stand on the paper itself. */
  save() {
    const { viewer } = this;
    const { data, state } = viewer;
    const canvases = [viewer.overview.canvas, ...viewer.papers.querySelectorAll("canvas")].filter((canvas) => !canvas.hidden && canvas.height);
    const ratio = globalThis.devicePixelRatio || 1;
    const head = Math.round(26 * ratio);
    const picture = document.createElement("canvas");
    picture.width = Math.max(...canvases.map(({ width }) => width));
    picture.height = head + canvases.reduce((sum, { height }) => sum + height, 0);
    const context = picture.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, picture.width, picture.height);
    context.fillStyle = "#151b22";
    context.font = `${Math.round(13 * ratio)}px Inter, system-ui, sans-serif`;
    context.textBaseline = "middle";
    const at = [elapsed(Math.max(0, state.start), 1), clock(data.recording.starts_at, Math.max(0, state.start))].filter(Boolean).join(", clock ");
    const words = [data.pseudonym, ...(data.synthetic ? ["SYNTHETIC"] : []), `from ${at}`, "Overread: research and quality use, not a medical device"];
    context.fillText(words.join(" · "), 8 * ratio, head / 2);
    let top = head;
    for (const canvas of canvases) {
      context.drawImage(canvas, 0, top);
      top += canvas.height;
    }
    picture.toBlob((blob) => {
      const link = /** @type {HTMLAnchorElement} */ (element("a", { href: URL.createObjectURL(blob), download: `${data.pseudonym}-${elapsed(Math.max(0, state.start)).replaceAll(":", "")}.png` }));
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, "image/png");
  }

  close() {
    clearInterval(this.timer);
  }
}
