// Single keys, outside of text only; they can be switched off (WCAG 2.1.4). Never Alt or Option, which write letters.

import { expired } from "../store/session.ts";
import { keysOn } from "../store/settings.ts";
import { overlay } from "../view/overlays.ts";
import { expectText, followText, isAhead } from "./ahead.ts";
import { inText, isComposing } from "./ime.ts";
import { actions } from "./keymap.ts";

const CHORD = 1_200;
let first = "";
let firstAt = 0;

const typed = (event: KeyboardEvent): string =>
  event.shiftKey && /^\p{L}$/u.test(event.key) ? `Shift+${event.key.toLowerCase()}` : event.key;

export const followKeys = (): void => {
  followText();
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isComposing(event) || event.altKey || expired.peek()) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.shiftKey) {
      event.preventDefault();
      const opens = overlay.peek()?.kind !== "palette";
      overlay.value = opens ? { kind: "palette" } : null;
      if (opens) expectText();
      return;
    }
    if (!event.ctrlKey && !event.metaKey && isAhead(event)) return;
    if (event.ctrlKey || event.metaKey || inText(event.target)) return;
    if (overlay.peek() || document.querySelector("dialog[open], :popover-open")) return;
    if (keysOn.peek() === "off" && event.key !== "Escape") return;
    press(event);
  });
};

const press = (event: KeyboardEvent): void => {
  const now = typed(event);
  const chord = first && Date.now() - firstAt < CHORD ? `${first} ${now}` : "";
  first = "";
  const known = actions();
  const found = (chord && known.find((one) => one.keys === chord)) || known.find((one) => one.keys === now);
  if (found) {
    event.preventDefault();
    if (event.repeat && found.group !== "list") return;
    if (found.writes) expectText();
    found.run();
  } else if (known.some((one) => one.keys.startsWith(`${now} `))) {
    first = now;
    firstAt = Date.now();
  }
};
