// Short messages: toasts for the eye, one announcer for the ear.
import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "bad";
  action?: { label: string; run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);
export const announced = signal("");
let number = 0;
let quietUntil = 0;
let queued: ReturnType<typeof setTimeout> | undefined;

export const drop = (id: number): void => {
  toasts.value = toasts.peek().filter((one) => one.id !== id);
};

export const toast = (text: string, tone: Toast["tone"] = "plain", action?: Toast["action"]): void => {
  number += 1;
  const id = number;
  const others = toasts
    .peek()
    .filter((one) => one.text !== text) // the same twice is one
    .slice(-2);
  toasts.value = [...others, action ? { id, text, tone, action } : { id, text, tone }];
  announce(text);
  setTimeout(() => drop(id), tone === "bad" ? 9_000 : 5_000);
};

/** At most one sentence a second; the newest wins. */
export const announce = (text: string): void => {
  clearTimeout(queued);
  queued = setTimeout(
    () => {
      quietUntil = Date.now() + 1_000;
      announced.value = announced.peek() === text ? `${text}\u00a0` : text;
    },
    Math.max(0, quietUntil - Date.now()),
  );
};
