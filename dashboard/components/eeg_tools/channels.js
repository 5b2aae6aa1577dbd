/** Channels that the reader marks as bad or hides: bad ones are drawn faint, both are left out of averages, all of it is said. */

import { element } from "../shared/elements.js";
import { GUTTER } from "../eeg_paper/paper.js";

/** @typedef {import("../eeg_paper/montage.js").Montage} Montage */
/** @typedef {"bad"|"hidden"} Mark */

const NEXT = /** @type {Record<string, Mark|"">} */ ({ "": "bad", bad: "hidden", hidden: "" });
/** What was marked in this tab, by recording. @type {Map<string, Map<string, Mark>>} */
const marked = new Map();

/** The electrodes of a row that is formed against a mean: all but the one it is named after. @param {import("../eeg_paper/montage.js").Row} row */
const isAverage = (row) => row.label.endsWith("-Avg");
const isLaplacian = (row) => row.label.endsWith("-Lap");

/**
 * A montage without what is hidden, its averages without what is hidden or bad.
 * @param {Montage} montage @param {Map<string, Mark>} marks By channel.
 * @returns {Montage}
 */
export function withoutMarked(montage, marks) {
  if (!marks.size) return montage;
  const of = (mark) => [...marks].filter(([, one]) => one === mark).map(([label]) => label);
  const [bad, hidden] = [of("bad"), of("hidden")];
  const rows = [];
  const missing = [...montage.missing];
  for (const row of montage.rows) {
    const own = isAverage(row) || isLaplacian(row) ? [row.label.slice(0, -4)] : Object.keys(row.plus);
    if (own.some((label) => hidden.includes(label))) continue;
    const dim = own.some((label) => bad.includes(label));
    if (isAverage(row)) {
      const good = Object.keys(row.plus).filter((label) => !marks.has(label));
      if (good.length < 2) missing.push(row.label);
      else rows.push({ ...row, dim, plus: averaged(own[0], good) });
    } else if (isLaplacian(row) && Object.keys(row.plus).some((label) => label !== own[0] && marks.has(label))) {
      missing.push(row.label);
    } else {
      rows.push({ ...row, dim });
    }
  }
  const said = [...(bad.length ? [`bad: ${bad.join(", ")}`] : []), ...(hidden.length ? [`hidden: ${hidden.join(", ")}`] : [])];
  if (montage.rows.some(isAverage)) said.push("the average is without them");
  const name = `${montage.name} without ${[...marks].map(([label, mark]) => `${mark[0]}${label}`).sort().join("+").replaceAll(" ", "_")}`;
  return { ...montage, name, rows, missing, said };
}

/** Weights of one electrode less the mean of others. @param {string} label @param {string[]} good */
function averaged(label, good) {
  /** @type {Record<string, number>} */
  const plus = { [label]: 1 };
  for (const other of good) plus[other] = (plus[other] ?? 0) - 1 / good.length;
  return plus;
}

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature */

/** @implements {Feature} */
export class Channels {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.bar = element("div", { class: "eeg-bar eeg-channels", hidden: true, role: "group", "aria-label": "Channels" });
    this.bars = [this.bar];
    /** @type {Map<string, Mark>} */
    this.marks = new Map();
  }

  get buttons() {
    const words = this.marks.size ? `channels · ${this.marks.size}` : "channels";
    return [{ words, title: "Mark channels as bad, or hide them (H)", pressed: !this.bar.hidden, press: () => this.open(this.bar.hidden) }];
  }

  /** @param {import("../eeg_paper/state.js").Data} data @param {boolean} isOther */
  show(data, isOther) {
    if (!isOther) return;
    const { digest } = data.recording;
    if (!marked.has(digest)) marked.set(digest, new Map());
    this.marks = data.replay ? new Map() : marked.get(digest);
    this.draw();
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.bar.hidden = !isOpen;
    this.draw();
    this.viewer.set({});
  }

  draw() {
    const channels = this.viewer.data?.recording.channels.filter(({ kind }) => kind === "eeg") ?? [];
    const root = /** @type {ShadowRoot|Document} */ (this.bar.getRootNode());
    const focused = this.bar.contains(root.activeElement) ? root.activeElement.getAttribute("data-channel") : null;
    this.bar.replaceChildren(element("span", {}, "Click: bad, hidden, as it is"), ...channels.map(({ label }) => {
      const mark = this.marks.get(label) ?? "";
      return element("button", {
        type: "button", class: "eeg-channel", "data-channel": label, "data-mark": mark, "aria-label": `${label}${mark ? `, ${mark}` : ""}`,
        onclick: () => this.turn(label),
      }, label, mark ? element("small", {}, mark) : null);
    }));
    if (focused) /** @type {HTMLElement|null} */ (this.bar.querySelector(`[data-channel="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {string} label */
  turn(label) {
    const next = NEXT[this.marks.get(label) ?? ""];
    if (next) this.marks.set(label, next);
    else this.marks.delete(label);
    this.draw();
    this.viewer.set({});
  }

  /** @param {Montage} montage */
  montage(montage) {
    return withoutMarked(montage, this.marks);
  }

  /** A click on the labels opens the channels. @param {PointerEvent} event */
  press(event) {
    if (event.offsetX >= GUTTER - 12) return false;
    this.open(true);
    return true;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return false;
    const isClosing = event.key === "Escape" && !this.bar.hidden;
    if (!isClosing && event.key.toLowerCase() !== "h") return false;
    this.open(!isClosing && this.bar.hidden);
    return true;
  }

  record() {
    const of = (mark) => [...this.marks].filter(([, one]) => one === mark).map(([label]) => label);
    return this.marks.size ? { bad: of("bad"), hidden_channels: of("hidden") } : {};
  }

  /** @param {Record<string, any>} view */
  restore(view) {
    const labels = (value) => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
    this.marks = new Map();
    for (const label of labels(view.bad)) this.marks.set(label, "bad");
    for (const label of labels(view.hidden_channels)) this.marks.set(label, "hidden");
    this.draw();
  }
}
