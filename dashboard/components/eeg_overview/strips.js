/** The strips of the overview that a reader may choose: which there are, how they lie one below the other, what is kept of the choice. */

/** @typedef {"cdsa"|"aeeg"|"asymmetry"|"artefact"} StripName */
/** @typedef {{y: number, height: number}} Place */
/** @typedef {{places: Partial<Record<StripName, Place>>, axisY: number, height: number}} Layout */

/** In the order in which they are drawn; heights in pixels. @type {{name: StripName, title: string, height: number}[]} */
export const STRIPS = [
  { name: "cdsa", title: "spectra (CDSA)", height: 62 },
  { name: "aeeg", title: "aEEG", height: 82 },
  { name: "asymmetry", title: "asymmetry", height: 38 },
  { name: "artefact", title: "artefact", height: 52 },
];
/** What fits a screen of 900 pixels beside eighteen traces. @type {StripName[]} */
export const COMPACT = ["cdsa"];
const KEPT_AS = "overread-eeg-strips";
const TOP = 105;
const BETWEEN = 4;
const AXIS = 14;

/**
 * Where the chosen strips lie below score and lanes.
 * @param {StripName[]} chosen
 * @returns {Layout}
 */
export function layoutOf(chosen) {
  /** @type {Layout["places"]} */
  const places = {};
  let y = TOP;
  for (const { name, height } of STRIPS) {
    if (!chosen.includes(name)) continue;
    places[name] = { y, height };
    y += height + BETWEEN;
  }
  return { places, axisY: y, height: y + AXIS };
}

/**
 * A choice as it was kept or recorded; the compact one where there is none or none that can be read.
 * @param {string|null|undefined} text 'cdsa aeeg', '' for none, a band behind a slash: 'asymmetry/theta'.
 * @returns {{chosen: StripName[], band: string}}
 */
export function choiceOf(text) {
  if (typeof text !== "string") return { chosen: [...COMPACT], band: "total" };
  const words = text.split(" ").filter(Boolean);
  const band = words.map((word) => word.split("/")[1]).find(Boolean) ?? "total";
  const names = words.map((word) => word.split("/")[0]);
  return { chosen: STRIPS.map(({ name }) => name).filter((name) => names.includes(name)), band };
}

/** @param {StripName[]} chosen @param {string} band @returns {string} What `choiceOf` reads. */
export const choiceText = (chosen, band) => chosen.map((name) => (name === "asymmetry" && band !== "total" ? `${name}/${band}` : name)).join(" ");

/** The choice kept in this browser. */
export function keptChoice() {
  try {
    return choiceOf(localStorage.getItem(KEPT_AS));
  } catch {
    return choiceOf(null);
  }
}

/** @param {StripName[]} chosen @param {string} band */
export function keepChoice(chosen, band) {
  try {
    localStorage.setItem(KEPT_AS, choiceText(chosen, band));
  } catch {
    // A browser that keeps nothing shows the compact overview next time.
  }
}
