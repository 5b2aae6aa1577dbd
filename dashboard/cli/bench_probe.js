/**
 * Times what a reader waits for, in the page: from an input event to the frame that shows its effect.
 *
 * Injected into both sides of the bench. `arm` notes what is on screen; the next key or click starts the clock, by the
 * browser's own time stamp of the event; after each frame it is looked whether the picture is another and the wanted one.
 * The look is a task posted from within the frame's callbacks, so it runs once that frame has been laid out and painted.
 */
(() => {
  let pressedAt = 0;
  let held = new Map();

  for (const type of ["keydown", "mouseup"]) {
    window.addEventListener(type, (event) => {
      pressedAt ||= event.timeStamp;
    }, { capture: true });
  }

  /** The first element that matches, also within shadow roots; remembered while it is in the document. */
  function find(selector, root = document) {
    if (root === document && held.get(selector)?.isConnected) return held.get(selector);
    let found = root.querySelector(selector);
    if (!found) {
      for (const element of root.querySelectorAll("*")) {
        found = element.shadowRoot && find(selector, element.shadowRoot);
        if (found) break;
      }
    }
    if (root === document && found) held.set(selector, found);
    return found;
  }

  /** What each kind of picture says of itself; empty while it is not there. */
  const pictures = {
    ours: ({ canvas, said = "drawn" }) => find(canvas)?.dataset[said] ?? "",
    plotly: ({ mark, attribute }) => {
      const title = find(".js-plotly-plot .gtitle")?.textContent;
      const drawn = find(mark)?.getAttribute(attribute);
      return title && drawn ? `${title} ${drawn}` : "";
    },
  };

  const isWanted = (text, { begins = "", never = "\0" }) =>
    text !== "" && text.startsWith(begins) && !text.endsWith(never);

  const afterFrame = () => new Promise((resolve) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(0);
    });
  });

  /** Milliseconds from the next key or click to the frame with the wanted picture; null where it does not come. */
  async function watch(what, before, withinMs) {
    const giveUp = performance.now() + withinMs;
    for (;;) {
      await afterFrame();
      const now = performance.now();
      const text = pictures[what.kind](what);
      if (pressedAt && text !== before && isWanted(text, what)) return now - pressedAt;
      if (now > giveUp) return null;
    }
  }

  window.benchProbe = {
    find,
    picture: (what) => pictures[what.kind](what),
    isThere: (what) => isWanted(pictures[what.kind](what), what),
    arm(what, withinMs) {
      pressedAt = 0;
      this.answer = watch(what, pictures[what.kind](what), withinMs);
    },
  };
})();
