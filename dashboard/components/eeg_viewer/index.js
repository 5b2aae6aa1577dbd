/** The viewer's entry: one viewer an element, made once, fed by every run of the page, closed when its element has gone. */

import { Viewer } from "./viewer.js";

/** @type {WeakMap<Node, Viewer>} */
const viewers = new WeakMap();

/**
 * Called by Streamlit at mounting and whenever the data change.
 * @param {{data: import("../eeg_paper/state.js").Data|null, parentElement: ShadowRoot|HTMLElement, setStateValue: (name: string, value: unknown) => void}} args
 * @returns {() => void} To be called when the component leaves.
 */
export function render({ data, parentElement, setStateValue }) {
  let viewer = viewers.get(parentElement);
  if (!viewer) {
    viewer = new Viewer(parentElement);
    viewers.set(parentElement, viewer);
  }
  if (data) viewer.show(data, setStateValue);
  return () => left(parentElement);
}

/**
 * Closes the viewer once its element is out of the document: Streamlit also calls this when only the data changed.
 * @param {ShadowRoot|HTMLElement} parentElement
 */
export function left(parentElement) {
  setTimeout(() => {
    if (parentElement.isConnected) return;
    viewers.get(parentElement)?.close();
    viewers.delete(parentElement);
  }, 0);
}
