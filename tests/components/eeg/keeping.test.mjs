import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Keeping } from "../../../dashboard/components/eeg_viewer/keeping.js";

globalThis.window = globalThis;

/** A server that keeps one draft, and can be out of reach. */
function aServer() {
  const server = { draft: "", digest: "", base: "", isAway: false, asked: [] };
  globalThis.fetch = async (path, { method, headers, body }) => {
    server.asked.push(`${method} ${path}`);
    if (server.isAway) throw new TypeError("Failed to fetch");
    const answer = (status, said, more = {}) => new Response(typeof said === "string" ? said : JSON.stringify(said), { status, headers: more });
    if (method === "GET") return answer(200, server.draft, { "x-overread-digest": server.digest, "x-overread-base": server.base });
    const over = headers["X-Overread-Over"] === "none" ? "" : headers["X-Overread-Over"];
    if (over !== server.digest) return method === "PUT" ? answer(400, { code: "stale_page" }) : answer(200, { digest: server.digest });
    server.draft = method === "PUT" ? new TextDecoder().decode(body) : "";
    server.digest = server.draft && `digest of ${server.draft}`;
    server.base = headers["X-Overread-Base"];
    return answer(200, { finding: "interval", digest: server.digest });
  };
  return server;
}

function aViewer(said = {}) {
  const viewer = {
    data: { study: "S-1", token: "t", events: [], ...said }, prediction: "p", state: { range: null, pageS: 10 }, notes: [],
    selection: { point: () => 1 }, guard: { forget() {} }, reports: { flush() {} }, sent: [],
    send: (name, value) => viewer.sent.push({ name, ...value }), draw() {}, say: (text) => viewer.notes.push(text), goTo: (start) => { viewer.start = start; },
  };
  viewer.keeping = new Keeping(viewer);
  viewer.keeping.show(viewer.data, true);
  return viewer;
}

const rest = async () => {
  for (let n = 0; n < 20; n += 1) await Promise.resolve().then(() => new Promise((resolve) => setImmediate(resolve)));
};
const RANGE = { onset_s: 63, duration_s: 5 };

test("a stretch is kept as soon as it was dragged, and dropped with Escape", async () => {
  const server = aServer();
  const { keeping } = aViewer();
  keeping.keep(RANGE);
  await rest();
  assert.deepEqual([JSON.parse(server.draft), server.base, keeping.whole], [RANGE, "p", true]);
  keeping.keep(null);
  await rest();
  assert.equal(server.draft, "");
  keeping.keep(null);
  await rest();
  assert.deepEqual(server.asked.map((one) => one.split(" ")[0]), ["PUT", "DELETE"], "nothing is dropped twice");
});

test("while the server is out of reach the last stretch waits, and is kept once it answers", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const server = aServer();
  server.isAway = true;
  const viewer = aViewer();
  viewer.keeping.keep({ onset_s: 1, duration_s: 1 });
  await rest();
  viewer.keeping.keep(RANGE);
  await rest();
  assert.match(viewer.notes.join(), /in this window only/);
  assert.equal(viewer.notes.length, 1, "said once");
  mock.timers.tick(3100);
  await rest();
  assert.equal(viewer.keeping.whole, false);
  server.isAway = false;
  mock.timers.tick(3100);
  await rest();
  mock.timers.reset();
  assert.deepEqual(JSON.parse(server.draft), RANGE);
  assert.equal(viewer.keeping.whole, true);
});

test("what another window kept is replaced by what was dragged last", async () => {
  const server = aServer();
  Object.assign(server, { draft: "{}", digest: "of another window" });
  const { keeping } = aViewer();
  keeping.keep(RANGE);
  await rest();
  assert.deepEqual(JSON.parse(server.draft), RANGE);
});

test("after a reload the stretch is on screen again and Python is told", async () => {
  const server = aServer();
  Object.assign(server, { draft: JSON.stringify(RANGE), digest: "d" });
  const viewer = aViewer({ draft: { ...RANGE, digest: "d" } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await rest();
  assert.deepEqual(viewer.state.range, RANGE);
  assert.ok(Math.abs(viewer.start - (63 - 10 / 3)) < 1e-9);
  assert.equal(viewer.sent[0].name, "range");
  assert.equal(viewer.sent[0].onset_s, 63);
});

test("one that has become an event since is dropped, and nothing is kept of what is replayed or unlabelled", async () => {
  const server = aServer();
  Object.assign(server, { draft: JSON.stringify(RANGE), digest: "d" });
  const viewer = aViewer({ draft: { ...RANGE, digest: "d" }, events: [{ id: "r-1", own: true, ...RANGE }] });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await rest();
  assert.deepEqual([viewer.state.range, server.draft], [null, ""]);
  for (const said of [{ replay: 7 }, { heading: "Windows" }]) {
    const other = aServer();
    aViewer(said).keeping.keep(RANGE);
    await rest();
    assert.deepEqual(other.asked, []);
  }
});
