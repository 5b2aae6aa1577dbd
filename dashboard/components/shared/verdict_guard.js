/** Decides, before Streamlit sees it, whether a verdict key may pass: never repeated, never early, never for another finding. */

import { isPageRunning, whenPageSettled } from "./page_run.js";

/** Milliseconds after an action during which Enter is dead. */
export const ENTER_DEAD_MS = 500;
/** Milliseconds that a key is held for the page's echo, after which it is dropped with a note. */
export const HOLD_MS = 2000;

/** Milliseconds within which the page begins to run after an action; longer where it is known to have taken the key. */
const RUN_BEGINS_MS = 250;
const TAKEN_BEGINS_MS = 3000;
/** A button listens a moment after it has been drawn: how often, and after how long, a held key that nobody took is tried again. */
const TRIES = 6;
const TRY_AGAIN_MS = 50;

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

/** Whether a key press adds what was just marked: D. @param {Parameters<typeof isVerdictKey>[0]} press */
const isAddKey = (press) => !press.ctrlKey && !press.altKey && !press.metaKey && press.key.toLowerCase() === "d";

/** Whether a key press withdraws what was recorded last. @param {Parameters<typeof isVerdictKey>[0]} press */
const isUndoKey = (press) => (press.ctrlKey || press.metaKey) && !press.altKey && press.key.toLowerCase() === "z";

/** Whether a key press records something as things stand. @param {Parameters<typeof isVerdictKey>[0]} press @param {GuardState} state */
const records = (press, { adds = false, undoes = false }) =>
  isVerdictKey(press) || (!undoes && isUndoKey(press)) || (adds && isAddKey(press));

/** The same key press once more. @param {KeyboardEvent} event @param {"keydown"|"keyup"} type @returns {KeyboardEvent} */
function copyOf({ key, code, keyCode, which, shiftKey, ctrlKey, metaKey }, type) {
  return new KeyboardEvent(type, {
    key, code, keyCode, which, shiftKey, ctrlKey, metaKey, bubbles: true, cancelable: true, composed: true });
}

/**
 * @typedef {object} GuardState
 * @property {boolean} drawn The picture of the study on screen has been drawn.
 * @property {boolean} awaiting Python has not yet answered a selection, a point or an action.
 * @property {boolean} [undoes] Ctrl+Z takes back a stroke of a drawing, not a verdict.
 * @property {boolean} [adds] Something is marked, or about to be, that D adds.
 */

/**
 * @param {{key: string, code?: string, repeat?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} press
 * @param {GuardState} state
 * @param {number} sinceAction Milliseconds since the last action that passed; Infinity where none.
 * @returns {"pass"|"swallow"|"hold"}
 */
export function judgeKey(press, state, sinceAction) {
  if (!records(press, state)) return "pass";
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
  return target.closest("textarea, select, [contenteditable='true'], [role=dialog], [role=menu], [role=combobox]") !== null;
}

/**
 * Watches all key presses of the window in the capture phase.
 *
 * A key that passes makes the next one wait until the page has run: what it was pressed for must still be on screen.
 * @param {object} options
 * @param {() => GuardState & {aim: string}} options.state `aim` names what a verdict now would be about.
 * @param {() => void} options.beforePass Called before a verdict key is let through, so that reports go first.
 * @param {() => void} [options.waits] Called when a key is held, so that what it waits for is hurried on.
 * @param {(text: string) => void} options.note Shows the reader why a key was not taken.
 * @returns {{answered: () => void, forget: () => void, remove: () => void}} `answered` is to be called when a
 *   selection or a point has been echoed, `forget` when what a held key was meant for has left the screen.
 */
export function guardVerdictKeys({ state, beforePass, waits, note }) {
  const ours = new WeakSet();
  let lastAction = -Infinity;
  let acting = false;
  let stopWaiting = () => {};
  let retry = 0;
  /** @type {{event: KeyboardEvent, target: EventTarget, timer: number, aim: string}|null} */
  let held = null;

  const forget = () => {
    if (held) clearTimeout(held.timer);
    clearTimeout(retry);
    held = null;
  };
  const settle = (withinMs, earlier) => {
    stopWaiting();
    stopWaiting = whenPageSettled(() => {
      acting = false;
      release();
    }, withinMs, earlier);
  };
  /** @param {KeyboardEvent} event */
  const pass = (event) => {
    beforePass();
    lastAction = performance.now();
    acting = true;
    const earlier = isPageRunning(); // Asked before Streamlit sees the key: what runs now knows nothing of it.
    settle(RUN_BEGINS_MS, earlier);
    setTimeout(() => {
      if (acting && event.defaultPrevented) settle(TAKEN_BEGINS_MS, earlier); // Streamlit has taken it: a run will come.
    }, 0);
  };
  const release = () => {
    if (!held || acting || state().awaiting) return;
    const { event, target, aim } = held;
    forget();
    again(event, target, aim, TRIES);
  };
  /** Presses a held key for its reader; where nobody takes it, the button that is to take it may come in a moment. */
  const again = (event, target, aim, tries) => {
    if (!isUndoKey(event) && aim !== state().aim) return note("The key was not taken: something else is on screen now.");
    const node = target instanceof Node && target.isConnected ? target : document.body;
    const down = copyOf(event, "keydown");
    ours.add(down);
    pass(down);
    node.dispatchEvent(down);
    node.dispatchEvent(copyOf(event, "keyup"));
    if (down.defaultPrevented) return;
    if (tries > 1) retry = window.setTimeout(() => again(event, target, aim, tries - 1), TRY_AGAIN_MS);
    else note("The key was not taken: nothing on screen asks for it.");
  };

  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const target = event.composedPath()[0];
    if (ours.has(event) || takesKeys(target)) return;
    const { drawn, awaiting, adds, undoes, aim } = state();
    if (!records(event, { drawn, awaiting, adds, undoes })) return;
    clearTimeout(retry); // A newer key: the older one is not pressed behind it.
    if (event.key === "Enter" && target instanceof Element && target.closest("a[href]")) return;
    const verdict = judgeKey(event, { drawn, awaiting: awaiting || acting, adds, undoes }, performance.now() - lastAction);
    if (verdict === "pass") return pass(event);
    event.stopImmediatePropagation();
    event.preventDefault();
    if (verdict !== "hold" || held) return;
    const timer = window.setTimeout(() => {
      held = null;
      note("The key was not taken: the page has not answered yet. Press it again.");
    }, HOLD_MS);
    held = { event, target, timer, aim };
    waits?.();
  };

  window.addEventListener("keydown", onKeyDown, { capture: true });
  return {
    answered: release,
    forget,
    remove() {
      forget();
      stopWaiting();
      window.removeEventListener("keydown", onKeyDown, { capture: true });
    },
  };
}
