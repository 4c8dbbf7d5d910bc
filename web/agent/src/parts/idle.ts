// Later: when nobody waits for it.

/** When the browser has nothing else to do. Returns how to call it off. */
export const whenIdle = (act: () => void): (() => void) => {
  if ("requestIdleCallback" in globalThis) {
    const asked = requestIdleCallback(act, { timeout: 500 });
    return () => cancelIdleCallback(asked);
  }
  const timer = setTimeout(act, 50);
  return () => clearTimeout(timer);
};

const NO_FRAME = 300;

/** After what has just been done is on the screen; a page in the background is shown no frame. */
export const whenShown = (act: () => void): (() => void) => {
  let done = false;
  const once = (): void => {
    if (!done) act();
    done = true;
  };
  requestAnimationFrame(() => setTimeout(once));
  setTimeout(once, NO_FRAME);
  return () => {
    done = true;
  };
};
