// The words of the page: one language is loaded.
import { signal } from "@preact/signals";
import type { Language } from "../store/settings.ts";
import type { Words } from "./en.ts";

const spoken = signal<Words | null>(null);
export const locale = signal<Language>("en");

/** The sentences in the language that is spoken now. */
export const t = (): Words => spoken.value!;
export const isSpoken = (): boolean => spoken.value !== null;

export const learn = async (language: Language): Promise<void> => {
  const words = language === "it" ? (await import("./it.ts")).it : (await import("./en.ts")).en;
  document.documentElement.lang = language;
  locale.value = language;
  spoken.value = words;
};
