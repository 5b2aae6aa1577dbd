/** What stands on the paper beside the traces: the bar of microvolts and seconds, and a line of all they were drawn with. */

import { faded } from "./palette.js";
import { calibrationBar, pixelsAMm } from "./scales.js";

const FONT = "Inter, 'Inter Variable', system-ui, sans-serif";
/** Pixels from one line of settings to the next. */
export const LINE_HEIGHT = 12;

/** @param {import("./montage.js").Montage} montage */
export const wordsOf = ({ words, title, name }) => words ?? title ?? name;

/** The bar of microvolts and seconds, in the lower right corner. */
export function drawCalibration(context, plot, { uvPerMm, pageS }, palette) {
  const { uv, height, seconds } = calibrationBar(uvPerMm, pageS);
  const wide = (seconds / pageS) * plot.width;
  const box = { x: plot.x + plot.width - Math.max(wide, 52) - 18, y: plot.y + plot.height - height - 30, width: Math.max(wide, 52) + 16, height: height + 28 };
  context.fillStyle = faded(palette["eeg-paper"], 0.86);
  context.fillRect(box.x, box.y, box.width, box.height);
  const x = Math.round(box.x + 7) + 0.5;
  const bottom = Math.round(box.y + height + 8) + 0.5;
  context.strokeStyle = palette["eeg-midline"];
  context.lineWidth = 1.4;
  context.beginPath();
  context.moveTo(x, bottom - height);
  context.lineTo(x, bottom);
  context.lineTo(x + wide, bottom);
  context.stroke();
  context.fillStyle = palette["eeg-midline"];
  context.font = `11px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(`${uv} µV`, x + 5, bottom - height / 2);
  context.fillText(`${seconds} s`, x + 3, bottom + 9);
}

/**
 * Everything that the traces were drawn with, a phrase each.
 * @param {import("./paper.js").Scene} scene @param {number} plotWidth
 * @returns {string[]}
 */
export function settingsOf({ state, page, montage, features }, plotWidth) {
  const cuts = page?.cuts ?? { ...state.cuts, said: [] };
  const mm = pixelsAMm();
  return [
    `${state.uvPerMm} µV/mm (${mm ? "mm calibrated" : "uncalibrated mm, 96 dpi"})`,
    cuts.low || cuts.high ? `${cuts.low || "no low cut"} to ${cuts.high} Hz, zero phase` : "not filtered",
    cuts.notch ? `notch ${cuts.notch} Hz` : "notch off",
    `${state.pageS} s page${mm ? `, ${(plotWidth / mm / state.pageS).toFixed(1)} mm/s` : ""}`,
    ...(montage ? [wordsOf(montage)] : []),
    ...(page ? [`${page.rate} Hz sampling`] : []),
    "negative up",
    `left blue, right red, midline ${state.paper === "dark" ? "white" : "black"}`,
    ...features.flatMap((feature) => feature.said?.() ?? []),
    ...cuts.said,
    ...(montage?.said ?? []),
    ...(montage?.missing.length ? [`not formed: ${montage.missing.join(", ")}`] : []),
  ];
}

/**
 * Phrases as lines that fit; a phrase that is longer than a line is broken at its spaces.
 * @param {string[]} phrases @param {number} width @param {(text: string) => number} measure
 * @returns {string[]}
 */
export function linesOf(phrases, width, measure) {
  const pieces = phrases.flatMap((phrase, n) => {
    const joined = n ? ` · ${phrase}` : phrase;
    return measure(joined) <= width ? [joined] : joined.split(/(?= )/);
  });
  const lines = [""];
  for (const piece of pieces) {
    const longer = lines.at(-1) + piece;
    if (lines.at(-1) === "" || measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(piece.replace(/^ (· )?/, ""));
  }
  return lines;
}

/** The settings as lines of this paper. @param {CanvasRenderingContext2D} context @param {number} width @param {import("./paper.js").Scene} scene @param {number} plotWidth */
export function settingLines(context, width, scene, plotWidth) {
  context.font = `10.5px ${FONT}`;
  return linesOf(settingsOf(scene, plotWidth), width - 16, (text) => context.measureText(text).width);
}

/** @param {CanvasRenderingContext2D} context @param {number} height @param {string[]} lines @param {import("./palette.js").Palette} palette */
export function drawSettings(context, height, lines, palette) {
  context.font = `10.5px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.fillStyle = palette["eeg-words"];
  lines.forEach((line, n) => context.fillText(line, 8, height - 7 - LINE_HEIGHT * (lines.length - 1 - n)));
}
