/** Hears the viewer's own keys, wherever on the page the focus is, before Streamlit does. */

import { copyText } from "../shared/copying.js";
import { takesKeys } from "../shared/verdict_guard.js";
import { commandOf, isIdleRepeat } from "./keys.js";
import { step } from "./selecting.js";
import { LINES } from "../mri_picture/state.js";

const LAYOUTS = /** @type {const} */ (["planes", "one", "series", "prior"]);
/** Elements with arrow keys of their own. */
const ARROWS_OF_THEIR_OWN = "input, [role=option], [role=slider], [role=tab], [role=radio]";

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @param {AbortSignal} signal Ends the listening.
 */
export function listenToKeys(viewer, signal) {
  window.addEventListener("keydown", (event) => {
    const target = event.composedPath()[0];
    if (!viewer.state?.shown || takesKeys(target)) return;
    if (viewer.features.some((feature) => feature.key?.(event))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const command = commandOf(event);
    if (!command) return;
    const moves = /^(Arrow|Page|Home)/.test(event.key);
    if (moves && target instanceof Element && target.closest(ARROWS_OF_THEIR_OWN)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!isIdleRepeat(command, event.repeat)) obey(viewer, command);
  }, { capture: true, signal });
  window.addEventListener("keyup", (event) => {
    const deed = commandOf({ key: event.key })?.deed;
    if (deed === "flash" && viewer.state?.hidden) viewer.hold({ flash: false });
    if (deed === "before" && viewer.state?.before) viewer.hold({ before: false });
  }, { capture: true, signal });
  window.addEventListener("blur", () => viewer.hold({ flash: false, before: false }), { signal });
}

/** The next of a list, round and round. */
const around = (list, at) => list[(at + list.length) % list.length];

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @param {import("./keys.js").Command} command
 */
function obey(viewer, { deed, by = 1 }) {
  const { state } = viewer;
  const deeds = {
    scroll: () => viewer.scroll(state.primary, by),
    flash: () => viewer.hold({ flash: true }),
    before: () => (state.beforeContrast ? viewer.hold({ before: true })
      : viewer.say("There is no T1 before contrast in the frame of this series.")),
    zoom: () => viewer.zoom(by),
    fit: () => {
      state.fit();
      viewer.draw();
    },
    finding: () => step(viewer, by),
    series: () => {
      const digests = [...state.series.keys()];
      viewer.showSeries(around(digests, digests.indexOf(state.current) + by));
    },
    layout: () => {
      const possible = LAYOUTS.filter((layout) => (layout !== "series" || state.linked.length > 1) && (layout !== "prior" || state.priors));
      viewer.set({ layout: around(possible, possible.indexOf(state.layout) + 1) });
    },
    plane: () => viewer.set({ primary: around(PLANES, PLANES.indexOf(state.primary) + 1) }),
    line: () => viewer.setOverlay({ line: around(LINES, LINES.indexOf(state.line) + 1) }),
    style: () => viewer.setOverlay({ style: state.style === "fill" ? "outline" : "fill" }),
    tool: () => viewer.set({ tool: state.tool === "cross" ? "window" : "cross" }),
    copy: () => copyText(viewer.data.findings.find(({ id }) => id === viewer.selection.id)?.sentence, (text) => viewer.say(text)),
    smooth: () => viewer.set({ smooth: !state.smooth }),
  };
  deeds[deed]();
}

const PLANES = /** @type {const} */ (["axial", "coronal", "sagittal"]);
