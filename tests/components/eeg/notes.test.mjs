import assert from "node:assert/strict";
import { test } from "node:test";
import { indexOf, laneHeight, notesBetween } from "../../../dashboard/components/eeg_paper/notes.js";
import { linesOf } from "../../../dashboard/components/eeg_paper/printed.js";
import { scoresBetween } from "../../../dashboard/components/eeg_tools/score.js";

const note = (onset_s, duration_s = 0, text = `at ${onset_s}`) => ({ onset_s, duration_s, text });

test("annotations of a page are those that touch it, whatever their order in the file", () => {
  const notes = Array.from({ length: 3000 }, (_, n) => note((n * 7919) % 3600, n % 5 ? 0 : 30));
  for (const [from, to] of [[0, 10], [1799.5, 1829.5], [3590, 3600], [-3, 2]]) {
    const wanted = notes.filter((one) => one.onset_s < to && one.onset_s + one.duration_s >= from).map(({ onset_s }) => onset_s).sort((a, b) => a - b);
    assert.deepEqual(notesBetween(indexOf(notes), from, to).map(({ onset_s }) => onset_s), wanted);
  }
  assert.equal(indexOf(notes), indexOf(notes), "made once");
  assert.deepEqual(notesBetween(indexOf([]), 0, 10), []);
  assert.equal(laneHeight([]), 0);
});

test("one that began before the page and lasts into it is on it", () => {
  const notes = [note(5, 100, "sleep"), note(20), note(60)];
  assert.deepEqual(notesBetween(indexOf(notes), 50, 60).map(({ text }) => text), ["sleep"]);
});

const risk = (channelScores, n) => ({ step_s: 2, start_s: 5, n, channels: ["a", "b"], channel_scale: 1 / 254, channel_not_judged: 255, channelScores: Uint8Array.from(channelScores) });

test("a channel's scores lie around the middle of their windows, and what was not judged is no low score", () => {
  const found = scoresBetween(risk([0, 0, 0, 0, 254, 127, 255, 0], 4), 1, 0, 14);
  assert.deepEqual(found.map(({ from, to, score }) => [from, to, score === null ? null : Number(score.toFixed(2))]), [
    [0, 4, null], [4, 6, 1], [6, 8, 0.5], [8, 10, null], [10, 12, 0], [12, 14, null]]);
  assert.deepEqual(scoresBetween(risk([0, 0, 0, 0, 254, 127, 255, 0], 4), 1, 4.5, 5), [{ from: 4.5, to: 5, score: 1 }]);
});

test("settings that are longer than a line go on in the next, and none is lost", () => {
  const phrases = ["7 µV/mm", "1 to 70 Hz", `not formed: ${Array.from({ length: 12 }, (_, n) => `Fp${n}-F${n}`).join(", ")}`];
  const lines = linesOf(phrases, 40, (text) => text.length);
  assert.ok(lines.length > 2 && lines.every((line) => line.length <= 40), lines.join("\n"));
  assert.equal(lines.join(" ").replaceAll(" · ", " ").replace(/\s+/g, " "), phrases.join(" ").replace(/\s+/g, " "));
  assert.deepEqual(linesOf(["a", "b"], 40, (text) => text.length), ["a · b"]);
});
