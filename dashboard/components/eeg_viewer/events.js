/** The list of events, in the right column; what is selected in it is what the viewer beside it says. */

import { element } from "../shared/elements.js";
import { lastWord, listen } from "./bus.js";
import { lengthWords, shortElapsed } from "../eeg_paper/scales.js";

/** @typedef {import("../eeg_paper/state.js").Event} Event */
/** @typedef {{study: string, blind: boolean, prediction: {digest: string}|null, events: Event[], selected: string|null, heading?: string}} ListData */

const SORTS = /** @type {const} */ (["time", "length", "score", "state"]);
/** States in the order in which they want attention. */
const STATES = ["open", "unsure", "modified", "accepted", "added", "rejected"];

/** @param {Event} event */
const onsetOf = (event) => event.reader_onset_s ?? event.onset_s;
/** @param {Event} event */
const lengthOf = (event) => event.reader_duration_s ?? event.duration_s;

/**
 * The events in an order: by onset, longest first, highest score first, or those that wait first; by onset among equals.
 * @param {Event[]} events @param {typeof SORTS[number]} by
 * @returns {Event[]}
 */
export function sorted(events, by) {
  const key = {
    time: () => 0,
    length: (/** @type {Event} */ event) => -lengthOf(event),
    score: (/** @type {Event} */ event) => -(event.score ?? -1),
    state: (/** @type {Event} */ event) => STATES.indexOf(event.state),
  }[by];
  return [...events].sort((a, b) => key(a) - key(b) || onsetOf(a) - onsetOf(b));
}

class EventList {
  /** @param {ShadowRoot|HTMLElement} parent */
  constructor(parent) {
    this.root = element("div", { class: "ov eeg-events", role: "region", "aria-label": "Events" });
    parent.append(this.root);
    /** @type {ListData|null} */
    this.data = null;
    /** @type {typeof SORTS[number]} */
    this.by = "time";
    this.stop = listen(() => this.draw());
  }

  /** The viewer of the same study, if it is on the page. */
  get viewer() {
    const word = lastWord();
    return word && word.study === this.data?.study ? word : null;
  }

  /** @param {ListData} data */
  show(data) {
    this.data = data;
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const { blind, prediction } = this.data;
    const events = sorted(this.data.events.filter(({ own }) => !blind || own), this.by);
    const selected = this.viewer ? this.viewer.selected : this.data.selected;
    const alerts = events.filter(({ own }) => !own);
    const open = alerts.filter(({ state }) => state === "open").length;
    const root = /** @type {ShadowRoot|Document} */ (this.root.getRootNode());
    const focused = root.activeElement, sort = focused?.getAttribute("data-sort");
    const isFocused = this.root.contains(focused);
    const words = this.data.heading || (blind ? "Your events" : alerts.length ? `Events · ${open} of ${alerts.length} open` : "Events");
    this.root.replaceChildren(
      element("h2", { class: "ov-heading" }, words), ...(events.length > 1 && !this.data.heading ? [this.order()] : []),
      events.length ? this.list(events, selected)
        : element("p", { class: "eeg-hint" }, blind ? "Drag over the traces to mark a seizure." : prediction
          ? "The detector marked nothing. That is not a finding of no seizure." : "No model result. Drag over the traces to add an event."));
    const chosen = /** @type {HTMLElement|null} */ (this.root.querySelector("[aria-selected=true]"));
    chosen?.scrollIntoView({ block: "nearest" });
    const again = sort ? /** @type {HTMLElement|null} */ (this.root.querySelector(`[data-sort=${sort}]`)) : chosen;
    if (isFocused) again?.focus({ preventScroll: true });
  }

  /** The orders to choose from: a row of buttons. */
  order() {
    return element("div", { class: "eeg-sort", role: "group", "aria-label": "Order of the events" }, ...SORTS.map((by) => element("button", {
      type: "button", class: "eeg-sort-by", "data-sort": by, "aria-pressed": String(by === this.by),
      onclick: () => { this.by = by; this.draw(); },
    }, by)));
  }

  /** @param {Event[]} events @param {string|null} selected */
  list(events, selected) {
    const at = events.findIndex(({ id }) => id === selected);
    /** @param {KeyboardEvent} event */
    const onkeydown = (event) => {
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: events.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.viewer?.select(events[Math.min(events.length - 1, Math.max(0, to))].id);
    };
    return element("div", { class: "eeg-list", role: "listbox", "aria-label": "Events", onkeydown },
      ...events.map((event, n) => this.card(event, event.id === selected, n === Math.max(0, at))));
  }

  /** @param {Event} event @param {boolean} isChosen @param {boolean} isStop The one that Tab comes to. */
  card(event, isChosen, isStop) {
    const onset = onsetOf(event), duration = lengthOf(event);
    const isAdded = event.own && !event.unlabelled;
    const name = `${isAdded ? "+" : event.number} · ${shortElapsed(onset)}`;
    const score = event.score_words || (isAdded ? "added by reader" : "");
    return element("div", {
      class: "eeg-card", role: "option", "data-event": event.id, "aria-selected": String(isChosen), tabindex: isStop ? 0 : -1,
      "aria-label": `Event ${name}, ${lengthWords(duration)}, ${[event.state_words, score].filter(Boolean).join(", ")}`,
      title: event.title, onclick: () => this.viewer?.select(event.id),
    },
      element("span", { class: "eeg-card-row" }, element("strong", {}, name), element("span", {}, lengthWords(duration))),
      element("span", { class: "eeg-card-row eeg-card-foot" },
        element("span", { class: "eeg-state", "data-state": event.state }, event.state_words), element("span", {}, score)));
  }

  close() {
    this.stop();
    this.root.remove();
  }
}

/** @type {WeakMap<Node, EventList>} */
const lists = new WeakMap();

/**
 * Called by Streamlit at mounting and whenever the data change.
 * @param {{data: ListData|null, parentElement: ShadowRoot|HTMLElement}} args
 * @returns {() => void} To be called when the component leaves.
 */
export function render({ data, parentElement }) {
  let list = lists.get(parentElement);
  if (!list) {
    list = new EventList(parentElement);
    lists.set(parentElement, list);
  }
  if (data) list.show(data);
  return () => left(parentElement);
}

/**
 * Closes the list once its element is out of the document: Streamlit also calls this when only the data changed.
 * @param {ShadowRoot|HTMLElement} parentElement
 */
export function left(parentElement) {
  setTimeout(() => {
    if (parentElement.isConnected) return;
    lists.get(parentElement)?.close();
    lists.delete(parentElement);
  }, 0);
}
