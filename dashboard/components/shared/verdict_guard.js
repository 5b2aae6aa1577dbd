/** Decides, before Streamlit sees it, whether a verdict key may pass: never repeated, never early, never for another finding. */

/** Milliseconds after an action during which Enter is dead. */
export const ENTER_DEAD_MS = 500;
/** Milliseconds that a key is held for the page's echo, after which it is dropped with a note. */
export const HOLD_MS = 2000;

const VERDICT_KEYS = new Set(["a", "m", "x", "u", "n", "enter"]);

/**
 * Whether a key press records or commits something: A M X U N, digits, Enter, with Shift or without.
 * @param {{key: string, code?: string, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} press
 * @returns {boolean}
 */
export function isVerdictKey(press) {
  if (press.ctrlKey || press.altKey || press.metaKey) return false;
  return VERDICT_KEYS.has(press.key.toLowerCase()) || /^[0-9]$/.test(press.key) || /^(Digit|Numpad)[0-9]$/.test(press.code ?? "");
}

/**
 * @typedef {object} GuardState
 * @property {boolean} drawn The picture of the study on screen has been drawn.
 * @property {boolean} awaiting A selection or a point has not been echoed by Python.
 */

/**
 * @param {{key: string, code?: string, repeat?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} press
 * @param {GuardState} state
 * @param {number} sinceAction Milliseconds since the last action that passed; Infinity where none.
 * @returns {"pass"|"swallow"|"hold"}
 */
export function judgeKey(press, state, sinceAction) {
  if (!isVerdictKey(press)) return "pass";
  if (press.repeat || !state.drawn) return "swallow";
  if (press.key === "Enter" && sinceAction < ENTER_DEAD_MS) return "swallow";
  return state.awaiting ? "hold" : "pass";
}

/**
 * Whether an element takes typed text or keys of its own, so that no key of ours may touch it.
 * @param {EventTarget|undefined} target The innermost element of the event's path.
 * @returns {boolean}
 */
export function takesKeys(target) {
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "radio", "button"].includes(target.type);
  return target.closest("textarea, select, [contenteditable='true'], [role=dialog], [role=listbox][data-own-keys], [role=menu], [role=combobox]") !== null;
}

/**
 * Watches all key presses of the window in the capture phase.
 * @param {object} options
 * @param {() => GuardState} options.state
 * @param {() => void} options.beforePass Called before a verdict key is let through, so that reports go first.
 * @param {(text: string) => void} options.note Shows the reader why a key was not taken.
 * @returns {{echoed: () => void, forget: () => void, acted: () => void, remove: () => void}} `echoed` is to be called
 *   when nothing is awaited any more, `forget` when what a held key was meant for has left the screen, `acted` when an
 *   action happened without a key.
 */
export function guardVerdictKeys({ state, beforePass, note }) {
  const ours = new WeakSet();
  let lastAction = -Infinity;
  /** @type {{event: KeyboardEvent, target: EventTarget, timer: number}|null} */
  let held = null;

  const pass = () => {
    beforePass();
    lastAction = performance.now();
  };
  const dropHeld = () => {
    if (held) clearTimeout(held.timer);
    held = null;
  };

  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const target = event.composedPath()[0];
    if (ours.has(event) || takesKeys(target) || !isVerdictKey(event)) return;
    if (event.key === "Enter" && target instanceof Element && target.closest("a[href]")) return;
    const verdict = judgeKey(event, state(), performance.now() - lastAction);
    if (verdict === "pass") return pass();
    event.stopImmediatePropagation();
    event.preventDefault();
    if (verdict !== "hold" || held) return;
    const timer = window.setTimeout(() => {
      held = null;
      note("The key was not taken: the page has not yet answered the selection. Press it again.");
    }, HOLD_MS);
    held = { event, target, timer };
  };

  window.addEventListener("keydown", onKeyDown, { capture: true });
  return {
    echoed() {
      if (!held) return;
      const { event, target } = held;
      dropHeld();
      const { key, code, keyCode, which, shiftKey } = event;
      const init = { key, code, keyCode, which, shiftKey, bubbles: true, cancelable: true, composed: true };
      const node = target instanceof Node && target.isConnected ? target : document.body;
      pass();
      for (const type of ["keydown", "keyup"]) {
        const again = new KeyboardEvent(type, init);
        ours.add(again);
        node.dispatchEvent(again);
      }
    },
    forget: dropHeld,
    acted() {
      lastAction = performance.now();
    },
    remove() {
      dropHeld();
      window.removeEventListener("keydown", onKeyDown, { capture: true });
    },
  };
}
