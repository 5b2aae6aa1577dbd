/** Notes what was really drawn of the study under review: which slices, and which findings with their overlay. A verdict needs it. */

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @param {import("../mri_picture/pane.js").Pane} pane
 * @param {import("../mri_picture/pane.js").Drawn} drawn
 * @returns {boolean} Whether anything of it is new.
 */
export function keepRecord(viewer, pane, { picture, overlay: marked, acquired }) {
  const { source, overlay } = pane.scene;
  const { reports } = viewer;
  if (!picture || pane.scene.prior) return false;
  let isNew = acquired >= 0 && reports.drewSlice(source, acquired);
  if (!viewer.drawn && (marked || !viewer.masks.digest)) {
    viewer.pictureOf = viewer.pictureWanted;
    isNew = true;
  }
  if (!marked || !overlay.regions.length) return isNew;
  for (const { id, centre_lps } of viewer.data.findings) {
    if (!centre_lps) continue;
    const { x, y, away } = pane.placeOf(centre_lps);
    if (Math.abs(away) > 0.5 || x < 0 || y < 0 || x > pane.canvas.clientWidth || y > pane.canvas.clientHeight) continue;
    isNew = reports.showed(id) || isNew;
  }
  return isNew;
}
