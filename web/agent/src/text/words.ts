// The words of the page: one language is loaded, and of it first what is needed to begin.
import { batch, computed, signal } from "@preact/signals";
import type { Language } from "../store/settings.ts";
import type { Words } from "./en.ts";
import type { MoreWords } from "./en_more.ts";

const spoken = signal<Words | null>(null);
const later = signal<MoreWords | null>(null);
const whole = computed(() => ({ ...spoken.value, ...later.value }) as Words & MoreWords);
export const locale = signal<Language>("en");

/** The sentences in the language that is spoken now. */
export const t = (): Words => spoken.value!;
export const isSpoken = (): boolean => spoken.value !== null;
/** The same with those of the views that are loaded later: once `learnMore` has been waited for. */
export const all = (): Words & MoreWords => whole.value;

export const learn = async (language: Language): Promise<void> => {
  const words = await first(language);
  const more = later.peek() && (await rest(language));
  document.documentElement.lang = language;
  batch(() => {
    locale.value = language;
    spoken.value = words;
    if (more) later.value = more;
  });
};

export const learnMore = async (): Promise<void> => {
  while (!later.peek()) {
    const language = locale.peek();
    const more = await rest(language);
    if (language === locale.peek()) later.value = more; // else it was changed meanwhile
  }
};

const first = async (language: Language): Promise<Words> =>
  language === "it" ? (await import("./it.ts")).it : (await import("./en.ts")).en;
const rest = async (language: Language): Promise<MoreWords> =>
  language === "it" ? (await import("./it_more.ts")).more : (await import("./en_more.ts")).more;

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
