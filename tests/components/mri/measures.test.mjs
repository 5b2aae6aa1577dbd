import assert from "node:assert/strict";
import test from "node:test";
import { distance, dot, dragged, drawnPoints, handlesOf, minus, valuesOf, wordsOf } from "../../../dashboard/components/mri_measures/measures.js";
import { insideOf } from "../../../dashboard/components/mri_measures/measures_inside.js";
import { allUnpacked, jsonLength, packed, recorded, unpacked } from "../../../dashboard/components/mri_measures/measures_kept.js";
import { ViewState } from "../../../dashboard/components/mri_picture/state.js";
import { Volume } from "../../../dashboard/components/mri_picture/volumes.js";

const AXIAL = { normal: [0, 0, 1], across: [1, 0, 0] };
/** A plane that leans: rows along x, columns between y and z. */
const OBLIQUE = { normal: [0, -Math.SQRT1_2, Math.SQRT1_2], across: [1, 0, 0] };
const made = (kind, from, to, view = AXIAL) => ({ kind, plane: "axial", frame: "f", points: drawnPoints(kind, from, to, view) });
const near = (one, other, what) => assert.ok(Math.abs(one - other) < 1e-9, `${what ?? ""} ${one} is not ${other}`);
const isRight = ([a, b, c, d]) => near(dot(minus(b, a), minus(d ?? c, d ? c : a)), 0, "no right angle:");

test("lengths are patient millimetres, whatever the grid", () => {
  near(valuesOf(made("ruler", [0, 0, 5], [30, 40, 5])).longest, 50);
  assert.deepEqual(wordsOf(made("ruler", [0, 0, 0], [3, 4, 12])), ["13.0 mm"]);
});

test("the second diameter stays at right angles wherever a handle is dragged, in an oblique plane too", () => {
  for (const view of [AXIAL, OBLIQUE]) {
    const [from, to] = [[0, 0, 0], view === AXIAL ? [20, 10, 0] : [20, 10, 10]];
    const measure = made("two", from, to, view);
    isRight(measure.points);
    near(valuesOf(measure).shortest, valuesOf(measure).longest / 2);
    const places = view === AXIAL ? [[-4, 3, 0], [25, -6, 0], [3, 14, 0], [9, -7, 0]] : [[-4, 3, 3], [25, -6, -6], [3, 14, 14], [9, -7, -7]];
    places.forEach((place, handle) => {
      const points = dragged(measure, handle, place, view.normal);
      isRight(points);
      if (handle < 2) assert.deepEqual(points[handle], place);
      assert.equal(points[handle < 2 ? 1 - handle : 0], measure.points[handle < 2 ? 1 - handle : 0], "the other end stays");
    });
  }
});

test("a dragged end of the second diameter goes where the pointer is and takes the other along", () => {
  const measure = made("two", [0, 0, 0], [20, 0, 0]);
  const points = dragged(measure, 2, [5, 9, 0], AXIAL.normal);
  assert.deepEqual(points[2], [5, 9, 0]);
  assert.deepEqual(points[3], [5, -5, 0]);
  near(distance(points[2], points[3]), 14);
  const beyond = dragged(measure, 3, [90, -3, 0], AXIAL.normal);
  assert.deepEqual(beyond[3], [20, -3, 0], "it never leaves the first diameter");
});

test("the longer of two diameters is named first", () => {
  const measure = made("two", [0, 0, 0], [10, 0, 0]);
  measure.points = dragged(measure, 2, [5, 20, 0], AXIAL.normal);
  assert.deepEqual(wordsOf(measure), ["22.5 × 10.0 mm"]);
});

test("an ellipse has its area and axes, turns by its handles and keeps its other axis", () => {
  const measure = made("ellipse", [0, 0, 0], [20, 10, 0]);
  near(valuesOf(measure).area, Math.PI * 50);
  assert.deepEqual(wordsOf(measure, { mean: 412.4, sd: 3.217, count: 9 }), ["1.57 cm²", "20.0 × 10.0 mm", "mean 412, SD 3.22"]);
  assert.equal(wordsOf(made("ellipse", [0, 0, 0], [8, 4, 0]))[0], "25 mm²");
  const turned = dragged(measure, 0, [10, 25, 0], AXIAL.normal);
  isRight(turned);
  near(distance(turned[1], turned[0]), 20);
  near(distance(turned[2], turned[0]), 5);
  const opposite = dragged(measure, 2, [-2, 5, 0], AXIAL.normal);
  near(opposite[1][0], 22, "its other end is mirrored about the middle:");
  assert.equal(handlesOf(measure).length, 4);
});

test("an angle begins at 60 degrees and follows its ends", () => {
  const measure = made("angle", [10, 0, 0], [0, 0, 0]);
  near(valuesOf(measure).degrees, 60);
  measure.points = dragged(measure, 2, [0, 7, 0], AXIAL.normal);
  assert.deepEqual(wordsOf(measure), ["90°"]);
});

test("what is kept comes back, and what is none does not", () => {
  const all = [made("ruler", [0.123, -4.567, 8], [30, 40, 8]), { ...made("two", [0, 0, 0], [1.5, 2, 0]), frame: "other" },
    { ...made("porus", [1, 2, 3], [4, 5, 3]), finding: "0123456789ab.2" }];
  const back = allUnpacked(JSON.parse(JSON.stringify(all.map((one) => packed(one, "f")))), "f");
  assert.deepEqual(back.map(({ kind, plane, frame, finding }) => [kind, plane, frame, finding]),
    all.map(({ kind, plane, frame, finding }) => [kind, plane, frame, finding]));
  for (const [at, { points }] of back.entries()) {
    for (const [n, point] of points.entries()) assert.ok(distance(point, all[at].points[n]) < 0.01);
  }
  const good = packed(all[0], "f");
  for (const bad of [null, "ruler", [], ["toString", ...good.slice(1)], ["ruler", "tilted", ...good.slice(2)], good.slice(0, 6),
    good.with(3, "1"), good.with(3, null), { 0: "ruler" }]) {
    assert.equal(unpacked(bad, "f"), null, JSON.stringify(bad));
  }
});

test("a view keeps as many as fit, the newest, and says how many it leaves out", () => {
  const all = Array.from({ length: 40 }, (_, n) => made("two", [n, -100.25, 12.5], [n + 20.77, 30.01, 12.5]));
  assert.deepEqual(recorded([], "f", 1000), {});
  assert.equal(recorded(all.slice(0, 3), "f", 1000).measures.length, 3);
  for (const room of [40, 120, 700, 1400]) {
    const kept = recorded(all, "f", room);
    const count = kept.measures?.length ?? 0;
    assert.equal(count + kept.measures_left_out, 40);
    assert.ok(jsonLength(kept) <= room, `${jsonLength(kept)} in ${room}`);
    if (count) assert.equal(kept.measures.at(-1)[2], 39);
    assert.ok(room < 200 || count > room / 140, `${count} in ${room}`);
  }
});

const AFFINE = [2, 0, 0, -20, 0, 1, 0, -20, 0, 0, 3, -9, 0, 0, 0, 1];
const SHAPE = [21, 41, 7];
const seriesOf = (digest, affine, shape) => ({ digest, sequence: "t1c", label: "T1c", description: "", date: "", shape, affine, through: 2, sides_known: true, frame: "f" });

test("mean and deviation inside an ellipse are the series' own values of the pixels in it", () => {
  const series = seriesOf("a", AFFINE, SHAPE);
  const state = new ViewState({ study: "S", convention: "radiological", series: [series], current: "a" });
  const volume = new Volume(series);
  volume.scale = { slope: 2, intercept: 100, window: [0, 1] };
  const values = [];
  for (let k = 0, at = 0; k < 7; k++) {
    for (let j = 0; j < 41; j++) {
      for (let i = 0; i < 21; i++, at++) {
        volume.data[at] = i + 2 * j + 50 * k;
        if (k === 3 && ((2 * i - 20 - 4) / 9) ** 2 + ((j - 20 + 3) / 5) ** 2 <= 1) values.push(100 + 2 * volume.data[at]);
      }
    }
  }
  const scene = { state, source: series, volume };
  const ellipse = { kind: "ellipse", plane: "axial", frame: "f", points: [[4, -3, 0], [13, -3, 0], [4, 2, 0]] };
  assert.equal(insideOf(ellipse, scene, state.plane("axial"), 3), null, "nothing has arrived");
  volume.state.fill(2);
  volume.here = 7;
  const { mean, sd, count } = insideOf(ellipse, scene, state.plane("axial"), 3);
  const expected = values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.equal(count, values.length);
  assert.ok(count > 50);
  near(mean, expected);
  near(sd, Math.sqrt(values.reduce((sum, value) => sum + (value - expected) ** 2, 0) / (values.length - 1)));
});
