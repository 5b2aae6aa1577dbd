import assert from "node:assert/strict";
import test from "node:test";
import { Loader, MaskHolder, unboxed } from "../../../dashboard/components/mri_picture/loader.js";
import { VolumeCache } from "../../../dashboard/components/mri_picture/volumes.js";

/** A server of volumes of 2 x 2 x n voxels and masks of 8: answers when told to. */
class Server {
  constructor() {
    this.asked = [];
    this.waiting = [];
    this.holds = false;
    this.status = 200;
    globalThis.fetch = (path, { headers, signal }) => {
      this.asked.push({ path, token: headers["X-Overread-Token"] });
      return new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        const answer = () => resolve(new Response(this.status === 200 ? body(path) : "{}", { status: this.status }));
        if (this.holds) this.waiting.push(answer);
        else answer();
      });
    };
  }
}

function body(path) {
  if (path.startsWith("/api/mask")) return boxed([[0, 2], [0, 2], [0, 2]], new Uint8Array(path.endsWith("/lesions") ? 16 : 8));
  const span = /(\d+)-(\d+)$/.exec(path);
  return span ? new Int16Array(4 * (span[2] - span[1] + 1)) : JSON.stringify({ slope: 1, intercept: 0, window: [1, 2] });
}

/** A frame as the routes make it, of an array of 2 x 2 x 2. */
function boxed(box, bytes) {
  let text = JSON.stringify({ box, shape: [2, 2, 2] });
  text += " ".repeat((4 - (text.length % 4)) % 4);
  const frame = new Uint8Array(4 + text.length + bytes.length);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(new TextEncoder().encode(text), 4);
  frame.set(bytes, 4 + text.length);
  return frame;
}

const wanted = (digest, token = "t") => ({ series: { digest, shape: [2, 2, 6], through: 2 }, token, focus: () => 3 });
const rest = () => new Promise((resolve) => setTimeout(resolve, 5));

test("what is first is asked for first, with its token; the next study's images come last", async () => {
  const server = new Server();
  const arrived = [];
  const loader = new Loader((volume) => arrived.push(volume.digest), assert.fail, new VolumeCache());
  loader.want([wanted("a"), wanted("b"), wanted("next", "other")], new Set(["a", "b"]));
  await rest();
  assert.deepEqual(arrived, ["a", "b", "next"]);
  assert.deepEqual(server.asked.map(({ token }) => token), ["t", "t", "t", "t", "other", "other"]);
  assert.ok(!server.asked.some(({ path }) => path.includes("mask")));
});

test("what is no longer wanted is aborted, never arrives, and can be asked for again", async () => {
  const server = new Server();
  server.holds = true;
  const arrived = [];
  const loader = new Loader((volume) => arrived.push(volume.digest), assert.fail, new VolumeCache());
  loader.want([wanted("old")], new Set(["old"]));
  loader.want([wanted("new")], new Set(["new"]));
  await rest();
  server.holds = false;
  for (const answer of server.waiting) answer();
  await rest();
  assert.deepEqual(arrived, ["new"]);
  loader.want([wanted("old")], new Set(["old"]));
  await rest();
  assert.deepEqual(arrived, ["new", "old"]);
});

test("a refused volume is named and does not stop the others", async () => {
  const server = new Server();
  server.status = 403;
  const failed = [];
  const loader = new Loader(() => {}, (digest, error) => failed.push([digest, error.status]), new VolumeCache());
  loader.want([wanted("a"), wanted("b")], new Set(["a", "b"]));
  await rest();
  assert.deepEqual(failed, [["a", 403], ["b", 403]]);
});

test("a mask that comes late for another prediction is dropped", async () => {
  const server = new Server();
  server.holds = true;
  let arrived = 0;
  const holder = new MaskHolder(() => (arrived += 1), assert.fail);
  holder.show("p", "t", 8);
  holder.show("q", "t", 8);
  await rest();
  for (const answer of server.waiting) answer();
  await rest();
  assert.equal(arrived, 1);
  assert.equal(holder.mask.digest, "q");
  holder.show("", "t", 0);
  assert.equal(holder.mask, null);
});

test("a mask of another size is refused", async () => {
  new Server();
  const errors = [];
  const holder = new MaskHolder(assert.fail, (error) => errors.push(error.code));
  holder.show("p", "t", 9);
  await rest();
  assert.deepEqual(errors, ["bad_mask"]);
});

const WHOLE = [[0, 2], [0, 2], [0, 2]];

test("numbers of findings have two bytes: the 300th is not the 44th", async () => {
  const numbers = [0, 1, 44, 255, 256, 257, 300, 65535];
  globalThis.fetch = (path) => Promise.resolve(new Response(path.endsWith("/lesions")
    ? boxed(WHOLE, Uint8Array.from(numbers.flatMap((n) => [n & 255, n >> 8]))) : boxed(WHOLE, new Uint8Array(8))));
  const held = new MaskHolder(() => {}, assert.fail);
  held.show("m", "t", 8);
  await rest();
  assert.deepEqual([...held.mask.lesions], numbers);
});

test("a box lies where it says, and is 0 around it", () => {
  const bytes = boxed([[1, 2], [0, 2], [1, 2]], Uint8Array.of(7, 9)).buffer;
  assert.deepEqual([...unboxed(bytes, Uint8Array, 8)], [0, 0, 0, 0, 0, 7, 0, 9]);
  const words = boxed([[1, 2], [0, 2], [1, 2]], Uint8Array.of(44, 1, 9, 0)).buffer;
  assert.deepEqual([...unboxed(words, Uint16Array, 8)], [0, 0, 0, 0, 0, 300, 0, 9]);
  assert.deepEqual([...unboxed(boxed([[0, 0], [0, 0], [0, 0]], new Uint8Array(0)).buffer, Uint8Array, 8)], Array(8).fill(0));
});

test("a box that its numbers do not fill, that leaves the array or is of another one, is refused", () => {
  for (const [box, count, voxels] of [[[[0, 2], [0, 2], [0, 2]], 7, 8], [[[1, 3], [0, 1], [0, 1]], 2, 8], [[[0, 1], [0, 1], [0, 1]], 1, 9]]) {
    assert.throws(() => unboxed(boxed(box, new Uint8Array(count)).buffer, Uint8Array, voxels), RangeError);
  }
});

test("a map without a frame, as an older server sends it, is refused and not shown", async () => {
  globalThis.fetch = () => Promise.resolve(new Response(new Uint8Array(8)));
  const told = [];
  const held = new MaskHolder(assert.fail, (error) => told.push(error.code));
  held.show("m", "t", 8);
  await rest();
  assert.deepEqual([told, held.mask], [["bad_mask"], null]);
});
