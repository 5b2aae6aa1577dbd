/** Drafts that lie on the server: found on opening, left behind, or kept by another window. The reader says which goes on. */

import { dropDraft, getDraft } from "../shared/drafts.js";
import { unframed } from "./frame.js";
import { byBit } from "./regions.js";
import { begun } from "./session.js";

/** @typedef {import("../shared/drafts.js").Kept} Kept */

/** @param {string} at UTC. @returns {string} Hours and minutes here, with the day where it is not today. */
function timeWords(at) {
  if (!at) return "";
  const when = new Date(at);
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
  return when.toDateString() === new Date().toDateString() ? time : `${when.toLocaleDateString()} ${time}`;
}

export class Offers {
  /** @param {import("./editor.js").Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Map<string, Kept>} */
    this.kept = new Map();
  }

  /** @param {Kept[]} drafts */
  begin(drafts) {
    this.kept = new Map(drafts.map((draft) => [draft.finding, draft]));
    this.busy = false;
    /** Digests of drafts that were dropped or recorded: a page that was drawn before may still name them. */
    this.gone = new Set();
  }

  /** What the page says lies on the server: a verdict that was taken back leaves its drawing as a draft. @param {Kept[]} drafts */
  hear(drafts) {
    for (const draft of drafts) if (!this.kept.has(draft.finding) && !this.gone.has(draft.digest)) this.kept.set(draft.finding, draft);
  }

  /** @param {string} finding @returns {Kept|undefined} */
  of(finding) {
    return this.kept.get(finding);
  }

  forget(finding) {
    this.kept.delete(finding);
  }

  /** A drawing was closed and its draft lies on the server. @param {import("./keeping.js").Keeping} keeping */
  left({ study, finding, digest, base, error }) {
    const { viewer } = this.editor;
    if (error) viewer.say(`${error.what} ${error.why} ${error.whatToDo}`, 0);
    if (viewer.data?.study !== study) return;
    if (digest && finding !== "new") this.kept.set(finding, { finding, digest, base, at: new Date().toISOString() });
    this.ask();
  }

  /**
   * A drawing was closed of which all had been taken back: there is nothing to go on with. Where the server can't be
   * reached its draft stays.
   * @param {import("./keeping.js").Keeping} keeping
   */
  async emptied(keeping) {
    const { study, finding, digest, error } = keeping;
    if (error || !digest) return;
    try {
      await dropDraft(study, finding, keeping.token(), digest);
    } catch {
      return this.left(keeping);
    }
    this.gone.add(digest);
    if (this.editor.viewer.data?.study !== study) return;
    this.forget(finding);
    this.ask();
  }

  /** The draft that is offered now: of the selected finding, else of one of the reader's own that is not recorded. */
  get offered() {
    const { viewer, session, said } = this.editor;
    if (session || !said) return undefined;
    const { data, selection } = viewer;
    const own = [...this.kept.values()].find(({ finding }) => finding.startsWith("r-") && !data.own.some(({ id }) => id === finding));
    return this.kept.get(selection.id ?? "") ?? own;
  }

  ask() {
    const { bar, session } = this.editor;
    if (session?.keeping.isConflict) {
      return bar.ask({ words: "This finding was edited in another window since.", choices: [
        { name: "take", words: "Show that draft" }, { name: "mine", words: "Keep this one" }] });
    }
    const draft = this.offered;
    if (!draft) return bar.ask(null);
    const what = draft.finding.startsWith("r-") ? "of a finding of your own" : `of finding ${draft.finding}`;
    const older = !draft.finding.startsWith("r-") && draft.base !== this.base(draft.finding) ? ", begun on another outline," : "";
    return bar.ask({ words: `Draft from ${timeWords(draft.at ?? "")} ${what}${older} found.`, choices: [
      { name: "goon", words: "Go on with it" }, { name: "drop", words: "Drop it" }] });
  }

  base(finding) {
    const { recordedOutlines: outlines, viewer } = this.editor;
    return outlines.digestOf(finding) || viewer.data.prediction?.digest || "";
  }

  /** Goes on with the offered draft. */
  async goOn() {
    const { editor, offered } = this;
    if (!offered || this.busy) return;
    this.busy = true;
    await this.load(offered.finding, () => {
      const why = begun(editor, offered.finding.startsWith("r-") ? offered.finding : "");
      if (why) editor.viewer.say(why);
      return !why;
    });
    this.busy = false;
  }

  /** Shows what another window has kept, in place of what was drawn here. */
  async take() {
    const { session } = this.editor;
    await this.load(session.keeping.finding, () => this.editor.session === session);
  }

  /**
   * @param {string} finding @param {() => boolean} ready Whether there is a session to load it into.
   */
  async load(finding, ready) {
    const { editor } = this;
    const { viewer } = editor;
    const { study, token } = viewer.data;
    try {
      const { bytes, digest } = await getDraft(study, finding, token);
      const drawing = await unframed(bytes);
      if (viewer.data.study !== study) return;
      const isOther = !finding.startsWith("r-") && drawing.prediction !== viewer.data.prediction?.digest;
      if (isOther || drawing.grid !== editor.grid?.digest || drawing.regions.join() !== byBit(editor.said.regions).join()) {
        throw new RangeError("it was drawn on another result.");
      }
      if (!ready()) return;
      const { session } = editor;
      session.drawing.load(drawing);
      Object.assign(session.keeping, { digest, error: null, count: session.keeping.count + 1 });
      session.keeping.kept = session.keeping.count;
      editor.enter("brush");
      viewer.reports.flush();
      editor.refresh();
    } catch (error) {
      viewer.say(`The draft was not taken: ${error.why ?? error.message}`, 0);
    }
  }

  /** Goes on with what is drawn here, over the other window's, which is told at its next change. */
  async keepMine() {
    const { session, viewer } = this.editor;
    const { keeping } = session;
    try {
      const { digest, base } = await getDraft(viewer.data.study, keeping.finding, viewer.data.token);
      if (base !== keeping.base) return viewer.say("The other was begun on a newer outline: this one can't replace it. Show that draft.", 0);
      await keeping.over(digest);
    } catch (error) {
      if (error.status === 404) await keeping.over("");
      else viewer.say(`${error.what} ${error.why}`, 0);
    }
    this.editor.refresh();
  }

  async drop() {
    const { editor, offered } = this;
    if (!offered) return;
    try {
      await dropDraft(editor.viewer.data.study, offered.finding, editor.viewer.data.token, offered.digest);
      this.gone.add(offered.digest);
      this.forget(offered.finding);
    } catch (error) {
      editor.viewer.say(`${error.what} ${error.why}`, 0);
    }
    editor.refresh();
  }
}
