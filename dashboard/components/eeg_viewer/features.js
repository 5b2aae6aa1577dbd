/**
 * What the viewer can do besides showing traces: calibrating, measuring, marking channels, comparing. Each is an object that
 * fills in what it needs; the viewer asks all of them, in the order in which they were added. A feature holds nothing of a
 * recording beyond its `show`.
 *
 * @typedef {object} Feature
 * @property {HTMLElement[]} [bars] Rows below the tools, shown and hidden by the feature itself.
 * @property {(data: import("../eeg_paper/state.js").Data, isOther: boolean) => void} [show] Python has sent something; `isOther`: another
 *   recording, of which nothing older may stay.
 * @property {() => void} [selected] Another event has been selected.
 * @property {(montage: import("../eeg_paper/montage.js").Montage) => import("../eeg_paper/montage.js").Montage} [montage] The rows as they are to be
 *   drawn; another `name` where they differ, since pages are kept by it.
 * @property {(event: PointerEvent) => boolean} [press] A press on the paper; true takes the whole drag.
 * @property {(event: PointerEvent) => void} [move] The drag that it took goes on.
 * @property {(event: PointerEvent) => void} [end] The press is over.
 * @property {(event: PointerEvent) => void} [hover] The pointer moves unpressed.
 * @property {(context: CanvasRenderingContext2D, drawn: {width: number, height: number, time: import("../eeg_paper/scales.js").TimeScale,
 *   plot: {x: number, y: number, width: number, height: number}, scene: import("../eeg_paper/paper.js").Scene, rows: import("../eeg_paper/montage.js").Row[],
 *   baselines: number[], spacing: number, palette: import("../eeg_paper/palette.js").Palette}) => void} [paint] Drawn above the traces.
 * @property {Feature["paint"]} [under] Drawn below the traces.
 * @property {() => string[]} [said] What stands on the paper among the settings, a phrase each.
 * @property {(colours: import("../eeg_paper/palette.js").Palette) => void} [after] The paper has been drawn.
 * @property {(context: CanvasRenderingContext2D, drawn: {time: import("../eeg_paper/scales.js").TimeScale, risk: {y: number, height: number},
 *   model: {y: number, height: number}, palette: import("../eeg_paper/palette.js").Palette}) => void} [overview] Drawn over the overview's score
 *   and its lane of the model, at each paint; never in a blind read, without a result, or while the marks are hidden. `time` may
 *   be a stretch of the recording: cut at its edges.
 * @property {() => import("../eeg_paper/pages.js").Request[]} [requests] Pages that it shows besides, to be loaded next to the first.
 * @property {{words: string, title: string, pressed: boolean, press: () => void}[]} [buttons] In the tool row.
 * @property {() => void} [verdict] A verdict key is about to go through: what is on screen must be what it is about.
 * @property {(event: KeyboardEvent) => boolean} [key] Whether the press was its own; asked before the viewer's own keys.
 * @property {() => Record<string, unknown>} [record] What the view keeps of it; a row takes 2 kB of view in all.
 * @property {(view: Record<string, any>) => void} [restore] Takes over what `record` wrote.
 * @property {() => void} [close] The viewer leaves the page.
 */

/**
 * What the features keep of the view, together.
 * @param {Feature[]} features
 * @returns {Record<string, unknown>}
 */
export const recordOf = (features) => Object.assign({}, ...features.map((feature) => feature.record?.() ?? {}));
