// When one is left in peace: by the hours that one has set, as the server reckons them, too.
import type { Peace } from "../api/types.ts";

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const DAY = 24 * 60 * 60_000;

/** `usual`: whose hours they are while no zone is named. */
export const inPeace = (peace: Peace | undefined, at: number, usual: string): boolean => {
  if (peace?.until && at < Date.parse(peace.until)) return true;
  if (!peace?.hours?.length) return false;
  const [today, now] = wall(at, peace.timezone ?? usual);
  const yesterday = DAYS[(DAYS.indexOf(today) + 6) % 7]!;
  return peace.hours.some(({ days, begins, ends }) =>
    begins < ends
      ? days.includes(today) && begins <= now && now < ends
      : (days.includes(today) && now >= begins) || (days.includes(yesterday) && now < ends),
  );
};

/** The day and the hour there; here, if this browser does not know the zone. */
const wall = (at: number, zone: string): [(typeof DAYS)[number], string] => {
  let there = new Date(at);
  try {
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone || undefined,
      weekday: "long",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    }).formatToParts(at);
    const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
    return [part("weekday").toLowerCase() as (typeof DAYS)[number], `${part("hour")}:${part("minute")}`];
  } catch {
    there = new Date(at - there.getTimezoneOffset() * 60_000);
  }
  return [DAYS[(Math.floor(there.getTime() / DAY) + 3) % 7]!, there.toISOString().slice(11, 16)];
};
