/** Which finding is selected, and the clicks that mark a new one: the picture follows at once, Python after. */

import { drawFindings } from "./findings.js";
import { apply } from "../mri_picture/geometry.js";

/** @typedef {import("./viewer.js").Viewer} Viewer */

/** The reader selects a finding: the picture jumps at once, Python follows. @param {Viewer} viewer @param {string} id */
export function select(viewer, id) {
  if (id === viewer.selection.id) return followSelection(viewer);
  viewer.guard.forget();
  const n = viewer.selection.choose(id);
  followSelection(viewer);
  viewer.paint();
  viewer.reports.flush(); // In the same run as the selection: a verdict needs its finding to have been shown.
  viewer.send("selected", { study: viewer.data.study, prediction: viewer.state.prediction, finding: id, n });
}

/** Goes where the selection is. @param {Viewer} viewer */
export function followSelection(viewer) {
  jump(viewer);
  drawFindings(viewer.findings, viewer.data, viewer.selection.id, (id) => select(viewer, id));
  for (const feature of viewer.features) feature.selected?.();
  viewer.draw();
  viewer.reports.later();
}

/** Puts the crosshair on the selected finding. @param {Viewer} viewer */
export function jump({ data, state, selection }) {
  const finding = [...data.findings, ...data.own].find(({ id }) => id === selection.id);
  if (!finding?.centre_lps || !state.shown) return;
  const grid = state.series.get(data.prediction?.grid ?? "");
  if (grid && grid.frame !== state.shown.frame) state.showSeries(grid.digest);
  state.cross = finding.centre_lps;
  for (const view of state.views.values()) view.focus = state.cross;
}

/** The next or the previous finding; at the ends it stays. @param {Viewer} viewer @param {number} by */
export function step(viewer, by) {
  const { data, selection } = viewer;
  const all = [...(data.blind ? [] : data.findings), ...data.own].map(({ id }) => id);
  const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(selection.id) + by))];
  if (next !== undefined) select(viewer, next);
}

/**
 * A click that marks a lesion, in a blind read or where one is to be added.
 * @param {Viewer} viewer @param {import("../mri_picture/geometry.js").Point} voxel
 */
export function point(viewer, voxel) {
  const { data, state } = viewer;
  if ((!data.blind && !data.adding) || data.replay || !viewer.drawn) return;
  viewer.guard.forget();
  const n = viewer.selection.point();
  viewer.reports.flush();
  const lps = apply(state.shown.affine, voxel).map((mm) => Math.round(mm * 1000) / 1000);
  viewer.send("point", { study: data.study, series: state.current, voxel, lps, n });
}
