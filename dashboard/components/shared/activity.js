/** Seconds in which the reader was at work: time counts until 30 s after the last sign of life, and no further. */

/** Milliseconds without input after which a reader counts as away. */
export const IDLE_MS = 30000;

const INPUTS = ["pointermove", "pointerdown", "wheel", "keydown"];

/** Counts from `begin` on; it listens only while something asks for it. */
export class Activity {
  /** @param {() => number} [clock] Milliseconds that only go forwards. */
  constructor(clock = () => performance.now()) {
    this.clock = clock;
    this.onInput = () => this.touch();
    this.isListening = false;
    this.begin();
  }

  /** Begins anew: another study, or the same one opened again. */
  begin() {
    this.activeMs = 0;
    this.last = this.clock();
  }

  /** A sign of life. */
  touch() {
    const now = this.clock();
    this.activeMs += Math.min(now - this.last, IDLE_MS);
    this.last = now;
  }

  /** Whole seconds up to now. @returns {number} */
  seconds() {
    return Math.round((this.activeMs + Math.min(this.clock() - this.last, IDLE_MS)) / 1000);
  }

  /** What a report says of it: nothing where the site does not count. @param {boolean} counts */
  report(counts) {
    if (counts !== this.isListening) this.listen(counts);
    return counts ? { active_s: this.seconds() } : {};
  }

  /** @param {boolean} on */
  listen(on) {
    this.isListening = on;
    for (const name of INPUTS) {
      if (on) window.addEventListener(name, this.onInput, { capture: true, passive: true });
      else window.removeEventListener(name, this.onInput, { capture: true });
    }
  }
}
