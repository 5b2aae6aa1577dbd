import assert from "node:assert/strict";
import test from "node:test";
import { whenPageSettled } from "../../dashboard/components/shared/page_run.js";

/** Plays what Streamlit says of its state, [milliseconds, state] by turns, and tells when each call came. */
function cameAt(states, graceMs, earlier) {
  const real = { setInterval: globalThis.setInterval, clearInterval: globalThis.clearInterval, document: globalThis.document };
  let look = () => {};
  let every = 0;
  globalThis.setInterval = (call, ms) => { look = call; every = ms; return 1; };
  globalThis.clearInterval = () => { look = () => {}; };
  let state = "";
  globalThis.document = { querySelector: () => ({ getAttribute: () => state }) };
  const came = [];
  let now = 0;
  try {
    whenPageSettled(() => came.push(now), graceMs, earlier);
    for (now = every; now < 5000; now += every) {
      for (const [at, next] of states) if (at <= now) state = next;
      look();
    }
  } finally {
    Object.assign(globalThis, real);
  }
  assert.equal(came.length, 1);
  return came[0];
}

test("a run that a key has caused ends the wait when it ends", () => {
  const came = cameAt([[0, "notRunning"], [100, "running"], [400, "notRunning"]], 3000, false);
  assert.ok(came >= 400 && came < 450, `${came}`);
});

test("where no run comes the wait ends with its grace", () => {
  const came = cameAt([[0, "notRunning"]], 250, false);
  assert.ok(came >= 250 && came < 300, `${came}`);
});

test("the end of an older run is not taken for the end of the one that the key caused", () => {
  const states = [[0, "running"], [200, "notRunning"], [320, "running"], [600, "notRunning"]];
  const came = cameAt(states, 3000, true);
  assert.ok(came >= 600 && came < 650, `${came}`);
});

test("two runs that look like one hold the next key for a moment only", () => {
  const came = cameAt([[0, "running"], [500, "notRunning"]], 3000, true);
  assert.ok(came >= 500 && came < 850, `${came}`);
});
