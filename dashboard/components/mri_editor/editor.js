/** Drawing on the outline of a finding: which finding, with which tool, and what is recorded of it. A feature of the viewer. */

import { FrameHolder } from "../shared/frame_holder.js";
import { sameGrid, spacingOf } from "../mri_picture/geometry.js";
import { EditBar } from "./bar.js";
import { nextSize } from "./brush.js";
import { drawCursor, probe } from "./cursor.js";
import { Offers } from "./offers.js";
import { Outlines } from "./outlines.js";
import { seed, Stroke } from "./pointer.js";
import { drawable } from "./regions.js";
import { begun } from "./session.js";
import { keyed } from "./keys.js";

const FREE = new Set(["brush", "erase", "cut"]);

export class Editor {
  /** @param {import("../mri_viewer/viewer.js").Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.tools = ["edit"];
    this.settings = {
      tool: "brush", ball: false, size: 6, ranged: false, range: /** @type {[number, number]|null} */ (null),
      by: /** @type {"intensity"|"probability"} */ ("intensity"), tolerance: 12, least: 0.5,
    };
    /** @type {import("./session.js").Session|null} */
    this.session = null;
    /** @type {Stroke|null} */
    this.stroke = null;
    /** @type {{pane: import("../mri_picture/pane.js").Pane, x: number, y: number}|null} */
    this.pointer = null;
    this.recordedOutlines = new Outlines(() => viewer.draw(), (error) => viewer.say(`${error.what} ${error.why} ${error.whatToDo}`, 0));
    this.map = new FrameHolder(() => this.refresh(), (error) => viewer.say(`${error.what} ${error.why}`));
    const change = (name) => (value) => {
      Object.assign(this.settings, { [name]: value });
      this.refresh();
    };
    this.bar = new EditBar({
      tool: (tool) => this.choose(tool), ball: change("ball"), size: (by) => change("size")(nextSize(this.settings.size, by)),
      ranged: () => change("ranged")(!this.settings.ranged), by: change("by"), tolerance: change("tolerance"), least: change("least"),
      low: (value) => this.bound(0, value), high: (value) => this.bound(1, value), region: (name) => this.chooseRegion(name),
      holes: () => this.deed((drawing) => drawing.fillHoles(this.through, this.settings.ball ? [0, Infinity] : [this.slice, this.slice + 1])),
      between: () => this.interpolate(), split: () => this.split(), clear: () => this.deed((drawing) => drawing.clear()),
      undo: () => this.undo(), redo: () => this.redo(), leave: () => this.leave(),
      goon: () => this.offers.goOn(), drop: () => this.offers.drop(),
      take: () => this.offers.take(), mine: () => this.offers.keepMine(),
    });
    this.offers = new Offers(this);
    this.bars = [this.bar.root, this.bar.offer];
  }

  /** Grid and regions of a drawing; null where this reader may not draw now. */
  get said() {
    const { data } = this.viewer;
    return data && !data.replay ? (data.drawing ?? null) : null;
  }

  /** @returns {import("../mri_picture/volumes.js").Series|undefined} */
  get grid() {
    return this.viewer.state?.series.get(this.said?.grid ?? this.viewer.data?.prediction?.grid ?? "");
  }

  get through() {
    return this.grid.through;
  }

  /** Slice under the crosshair along the grid's through-axis. */
  get slice() {
    return this.viewer.state.voxel[this.through];
  }

  show(data, isOther) {
    if (isOther) {
      this.close();
      this.recordedOutlines.forget();
      this.offers.begin(data.drafts ?? []);
    }
    if (!data.prediction && !this.said) this.close();
    this.recordedOutlines.want(data);
    const { session } = this;
    if (!isOther) this.offers.hear(data.drafts ?? []);
    const isRow = session && (this.recordedOutlines.digestOf(session.finding) !== session.recorded
      || data.own.some(({ id }) => id === session.keeping.finding));
    if (session?.isOwn && data.taken?.includes(session.keeping.finding)) this.taken();
    else if (isRow && session.keeping.whole) this.recorded();
    else if (session && (isRow || !this.said || data.prediction?.digest !== session.prediction
      || (!session.isOwn && session.finding !== this.viewer.selection.id))) this.leave();
    if (this.session) this.session.token = data.token;
    else if (data.modifying && data.modifying !== this.modifying && data.modifying === this.viewer.selection.id) this.enter("brush");
    this.modifying = data.modifying;
    this.refresh();
  }

  selected() {
    if (this.session && (this.session.isOwn || this.session.finding !== this.viewer.selection.id)) this.leave();
    this.refresh();
  }

  /** The sheet on screen; null while outlines of it are on their way, undefined where there is nothing to show on it. */
  get sheet() {
    const { viewer, recordedOutlines: outlines, grid, session } = this;
    if (session) return session.drawing.sheet;
    if (!grid || !(outlines.wanted.length || outlines.drawnCount)) return undefined;
    const { mask, digest } = viewer.masks;
    return outlines.ready && (mask || !digest) ? outlines.made(grid.shape, mask) : null;
  }

  overlay() {
    const { sheet, grid, viewer } = this;
    if (sheet === undefined) return undefined;
    const { state, data, selection } = viewer;
    if (sheet === null || !state.shown || grid.frame !== state.shown.frame) return null;
    const regions = data.prediction ? data.prediction.regions.filter(({ name }) => state.visible.get(name)) : this.said?.regions ?? [];
    const chosen = data.findings.find(({ id }) => id === selection.id);
    return { mask: sheet, grid, regions, component: this.session?.drawing.number ?? this.recordedOutlines.numberOf(selection.id) ?? chosen?.component ?? 0 };
  }

  /**
   * Begins to draw on the selected finding, or on a new one where one is to be added.
   * @param {string} tool
   */
  enter(tool) {
    const { viewer } = this;
    const { data, selection } = viewer;
    if (!this.session && !data.adding && !data.blind && this.offers.of(selection.id ?? "")) {
      this.viewer.say("There is a draft: go on with it, or drop it.");
      return;
    }
    if (!this.session) {
      const why = begun(this);
      if (why) return viewer.say(why);
      this.offers.ask();
    }
    for (const feature of viewer.features) feature.yields?.();
    if (!sameGrid(viewer.state.shown, this.grid)) viewer.showSeries(this.grid.digest);
    this.choose(tool);
  }

  /** @param {string} tool */
  choose(tool) {
    this.settings.tool = tool;
    this.viewer.set({ tool: "edit" });
    if (tool === "grow") this.wantMap();
    this.refresh();
  }

  /** Ends drawing: what was drawn is kept as a draft, and the recorded outline is shown again. */
  leave() {
    const { session } = this;
    if (!session) return;
    this.ended();
    session.close(this);
    this.offers.ask();
    this.refresh();
    if (session.isTold) this.viewer.reports.flush(); // The page's button says what Enter records: no edit any more.
  }

  /** The drawing is a row now: its outline comes by its own digest. */
  recorded() {
    const { session } = this;
    this.ended();
    session.keeping.close();
    this.offers.forget(session.keeping.finding);
    this.offers.hear(this.viewer.data.drafts ?? []);
    this.recordedOutlines.sheet = null;
    this.refresh();
  }

  /** In a blind read: the drawing is among what will be committed, and stays on screen. */
  taken() {
    this.session.drawing.sheet.settle();
    this.session.keeping.close();
    this.recordedOutlines.drawnCount += 1;
    this.offers.forget(this.session.keeping.finding);
    this.ended();
    this.refresh();
  }

  ended() {
    this.session = null;
    this.stroke = null;
    this.pointer = null;
    this.map.show("");
    if (this.viewer.state?.tool === "edit") this.viewer.state.tool = "cross";
    this.viewer.guard.answered();
    if (this.viewer.data) this.viewer.drawTools();
  }

  /** @param {(drawing: import("./drawing.js").Drawing) => unknown} work */
  deed(work) {
    if (!this.session) return undefined;
    const { sheet } = this.session.drawing;
    const before = sheet.revision;
    const said = work(this.session.drawing);
    if (sheet.revision !== before) this.changed();
    else this.viewer.say("Nothing changed.");
    return said;
  }

  /** Something has been drawn: it is to be kept, and shown. */
  changed() {
    this.session.keeping.touch();
    this.refresh();
  }

  undo() {
    const { sheet } = this.session.drawing;
    if (sheet.undo()) this.changed();
    else this.viewer.say("Nothing more to undo in this drawing.");
  }

  redo() {
    if (this.session.drawing.sheet.redo()) this.changed();
  }

  split() {
    const count = this.deed((drawing) => drawing.split());
    if (count) this.viewer.say(`${count === 1 ? "One piece" : `${count} pieces`} split off: recorded as findings of your own with this verdict.`);
  }

  interpolate() {
    this.deed((drawing) => drawing.between(this.through, spacingOf(this.grid.affine), 0));
  }

  bound(which, value) {
    const range = /** @type {[number, number]} */ ([...(this.settings.range ?? [-Infinity, Infinity])]);
    range[which] = value ?? (which ? Infinity : -Infinity);
    this.settings.range = range.some(Number.isFinite) ? range : null;
    this.refresh();
  }

  chooseRegion(name) {
    this.session.drawing.region = name;
    if (this.viewer.data.prediction) this.viewer.state.visible.set(name, true);
    if (this.settings.tool === "grow") this.wantMap();
    this.viewer.drawTools();
    this.refresh();
  }

  /** Asks for the probabilities of the region drawn, where there are any. */
  wantMap() {
    const { data } = this.viewer;
    if (!data.prediction?.probability) return;
    const index = data.prediction.regions.findIndex(({ name }) => name === this.session.drawing.region);
    const voxels = this.grid.shape.reduce((product, size) => product * size, 1);
    this.map.show(`/api/probability/${data.prediction.digest}/${index}`, data.token, voxels);
  }

  /** @returns {((at: number) => boolean)|null} */
  probable() {
    const { frame } = this.map;
    const least = Math.floor(this.settings.least * 255 + 0.5);
    return frame && ((at) => frame.bytes[at] >= least);
  }

  begin(pane, event) {
    const { viewer, session } = this;
    if (!session || pane.scene.state !== viewer.state) return false;
    if (!sameGrid(viewer.state.shown, this.grid)) {
      viewer.say("Drawing is on the grid of the outlines: their series is shown again.");
      viewer.showSeries(this.grid.digest);
      return true;
    }
    if (viewer.state.hidden) viewer.hold({ flash: false });
    if (!FREE.has(this.settings.tool)) {
      const said = this.deedAt(pane, event);
      if (said) viewer.say(said);
      return true;
    }
    this.stroke = new Stroke(this, pane, event);
    this.draw(pane, event);
    return true;
  }

  deedAt(pane, event) {
    const { sheet } = this.session.drawing;
    const before = sheet.revision;
    const said = seed(this, pane, event);
    if (sheet.revision !== before) this.changed();
    return said;
  }

  move(pane, event) {
    if (this.stroke) this.draw(pane, event);
  }

  draw(pane, event) {
    this.stroke.follow(event);
    this.pointer = { pane, x: event.offsetX, y: event.offsetY };
    this.viewer.draw();
    probe(this.viewer.root, event);
  }

  end(pane, event) {
    const { stroke } = this;
    this.stroke = null;
    if (!stroke || !this.session) return;
    if (this.settings.tool === "cut") {
      stroke.follow(event);
      if (!this.session.drawing.cut(stroke.side())) this.viewer.say("The line leaves nothing on one of its sides.");
      else this.changed();
    } else if (this.session.drawing.sheet.end()) this.changed();
    this.viewer.draw();
  }

  hover(pane, event) {
    this.pointer = { pane, x: event.offsetX, y: event.offsetY };
    this.viewer.draw();
  }

  paint(context, scene, place) {
    drawCursor(this, context, scene, place);
  }

  look() {
    const { session } = this;
    return session ? `edit ${session.finding} ${session.drawing.sheet.revision}` : "";
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    return keyed(this, event);
  }

  /** A verdict waits until the server has what is on screen. */
  awaiting() {
    return Boolean(this.session?.touched && !this.session.keeping.whole);
  }

  /** A verdict key waits: what is on screen is kept now; where it can't be, the reader is told why. */
  async hurry() {
    const { session, viewer } = this;
    if (!session?.touched) return;
    await session.keeping.flush();
    const { error } = session.keeping;
    if (error) viewer.say(`The verdict was not taken: ${error.what} ${error.why} ${error.whatToDo}`, 0);
  }

  undoes() {
    return Boolean(this.session);
  }

  /** A finding of the reader's own is being drawn: D adds it. */
  adds() {
    return Boolean(this.session?.isOwn && this.session.touched);
  }

  /** What of a drawing is on screen, told with each report. @returns {{finding: string, digest: string, whole: boolean, own: boolean}|null} */
  told() {
    const { session } = this;
    if (!session?.touched || !session.drawing.sheet.done.length) return null; // All taken back: there is no edit.
    const { finding, digest, whole } = session.keeping;
    return { finding, digest, whole, own: session.isOwn };
  }

  /** The draft has been kept, or refused. */
  kept() {
    const { viewer, session } = this;
    this.refresh();
    if (!session) return;
    const isEdit = this.told() !== null;
    if (session.isTold !== isEdit && !this.stroke) {
      session.isTold = isEdit; // For the words of the page's buttons alone: each report runs the page. A verdict key sends its own.
      viewer.reports.flush();
    }
    if (!this.awaiting()) viewer.guard.answered();
  }

  refresh() {
    const { session, settings, viewer } = this;
    this.bar.show(session && {
      ...settings, title: session.title, region: session.drawing.region, regions: drawable(session.drawing.regions),
      probable: Boolean(viewer.data.prediction?.probability), undo: session.drawing.sheet.done.length > 0,
      redo: session.drawing.sheet.undone.length > 0, ...session.status,
    });
    this.offers.ask();
    viewer.root.dataset.draft = session ? session.state : "";
    if (viewer.data) viewer.draw();
  }

  close() {
    if (this.session) {
      const { session } = this;
      this.ended();
      session.close(this);
    }
    this.offers.begin([]);
    this.bar.show(null);
    this.bar.ask(null);
  }
}
