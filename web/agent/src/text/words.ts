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

const rulesOf = new Map<Language, Intl.PluralRules>();
/** The form of a word that goes with a number. */
export const plural = (count: number, one: string, many: string): string => {
  const language = locale.value;
  let rules = rulesOf.get(language);
  if (!rules) rulesOf.set(language, (rules = new Intl.PluralRules(language)));
  return rules.select(count) === "one" ? one : many;
};

/** A word by its key; the key itself where the server has learnt a new one. */
export const pick = (words: Readonly<Record<string, string>>, key: string): string =>
  words[key] ?? key.replaceAll("_", " ");
