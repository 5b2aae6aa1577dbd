/** The viewer of one study: holds the state, hears Python and the reader, and draws what both say, and nothing older. */

import { Activity } from "../shared/activity.js";
import { element } from "../shared/elements.js";
import { nextNumber, Selection } from "../shared/selection.js";
import { guardVerdictKeys } from "../shared/verdict_guard.js";
import { AssignMenu, withheldWhileAssigning } from "./assign.js";
import { drawDisplayed, drawFindings, drawRegions } from "./findings.js";
import { anyOf, ownerOf, recordOf } from "./features.js";
import { Editor } from "../mri_editor/editor.js";
import { listenToKeys } from "./keyboard.js";
import { layersOf } from "../mri_layers/layers.js";
import { Loader, MaskHolder } from "../mri_picture/loader.js";
import { Measuring } from "../mri_measures/measuring.js";
import { InStep } from "./in_step.js";
import { Pane } from "../mri_picture/pane.js";
import { Priors } from "../mri_priors/priors.js";
import { listenTo } from "./pointer.js";
import { Reports } from "./reports.js";
import { scenesOf } from "./scenes.js";
import { followSelection, jump, point, select } from "./selecting.js";
import { ViewState } from "../mri_picture/state.js";
import { drawToolbar } from "./toolbar.js";
import { VolumeCache } from "../mri_picture/volumes.js";
import { wantedOf } from "./wanted.js";
import { keepRecord } from "./watching.js";
import { choosePreset } from "../mri_picture/windows.js";

/** @typedef {import("../mri_picture/state.js").Data} Data */

/** Images seen in this tab, so that going back is instant. Masks are never kept. */
const images = new VolumeCache();
/** Milliseconds that a note stays. */
const NOTE_MS = 4000;

export class Viewer {
  /** @param {ShadowRoot|HTMLElement} parent */
  constructor(parent) {
    this.findings = element("div", { class: "mri-findings" });
    this.regions = element("div", { class: "mri-regions", role: "group", "aria-label": "Regions of the overlay" });
    this.displayed = element("div", { class: "mri-displayed" });
    this.tools = element("div", { class: "mri-tools", role: "toolbar", "aria-label": "Viewer" });
    this.note = element("div", { class: "mri-note", role: "status" });
    this.grid = element("div", { class: "mri-panes" });
    this.bars = element("div", { class: "mri-bars" });
    this.menu = new AssignMenu((series, sequence) => this.assign(series, sequence));
    this.root = element("div", { class: "ov mri", role: "region", "aria-label": "MR viewer" },
      element("div", { class: "mri-column" }, this.findings, this.regions, this.displayed),
      element("div", { class: "mri-main" }, this.tools, this.menu.root, this.bars, this.grid, this.note));
    parent.append(this.root);

    this.panes = Array.from({ length: 4 }, () => new Pane());
    this.grid.append(...this.panes.map(({ canvas }) => canvas));
    this.loader = new Loader(() => this.draw(), (digest, error) => {
      this.errors.set(digest, error);
      this.draw();
    }, images);
    /** @type {Map<string, import("../shared/fetching.js").RouteError>} */
    this.errors = new Map();
    this.masks = new MaskHolder(() => this.draw(), (error) => this.say(`${error.what} ${error.why} ${error.whatToDo}`, 0));
    this.selection = new Selection(() => this.guard.answered(), () => followSelection(this));
    this.activity = new Activity();
    this.reports = new Reports((report) => this.data.replay || this.send?.("report", report), () => ({
      study: this.data.study, prediction: this.state.prediction, on_screen: this.selection.id, view: recordOf(this.features, this.state.record()),
      ...this.activity.report(Boolean(this.data.activity)), draft: this.editor.told(),
    }));
    this.guard = guardVerdictKeys({
      state: () => ({
        drawn: this.drawn, awaiting: this.selection.awaiting || anyOf(this.features, "awaiting"), undoes: anyOf(this.features, "undoes"),
        adds: Boolean(this.data?.adding) || anyOf(this.features, "adds"), aim: `${this.pictureWanted} ${this.selection.id}`,
      }),
      beforePass: () => {
        for (const feature of this.features) feature.verdict?.();
        this.reports.flush();
      },
      waits: () => this.features.forEach((feature) => feature.hurry?.()),
      note: (text) => this.say(text),
    });
    this.measuring = new Measuring(this);
    this.priors = new Priors(this);
    this.editor = new Editor(this);
    /** @type {import("./features.js").Feature[]} */
    this.features = [this.priors, new InStep(this), ...layersOf(this), this.editor, this.measuring]; // It takes what room the view has left: it stays the last.
    this.bars.append(...this.features.flatMap(({ bars }) => bars ?? []));
    this.regions.after(...this.features.flatMap(({ boxes }) => boxes ?? []));
    this.pictureOf = "";
    /** What Python has been told of, and about what. @type {{about: string, kinds: string[]}} */
    this.interacted = { about: "", kinds: [] };
    /** @type {{study: string, n: number}|null} What was assigned and not yet answered. */
    this.assigning = null;
    this.frame = 0;
    this.noteTimer = 0;
    for (const pane of this.panes) {
      listenTo(pane, {
        state: () => this.state,
        scroll: (of, slices) => {
          of.scene.state.scroll(of.scene.plane, slices);
          this.draw();
        },
        changed: () => this.draw(),
        clicked: (index) => point(this, index),
        feature: () => ownerOf(this.features, this.state.tool),
        enlarge: (of) => this.state.tool === "edit" || this.enlarge(of),
      });
    }
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    listenToKeys(this, signal);
    window.addEventListener("pointerdown", (event) => {
      if (event.composedPath().includes(this.root)) return;
      this.features.forEach((feature) => feature.hurry?.());
      this.reports.flush();
    }, { capture: true, signal });
    this.sizes = new ResizeObserver(() => this.draw());
    for (const { canvas } of this.panes) this.sizes.observe(canvas);
  }

  /** The picture of the study on screen has been drawn, and its mask where there is one to judge. */
  get drawn() {
    return this.pictureOf !== "" && this.pictureOf === this.pictureWanted;
  }

  get pictureWanted() {
    return this.data ? `${this.data.study} ${this.state.prediction}` : "";
  }

  /**
   * Shows what Python sends. A change of study, series or prediction takes everything older off the screen at once.
   * @param {Data} data
   * @param {(name: string, value: unknown) => void} send
   */
  show(data, send) {
    this.send = send;
    const before = this.data;
    data = withheldWhileAssigning(data, this.assigning);
    if (!data.assigning) this.assigning = null;
    if (before?.study !== data.study) this.menu.close();
    this.data = data;
    const isOther = before?.study !== data.study;
    if (isOther) {
      this.guard.forget();
      this.errors.clear();
      this.loader.broken.clear();
      this.state = new ViewState(data, this.state);
      this.reports.begin();
      this.activity.begin();
      this.selection.begin(data.selected);
      this.say("");
    } else {
      this.state.series = new Map(data.series.map((series) => [series.digest, series]));
      this.state.convention = data.convention;
      if (before.current !== data.current || !this.state.shown) this.state.showSeries(data.current);
    }
    const prediction = data.blind ? null : data.prediction;
    this.state.showPrediction(prediction);
    const grid = prediction ? this.state.series.get(prediction.grid) : undefined;
    this.masks.show(grid ? prediction.digest : "", data.token, grid ? grid.shape[0] * grid.shape[1] * grid.shape[2] : 0);
    const moved = !isOther && this.selection.hear(data);
    for (const feature of this.features) feature.show?.(data, isOther);
    if (isOther || moved) jump(this);
    if (isOther && data.view) {
      this.state.restore(data.view);
      for (const feature of this.features) feature.restore?.(data.view);
    }
    this.want();
    this.drawTools();
    drawFindings(this.findings, data, this.selection.id, (id) => select(this, id));
    this.paint();
  }

  /** Has loaded what the screen needs now. */
  want() {
    for (const feature of this.features) feature.follow?.();
    const { wanted, keep } = wantedOf(this.data, this.state, this.priors.wanted());
    this.loader.want(wanted, keep);
  }

  /** Draws before the next frame. */
  draw() {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.paint());
  }

  /** Draws now. */
  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.data) return;
    for (const digest of this.state.series.keys()) {
      const scale = this.state.windows.has(digest) ? null : images.volumes.get(digest)?.scale;
      if (!scale) continue;
      this.state.resetWindow(digest, scale.window);
      this.drawTools();
    }
    const scenes = scenesOf(this, images);
    this.grid.dataset.layout = scenes.length === 1 ? "one" : this.state.layout;
    this.grid.dataset.count = String(scenes.length);
    this.panes.forEach(({ canvas }, at) => {
      canvas.hidden = at >= scenes.length;
    });
    let isNew = false;
    scenes.forEach((scene, at) => {
      const drawn = this.panes[at].paint(scene);
      isNew = keepRecord(this, this.panes[at], drawn) || isNew;
    });
    const bars = [...this.state.series.values()].filter(({ digest }) => digest === this.state.current || this.reports.share(digest));
    drawDisplayed(this.displayed, bars.map(({ label, digest }) => ({ label, percent: Math.floor(100 * this.reports.share(digest)) })));
    if (isNew || this.reports.timer) this.reports.later();
  }

  drawTools() {
    const { data, state } = this;
    const prediction = data.blind ? null : data.prediction;
    drawToolbar(this.tools, state, prediction !== null, {
      series: (digest) => this.showSeries(digest),
      assign: data.assign && !data.replay && state.shown ? () => this.menu.open(state.shown, data.assign) : null,
      layout: (layout) => this.set({ layout }),
      preset: (preset) => {
        choosePreset(state, state.shown && images.get(state.shown.digest), preset);
        this.set({});
      },
      tool: () => this.set({ tool: state.tool === "cross" ? "window" : "cross" }),
      measure: () => (this.measuring.kind ? this.measuring.leave() : this.measuring.choose("ruler")),
      style: (style) => this.setOverlay({ style }),
      opacity: (opacity) => {
        state.opacity[state.style] = opacity;
        this.interact();
        this.draw();
      },
      flash: (hidden) => this.hold({ flash: hidden }),
    });
    drawRegions(this.regions, prediction?.regions ?? [], state.visible, (name) => {
      state.visible.set(name, !state.visible.get(name));
      this.setOverlay({});
    }, { width: state.line, set: (line) => this.setOverlay({ line }) });
  }

  /** @param {Partial<ViewState>} settings */
  set(settings) {
    Object.assign(this.state, settings);
    this.want();
    this.drawTools();
    this.draw();
    this.reports.later();
  }

  /** @param {Partial<ViewState>} settings */
  setOverlay(settings) {
    this.interact();
    this.set(settings);
  }

  /** Tells Python of the first deed of a kind on the overlay; of all kinds each time, lest one sent just before be lost. */
  interact(kind = "overlay") {
    const { prediction, study } = this.state;
    const about = `${study} ${prediction}`;
    if (this.interacted.about !== about) this.interacted = { about, kinds: [] };
    const { kinds } = this.interacted;
    if (!prediction || this.data.replay || kinds.includes(kind)) return;
    kinds.push(kind);
    this.send("interact", { study, prediction, kind, kinds: [...kinds], n: nextNumber() });
  }

  /**
   * The reader says which sequence a series is: what a model made of the study as it was goes off the screen at once.
   * @param {string} series @param {string} sequence
   */
  assign(series, sequence) {
    this.guard.forget();
    this.reports.flush();
    this.assigning = { study: this.data.study, n: nextNumber() };
    this.show(this.data, this.send);
    this.send("assigned", { study: this.data.study, series, sequence, n: this.assigning.n });
  }

  showSeries(digest) {
    this.menu.close();
    this.errors.delete(digest);
    this.loader.broken.delete(digest);
    this.state.showSeries(digest);
    this.set({});
  }

  /** A double click: this plane or series becomes the large one; on the large one, one pane and back. */
  enlarge({ scene }) {
    if (!scene || scene.message || scene.prior) return;
    if (scene.source.digest !== this.state.current && !scene.held) return this.showSeries(scene.source.digest);
    if (scene.plane !== this.state.primary) return this.set({ primary: scene.plane });
    this.set({ layout: this.state.layout === "one" ? "planes" : "one" });
  }

  /** Zooms the large pane about its middle. @param {number} factor */
  zoom(factor) {
    const { canvas } = this.panes[0];
    if (!this.panes[0].scene?.message) this.panes[0].zoom(factor, canvas.clientWidth / 2, canvas.clientHeight / 2);
    this.draw();
  }

  scroll(plane, slices) {
    this.state.scroll(plane, slices);
    this.draw();
  }

  /** @param {{flash?: boolean, before?: boolean}} held */
  hold({ flash, before }) {
    if (!this.state) return;
    if (flash) this.interact();
    if (flash !== undefined) this.state.hidden = flash;
    if (before !== undefined) this.state.before = before;
    this.draw();
  }

  /** Shows a note to the reader. @param {string} text @param {number} [forMs] 0: until another one. */
  say(text, forMs = NOTE_MS) {
    clearTimeout(this.noteTimer);
    this.note.textContent = text;
    if (text && forMs) this.noteTimer = window.setTimeout(() => this.say(""), forMs);
  }

  /** Takes itself off the page: listeners, requests and masks go, images stay in the cache. */
  close() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.noteTimer);
    this.leaving.abort();
    for (const feature of this.features) feature.close?.();
    this.menu.close();
    this.sizes.disconnect();
    this.guard.remove();
    this.reports.close();
    this.activity.listen(false);
    this.selection.begin(null);
    this.masks.show("", "", 0);
    this.loader.want([], new Set());
    this.root.remove();
  }
}
