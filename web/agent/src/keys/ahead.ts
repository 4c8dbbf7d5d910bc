// What is typed between a key that leads to a text and the moment when the text has the focus belongs to that text. The view
// may have to be loaded first, and who types fast is a word ahead: "r" and a quick "Hello" closed the conversation.
import { inText } from "./ime.ts";
import { insertAt } from "./insert.ts";

const PATIENCE = 5_000;
let kept: string | null = null;
let until = 0;

/** From now on keys are kept, for the next text that gets the focus; Escape and time give them up. */
export const expectText = (): void => {
  kept = "";
  until = Date.now() + PATIENCE;
};

/** Whether this key belongs to a text that is on its way. */
export const isAhead = (event: KeyboardEvent): boolean => {
  if (kept === null) return false;
  if (event.key === "Escape" || Date.now() > until || inText(event.target)) {
    kept = null;
    return false;
  }
  if (event.key === "Shift") return true;
  if (event.key === "Backspace") kept = [...kept].slice(0, -1).join("");
  else if ([...event.key].length === 1) kept += event.key;
  event.preventDefault();
  return true;
};

export const followText = (): void => {
  addEventListener("focusin", ({ target }) => {
    if (kept === null || !inText(target)) return;
    const text = kept;
    kept = null;
    if (text && (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement))
      insertAt(target, text);
  });
};
