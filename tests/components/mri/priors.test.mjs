import assert from "node:assert/strict";
import test from "node:test";
import { toggleStep } from "../../../dashboard/components/mri_viewer/in_step.js";
import { bandHeight } from "../../../dashboard/components/mri_picture/date_band.js";
import { firstLink, LINK_WORDS, PriorState, sameSeries } from "../../../dashboard/components/mri_priors/priors_state.js";
import { ViewState } from "../../../dashboard/components/mri_picture/state.js";
import { wantedOf } from "../../../dashboard/components/mri_viewer/wanted.js";

const LPS = [1, 0, 0, -10, 0, 1, 0, -12, 0, 0, 3, -9, 0, 0, 0, 1];
const MOVED = [1, 0, 0, -4, 0, 1, 0, -21, 0, 0, 1, 3, 0, 0, 0, 1];
const series = (digest, said = {}) => ({
  digest, sequence: "t1c", label: "T1c", description: "", date: "", shape: [21, 25, 7], affine: LPS, through: 2,
  sides_known: true, frame: "f", ...said,
});
const study = (...all) => ({ study: "S", convention: "radiological", series: all, current: all[0].digest });
const priorOf = (...all) => ({ study: "P", token: "t", pseudonym: "P", synthetic: false, date: "", words: "", prediction: null, without_outline: "", series: all });

function pair(link, prior = priorOf(series("b", { affine: MOVED, shape: [21, 25, 19], frame: "g" }))) {
  const main = new ViewState(study(series("a")));
  const state = new PriorState(prior, main, () => link, () => ({ scale: 4, focus: main.cross }));
  state.put(prior.series[0]);
  return { main, state };
}

test("series of one frame of reference lie where they lie; of two, the middles are put together and that is not called linked", () => {
  assert.deepEqual(firstLink(series("a"), series("b")), { by: "frame", offset: [0, 0, 0] });
  const apart = firstLink(series("a"), series("b", { affine: MOVED, shape: [21, 25, 19], frame: "g" }));
  assert.deepEqual(apart, { by: "middles", offset: [6, -9, 12] });
  assert.match(LINK_WORDS.middles, /NOT PAIRED/);
  assert.equal(firstLink(series("a", { frame: "" }), series("b", { frame: "" })).by, "middles", "no frame is no common frame");
});

test("the prior follows crosshair, plane and magnification, and moves the current study when it is moved itself", () => {
  const { main, state } = pair({ by: "reader", offset: [6, -9, 12] });
  assert.deepEqual(state.cross, [6, -9, 12]);
  main.scroll("axial", 1);
  assert.deepEqual(state.cross, [6, -9, 15]);
  assert.equal(state.voxel[2], 12);
  state.scroll("axial", -1);
  assert.deepEqual(main.cross, [0, 0, 0]);
  state.moveTo([3, 4, 9]);
  assert.deepEqual(main.cross, [-7, -8, 0]);
  main.primary = "coronal";
  assert.equal(state.primary, "coronal");
  assert.deepEqual(state.views.get("axial"), { scale: 4, focus: [-1, -17, 12] });
  state.views.set("axial", { scale: 8, focus: [6, -9, 12] });
  assert.deepEqual(main.views.get("axial"), { scale: 8, focus: [0, 0, 0] });
});

test("while a place is being paired only the link moves, in the plane and through it", () => {
  const link = { by: "middles", offset: [6, -9, 12] };
  const { main, state } = pair(link);
  state.adjusting = true;
  state.scroll("axial", 3);
  assert.deepEqual(link.offset, [6, -9, 15]);
  state.moveTo([12, 14, 12]);
  assert.deepEqual(link.offset, [8, -7, 15]);
  state.views.set("axial", { scale: 4, focus: [9, -6, 99] });
  assert.deepEqual(link.offset, [9, -6, 15], "a drag moves nothing through the plane");
  assert.deepEqual(main.cross, [0, 0, 0]);
});

test("only the same sequence stands beside a series; one without a name needs the same description", () => {
  const all = [series("b", { sequence: "flair" }), series("c"), series("d", { sequence: "other", description: "scout" })];
  assert.equal(sameSeries(series("a"), all).digest, "c");
  assert.equal(sameSeries(series("a", { sequence: "t2" }), all), undefined);
  assert.equal(sameSeries(series("a", { sequence: "other", description: "map" }), all), undefined);
  assert.equal(sameSeries(series("a", { sequence: "other", description: "scout" }), all).digest, "d");
});

test("a prior's images come behind the study's own, and before the next study's", () => {
  const state = new ViewState(study(series("a"), series("b", { sequence: "t1" })));
  const prior = [{ series: series("p"), token: "p", focus: () => 0 }];
  const data = { token: "s", next: { token: "n", series: [series("n")] } };
  const order = () => wantedOf(data, state, prior).wanted.map((one) => one.series.digest);
  assert.deepEqual(order(), ["a", "b", "p", "n"]);
  assert.ok(!wantedOf(data, state, prior).keep.has("p"));
  state.layout = "prior";
  assert.deepEqual(order(), ["a", "p", "b", "n"]);
  assert.ok(wantedOf(data, state, prior).keep.has("p"));
});

test("two to four series stand in step, and the reader says which", () => {
  const state = new ViewState(study(...["a", "b", "c", "d", "e"].map((name) => series(name))));
  const inStep = () => state.linked.map(({ digest }) => digest).join("");
  assert.equal(inStep(), "abcd");
  assert.match(toggleStep(state, "e"), /Four at most/);
  assert.equal(toggleStep(state, "b"), "");
  assert.equal(inStep(), "acde", "the fifth steps in");
  toggleStep(state, "c");
  toggleStep(state, "d");
  assert.equal(inStep(), "ae");
  assert.match(toggleStep(state, "e"), /Two at least/);
  assert.match(toggleStep(state, "a"), /stepped through/);
  toggleStep(state, "c");
  assert.equal(inStep(), "ace");
});

test("the band is as high as its lines, and nothing without one", () => {
  assert.equal(bandHeight(null), 0);
  assert.ok(bandHeight({ title: "", lines: ["", ""], prior: true }) > bandHeight({ title: "", lines: [], prior: true }));
});
