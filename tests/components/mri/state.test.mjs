import assert from "node:assert/strict";
import test from "node:test";
import { commandOf, isIdleRepeat, KEYS } from "../../../dashboard/components/mri_viewer/keys.js";
import { Reports } from "../../../dashboard/components/mri_viewer/reports.js";
import { ViewState } from "../../../dashboard/components/mri_picture/state.js";
import { isVerdictKey } from "../../../dashboard/components/shared/verdict_guard.js";

const LPS = [1, 0, 0, -10, 0, 1, 0, -12, 0, 0, 3, -9, 0, 0, 0, 1];
const FINE = [0.5, 0, 0, -10, 0, 0.5, 0, -12, 0, 0, 1, -9, 0, 0, 0, 1];
const series = (digest, said = {}) => ({
  digest, sequence: "t1c", label: "T1c", description: "", date: "", shape: [21, 25, 7], affine: LPS, through: 2,
  sides_known: true, frame: "f", ...said,
});
const REGION = { words: "", bit: 0, colour: "#ffffff", experimental: false, evaluated: true, visible: true };
const data = (...all) => ({ study: "S", convention: "radiological", series: all, current: all[0].digest });

test("a study opens in its acquisition plane, in the middle, as large as it fits", () => {
  const state = new ViewState(data(series("a")));
  assert.equal(state.primary, "axial");
  assert.deepEqual(state.voxel, [10, 12, 3]);
  assert.equal(state.views.size, 0);
  const sagittal = [0, 0, 3, -9, 1, 0, 0, -10, 0, -1, 0, 12, 0, 0, 0, 1];
  assert.equal(new ViewState(data(series("s", { affine: sagittal }))).primary, "sagittal");
});

test("scrolling steps along the plane's normal and stops at the ends", () => {
  const state = new ViewState(data(series("a")));
  state.scroll("axial", 2);
  assert.equal(state.voxel[2], 5);
  state.scroll("axial", 50);
  assert.equal(state.voxel[2], 6);
  state.scroll("sagittal", -1);
  assert.deepEqual(state.voxel, [9, 12, 6]);
});

test("another series of the same frame keeps the crosshair and the zoom, one of another frame does not", () => {
  const state = new ViewState(data(series("a"), series("b", { affine: FINE, shape: [41, 49, 19] }), series("c", { frame: "g" })));
  state.moveTo([4, 6, 1]);
  state.views.set("axial", { scale: 9, focus: [0, 0, 0] });
  state.showSeries("b");
  assert.deepEqual(state.cross, [-6, -6, -6]);
  assert.deepEqual(state.voxel, [8, 12, 3]);
  assert.equal(state.views.get("axial").scale, 9);
  state.showSeries("c");
  assert.deepEqual(state.voxel, [10, 12, 3]);
  assert.equal(state.views.size, 0);
  assert.deepEqual(state.linked.map(({ digest }) => digest), ["c"]);
});

test("the series before contrast is the T1 of the same frame, never the one on screen", () => {
  const state = new ViewState(data(series("a"), series("t", { sequence: "t1" }), series("x", { sequence: "t1", frame: "g" })));
  assert.equal(state.beforeContrast.digest, "t");
  state.showSeries("t");
  assert.equal(state.beforeContrast, undefined);
});

test("a recorded view comes back as it was: series, plane, slice, window, zoom and its place, overlay, regions", () => {
  const study = () => {
    const state = new ViewState(data(series("a"), series("b", { affine: FINE, shape: [41, 49, 19] })));
    state.showPrediction({ digest: "p", grid: "a", regions: ["w", "c", "e"].map((name) => ({ ...REGION, name })) });
    return state;
  };
  const seen = study();
  seen.showSeries("b");
  seen.moveTo([3, 40, 17]);
  seen.primary = "coronal";
  seen.layout = "one";
  seen.windows.set("b", { centre: 321.5, width: 77 });
  seen.views.set("coronal", { scale: 4.25, focus: [1, 2, 3] });
  seen.style = "fill";
  seen.opacity.fill = 0.7;
  seen.visible.set("c", false);
  const row = JSON.parse(JSON.stringify(seen.record()));
  assert.ok(JSON.stringify(row).length < 1200);
  const again = study();
  again.restore(row);
  assert.deepEqual(again.record(), row);
  assert.deepEqual(again.voxel, [3, 40, 17]);
  const older = study();
  delete row.focus_lps;
  older.restore(row);
  assert.deepEqual(older.views.get("coronal").focus, older.cross);
});

test("a view that does not fit the study, or is none, changes nothing that it can't say", () => {
  const state = new ViewState(data(series("a")));
  const before = state.record();
  state.restore({ series: "gone", layout: "cinema", plane: 4, crosshair_lps: [1, "x", 3], window: [null, 2], zoom: "fit", opacity: "all", regions: 7 });
  assert.deepEqual(state.record(), before);
  state.restore({});
  assert.deepEqual(state.record(), before);
});

test("experimental regions and regions that were not evaluated start hidden; a new prediction starts anew", () => {
  const state = new ViewState(data(series("a")));
  const regions = [{ ...REGION, name: "w" }, { ...REGION, name: "e", experimental: true }, { ...REGION, name: "n", evaluated: false }];
  state.showPrediction({ digest: "p", grid: "a", regions });
  assert.deepEqual([...state.visible], [["w", true], ["e", false], ["n", false]]);
  state.visible.set("w", false);
  state.showPrediction({ digest: "p", grid: "a", regions });
  assert.equal(state.visible.get("w"), false);
  state.showPrediction({ digest: "q", grid: "a", regions });
  assert.equal(state.visible.get("w"), true);
  state.showPrediction(null);
  assert.equal(state.visible.size, 0);
});

test("layout, style and opacity outlive a study; windows and crosshair do not", () => {
  const first = new ViewState(data(series("a")));
  Object.assign(first, { layout: "one", style: "fill" });
  first.resetWindow("a", [5, 10]);
  const next = new ViewState({ ...data(series("a")), study: "T" }, first);
  assert.deepEqual([next.layout, next.style, next.windows.size], ["one", "fill", 0]);
});

test("the recorded view is small and says what was on screen", () => {
  const state = new ViewState(data(series("a")));
  state.resetWindow("a", [100.12345, 200]);
  assert.deepEqual(state.record(), {
    series: "a", layout: "planes", plane: "axial", slice: 3, window: [100.123, 200], zoom: "fit",
    crosshair_lps: [0, 0, 0], overlay: "outline", opacity: 1, line: 2, regions: [],
  });
  assert.ok(JSON.stringify(state.record()).length < 500);
});

test("no key of the viewer is a verdict key, or one of Streamlit's", () => {
  for (const key of [..."abcdefghijklmnopqrstuvwxyz0123456789", "Enter"]) {
    if (commandOf({ key })) assert.ok(!isVerdictKey({ key }) && !["c", "r"].includes(key), key);
  }
  assert.equal(commandOf({ key: "f", ctrlKey: true }), null);
  assert.ok(KEYS.length > 10);
});

test("scrolling repeats while a key is down, switches do not", () => {
  assert.ok(!isIdleRepeat(commandOf({ key: "ArrowDown" }), true));
  assert.ok(isIdleRepeat(commandOf({ key: "o" }), true));
  assert.ok(isIdleRepeat(commandOf({ key: "f" }), true));
});

test("a report names what was drawn, once, and says nothing before the first picture", () => {
  const sent = [];
  const reports = new Reports((report) => sent.push(report), () => ({ study: "S" }));
  reports.flush();
  assert.deepEqual(sent, []);
  const one = series("a", { shape: [21, 25, 3] });
  assert.ok(reports.drewSlice(one, 1));
  assert.ok(!reports.drewSlice(one, 1));
  reports.showed("2");
  reports.flush();
  reports.flush();
  assert.deepEqual(sent, [{ study: "S", drawn: ["a"], displayed: { a: 0.333 }, shown: ["2"] }]);
  reports.begin();
  assert.equal(reports.share("a"), 0);
});

test("going to and fro between series of different grids moves the crosshair by nothing", () => {
  const shifted = [0.7, 0, 0, -9.87, 0, 0.7, 0, -11.9, 0, 0, 2.2, -9.1, 0, 0, 0, 1];
  const state = new ViewState(data(series("a"), series("b", { affine: shifted, shape: [30, 35, 10] })));
  state.moveTo([4, 6, 1]);
  const before = [...state.cross];
  for (const digest of ["b", "a", "b", "a", "b"]) state.showSeries(digest);
  assert.deepEqual(state.cross, before);
  assert.deepEqual(state.voxel, [6, 8, 1], "it is drawn on the nearest voxel");
  state.scroll("axial", 2);
  for (const axis of [0, 1]) assert.ok(Math.abs(state.cross[axis] - before[axis]) < 1e-9, "scrolling leaves it within the slice");
  assert.equal(state.voxel[2], 3);
  state.showSeries("a");
  assert.deepEqual(state.voxel.slice(0, 2), [4, 6]);
});
