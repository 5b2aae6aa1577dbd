/** Fetches and makes the pages that the reader is likely to want next, so that a flip only draws. */

import { neededTiles } from "../eeg_paper/pages.js";
import { eventBeside, startForOnset, turned } from "../eeg_paper/state.js";

/** Milliseconds after a picture before its neighbours are made, and from one to the next: keys go first. */
const AFTER_MS = 40;
const BETWEEN_MS = 20;

export class Ahead {
  /** @param {import("../eeg_paper/tiles.js").TileLoader} loader @param {import("../eeg_paper/pages.js").PageMaker} maker */
  constructor(loader, maker) {
    this.loader = loader;
    this.maker = maker;
    this.timer = 0;
  }

  /**
   * Says what to load, the most urgent first: this page, its neighbours, the events beside, the next recording's first page.
   * @param {import("../eeg_paper/state.js").Data} data
   * @param {import("../eeg_paper/pages.js").Request|null} request The page on screen. @param {string|null} selected
   * @param {import("../eeg_paper/pages.js").Request[]} [further] What else is on screen.
   */
  want(data, request, selected, further = []) {
    const { recording, token, next } = data;
    const of = (one) => neededTiles(one).map((tile) => ({ digest: recording.digest, token, tile, duration: recording.duration_s }));
    const wanted = request ? [request, ...further, ...likely(data, request, selected)].flatMap(of) : [];
    if (next) wanted.push({ digest: next.digest, token: next.token, tile: 0, duration: Infinity });
    this.loader.want(wanted);
  }

  /** Makes the neighbouring pages while nothing else is to be done, one a turn. @param {import("../eeg_paper/state.js").Data} data @param {import("../eeg_paper/pages.js").Request} request @param {string|null} selected */
  make(data, request, selected) {
    clearTimeout(this.timer);
    const left = likely(data, request, selected);
    const next = () => {
      const one = left.shift();
      if (!one) return;
      this.maker.page(one);
      this.timer = setTimeout(next, BETWEEN_MS);
    };
    this.timer = setTimeout(next, AFTER_MS);
  }

  /** Stops. */
  close() {
    clearTimeout(this.timer);
    this.loader.want([]);
  }
}

/** The pages to which a key leads from here. */
function likely({ events, recording }, request, selected) {
  const { start, span } = request;
  const turns = [1, -1].map((by) => turned(start, by * span, span, recording.duration_s));
  const beside = [1, -1].map((by) => eventBeside(events, selected, by)).filter(Boolean).map((event) => startForOnset(event, span));
  return [...new Set([...turns, ...beside])].filter((one) => one !== start).map((one) => ({ ...request, start: one }));
}
