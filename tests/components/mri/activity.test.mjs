import assert from "node:assert/strict";
import test from "node:test";
import { Activity, IDLE_MS } from "../../../dashboard/components/shared/activity.js";

const clocked = () => {
  let now = 0;
  const activity = new Activity(() => now);
  return { activity, wait: (seconds) => (now += 1000 * seconds) };
};

test("time counts until 30 s after the last sign of life", () => {
  const { activity, wait } = clocked();
  wait(10);
  activity.touch();
  wait(20);
  assert.equal(activity.seconds(), 30);
  wait(600);
  assert.equal(activity.seconds(), 10 + IDLE_MS / 1000);
  activity.touch();
  wait(5);
  assert.equal(activity.seconds(), 45);
});

test("another study begins at nothing", () => {
  const { activity, wait } = clocked();
  wait(12);
  activity.begin();
  assert.equal(activity.seconds(), 0);
});

test("where the site does not count, nothing is listened to and nothing said", () => {
  const heard = [];
  globalThis.window = { addEventListener: (name) => heard.push(name), removeEventListener: (name) => heard.push(`-${name}`) };
  const { activity, wait } = clocked();
  wait(3);
  assert.deepEqual(activity.report(false), {});
  assert.deepEqual(heard, []);
  assert.deepEqual(activity.report(true), { active_s: 3 });
  assert.equal(heard.length, 4);
  activity.listen(false);
  assert.equal(heard.filter((name) => name.startsWith("-")).length, 4);
});
