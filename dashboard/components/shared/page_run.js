/** Whether Streamlit is running the page, read from the attribute that it sets on its root. */

const RUNNING = new Set(["running", "rerunRequested", "stopRequested"]);
const LOOK_MS = 30;
/** Milliseconds within which a run follows the one that it was asked for in; both may also look like one. */
const AFTER_OLDER_MS = 300;

/** @returns {boolean} False outside Streamlit. */
export function isPageRunning() {
  const state = document.querySelector("[data-test-script-state]")?.getAttribute("data-test-script-state");
  return RUNNING.has(state ?? "");
}

/**
 * Calls back once the page has run to its end, so that what it drew beside the component is in place as well.
 * @param {() => void} done
 * @param {number} [graceMs] How long to wait for a run to begin, where one is expected.
 * @param {boolean} [earlier] An older run was under way: its end is none, and the expected run begins after it.
 * @returns {() => void} Stops waiting.
 */
export function whenPageSettled(done, graceMs = 0, earlier = false) {
  let left = graceMs;
  let ran = graceMs === 0;
  let older = earlier;
  const timer = setInterval(() => {
    left -= LOOK_MS;
    if (isPageRunning()) ran = ran || !older;
    else if (older) {
      older = false;
      left = Math.min(graceMs, AFTER_OLDER_MS);
    } else if (ran || left <= 0) {
      clearInterval(timer);
      done();
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}
