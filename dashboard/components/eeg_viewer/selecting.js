/** Which event is selected: the page jumps at once, Python follows. */

import { setRange } from "./ranges.js";
import { eventBeside, startForEnd, startForOnset } from "../eeg_paper/state.js";

/** @typedef {import("./viewer.js").Viewer} Viewer */

/** @param {Viewer} viewer */
const selectedOf = ({ data, selection }) => data.events.find(({ id }) => id === selection.id);

/** The reader selects an event: the page jumps at once, Python follows. @param {Viewer} viewer @param {string} id */
export function select(viewer, id) {
  if (id === viewer.selection.id) return followSelection(viewer);
  viewer.guard.forget();
  const n = viewer.selection.choose(id);
  if (viewer.state.range?.event) setRange(viewer, null);
  followSelection(viewer);
  viewer.paint();
  viewer.reports.flush(); // In the same run as the selection: a verdict needs its event to have been shown.
  viewer.send("selected", { study: viewer.data.study, prediction: viewer.prediction, event: id, n });
}

/** Goes where the selection is. @param {Viewer} viewer */
export function followSelection(viewer) {
  jump(viewer);
  for (const feature of viewer.features) feature.selected?.();
  viewer.overview.forget();
  viewer.announce();
  viewer.draw();
}

/** Opens the selected event with its onset one third into the page. @param {Viewer} viewer */
export function jump(viewer) {
  const event = selectedOf(viewer);
  if (event) viewer.state.start = startForOnset(event, viewer.state.pageS);
}

/** The next or the previous event. @param {Viewer} viewer @param {number} by */
export function step(viewer, by) {
  const event = eventBeside(viewer.data.events, viewer.selection.id, by);
  if (event) select(viewer, event.id);
}

/** @param {Viewer} viewer @param {"onset"|"end"} edge Of the selected event. */
export function goToEdge(viewer, edge) {
  const event = selectedOf(viewer);
  const { pageS } = viewer.state;
  if (event) viewer.move(edge === "onset" ? startForOnset(event, pageS) : startForEnd(event, pageS));
}
