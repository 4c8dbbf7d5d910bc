// The words of what managers look after: one language of them, loaded with the views.
import { effect, signal } from "@preact/signals";
import type { Language } from "../store/settings.ts";
import type { ManagingWords } from "../text/en_managing.ts";
import { locale } from "../text/words.ts";

const spoken = signal<ManagingWords | null>(null);
export const m = (): ManagingWords => spoken.value!;

const load = async (language: Language): Promise<ManagingWords> =>
  language === "it"
    ? (await import("../text/it_managing.ts")).managing
    : (await import("../text/en_managing.ts")).managing;

export const learnManaging = async (): Promise<void> => {
  const language = locale.peek();
  const words = await load(language);
  if (language === locale.peek()) spoken.value = words; // else the effect below is on its way
};

let first = true;
effect(() => {
  void locale.value;
  if (first) first = false;
  else void learnManaging();
});
