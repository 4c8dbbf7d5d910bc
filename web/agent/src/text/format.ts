// Times and sizes as people read them, in the language and zone of who reads.
import { locale } from "./words.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Made once for each language: to make one takes longer than a hundred uses of it. */
const kept = <T>(make: (language: string) => T): (() => T) => {
  const made = new Map<string, T>();
  return () => {
    const language = locale.value;
    let found = made.get(language);
    if (found === undefined) made.set(language, (found = make(language)));
    return found;
  };
};
const times = (options: Intl.DateTimeFormatOptions): (() => Intl.DateTimeFormat) =>
  kept((language) => new Intl.DateTimeFormat(language === "it" ? "it-IT" : "en-GB", options));

const HOUR_AND_MINUTE = times({ hour: "2-digit", minute: "2-digit" });
const WEEKDAY = times({ weekday: "short" });
const LONG_WEEKDAY = times({ weekday: "long" });
const DAY_AND_MONTH = times({ day: "numeric", month: "short" });
const DAY_MONTH_AND_YEAR = times({ day: "numeric", month: "short", year: "numeric" });
const LONG_DAY = times({ weekday: "long", day: "numeric", month: "long" });
const LONG_DATE = times({ day: "numeric", month: "long", year: "numeric" });
const COMING_DAY = times({ weekday: "short", day: "numeric", month: "short" });
const IN_FULL = times({ dateStyle: "full", timeStyle: "long" });

const midnight = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
const daysAgo = (time: number, now: number): number => Math.round((midnight(now) - midnight(time)) / DAY);
const relative = kept((language) => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));
const capital = (text: string): string => text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1);

export const clock = (iso: string): string => HOUR_AND_MINUTE().format(Date.parse(iso));

/** In a list: the hour today, yesterday by name, the weekday within a week, else the date. */
export const short = (iso: string, now = Date.now()): string => {
  const time = Date.parse(iso);
  const days = daysAgo(time, now);
  if (days <= 0) return clock(iso);
  if (days === 1) return capital(relative().format(-1, "day"));
  if (days < 7) return capital(WEEKDAY().format(time));
  const thisYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return (thisYear ? DAY_AND_MONTH() : DAY_MONTH_AND_YEAR()).format(time);
};

export const day = (iso: string, now = Date.now()): string => {
  const time = Date.parse(iso);
  const days = daysAgo(time, now);
  if (days === 0 || days === 1) return capital(relative().format(-days, "day"));
  if (days > 1 && days < 7) return capital(LONG_WEEKDAY().format(time));
  const thisYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return (thisYear ? LONG_DAY() : LONG_DATE()).format(time);
};

const MONDAY = Date.UTC(2024, 0, 1, 12);
/** The day of the week by its number, from Monday. */
export const weekday = (number: number, how: "short" | "long"): string =>
  (how === "short" ? WEEKDAY : LONG_WEEKDAY)().format(MONDAY + number * DAY);

/** In full, in one's own zone and in UTC: what stands behind every short time. */
export const full = (iso: string): string => {
  const time = new Date(iso);
  const own = IN_FULL().format(time);
  return `${own} · ${iso.slice(0, 19).replace("T", " ")} UTC`;
};

export const moment = (iso: string, now = Date.now()): string => {
  const days = daysAgo(Date.parse(iso), now);
  return days === 0 ? clock(iso) : `${short(iso, now)} ${clock(iso)}`.trim();
};

/** Later than now: when something ends. */
export const coming = (iso: string, now = Date.now()): string => {
  const days = -daysAgo(Date.parse(iso), now);
  if (days <= 0) return clock(iso);
  if (days === 1) return `${relative().format(1, "day")} ${clock(iso)}`;
  return `${COMING_DAY().format(new Date(iso))} ${clock(iso)}`;
};

export const lasting = (ms: number): string => {
  if (ms < HOUR) return `${Math.max(1, Math.round(ms / MINUTE))} min`;
  if (ms < DAY) {
    const minutes = Math.round((ms % HOUR) / MINUTE);
    return `${Math.floor(ms / HOUR)} h${minutes ? ` ${minutes} min` : ""}`;
  }
  const days = Math.floor(ms / DAY);
  return `${days} ${locale.value === "it" ? (days === 1 ? "giorno" : "giorni") : days === 1 ? "day" : "days"}`;
};

/** As players show it: minutes and seconds. */
export const playing = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** How long somebody waits, in as few characters as a row has. */
export const waited = (ms: number): string => {
  if (ms < HOUR) return `${Math.max(1, Math.floor(ms / MINUTE))} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} ${locale.value === "it" ? "g" : "d"}`;
};

export const bytes = (size: number): string => {
  const [value, unit] = size < 1_000_000 ? [size / 1_000, "kilobyte"] : [size / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(locale.value, {
    style: "unit",
    unit,
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(Math.max(0.1, value));
};

const NUMBER = kept((language) => new Intl.NumberFormat(language));
/** To make a number format takes fifty milliseconds, and small numbers look the same in both languages. */
export const number = (value: number): string => (value < 1_000 ? String(value) : NUMBER().format(value));
export const dateOnly = (iso: string): string => LONG_DATE().format(new Date(iso));

const letters = new Map<string, string>();
export const initials = (name: string): string => {
  let found = letters.get(name);
  if (found === undefined) {
    if (letters.size > 2_000) letters.clear();
    letters.set(name, (found = initialsOf(name)));
  }
  return found;
};

const initialsOf = (name: string): string => {
  const parts = name
    .trim()
    .split(/\s+/)
    .filter((part) => /\p{L}/u.test(part));
  const first = (part: string | undefined): string =>
    [...(part ?? "")].find((one) => /\p{L}/u.test(one)) ?? "";
  return (first(parts[0]) + (parts.length > 1 ? first(parts.at(-1)) : "")).toLocaleUpperCase();
};
