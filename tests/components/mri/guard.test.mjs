import assert from "node:assert/strict";
import test from "node:test";
import { ENTER_DEAD_MS, isVerdictKey, judgeKey } from "../../../dashboard/components/shared/verdict_guard.js";

const READY = { drawn: true, awaiting: false };

test("verdict keys are A M X U N, digits and Enter, with Shift too, and nothing with Ctrl", () => {
  for (const key of ["a", "A", "m", "x", "u", "n", "Enter", "0", "7"]) assert.ok(isVerdictKey({ key }), key);
  assert.ok(isVerdictKey({ key: "!", code: "Digit1" }), "Shift and 1 is a confidence");
  for (const key of ["b", "j", "ArrowDown", "f", "F1", "Tab"]) assert.ok(!isVerdictKey({ key }), key);
  assert.ok(!isVerdictKey({ key: "a", ctrlKey: true }));
});

test("a repeated key never counts", () => {
  assert.equal(judgeKey({ key: "a", repeat: true }, READY, Infinity), "swallow");
  assert.equal(judgeKey({ key: "j", repeat: true }, READY, Infinity), "pass");
});

test("nothing counts before the picture has been drawn", () => {
  for (const key of ["a", "Enter", "3"]) assert.equal(judgeKey({ key }, { drawn: false, awaiting: false }, Infinity), "swallow");
});

test("Enter is dead for half a second after an action, other keys are not", () => {
  assert.equal(judgeKey({ key: "Enter" }, READY, ENTER_DEAD_MS - 1), "swallow");
  assert.equal(judgeKey({ key: "Enter" }, READY, ENTER_DEAD_MS), "pass");
  assert.equal(judgeKey({ key: "1" }, READY, 10), "pass");
});

test("a key pressed before Python has echoed the selection is held", () => {
  assert.equal(judgeKey({ key: "x" }, { drawn: true, awaiting: true }, Infinity), "hold");
  assert.equal(judgeKey({ key: "x", repeat: true }, { drawn: true, awaiting: true }, Infinity), "swallow");
});

test("D counts only where it adds what was marked", () => {
  const press = { key: "d" };
  assert.equal(judgeKey(press, { drawn: true, awaiting: true }, Infinity), "pass");
  assert.equal(judgeKey(press, { drawn: true, awaiting: true, adds: true }, Infinity), "hold");
  assert.equal(judgeKey({ ...press, repeat: true }, { drawn: true, awaiting: false, adds: true }, Infinity), "swallow");
  assert.equal(judgeKey({ ...press, ctrlKey: true }, { drawn: true, awaiting: true, adds: true }, Infinity), "pass");
});

test("undo waits for what was recorded before it, and never repeats", () => {
  const press = { key: "z", ctrlKey: true };
  assert.equal(judgeKey(press, { drawn: true, awaiting: true }, Infinity), "hold");
  assert.equal(judgeKey(press, READY, 10), "pass");
  assert.equal(judgeKey({ ...press, repeat: true }, READY, Infinity), "swallow");
  assert.equal(judgeKey({ key: "z" }, { drawn: true, awaiting: true }, Infinity), "pass");
});

test("while something is drawn Ctrl+Z is the drawing's, and the verdict keys stay guarded", () => {
  const undo = { key: "z", ctrlKey: true };
  assert.equal(judgeKey(undo, { drawn: true, awaiting: true }, Infinity), "hold");
  assert.equal(judgeKey(undo, { drawn: true, awaiting: true, undoes: true }, Infinity), "pass");
  assert.equal(judgeKey({ ...undo, repeat: true }, { drawn: true, awaiting: false, undoes: true }, Infinity), "pass");
  assert.equal(judgeKey({ key: "Enter" }, { drawn: true, awaiting: true, undoes: true }, Infinity), "hold");
});
