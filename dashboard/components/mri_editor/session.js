/** One drawing under way: its finding, its sheet, its draft on the server. */

import { drawingOf } from "./frame.js";
import { Drawing, FIRST_NEW } from "./drawing.js";
import { Keeping } from "./keeping.js";
import { byBit } from "./regions.js";

export class Session {
  /**
   * @param {import("./editor.js").Editor} editor
   * @param {object} about
   * @param {string} about.finding Number of a model's finding, or `new`. @param {string} about.title
   * @param {Drawing} about.drawing @param {string} about.base @param {string} about.prediction
   */
  constructor(editor, { finding, title, drawing, base, prediction }) {
    const { data } = editor.viewer;
    this.finding = finding;
    this.title = title;
    this.drawing = drawing;
    this.prediction = prediction;
    /** Digest of the recorded outline when the drawing began. */
    this.recorded = editor.recordedOutlines.digestOf(finding);
    this.isOwn = finding === "new";
    this.isTold = false;
    this.isBlind = data.blind;
    /** Of the study, renewed while it is on screen. */
    this.token = data.token;
    const { grid } = editor;
    this.regions = byBit(drawing.regions);
    this.keeping = new Keeping({
      study: data.study, finding, base, digest: "", token: () => this.token,
      drawing: () => drawingOf(drawing.sheet, drawing.box ?? [[0, 1], [0, 1], [0, 1]], drawing.numbers, { grid: grid.digest, prediction: prediction ?? "", regions: this.regions }),
      changed: () => editor.kept(),
    });
    const kept = editor.offers.of(finding);
    if (kept) this.keeping.digest = kept.digest;
  }

  /** Anything was drawn, or a draft is gone on from. */
  get touched() {
    return this.keeping.count > 0;
  }

  get state() {
    if (!this.touched) return "begun";
    if (this.keeping.error) return this.keeping.isConflict ? "conflict" : "refused";
    return this.keeping.whole ? "kept" : "unsaved";
  }

  /** What the bar says of it. */
  get status() {
    const { error } = this.keeping;
    const words = { begun: this.isBlind ? "Draw the lesion, then 1 to 5" : this.isOwn ? "Draw the lesion, then D" : "M, Enter: record", kept: "Draft kept", unsaved: "Keeping…", conflict: "Edited in another window",
      refused: error ? `Not kept: ${error.why}` : "" };
    return { status: words[this.state], trouble: Boolean(error) };
  }

  /** Leaves the drawing as a draft, unless all of it was taken back, and takes it off the sheet. @param {import("./editor.js").Editor} editor */
  close(editor) {
    const { keeping, drawing } = this;
    drawing.sheet.end();
    if (this.touched) {
      const copy = keeping.drawing();
      keeping.drawing = () => copy;
      const isEmpty = !drawing.sheet.done.length;
      keeping.changed = () => (isEmpty ? editor.offers.emptied(keeping) : editor.offers.left(keeping));
      if (keeping.whole) keeping.changed();
      else void keeping.flush(); // Tried again until it is kept: the copy stays in this window.
    }
    drawing.sheet.revert();
  }
}

/**
 * Begins a drawing on what is selected.
 * @param {import("./editor.js").Editor} editor
 * @param {string} [own] Id of an own finding whose draft is gone on from.
 * @returns {string} Why none begins; '' where one has.
 */
export function begun(editor, own = "") {
  const { viewer, recordedOutlines: outlines, grid, said } = editor;
  const { data, state, selection, masks } = viewer;
  if (!said || !grid) return data.blind ? "Outlines are drawn after the read is committed." : "Nothing can be drawn here now.";
  const finding = own || data.adding ? undefined : data.findings.find(({ id }) => id === selection.id);
  if (!finding && !own && !data.adding && !data.blind && (data.findings.length || selection.id)) return "Select a finding of the model, or press D to draw one of your own.";
  if (finding && !finding.component) return "This finding has no outline.";
  if (!outlines.ready || (masks.digest && !masks.mask)) return "The outline is still loading.";
  const sheet = outlines.made(grid.shape, masks.mask);
  const number = finding ? finding.component : FIRST_NEW - 100 * outlines.drawnCount; // Each has room for what is split off.
  const drawing = new Drawing(sheet, number, said.regions);
  const seen = said.regions.find(({ name, evaluated }) => evaluated && (state.visible.get(name) ?? true));
  if (seen) drawing.region = seen.name;
  const base = outlines.digestOf(finding?.id ?? "") || data.prediction?.digest || "";
  editor.session = new Session(editor, {
    finding: finding ? finding.id : own || "new", title: finding ? `Finding ${finding.number}` : "Your finding", drawing, base,
    prediction: data.prediction?.digest,
  });
  editor.session.isOwn = !finding;
  return "";
}
