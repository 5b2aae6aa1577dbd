/** Keys of the drawing: taken only while one is under way, but for B and E, which begin one. */

import { drawable } from "./regions.js";
import { nextSize } from "./brush.js";

/** @typedef {import("./editor.js").Editor} Editor */

/**
 * The deed of a key press.
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} press
 * @param {boolean} drawing One is under way.
 * @returns {string} '' where it is none of ours.
 */
export function deedOf({ key, ctrlKey, metaKey, altKey, shiftKey }, drawing) {
  const letter = key.toLowerCase();
  if (ctrlKey || metaKey) {
    if (!drawing || altKey) return "";
    if (letter === "z") return shiftKey ? "redo" : "undo";
    return letter === "y" ? "redo" : "";
  }
  if (altKey) return "";
  if (!shiftKey && (letter === "b" || letter === "e")) return letter === "b" ? "brush" : "erase";
  if (!drawing) return "";
  if (shiftKey) return { w: "region", i: "between", t: "ranged" }[letter] ?? "";
  return { g: "grow", z: "ball", "[": "smaller", "]": "larger", escape: "leave" }[letter] ?? "";
}

/** @param {Editor} editor @param {KeyboardEvent} event @returns {boolean} Whether the press was the drawing's. */
export function keyed(editor, event) {
  const { session, settings, viewer } = editor;
  if (event.key.toLowerCase() === "m" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) {
    if (!session && editor.said && viewer.data.findings.some(({ id }) => id === viewer.selection.id)) editor.enter("brush");
    return false; // The verdict column has it as well: M selects modify, and the first stroke makes it an edit.
  }
  if (session && event.key.toLowerCase() === "q" && !event.ctrlKey && !event.metaKey && !event.altKey) {
    viewer.say("Close the drawing (Esc) before masks are compared.");
    return true;
  }
  const deed = deedOf(event, Boolean(session));
  if (!deed || (!session && !editor.said)) return false;
  if (event.repeat && !["undo", "redo", "smaller", "larger"].includes(deed)) return true;
  const size = (by) => {
    settings.size = nextSize(settings.size, by);
    editor.refresh();
  };
  const deeds = {
    brush: () => editor.enter("brush"), erase: () => editor.enter("erase"), grow: () => editor.choose("grow"),
    undo: () => editor.undo(), redo: () => editor.redo(), smaller: () => size(-1), larger: () => size(1),
    ball: () => {
      settings.ball = !settings.ball;
      editor.refresh();
    },
    ranged: () => {
      settings.ranged = !settings.ranged;
      editor.refresh();
    },
    region: () => {
      const names = drawable(session.drawing.regions).map(({ name }) => name);
      editor.chooseRegion(names[(names.indexOf(session.drawing.region) + 1) % names.length]);
    },
    between: () => editor.interpolate(),
    leave: () => editor.leave(),
  };
  deeds[deed]();
  return true;
}
