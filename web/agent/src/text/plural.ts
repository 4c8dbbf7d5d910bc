import { locale } from "./words.ts";

/** The form of a word that goes with a number. */
export const plural = (count: number, one: string, many: string): string =>
  new Intl.PluralRules(locale.value).select(count) === "one" ? one : many;

/** A word by its key; the key itself where the server has learnt a new one. */
export const pick = (words: Readonly<Record<string, string>>, key: string): string =>
  words[key] ?? key.replaceAll("_", " ");
