/** Which finding is selected here, and whether Python knows it yet: a verdict key waits until both agree. */

import { whenPageSettled } from "./page_run.js";

/** Milliseconds after which Python's own choice is taken over, where it has answered with another finding. */
const DISAGREE_MS = 1000;

/** What Python sends of it: the selected finding, and the number of our last word on each thing. @typedef {{selected: string|null, echo?: Record<string, number>}} Heard */
/** @typedef {{n: number, answered: (data: Heard) => boolean}} Awaited */

/** Numbers that grow over time, also from one mount of the component to the next. */
let last = 0;
export function nextNumber(now = Date.now()) {
  last = Math.max(last + 1, now);
  return last;
}

/** The selected finding and what of ours Python has not yet echoed. */
export class Selection {
  /** @param {() => void} settled Called when nothing is awaited any more. @param {() => void} moved Called when Python's choice replaced ours. */
  constructor(settled, moved) {
    this.settled = settled;
    this.moved = moved;
    /** @type {string|null} */
    this.id = null;
    /** @type {Awaited|null} */
    this.awaited = null;
    this.timer = 0;
    this.stopWaiting = () => {};
  }

  get awaiting() {
    return this.awaited !== null;
  }

  /** Takes over what Python says, whatever was awaited. @param {string|null} id */
  begin(id) {
    this.await(null);
    this.id = id;
  }

  /** The reader selects a finding. @param {string} id @returns {number} Number to be echoed. */
  choose(id) {
    const n = nextNumber();
    this.id = id;
    this.await({ n, answered: (data) => (data.echo?.selected ?? 0) >= n && data.selected === id });
    return n;
  }

  /** The reader marks a point. @returns {number} Number to be echoed. */
  point() {
    const n = nextNumber();
    this.await({ n, answered: (data) => (data.echo?.point ?? 0) >= n });
    return n;
  }

  /** @param {Awaited|null} awaited */
  await(awaited) {
    clearTimeout(this.timer);
    this.stopWaiting();
    this.awaited = awaited;
  }

  /**
   * Compares with what Python sent.
   * @param {Heard} data
   * @returns {boolean} Whether Python's choice replaced ours.
   */
  hear(data) {
    const { awaited, id: before } = this;
    if (!awaited) {
      this.id = data.selected;
    } else if (awaited.answered(data)) {
      this.id = data.selected;
      this.stopWaiting();
      clearTimeout(this.timer);
      this.stopWaiting = whenPageSettled(() => {
        this.await(null);
        this.settled();
      });
    } else if (Math.max(data.echo?.selected ?? 0, data.echo?.point ?? 0) >= awaited.n) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.begin(data.selected);
        this.moved();
      }, DISAGREE_MS);
    }
    return this.id !== before;
  }
}
