/** What each pane is to show now, from the state, the data and what has been loaded: nothing is remembered here. */

import { apply } from "../mri_picture/geometry.js";

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @param {import("../mri_picture/volumes.js").VolumeCache} images
 * @returns {import("../mri_picture/pane.js").Scene[]} One for each pane on screen.
 */
export function scenesOf({ state, data, masks, selection, errors, features, priors }, images) {
  const shown = state.shown;
  const { mask } = masks;
  const grid = mask ? state.series.get(data.prediction?.grid ?? "") : undefined;
  const chosen = data.findings.find(({ id }) => id === selection.id);
  const replaced = features.map((feature) => feature.overlay?.()).find((one) => one !== undefined);
  const overlay = replaced !== undefined ? replaced : mask && grid && shown && mask.digest === state.prediction && grid.frame === shown.frame
    ? { mask, grid, regions: data.prediction.regions.filter(({ name }) => state.visible.get(name)), component: chosen?.component ?? 0 }
    : null;
  const points = shown ? data.own.filter(({ centre_lps }) => centre_lps).map(({ centre_lps, number, id }) =>
    ({ index: apply(state.toVoxel, centre_lps), number, chosen: id === selection.id })) : [];
  const views = !shown || state.layout === "one" || state.layout === "prior" ? [[state.primary, shown]]
    : state.layout === "planes" ? [state.primary, ...state.secondary].map((plane) => [plane, shown])
      : state.linked.map((series) => [state.primary, series]);
  const beside = shown && priors.on ? [priors.scene(images, (source) => messageOf(source, errors, images))] : [];
  const band = beside.length ? { prior: false, title: `CURRENT · ${data.pseudonym}`, lines: [shown.date, ""] } : null;
  const own = views.map(([plane, series], at) => {
    const held = state.before && Boolean(state.beforeContrast) && (at === 0 || state.layout === "planes");
    const source = held ? state.beforeContrast : series;
    return {
      state, plane, source, volume: source && images.get(source.digest), overlay, points, held, features,
      large: at === 0 || state.layout === "series", band, prior: false,
      pseudonym: data.pseudonym, synthetic: data.synthetic, message: data.assigning ? "Assigning the series" : messageOf(source, errors, images),
    };
  });
  return [...own, ...beside];
}

/** What stands in a pane instead of a picture; '' where there is one, or will be. */
function messageOf(source, errors, images) {
  if (!source) return "This study holds no picture.";
  const error = errors.get(source.digest);
  return error && !images.volumes.get(source.digest)?.here ? [error.what, error.why, error.whatToDo].join("\n") : "";
}
