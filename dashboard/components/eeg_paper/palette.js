/** Resolves the CSS tokens that the canvases are drawn with, and tells when the theme has changed them. */

const TOKENS = [
  "ov-background", "ov-panel", "ov-line", "ov-line-strong", "ov-ink", "ov-soft", "ov-faint", "ov-accent", "ov-accepted",
  "ov-modified", "ov-rejected", "ov-unsure", "ov-left", "ov-right", "eeg-paper", "eeg-left", "eeg-right", "eeg-midline", "eeg-apart", "eeg-second",
  "eeg-words", "eeg-hatch", "eeg-open", "eeg-accepted", "eeg-modified", "eeg-rejected", "eeg-unsure", "eeg-band", "eeg-score",
];

/** @typedef {Record<string, string>} Palette Colours by token, as `rgb(...)`. */

/** Reads tokens through an element's computed colour: only so are `light-dark()` and `var()` resolved. */
export class PaletteReader {
  /** @param {HTMLElement} root Carries the tokens. @param {() => void} changed */
  constructor(root, changed) {
    this.root = root;
    this.probe = document.createElement("span");
    this.probe.className = "eeg-probe";
    this.probe.setAttribute("aria-hidden", "true");
    root.append(this.probe);
    /** @type {Palette} */
    this.colours = {};
    this.probe.addEventListener("transitionend", () => {
      this.read();
      changed();
    });
  }

  /** @returns {Palette} */
  read() {
    const reader = document.createElement("span");
    this.root.append(reader);
    for (const token of TOKENS) {
      reader.style.color = `var(--${token})`;
      this.colours[token] = getComputedStyle(reader).color;
    }
    reader.remove();
    return this.colours;
  }
}

/**
 * The same colour, seen through.
 * @param {string} colour `rgb(...)` @param {number} alpha
 */
export const faded = (colour, alpha) => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${alpha})`);

/**
 * Hatches a rectangle, lines falling to the left.
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number, width: number, height: number}} box @param {string} colour @param {number} [step]
 */
export function hatch(context, { x, y, width, height }, colour, step = 7) {
  if (width <= 0 || height <= 0) return;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  const from = Math.floor((x + y) / step) * step;
  for (let sum = from; sum < x + width + y + height; sum += step) {
    context.moveTo(sum - y, y);
    context.lineTo(sum - y - height, y + height);
  }
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}

/**
 * Makes a canvas fit its box and the screen's dots.
 * @param {HTMLCanvasElement} canvas
 * @returns {{context: CanvasRenderingContext2D, width: number, height: number}} In CSS pixels.
 */
export function fitted(canvas) {
  const ratio = globalThis.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const [columns, rows] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  // Kept in memory, lines are drawn at once and not with the frame: half a millisecond sooner.
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}
