/** What to load, the most urgent first: on screen, before contrast, the rest of the study, a prior's images, the next study's. */

/**
 * @param {import("../mri_picture/state.js").Data} data
 * @param {import("../mri_picture/state.js").ViewState} state
 * @param {import("../mri_picture/loader.js").Wanted[]} [prior] Of a study of before; while it is looked at, right behind what stands beside it.
 * @returns {{wanted: import("../mri_picture/loader.js").Wanted[], keep: Set<string>}} `keep`: what the cache must not give up.
 */
export function wantedOf(data, state, prior = []) {
  const focus = (series) => () => {
    if (series.frame !== state.shown.frame) return series.shape[series.through] >> 1;
    const { affine, shape, through } = series;
    const at = series === state.shown ? state.voxel[through] : sliceAt(state.cross, affine, through);
    return Math.min(shape[through] - 1, Math.max(0, Math.round(at)));
  };
  const first = state.layout === "series" ? state.linked : [state.shown, state.beforeContrast].filter(Boolean);
  const own = [...new Set([...first, ...state.series.values()])].filter(Boolean);
  const wanted = own.map((series) => ({ series, token: data.token, focus: focus(series) }));
  const isBeside = state.layout === "prior";
  wanted.splice(isBeside ? 1 : wanted.length, 0, ...prior);
  for (const series of data.next?.series ?? []) {
    wanted.push({ series, token: data.next.token, focus: () => series.shape[series.through] >> 1 });
  }
  const kept = isBeside ? [...first, ...prior.map(({ series }) => series)] : own;
  return { wanted, keep: new Set(kept.map(({ digest }) => digest)) };
}

/** Place of a point along an axis of an array, by projection on its step. */
function sliceAt(lps, affine, axis) {
  const step = [affine[axis], affine[4 + axis], affine[8 + axis]];
  const from = lps.map((value, row) => value - affine[4 * row + 3]);
  return step.reduce((sum, mm, row) => sum + mm * from[row], 0) / step.reduce((sum, mm) => sum + mm * mm, 0);
}
