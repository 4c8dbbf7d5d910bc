// How this browser shows the page before it knows who is there, and then as he has chosen (store/own). Nothing here is
// secret, so it stays in localStorage.
import { effect, type Signal, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export type Language = "en" | "it";

const kept = <T extends string>(name: string, usual: T, allowed: readonly T[]): Signal<T> => {
  const found = read(name) as T;
  const value = signal(allowed.includes(found) ? found : usual);
  effect(() => write(name, value.value));
  return value;
};

const read = (name: string): string => {
  try {
    return localStorage.getItem(`casella.${name}`) ?? "";
  } catch {
    return "";
  }
};

const write = (name: string, value: string): void => {
  try {
    localStorage.setItem(`casella.${name}`, value);
  } catch {
    // A browser that keeps nothing: the setting holds until the page is left.
  }
};

const firstLanguage = (): Language =>
  (globalThis.navigator?.languages ?? [])
    .map((one) => one.slice(0, 2))
    .find((one) => one === "it" || one === "en") === "it"
    ? "it"
    : "en";

export const language = kept<Language>("language", firstLanguage(), ["en", "it"]);
export const theme = kept<Theme>("theme", "system", ["system", "light", "dark"]);
export const density = kept<"comfortable" | "compact">("density", "comfortable", ["comfortable", "compact"]);
export const keysOn = kept<"on" | "off">("keys", "on", ["on", "off"]);
export const enterSends = kept<"on" | "off">("enter", "on", ["on", "off"]);
/** Others use this browser too: what is written stays in memory only. */
export const sharedComputer = kept<"on" | "off">("shared", "off", ["on", "off"]);
export const panel = kept<"open" | "shut">("panel", "open", ["open", "shut"]);

export const lastInbox = signal(read("inbox"));
export const rememberInbox = (key: string): void => {
  lastInbox.value = key;
  write("inbox", key);
};
export const rememberedSort = (inbox: string): string => read(`list.${inbox}`);
export const rememberSort = (inbox: string, query: string): void => write(`list.${inbox}`, query);
