/** The band above a pane that says which study it shows, in words and in a colour that nothing else has. */

const FONT = 'Inter, "Inter Variable", system-ui, sans-serif';
const LINE = 18;
const PAD = 5;
const RIM = 3;

/** @typedef {{title: string, lines: string[], prior: boolean}} Band */

const COLOURS = { prior: { fill: "#a8e05f", ink: "#10210a" }, current: { fill: "#1a2028", ink: "#e8edf3" } };

/** @param {Band|null|undefined} band @returns {number} Height in CSS pixels; 0 without a band. */
export const bandHeight = (band) => (band ? (1 + band.lines.length) * LINE + 2 * PAD - 2 : 0);

/**
 * @param {CanvasRenderingContext2D} context In CSS pixels.
 * @param {Band} band @param {number} width @param {number} height Of the pane.
 */
export function drawBand(context, band, width, height) {
  const { fill, ink } = band.prior ? COLOURS.prior : COLOURS.current;
  context.fillStyle = fill;
  context.fillRect(0, 0, width, bandHeight(band));
  if (band.prior) {
    context.strokeStyle = fill;
    context.lineWidth = RIM;
    context.strokeRect(RIM / 2, RIM / 2, width - RIM, height - RIM);
  }
  context.fillStyle = ink;
  context.textAlign = "left";
  context.textBaseline = "middle";
  [band.title, ...band.lines].forEach((text, row) => {
    context.font = `${row ? 500 : 700} ${row ? 12 : 13}px ${FONT}`;
    context.fillText(text, 10, PAD + LINE * (row + 0.5), width - 20);
  });
}
