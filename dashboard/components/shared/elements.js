/** Makes elements without a template: text is always text, never markup. */

/**
 * @param {string} tag
 * @param {Record<string, string|number|boolean|EventListener|null|undefined>} [attributes] `on...` functions become
 *   listeners, `true` an empty attribute; `null`, `undefined` and `false` are left out.
 * @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== undefined) made.append(child);
  return made;
}
