import { jsonLength } from "../mri_measures/measures_kept.js";

/**
 * What the viewer can do besides looking: measuring, editing, comparing. Each is an object that fills in what it needs;
 * the viewer asks all of them, in the order in which they were added. A feature holds nothing of a study beyond its `show`.
 *
 * @typedef {object} Feature
 * @property {HTMLElement[]} [bars] Rows below the tools, shown and hidden by the feature itself.
 * @property {HTMLElement[]} [boxes] Boxes of the left column, below the regions.
 * @property {string[]} [tools] Names of `state.tool` under which a left drag on a pane is the feature's.
 * @property {(data: import("../mri_picture/state.js").Data, isOther: boolean) => void} [show] Python has sent something; `isOther`: another
 *   study, of which nothing older may stay.
 * @property {() => void} [selected] Another finding has been selected.
 * @property {() => void} [follow] Layout, series or something else of the settings may have changed.
 * @property {(pane: import("../mri_picture/pane.js").Pane, event: PointerEvent) => boolean|void} [begin] A press with one of its tools;
 *   false lets the press move the crosshair as it would without a tool.
 * @property {(pane: import("../mri_picture/pane.js").Pane, event: PointerEvent) => void} [move] The drag goes on.
 * @property {(pane: import("../mri_picture/pane.js").Pane, event: PointerEvent) => void} [end] The press is over.
 * @property {(pane: import("../mri_picture/pane.js").Pane, event: PointerEvent) => void} [hover] The pointer moves unpressed, with one of its tools chosen.
 * @property {() => import("../mri_picture/pane.js").Scene["overlay"]|undefined} [overlay] Drawn instead of the prediction's mask; undefined leaves it.
 * @property {(context: CanvasRenderingContext2D, scene: import("../mri_picture/pane.js").Scene, place: ReturnType<import("../mri_picture/pane.js").Pane["placement"]>, slice: number) => void} [paint]
 *   Drawn above the overlay and below the corners.
 * @property {(context: CanvasRenderingContext2D, scene: import("../mri_picture/pane.js").Scene, place: ReturnType<import("../mri_picture/pane.js").Pane["placement"]>, slice: number) => void} [under]
 *   Drawn above the picture and below the overlay; not while the overlay is held hidden.
 * @property {() => boolean} [outlines] Whether the mask is drawn as an outline whatever style is chosen, since something lies below it.
 * @property {() => string} [look] What of it changes the picture without a change of slice or mask; '' for nothing.
 * @property {() => void} [yields] Something is drawn on the mask now: what stands in its place goes.
 * @property {() => boolean} [awaiting] A verdict key must wait: the server does not yet have what is on screen.
 * @property {() => void} [hurry] A verdict key waits for it.
 * @property {() => boolean} [undoes] Ctrl+Z is the feature's own.
 * @property {() => boolean} [adds] D adds what it has.
 * @property {() => object|null} [told] What Python is told of a drawing with each report.
 * @property {() => void} [verdict] A verdict key is about to go through: what is on screen must be what it is about.
 * @property {(event: KeyboardEvent) => boolean} [key] Whether the press was its own; asked before the viewer's own keys.
 * @property {(room: number) => Record<string, unknown>} [record] What the view keeps of it; a row takes 2 kB of view in all, of which
 *   `room` characters are left by those asked before.
 * @property {(view: Record<string, any>) => void} [restore] Takes over what `record` wrote.
 * @property {() => void} [close] The viewer leaves the page.
 */

/** Characters of JSON that a row takes as its view, with some to spare. */
const VIEW_CHARACTERS = 1950;

/**
 * The view with what the features keep of it.
 * @param {Feature[]} features Who takes what room is left comes last.
 * @param {Record<string, unknown>} view Of the viewer itself.
 * @returns {Record<string, unknown>}
 */
export const recordOf = (features, view) =>
  features.reduce((all, feature) => ({ ...all, ...feature.record?.(VIEW_CHARACTERS - jsonLength(all)) }), view);

/**
 * The feature to which a pointer tool belongs.
 * @param {Feature[]} features @param {string} tool
 * @returns {Feature|undefined}
 */
export const ownerOf = (features, tool) => features.find(({ tools }) => tools?.includes(tool));

/**
 * Whether any feature says so.
 * @param {Feature[]} features @param {"awaiting"|"undoes"|"adds"} what
 */
export const anyOf = (features, what) => features.some((feature) => feature[what]?.());
