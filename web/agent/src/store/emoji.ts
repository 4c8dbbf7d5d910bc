// Every emoji by its name, in the language that is read; loaded when somebody wants one.
import { signal } from "@preact/signals";
import type { Language } from "./settings.ts";

export interface Emoji {
  sign: string;
  name: string;
  words: string;
  tones: boolean;
}
export interface Group {
  name: string;
  emoji: readonly Emoji[];
}

export const TONES = ["", "\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"] as const;
export type Tone = (typeof TONES)[number];

const KEPT = 24;
const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

export const readGroups = (written: readonly (readonly [string, string])[]): Group[] =>
  written.map(([name, lines]) => ({
    name: name.charAt(0).toLocaleUpperCase() + name.slice(1),
    emoji: lines.split("\n").map((line) => {
      const [sign = "", label = "", words = ""] = line.split("\t");
      const tones = sign.endsWith("*");
      return {
        sign: tones ? sign.slice(0, -1) : sign,
        name: label,
        words: plain(`${label} ${words}`),
        tones,
      };
    }),
  }));

const loaded = new Map<Language, Group[]>();
export const loadEmoji = async (language: Language): Promise<Group[]> => {
  const known = loaded.get(language);
  if (known) return known;
  const { groups } = language === "it" ? await import("emoji:it") : await import("emoji:en");
  const made = readGroups(groups);
  loaded.set(language, made);
  return made;
};

/** Every word somewhere at the beginning of a word; names before other words. */
export const findEmoji = (groups: readonly Group[], typed: string, most = 120): Emoji[] => {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  const begins = (text: string): boolean => wanted.every((word) => ` ${text}`.includes(` ${word}`));
  const found = groups.flatMap((group) => group.emoji.filter((one) => begins(one.words)));
  const rank = (one: Emoji): number => (begins(plain(one.name)) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, most);
};

/** In the tone of skin that was chosen, where it has tones. */
export const toned = (one: Emoji, tone: Tone): string => {
  if (!one.tones || !tone) return one.sign;
  const [first = "", ...rest] = [...one.sign];
  return first + tone + rest.join("").replace(/^\ufe0f/, "");
};

const readKept = (name: string): string => {
  try {
    return localStorage.getItem(`casella.emoji.${name}`) ?? "";
  } catch {
    return "";
  }
};
const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(`casella.emoji.${name}`, value);
  } catch {
    // It holds until the page is left.
  }
};

/** The ones that were used last, the newest first. */
export const recent = signal<readonly string[]>(readKept("recent").split(" ").filter(Boolean));
export const tone = signal<Tone>(TONES.find((one) => one === readKept("tone")) ?? "");

export const used = (sign: string): void => {
  recent.value = [sign, ...recent.peek().filter((one) => one !== sign)].slice(0, KEPT);
  keep("recent", recent.peek().join(" "));
};
export const chooseTone = (wanted: Tone): void => {
  tone.value = wanted;
  keep("tone", wanted);
};
