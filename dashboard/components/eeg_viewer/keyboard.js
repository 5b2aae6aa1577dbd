/** Hears the viewer's own keys, wherever on the page the focus is, before Streamlit does. */

import { copyText } from "../shared/copying.js";
import { takesKeys } from "../shared/verdict_guard.js";
import { commandOf, isIdleRepeat } from "./keys.js";
import { setRange } from "./ranges.js";
import { goToEdge, step } from "./selecting.js";

/** Elements with arrow keys of their own. */
const ARROWS_OF_THEIR_OWN = "input, [role=option], [role=slider], [role=tab], [role=radio]";

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @param {AbortSignal} signal Ends the listening.
 */
export function listenToKeys(viewer, signal) {
  window.addEventListener("keydown", (event) => {
    const target = event.composedPath()[0];
    if (!viewer.data || takesKeys(target)) return;
    if (viewer.features.some((feature) => feature.key?.(event))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const command = commandOf(event);
    if (!command) return;
    if (command.deed === "drop" && !viewer.state.range) return;
    const moves = /^(Arrow|Page|Home|End)/.test(event.key);
    if (moves && target instanceof Element && target.closest(ARROWS_OF_THEIR_OWN)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!isIdleRepeat(command, event.repeat)) obey(viewer, command);
  }, { capture: true, signal });
  window.addEventListener("keyup", (event) => {
    if (commandOf({ key: event.key })?.deed === "flash" && viewer.state?.hidden) viewer.hide(false);
  }, { capture: true, signal });
  window.addEventListener("blur", () => viewer.state?.hidden && viewer.hide(false), { signal });
}

/**
 * @param {import("./viewer.js").Viewer} viewer
 * @param {import("./keys.js").Command} command
 */
function obey(viewer, { deed, by = 1 }) {
  const deeds = {
    turn: () => viewer.turn(by * viewer.state.pageS),
    third: () => viewer.turn((by * viewer.state.pageS) / 3),
    second: () => viewer.turn(by),
    sensitivity: () => viewer.sensitivity(by),
    home: () => viewer.goTo(0),
    end: () => viewer.goTo(viewer.data.recording.duration_s),
    onset: () => goToEdge(viewer, "onset"),
    offset: () => goToEdge(viewer, "end"),
    event: () => step(viewer, by),
    flash: () => viewer.hide(true),
    drop: () => setRange(viewer, null),
    copy: () => copyText(viewer.data.summary, (text) => viewer.say(text)),
  };
  deeds[deed]();
}
