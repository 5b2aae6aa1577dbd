/** What other thresholds would make of the detector's score: drawn at once from the score that is here, recorded nowhere. */

import { element } from "../shared/elements.js";
import { faded, hatch } from "../eeg_paper/palette.js";
import { lengthWords, xOf } from "../eeg_paper/scales.js";
import { startForOnset } from "../eeg_paper/state.js";
import { compared, riskEvents, timesOf } from "./what_if_rules.js";

/** @typedef {import("../eeg_viewer/features.js").Feature} Feature @typedef {import("./what_if_rules.js").Rules} Rules */

const FONT = "Inter, 'Inter Variable', system-ui, sans-serif";
const NOT_RECORDED = "what-if, not recorded";
/** @type {{name: keyof Rules, words: string, title: string, step: number, most: number, least: number, slides: boolean}[]} */
const FIELDS = [
  { name: "on", words: "on", title: "Score at which an event begins", step: 0.01, least: 0.01, most: 0.99, slides: true },
  { name: "off", words: "off", title: "Score below which it ends, not above the first", step: 0.01, least: 0.01, most: 0.99, slides: true },
  { name: "min_duration_s", words: "at least", title: "Least duration of an event, seconds", step: 1, least: 0, most: 600, slides: false },
  { name: "merge_gap_s", words: "one within", title: "Events nearer than this are one, seconds", step: 1, least: 0, most: 600, slides: false },
];

/**
 * Rules that make sense: `off` follows `on` down, and `on` follows `off` up.
 * @param {Rules} rules @param {keyof Rules} name @param {number} value @returns {Rules}
 */
export function changed(rules, name, value) {
  const field = FIELDS.find((one) => one.name === name);
  if (!Number.isFinite(value)) return rules;
  const next = { ...rules, [name]: Math.min(field.most, Math.max(field.least, value)) };
  if (name === "on") next.off = Math.min(next.off, next.on);
  if (name === "off") next.on = Math.max(next.on, next.off);
  return next;
}

/**
 * What is gained and lost, in words.
 * @param {ReturnType<typeof compared>} found
 */
export function whatIfWords({ count, total_s, gained, lost, lostThatStood, recorded }) {
  const stood = lostThatStood ? `, ${lostThatStood} of them accepted` : "";
  return `${count} event${count === 1 ? "" : "s"}, ${lengthWords(total_s)} · recorded: ${recorded} · gained ${gained.length}, lost ${lost.length}${stood}`;
}

/**
 * The rules with which the recorded events were made; null where they, or a score, are not known.
 * @param {import("../eeg_paper/state.js").Data["prediction"]} prediction
 * @returns {Rules|null}
 */
export function rulesOf(prediction) {
  if (!prediction || prediction.imported) return null;
  const { on, off, min_duration_s, merge_gap_s } = prediction;
  return [on, off, min_duration_s, merge_gap_s].every(Number.isFinite) ? { on, off, min_duration_s, merge_gap_s } : null;
}

/** @implements {Feature} */
export class WhatIf {
  /** @param {import("../eeg_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.isOpen = false;
    this.of = "";
    /** @type {Rules|null} */
    this.recorded = null;
    /** @type {Rules|null} */
    this.rules = null;
    /** @type {{key: unknown[], proposed: import("./what_if_rules.js").Proposed[], found: ReturnType<typeof compared>}|null} */
    this.made = null;
    this.at = -1;
    /** @type {Map<string, HTMLInputElement>} */
    this.inputs = new Map();
    this.words = element("output", { class: "eeg-what-if-words", role: "status" });
    this.goTo = element("button", { type: "button", class: "eeg-tool", title: "Go to the next event gained or lost", onclick: () => this.next() }, "next ›");
    this.back = element("button", { type: "button", class: "eeg-tool", title: "The rules of the recorded events again", onclick: () => this.set(this.recorded) }, "reset");
    this.bar = element("div", { class: "eeg-bar eeg-what-if", hidden: true, role: "group", "aria-label": NOT_RECORDED },
      element("b", {}, NOT_RECORDED), ...FIELDS.flatMap((field) => this.field(field)), this.words, this.goTo, this.back);
    this.bars = [this.bar];
    this.opener = element("button", {
      type: "button", class: "eeg-tool eeg-what-if-open", hidden: true, title: "Other thresholds, nothing recorded (I)", "aria-expanded": "false",
      onclick: () => this.turn(!this.isOpen),
    }, "what-if");
    viewer.overview.root.append(this.opener);
  }

  /** @param {typeof FIELDS[number]} field */
  field({ name, words, title, step, least, most, slides }) {
    return element("label", { title }, words, ...(slides ? ["range", "number"] : ["number"]).map((type) => {
      const input = /** @type {HTMLInputElement} */ (element("input", {
        type, step, min: least, max: most, "aria-label": `${title} (${type === "range" ? "slider" : "number"})`, "data-rule": `${name} ${type}`,
        oninput: () => input.value !== "" && this.set(changed(this.rules, name, Number(input.value)), input),
        onchange: () => this.set(this.rules),
        onkeydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key === "Enter" || event.key === "Escape") this.viewer.paper.focus();
          if (event.key !== "Escape") return;
          event.stopPropagation();
          this.turn(false);
        },
      }));
      this.inputs.set(`${name} ${type}`, input);
      return input;
    }), ...(slides ? [] : ["s"]));
  }

  /** @param {import("../eeg_paper/state.js").Data} data @param {boolean} isOther */
  show(data, isOther) {
    const recorded = rulesOf(data.prediction);
    const of = recorded ? `${data.prediction.digest} ${Object.values(recorded)}` : "";
    if (!isOther && of === this.of) return;
    this.of = of;
    this.made = null;
    this.recorded = recorded;
    this.opener.hidden = recorded === null;
    this.open(false);
    if (recorded) this.set(recorded);
    else this.rules = null;
  }

  /** @param {boolean} isOpen */
  turn(isOpen) {
    this.open(isOpen && this.recorded !== null);
    this.viewer.draw();
    if (!this.isOpen) this.viewer.paper.focus();
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.isOpen = isOpen;
    this.bar.hidden = !isOpen;
    this.opener.setAttribute("aria-expanded", String(isOpen));
  }

  /** @param {Rules} rules @param {HTMLInputElement} [typed] Left as it is while somebody types in it. */
  set(rules, typed) {
    this.rules = rules;
    for (const [key, input] of this.inputs) {
      if (input !== typed) input.value = String(rules[/** @type {keyof Rules} */ (key.split(" ")[0])]);
    }
    this.viewer.draw();
  }

  /** What the rules make of the score; nothing is held once another score is on screen. */
  make() {
    const { data, risk } = this.viewer;
    if (!this.isOpen || !this.rules || !risk.held) return null;
    const key = [risk.held, this.rules, data.events];
    if (!this.made || key.some((one, n) => one !== this.made.key[n])) {
      const proposed = riskEvents(timesOf(risk.held), risk.held.scores, risk.held.step_s, this.rules, data.recording.gaps);
      this.made = { key, proposed, found: compared(proposed, data.events) };
      this.at = -1;
    }
    return this.made;
  }

  next() {
    const made = this.make();
    if (!made) return;
    const all = [...made.found.gained, ...made.found.lost].sort((a, b) => a.onset_s - b.onset_s);
    if (!all.length) return this.viewer.say("Nothing is gained or lost.");
    this.at = (this.at + 1) % all.length;
    this.viewer.move(startForOnset(all[this.at], this.viewer.state.pageS));
  }

  after() {
    const made = this.make();
    this.words.textContent = made ? whatIfWords(made.found) : this.isOpen ? "the score is not here yet" : "";
    this.bar.dataset.proposed = made ? JSON.stringify(made.proposed.map(({ onset_s, duration_s }) => [onset_s, duration_s])) : "";
  }

  /** Over the model's lane and the score: hatched, dashed and named, so that nobody takes it for what was recorded. @type {NonNullable<Feature["overview"]>} */
  overview(context, { time, risk, model, palette }) {
    const made = this.make();
    if (!made) return;
    context.save();
    context.beginPath();
    context.rect(time.left, 0, time.width, model.y + model.height + 6);
    context.clip();
    context.strokeStyle = palette["ov-ink"];
    context.lineWidth = 1;
    context.setLineDash([3, 2]);
    for (const { onset_s, duration_s } of made.proposed) {
      const x = xOf(time, onset_s);
      const box = { x, y: model.y - 2, width: Math.max(4, xOf(time, onset_s + duration_s) - x), height: model.height + 4 };
      hatch(context, box, faded(palette["ov-ink"], 0.75), 4);
      context.strokeRect(Math.round(box.x) + 0.5, box.y + 0.5, Math.round(box.width), box.height - 1);
    }
    for (const score of new Set([this.rules.on, this.rules.off])) {
      const y = Math.round(risk.y + risk.height * (1 - score)) + 0.5;
      context.beginPath();
      context.moveTo(time.left, y);
      context.lineTo(time.left + time.width, y);
      context.stroke();
    }
    context.setLineDash([]);
    context.font = `600 11px ${FONT}`;
    context.textBaseline = "middle";
    context.textAlign = "right";
    const words = `${NOT_RECORDED}: on ${this.rules.on.toFixed(2)}, off ${this.rules.off.toFixed(2)}`;
    const across = context.measureText(words).width;
    const right = time.left + time.width - 4;
    context.fillStyle = palette["ov-panel"];
    context.fillRect(right - across - 5, risk.y + 1, across + 8, 15);
    context.fillStyle = palette["ov-ink"];
    context.fillText(words, right, risk.y + 9);
    context.restore();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return false;
    if (event.key === "Escape" && this.isOpen) {
      this.turn(false);
      return true;
    }
    if (event.key.toLowerCase() !== "i") return false;
    const { data } = this.viewer;
    if (this.recorded) this.turn(!this.isOpen);
    else if (data.prediction) this.viewer.say("These events came without a score or rules of their own: no other threshold can be tried.");
    else this.viewer.say("Other thresholds can be tried once a detector's score is shown.");
    return true;
  }

  record() {
    return this.isOpen && this.rules ? { what_if: { ...this.rules } } : {};
  }

  /** @param {Record<string, any>} view */
  restore({ what_if: kept }) {
    if (!this.recorded || !kept || typeof kept !== "object") return;
    /** @type {Rules} */
    let rules = this.recorded;
    for (const { name } of FIELDS) rules = changed(rules, name, Number(kept[name] ?? rules[name]));
    this.set(rules);
    this.open(true);
  }
}
