/**
 * The table of studies: arrow keys move, Enter or a click opens.
 * @typedef {{study: string, cells: string[], state: string, colour: string, note: string}} Row
 * @typedef {{columns: string[], rows: Row[], empty: string}} Data
 */

/** @type {WeakMap<Element | ShadowRoot, {data: string, open: (study: string) => void}>} */
const tables = new WeakMap();

/**
 * Where the focus goes from a row by a key.
 * @param {number} at index of the row, @param {string} key, @param {number} count rows in all
 * @returns {number}
 */
export function nextRow(at, key, count) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -count, End: count };
  const step = steps[/** @type {keyof typeof steps} */ (key)];
  return step === undefined ? at : Math.max(0, Math.min(count - 1, at + step));
}

/** @param {string} tag @param {string} className @param {string} text */
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** @param {Row} row @param {(study: string) => void} open */
function line(row, open) {
  const made = element("tr", "row", "");
  made.tabIndex = 0;
  made.dataset.study = row.study;
  made.setAttribute("aria-label", `${row.cells.join(", ")}, ${row.state} ${row.note}`);
  row.cells.forEach((cell, n) => made.append(element("td", n === 0 ? "name" : "", cell)));
  const state = element("td", "state", "");
  const square = element("span", "square", "");
  square.style.background = `var(--or-${row.colour})`;
  state.append(square, row.state);
  made.append(state, element("td", "", row.note));
  made.addEventListener("click", () => open(row.study));
  made.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.repeat) {
      event.stopPropagation();
      event.preventDefault();
      open(row.study);
      return;
    }
    const rows = [.../** @type {HTMLElement} */ (made.parentElement).children];
    const to = nextRow(rows.indexOf(made), event.key, rows.length);
    if (rows[to] !== made) {
      event.preventDefault();
      event.stopPropagation();
      /** @type {HTMLElement} */ (rows[to]).focus();
    }
  });
  return made;
}

/**
 * Draw the table anew where its data changed.
 * @param {{parentElement: HTMLElement, data: Data, setTriggerValue: (name: string, value: unknown) => void}} args
 */
export function render({ parentElement, data, setTriggerValue }) {
  const open = (/** @type {string} */ study) => setTriggerValue("open", study);
  const known = tables.get(parentElement);
  const print = JSON.stringify(data);
  if (known && known.data === print) {
    known.open = open;
    return () => left(parentElement);
  }
  const record = { data: print, open };
  tables.set(parentElement, record);
  const host = /** @type {HTMLElement} */ (parentElement.querySelector(".or-table"));
  if (data.rows.length === 0) {
    host.replaceChildren(element("p", "empty", data.empty));
    return () => left(parentElement);
  }
  const table = element("table", "", "");
  const head = element("tr", "", "");
  data.columns.forEach((name) => head.append(element("th", "", name)));
  const top = element("thead", "", "");
  top.append(head);
  const body = element("tbody", "", "");
  data.rows.forEach((row) => body.append(line(row, (study) => record.open(study))));
  table.append(top, body);
  host.replaceChildren(table);
  return () => left(parentElement);
}

/** @param {HTMLElement} parent */
export function left(parent) {
  if (!parent.isConnected) tables.delete(parent);
}
