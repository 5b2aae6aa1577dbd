/**
 * A choice of formats and a button that fetches the file and hands it to the browser.
 * @typedef {{path: string, token: string, formats: [string, string][]}} Data
 */

import { element } from "../shared/elements.js";
import { fetchFile } from "../shared/fetching.js";

/** @type {WeakMap<Element | ShadowRoot, {data: Data}>} */
const shown = new WeakMap();

/** @param {{blob: Blob, name: string}} file */
function hand(file) {
  const link = element("a", { href: URL.createObjectURL(file.blob), download: file.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.getAttribute("href") ?? ""), 60000);
}

/**
 * @param {{parentElement: HTMLElement, data: Data}} args
 */
export function render({ parentElement, data }) {
  const known = shown.get(parentElement);
  if (known) {
    known.data = data;
    return () => left(parentElement);
  }
  const record = { data };
  shown.set(parentElement, record);
  const host = /** @type {HTMLElement} */ (parentElement.querySelector(".or-download"));
  const choice = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": "Format of the file" }));
  choice.append(...data.formats.map(([name, words]) => element("option", { value: name }, words)));
  const button = /** @type {HTMLButtonElement} */ (element("button", { type: "button" }, "Download"));
  const note = element("p", { role: "status" });
  button.addEventListener("click", async () => {
    button.disabled = true;
    note.textContent = "The file is being made.";
    try {
      hand(await fetchFile(record.data.path, record.data.token, { format: choice.value }));
      note.textContent = "";
    } catch (error) {
      const said = /** @type {import("../shared/fetching.js").RouteError} */ (error);
      note.textContent = `${said.what} ${said.why} ${said.whatToDo}`;
    }
    button.disabled = false;
  });
  // a key that chooses a format must not also be a verdict: the page's own keys are letters
  for (const kind of ["keydown", "keypress", "keyup"]) host.addEventListener(kind, (event) => event.stopPropagation());
  host.replaceChildren(choice, button, note);
  return () => left(parentElement);
}

/** @param {HTMLElement} parent */
export function left(parent) {
  if (!parent.isConnected) shown.delete(parent);
}
