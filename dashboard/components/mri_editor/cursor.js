/** The brush under the pointer, the line of a cut, and how long a stroke takes to be on screen. */

/**
 * @param {import("./editor.js").Editor} editor
 * @param {CanvasRenderingContext2D} context @param {import("../mri_picture/pane.js").Scene} scene
 * @param {{sx: number, scale: number}} place
 */
export function drawCursor({ session, settings, pointer, stroke, viewer }, context, scene, place) {
  if (!session || !pointer || pointer.pane.scene !== scene || viewer.state.tool !== "edit") return;
  context.save();
  const path = new Path2D();
  if (settings.tool === "cut" && stroke) {
    path.moveTo(stroke.start.x, stroke.start.y);
    path.lineTo(pointer.x, pointer.y);
  } else if (settings.tool === "brush" || settings.tool === "erase") {
    path.arc(pointer.x, pointer.y, Math.max(2, (settings.size / 2) * place.scale), 0, 2 * Math.PI);
  }
  for (const [lineWidth, strokeStyle] of [[3, "rgba(0, 0, 0, 0.6)"], [1.2, settings.tool === "erase" ? "#ff8f80" : "#ffffff"]]) {
    Object.assign(context, { lineWidth, strokeStyle });
    if (settings.tool === "erase") context.setLineDash([4, 3]);
    context.stroke(path);
  }
  context.restore();
}

/**
 * Notes the milliseconds from a pointer's event to the frame that shows it, in `data-brush-ms` and as a measure of the page.
 * @param {HTMLElement} root @param {PointerEvent} event
 */
export function probe(root, event) {
  const { timeStamp } = event;
  requestAnimationFrame(() => {
    const end = performance.now();
    root.dataset.brushMs = (end - timeStamp).toFixed(1);
    performance.measure("overread-brush", { start: timeStamp, end });
  });
}
