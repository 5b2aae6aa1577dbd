/** Words of a layer on the picture itself, below those of the right upper corner. */

const FONT = '600 12px Inter, "Inter Variable", system-ui, sans-serif';
const [MARGIN, FIRST, LINE] = [10, 58, 16];

/** @param {CanvasRenderingContext2D} context @param {number} width Of the pane, CSS pixels. @param {string[]} lines */
export function writeAside(context, width, lines) {
  context.save();
  Object.assign(context, { font: FONT, textAlign: "right", textBaseline: "top", lineWidth: 3, lineJoin: "round" });
  context.strokeStyle = "rgba(0, 0, 0, 0.8)";
  context.fillStyle = "#6cb6ff";
  lines.forEach((line, row) => {
    context.strokeText(line, width - MARGIN, FIRST + row * LINE);
    context.fillText(line, width - MARGIN, FIRST + row * LINE);
  });
  context.restore();
}
