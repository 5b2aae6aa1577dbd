/** Whether Streamlit's theme is light or dark, read from the colours that it sets on the component. */

/**
 * Relative luminance of a CSS colour written as #rgb, #rrggbb or rgb(...); NaN for anything else.
 * Weights of WCAG 2.2, without its gamma: it only has to tell day from night.
 * @param {string} colour
 * @returns {number} 0 (black) to 1 (white)
 */
export function luminance(colour) {
  const text = colour.trim();
  let parts = [];
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text);
  if (hex) {
    const digits = hex[1].length === 3 ? hex[1].replace(/./g, "$&$&") : hex[1];
    parts = [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  } else {
    const rgb = /^rgba?\(([^)]*)\)$/i.exec(text);
    if (rgb) parts = rgb[1].split(/[\s,/]+/).slice(0, 3).map(Number);
  }
  if (parts.length !== 3) return NaN;
  return (0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]) / 255;
}

/**
 * 'light' or 'dark', from `--st-background-color`; dark where it is not set.
 * @param {Element} element
 * @returns {"light"|"dark"}
 */
export function schemeOf(element) {
  return luminance(getComputedStyle(element).getPropertyValue("--st-background-color")) > 0.5 ? "light" : "dark";
}
