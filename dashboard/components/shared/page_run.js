/** Whether Streamlit is running the page, read from the attribute that it sets on its root. */

const RUNNING = new Set(["running", "rerunRequested", "stopRequested"]);
const LOOK_MS = 30;

/** @returns {boolean} False outside Streamlit. */
export function isPageRunning() {
  const state = document.querySelector("[data-test-script-state]")?.getAttribute("data-test-script-state");
  return RUNNING.has(state ?? "");
}

/**
 * Calls back once the page has run to its end, so that what it drew beside the component is in place as well.
 * @param {() => void} done
 * @param {number} [graceMs] How long to wait for a run to begin, where one is expected.
 * @returns {() => void} Stops waiting.
 */
export function whenPageSettled(done, graceMs = 0) {
  let waited = 0;
  let ran = graceMs === 0;
  const timer = setInterval(() => {
    waited += LOOK_MS;
    if (isPageRunning()) ran = true;
    else if (ran || waited >= graceMs) {
      clearInterval(timer);
      done();
    }
  }, LOOK_MS);
  return () => clearInterval(timer);
}
