import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenPair, diceWords, findingShares, firstPair, samePair, shortKey, thatPair } from "../../../dashboard/components/mri_layers/compare_pairs.js";

const REGIONS = ["whole_tumour", "tumour_core"];
const side = (key, words, prediction, beside) => ({ key, words, prediction, grid: "g", with: beside });
const sides = (state = "1") => [
  side("new", "New 2", "new", { old: ["whole_tumour"], [`new.${state}`]: REGIONS }),
  side("old", "Old 1", "old", { new: ["whole_tumour"] }),
  side(`new.${state}`, "You, on New 2", "new", { new: REGIONS }),
];

test("the reader's own verdicts on the result on screen come first, else another model's mask", () => {
  assert.deepEqual(firstPair(sides(), "new"), { first: "new", second: "new.1", region: "whole_tumour" });
  assert.deepEqual(firstPair(sides(), "old"), { first: "old", second: "new", region: "whole_tumour" });
  assert.equal(firstPair([], "new"), null);
});

test("what does not go with a choice gives way", () => {
  const pair = { first: "new", second: "new.1", region: "tumour_core" };
  assert.deepEqual(chosenPair(sides(), pair, { second: "old" }), { first: "new", second: "old", region: "whole_tumour" });
  assert.deepEqual(chosenPair(sides(), pair, { first: "new.1" }), { first: "new.1", second: "new", region: "tumour_core" });
  assert.deepEqual(chosenPair(sides(), pair, { region: "whole_tumour" }), { ...pair, region: "whole_tumour" });
});

test("a further verdict gives the reader's side another key, and the pair follows; without it the pair is gone", () => {
  const pair = { first: "new", second: "new.1", region: "tumour_core" };
  assert.deepEqual(samePair(sides(), sides("2"), pair), { ...pair, second: "new.2" });
  assert.equal(samePair(sides(), sides().slice(0, 2), pair), null);
  assert.equal(samePair(sides(), [], pair), null);
});

test("a recorded view's pair is found again by its short keys, or not at all", () => {
  const [model, other] = ["a".repeat(64), "b".repeat(64)];
  const own = `${model}.0123456789abcdef`;
  assert.equal(shortKey(own), "aaaaaaaaaaaa.0123456789abcdef");
  const offered = [side(model, "A", model, { [own]: REGIONS }), side(own, "You", model, { [model]: REGIONS })];
  const kept = { first: shortKey(own), second: shortKey(model), region: "tumour_core" };
  assert.deepEqual(thatPair(offered, kept), { first: own, second: model, region: "tumour_core" });
  assert.equal(thatPair(offered, { ...kept, region: "enhancing_tumour" }), null);
  assert.equal(thatPair(offered, { ...kept, second: shortKey(other) }), null);
  assert.equal(thatPair([], kept), null);
});

test("where neither marked anything there is no Dice", () => {
  assert.equal(diceWords(0.914), "Dice 0.91");
  assert.equal(diceWords(0), "Dice 0.00");
  assert.match(diceWords(null), /no Dice/);
});

test("the selected finding is told only where its result is one of the two, or why it is not", () => {
  const shares = { ml: [1, 2, 3], dice: 0.5 };
  const header = { findings: { new: { 1: shares } }, left_out: { 2: "not judged" } };
  assert.equal(findingShares(header, "new", 1), shares);
  assert.equal(findingShares(header, "new", 2), "not judged");
  assert.equal(findingShares(header, "old", 1), null);
  assert.equal(findingShares(header, "new", undefined), null);
});
