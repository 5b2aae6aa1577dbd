import assert from "node:assert/strict";
import test from "node:test";
import { nextNumber, Selection } from "../../../dashboard/components/shared/selection.js";

globalThis.document = { querySelector: () => null };
const rest = (ms = 60) => new Promise((resolve) => setTimeout(resolve, ms));

test("numbers always grow, even where the clock stands or goes back", () => {
  const first = nextNumber(5000);
  assert.ok(nextNumber(5000) > first);
  assert.ok(nextNumber(10) > first + 1);
});

test("a selection is awaited until Python has echoed it and agrees", async () => {
  let settled = 0;
  const selection = new Selection(() => (settled += 1), assert.fail);
  selection.begin("1");
  const n = selection.choose("2");
  selection.hear({ selected: "1", echo: { selected: n - 1 } });
  assert.equal(selection.id, "2");
  assert.ok(selection.awaiting);
  selection.hear({ selected: "2", echo: { selected: n } });
  await rest();
  assert.ok(!selection.awaiting);
  assert.equal(settled, 1);
});

test("an answer to an older choice does not settle a newer one", async () => {
  const selection = new Selection(assert.fail, assert.fail);
  selection.begin("1");
  const n = selection.choose("2");
  selection.choose("1");
  selection.hear({ selected: "1", echo: { selected: n } });
  assert.ok(selection.awaiting);
  await rest();
  assert.ok(selection.awaiting);
  selection.begin(null);
});

test("where nothing is awaited, Python leads", () => {
  const selection = new Selection(assert.fail, assert.fail);
  selection.begin("1");
  assert.ok(selection.hear({ selected: "3" }));
  assert.equal(selection.id, "3");
});

test("where Python has heard and disagrees for a second, its choice is taken over", async () => {
  let moved = 0;
  const selection = new Selection(assert.fail, () => (moved += 1));
  selection.begin("1");
  const n = selection.choose("2");
  selection.hear({ selected: "1", echo: { selected: n } });
  assert.equal(selection.id, "2");
  await rest(1100);
  assert.deepEqual([selection.id, selection.awaiting, moved], ["1", false, 1]);
});

test("a point is awaited until its number has come back", async () => {
  let settled = 0;
  const selection = new Selection(() => (settled += 1), assert.fail);
  const n = selection.point();
  selection.hear({ selected: null, echo: { point: n } });
  await rest();
  assert.deepEqual([selection.awaiting, settled], [false, 1]);
});
