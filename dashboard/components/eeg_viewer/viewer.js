/** The viewer of one recording: holds the state, hears Python and the reader, and draws what both say, and nothing older. */

import { Activity } from "../shared/activity.js";
import { element } from "../shared/elements.js";
import { nextNumber, Selection } from "../shared/selection.js";
import { guardVerdictKeys } from "../shared/verdict_guard.js";
import { Ahead } from "./ahead.js";
import { Beside } from "../eeg_tools/beside.js";
import { say } from "./bus.js";
import { Calibration } from "../eeg_tools/calibration.js";
import { Calipers } from "../eeg_tools/calipers.js";
import { Channels } from "../eeg_tools/channels.js";
import { recordOf } from "./features.js";
import { Keeping } from "./keeping.js";
import { listenToKeys } from "./keyboard.js";
import { Notes } from "../eeg_paper/notes.js";
import { OverviewCanvas } from "../eeg_overview/overview.js";
import { PageMaker } from "../eeg_paper/pages.js";
import { fitted, PaletteReader } from "../eeg_paper/palette.js";
import { drawPaper, timeScale } from "../eeg_paper/paper.js";
import { listenToPointer } from "./pointer.js";
import { dropRecordedRange, previewRange, setRange } from "./ranges.js";
import { Reports } from "./reports.js";
import { apartScale, clock, elapsed, nextSensitivity } from "../eeg_paper/scales.js";
import { Score } from "../eeg_tools/score.js";
import { followSelection, goToEdge, jump, select } from "./selecting.js";
import { riskHolder, spectraHolder } from "../eeg_overview/sources.js";
import { turned, ViewState, within } from "../eeg_paper/state.js";
import { StripBar } from "../eeg_overview/stripbar.js";
import { TileCache, TileLoader } from "../eeg_paper/tiles.js";
import { Timing } from "../eeg_tools/timing.js";
import { drawToolbar, tellTime } from "./toolbar.js";
import { WhatIf } from "../eeg_tools/what_if.js";

/** @typedef {import("../eeg_paper/state.js").Data} Data */

/** Signal seen in this tab, so that going back is instant. Nothing of a model is kept. */
const signal = new TileCache();
/** What the reader has set outlives the recording. @type {ViewState|undefined} */
let habits;
/** Milliseconds that a note stays. */
const NOTE_MS = 4000;

export class Viewer {
  /** @param {ShadowRoot|HTMLElement} parent */
  constructor(parent) {
    this.overview = new OverviewCanvas((seconds) => this.goTo(seconds - this.state.pageS / 2), () => this.draw());
    this.tools = element("div", { class: "eeg-tools", role: "toolbar", "aria-label": "Traces" });
    this.paper = /** @type {HTMLCanvasElement} */ (element("canvas", { class: "eeg-paper", tabindex: 0, role: "img" }));
    this.note = element("div", { class: "eeg-note", role: "status" });
    this.bars = element("div", { class: "eeg-bars" });
    this.papers = element("div", { class: "eeg-papers" }, this.paper);
    this.root = element("div", { class: "ov eeg", role: "region", "aria-label": "EEG viewer" },
      this.overview.root, this.tools, this.bars, this.papers, this.note);
    parent.append(this.root);

    this.maker = new PageMaker(signal);
    this.loader = new TileLoader(signal, (digest) => this.arrived(digest), (digest, error) => {
      if (digest === this.data.recording.digest) this.error = error;
      this.draw();
    });
    this.ahead = new Ahead(this.loader, this.maker);
    /** @type {import("../shared/fetching.js").RouteError|null} */
    this.error = null;
    const redrawOverview = () => {
      this.overview.forget();
      this.draw();
    };
    this.palette = new PaletteReader(this.root, redrawOverview);
    this.risk = riskHolder(redrawOverview);
    this.spectra = spectraHolder(redrawOverview);
    this.selection = new Selection(() => this.guard.answered(), () => followSelection(this));
    this.activity = new Activity();
    this.reports = new Reports((report) => this.data.replay || this.send?.("report", report), () => ({
      study: this.data.study, prediction: this.prediction, on_screen: this.selection.id,
      view: { ...this.state.record(this.state.montageOf(this.data.montages)?.name ?? ""), ...recordOf(this.features) },
      ...this.activity.report(Boolean(this.data.activity)),
    }));
    this.guard = guardVerdictKeys({
      state: () => ({
        drawn: this.pictureOf !== "" && this.pictureOf === this.pictureWanted,
        awaiting: this.selection.awaiting || !this.isOnScreen,
        adds: Boolean(this.state?.range && !this.state.range.event),
        aim: `${this.pictureWanted} ${this.selection.id} ${JSON.stringify(this.state?.range ?? null)}`,
      }),
      beforePass: () => {
        for (const feature of this.features) feature.verdict?.();
        this.reports.flush();
      },
      note: (text) => this.say(text),
    });
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.paper);
    this.sizes.observe(this.overview.canvas);
    this.keeping = new Keeping(this);
    this.strips = new StripBar(this);
    /** @type {import("./features.js").Feature[]} */
    this.features = [new Channels(this), new Calipers(this), new Calibration(this), new Timing(this), new Beside(this),
      new Score(this), new Notes(this), this.keeping, new WhatIf(this), this.strips];
    this.bars.append(...this.features.flatMap(({ bars }) => bars ?? []));
    this.notes = { top: 0, bottom: 0, drawn: /** @type {import("../eeg_paper/notes.js").DrawnNote[]} */ ([]) };
    this.pictureOf = "";
    this.painted = "";
    this.interacted = "";
    this.frame = 0;
    this.noteTimer = 0;
    /** Sensitivity of each row that stands apart. @type {Map<string, number>} */
    this.apart = new Map();
    this.leaving = new AbortController();
    listenToKeys(this, this.leaving.signal);
    listenToPointer(this.paper, {
      ready: () => this.isOnScreen,
      look: () => ({
        events: this.state.hidden ? [] : this.data.events, range: this.state.range, selected: this.selection.id,
        time: timeScale(this.paper.clientWidth, this.state), durationS: this.data.recording.duration_s,
      }),
      dragged: (range, isDone) => (isDone ? setRange(this, range) : previewRange(this, range)),
      wheeled: (byPages) => this.turn(byPages * this.state.pageS),
      features: () => this.features,
    }, this.leaving.signal);
    window.addEventListener("pointerdown", (event) => {
      if (!event.composedPath().includes(this.root)) this.reports.flush();
    }, { capture: true, signal: this.leaving.signal });
  }

  get prediction() {
    return this.data?.prediction?.digest ?? "";
  }

  get pictureWanted() {
    return this.data ? `${this.data.study} ${this.data.recording.digest} ${this.prediction}` : "";
  }

  /** Whether the traces on screen are those of the state: a verdict is about them. */
  get isOnScreen() {
    return this.data !== undefined && this.painted !== "" && this.painted === this.paintKey();
  }

  /** @returns {import("../eeg_paper/pages.js").Request|null} Null where no row can be formed. */
  request() {
    const chosen = this.state.montageOf(this.data.montages);
    const montage = chosen && this.features.reduce((one, feature) => feature.montage?.(one) ?? one, chosen);
    const { recording } = this.data;
    return montage && recording.duration_s > 0 ? { recording, montage, cuts: this.state.cuts, start: this.state.start, span: this.state.pageS } : null;
  }

  paintKey() {
    const request = this.request();
    return request ? `${this.pictureWanted} ${this.maker.keyOf(request)}` : "";
  }

  /**
   * Shows what Python sends. A change of study, recording or prediction takes everything older off the screen at once.
   * @param {Data} sent
   * @param {(name: string, value: unknown) => void} send
   */
  show(sent, send) {
    const before = this.data;
    const predictionBefore = this.prediction;
    this.send = send;
    this.data = sent.blind ? { ...sent, prediction: null, events: sent.events.filter(({ own }) => own) } : sent;
    const { data } = this;
    const isOther = before?.study !== data.study || before.recording.digest !== data.recording.digest;
    if (isOther) {
      this.guard.forget();
      this.error = null;
      this.state = new ViewState(data, data.replay ? {} : this.state ?? habits);
      if (!data.replay) habits = this.state;
      this.reports.begin(data.recording);
      this.activity.begin();
      this.apart.clear();
      this.selection.begin(data.selected);
      this.say("");
    } else if (predictionBefore !== this.prediction) {
      this.reports.forgetShown();
    }
    if (this.error && before.token !== data.token) {
      this.error = null;
      this.loader.forgive();
    }
    this.risk.show(this.prediction, data.token);
    this.spectra.show(data.recording.digest, data.token);
    dropRecordedRange(this);
    const moved = !isOther && this.selection.hear(data);
    for (const feature of this.features) feature.show?.(data, isOther);
    if (isOther || moved) jump(this);
    if (isOther && data.view) {
      this.state.restore(data.view);
      for (const feature of this.features) feature.restore?.(data.view);
    }
    this.palette.read();
    this.overview.forget();
    this.drawTools();
    this.announce();
    this.paint();
  }

  announce() {
    say({ study: this.data.study, selected: this.selection.id, select: (id) => select(this, id) });
  }

  arrived(digest) {
    if (digest !== this.data.recording.digest) return;
    this.error = null;
    if (this.isOnScreen) this.ahead.make(this.data, this.request(), this.selection.id);
    else this.draw();
  }

  /** Draws before the next frame. */
  draw() {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.paint());
  }

  /** Draws now. */
  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { data, state } = this;
    if (!data || !this.paper.clientWidth) return;
    const request = this.request();
    const page = request && this.maker.page(request);
    if (page) this.setApart(page);
    const { context, width, height } = fitted(this.paper);
    const colours = this.palette.colours;
    const message = page ? "" : this.messageFor(request);
    const { events, notes } = drawPaper(context, width, height, {
      data, state, page, message, montage: request?.montage, selected: this.selection.id, apart: this.apart, features: this.features,
    }, colours);
    this.notes = notes;
    this.overview.draw({
      data, selected: this.selection.id, hidden: state.hidden, risk: this.risk.held, riskProblem: this.risk.problem,
      spectra: this.spectra.held, spectraProblem: this.spectra.problem, ...this.strips.shown,
    }, state, colours, this.features, this.strips.saying);
    const { times } = this;
    tellTime(this.tools, times);
    this.paper.setAttribute("aria-label", message || `Traces from ${times.join(", clock ")}, ${state.pageS} seconds, ${request.montage.name}`);
    const isNew = page !== null && this.painted !== this.paintKey();
    this.painted = page ? this.paintKey() : "";
    this.paper.dataset.drawn = page ? `${this.painted} ${this.prediction || "-"}` : "";
    if (page) {
      this.pictureOf = this.pictureWanted;
      if (!data.replay) this.reports.drew(state.start, state.start + state.pageS, events);
    }
    for (const feature of this.features) feature.after?.(colours);
    if (isNew) this.guard.answered();
    this.ahead.want(data, request, this.selection.id, this.features.flatMap((feature) => feature.requests?.() ?? []));
    if (page) this.ahead.make(data, request, this.selection.id);
  }

  /** @param {import("../eeg_paper/pages.js").Request|null} request @returns {string} Why there are no traces, a line each. */
  messageFor(request) {
    if (!request) return "No row can be drawn: this recording has none of the electrodes of any montage.";
    if (this.error) return `${this.error.what}\n${this.error.why}\n${this.error.whatToDo}`;
    return "Loading the signal";
  }

  /** @param {import("../eeg_paper/pages.js").Page} page */
  setApart(page) {
    for (const { row, signal: values } of page.rows) {
      if (row.side === "apart" && values && !this.apart.has(row.label)) this.apart.set(row.label, apartScale(values));
    }
  }

  /** Where the page begins, from the start and by the clock. */
  get times() {
    return [elapsed(this.state.start, 1), clock(this.data.recording.starts_at, this.state.start)].filter(Boolean);
  }

  drawTools() {
    const { state } = this;
    drawToolbar(this.tools, this.data, state, {
      montage: (montageName) => this.set({ montageName }),
      page: (seconds) => {
        const selected = this.data.events.find(({ id }) => id === this.selection.id);
        state.setPage(seconds, this.data.recording.duration_s, selected?.onset_s ?? null);
        this.set({});
      },
      sensitivity: (uvPerMm) => this.set({ uvPerMm }),
      cuts: (cuts) => this.set({ cuts: { ...state.cuts, ...cuts } }),
      paper: () => this.set({ paper: state.paper === "dark" ? "light" : "dark" }),
      edge: (edge) => goToEdge(this, edge),
    }, this.features.flatMap(({ buttons }) => buttons ?? []));
    tellTime(this.tools, this.times);
    this.root.dataset.paper = state.paper;
  }

  /** @param {Partial<ViewState>} settings */
  set(settings) {
    Object.assign(this.state, settings);
    this.drawTools();
    this.palette.read();
    this.draw();
  }

  /** @param {number} seconds */
  turn(seconds) {
    this.move(turned(this.state.start, seconds, this.state.pageS, this.data.recording.duration_s));
  }

  /** @param {number} start Brought into the recording. */
  goTo(start) {
    this.move(within(start, this.state.pageS, this.data.recording.duration_s));
  }

  /** @param {number} start */
  move(start) {
    if (start !== this.state.start && this.error) {
      this.error = null;
      this.loader.forgive();
    }
    this.state.start = start;
    this.paint(); // At once, not with the next frame: the work then overlaps the wait for it.
  }

  /** @param {number} by */
  sensitivity(by) {
    this.set({ uvPerMm: nextSensitivity(this.state.uvPerMm, by) });
  }

  /** Hides or shows the events' marks; tells Python of the first time. @param {boolean} hidden */
  hide(hidden) {
    this.state.hidden = hidden;
    this.overview.forget();
    this.draw();
    const { study } = this.data;
    if (!hidden || !this.prediction || this.data.replay || this.interacted === `${study} ${this.prediction}`) return;
    this.interacted = `${study} ${this.prediction}`;
    this.send("interact", { study, prediction: this.prediction, kind: "overlay", n: nextNumber() });
  }

  /** Shows a note to the reader. @param {string} text */
  say(text) {
    clearTimeout(this.noteTimer);
    this.note.textContent = text;
    if (text) this.noteTimer = window.setTimeout(() => this.say(""), NOTE_MS);
  }

  /** Takes itself off the page: listeners, requests and what came from a model go, signal stays in the cache. */
  close() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.noteTimer);
    this.ahead.close();
    this.leaving.abort();
    for (const feature of this.features) feature.close?.();
    this.sizes.disconnect();
    this.guard.remove();
    this.reports.close();
    this.activity.listen(false);
    this.selection.begin(null);
    this.risk.show("", "");
    say(null);
    this.root.remove();
  }
}
