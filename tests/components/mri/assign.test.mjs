import assert from "node:assert/strict";
import { test } from "node:test";

import { assignWords, withheldWhileAssigning } from "../../../dashboard/components/mri_viewer/assign.js";

const study = (more) => ({ study: "S-1", prediction: { digest: "p" }, findings: [{ id: "1" }], echo: {}, ...more });

test("an unsure series is asked about, a corrected one says what its file was taken for", () => {
  assert.equal(assignWords({ confidence: 0.5, taken_for: "T1" }).words, "?");
  assert.match(assignWords({ confidence: 0.5, taken_for: "T1" }).title, /not sure/);
  const corrected = assignWords({ confidence: 1, taken_for: "T1 with contrast", recognised_words: "T1" });
  assert.equal(corrected.unsure, false);
  assert.match(corrected.title, /by a reader; the file was taken for T1\./);
});

test("until Python has answered an assignment nothing of a model is shown", () => {
  const assigning = { study: "S-1", n: 7 };
  for (const echo of [undefined, {}, { assigned: 0 }, { assigned: 6 }]) {
    const shown = withheldWhileAssigning(study({ echo }), assigning);
    assert.deepEqual([shown.prediction, shown.findings, shown.assigning], [null, [], true]);
  }
});

test("what Python answered, and another study, are shown", () => {
  const answered = study({ echo: { assigned: 7 } });
  assert.equal(withheldWhileAssigning(answered, { study: "S-1", n: 7 }), answered);
  assert.equal(withheldWhileAssigning(answered, null), answered);
  const other = study({ study: "S-2" });
  assert.equal(withheldWhileAssigning(other, { study: "S-1", n: 7 }), other);
});
