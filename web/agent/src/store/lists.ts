// The list that is shown: a window into the server's, kept in step by events.
import { batch, effect, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { ConversationPage } from "../api/types.ts";
import { conversationId, OWN, place } from "./place.ts";
import { asked, belongs, compare, type ListQuery, queryOf } from "./query.ts";
import { askedNow, onRow, peekRow, putRows } from "./rows.ts";
import { channel, inbox, myId, phase } from "./session.ts";
import { lastInbox, rememberInbox } from "./settings.ts";

export type ListPhase = "loading" | "ready" | "error";
export const PAGE = 50;

export const ids = signal<readonly string[]>([]);
export const listPhase = signal<ListPhase>("loading");
export const listError = signal<unknown>(null);
export const next = signal<string | null>(null);
export const loadingMore = signal(false);
/** Rows that stay, greyed, although they belong here no more: somebody is looking at them. */
export const leaving = signal<ReadonlySet<string>>(new Set());
/** How many changes wait until the pointer has left the list. */
export const waiting = signal(0);

/** A list that has grown by itself is begun anew when it is this long and nobody is anywhere near its end. */
const LONG = 1_000;
const ANEW = 100;
const KEPT = 8;

let query: ListQuery | null = null;
let seenTo = 0;
/** A first page that came with the beginning. */
let given: { of: string; page: ConversationPage } | null = null;
let asking: AbortController | null = null;
let held = false;
const pending = new Set<string>();
/** Rows that were told while an answer is under way: it may have been read before. */
const meanwhile = new Set<string>();
const remembered = new Map<string, { ids: readonly string[]; next: string | null }>();

const nameOf = (of: ListQuery): string => JSON.stringify(of);
const at = (id: string) => peekRow(id);

export const currentQuery = (): ListQuery | null => query;

/** Of this list and of those that were shown before it. */
export const listedIds = (): string[] => [
  ...ids.peek(),
  ...[...remembered.values()].flatMap((one) => one.ids),
];

/** The next list that is begun needs not be asked for, if it is this one. */
export const offer = (of: ListQuery, page: ConversationPage): void => {
  given = { of: nameOf(of), page };
};

/** Another person comes: nothing of this one's is left. */
export const forgetLists = (): void => {
  query = given = null;
  remembered.clear();
  batch(() => {
    ids.value = [];
    next.value = null;
    listPhase.value = "loading";
  });
};

/** Follows the address: another list is begun whenever inbox, channel, tab, filter or order change. */
export const followPlace = (): void => {
  effect(() => {
    const here = place.value;
    const [where, through] = [inbox.value, channel.value];
    if (phase.value !== "ready" || !where || here.screen !== "inbox") return;
    const wanted = queryOf(here, where.id, through?.id ?? "");
    if (where.key !== OWN && lastInbox.peek() !== where.key) rememberInbox(where.key);
    if (query && nameOf(wanted) === nameOf(query)) return;
    begin(wanted);
  });
  effect(() => {
    const selected = conversationId.value;
    const gone = [...leaving.peek()].filter((id) => id !== selected);
    if (gone.length) batch(() => gone.forEach(settle));
  });
  onRow((id) => touch(id));
};

/** Its beginning: what is below is loaded again when it is wanted. */
const remember = (of: ListQuery): void => {
  const [name, now] = [nameOf(of), ids.peek()];
  remembered.delete(name);
  remembered.set(name, { ids: now.slice(0, ANEW), next: now.length > ANEW ? null : next.peek() });
  for (const old of remembered.keys()) {
    if (remembered.size <= KEPT) break;
    remembered.delete(old);
  }
};

/** How far down somebody has the list before him. */
export const seeTo = (index: number): void => {
  seenTo = index;
};

/** A day of other people's conversations comes in above; the page holds what can be looked at. */
export const shorten = (): void => {
  if (ids.peek().length > LONG && seenTo < ANEW && !held && !shortening && query)
    void load(ANEW, LONG).finally(() => {
      shortening = false;
    });
  else return;
  shortening = true;
};
let shortening = false;

const begin = (wanted: ListQuery): void => {
  if (query && listPhase.peek() === "ready") remember(query);
  query = wanted;
  const before = remembered.get(nameOf(wanted));
  batch(() => {
    pending.clear();
    waiting.value = 0;
    leaving.value = new Set();
    const still = before?.ids.filter((id) => fits(id)) ?? [];
    ids.value = [...still].sort((a, b) => compare(wanted.sort, at(a)!, at(b)!));
    next.value = before?.next ?? null;
    listPhase.value = before ? "ready" : "loading";
  });
  const page = given?.of === nameOf(wanted) ? given.page : null;
  given = null;
  if (page) show(page);
  else void load();
};

const show = (page: ConversationPage, since = askedNow()): void =>
  batch(() => {
    const told = [...meanwhile];
    putRows(page.items, since);
    pending.clear();
    waiting.value = 0;
    ids.value = page.items.map((row) => row.id).filter(fits);
    next.value = page.next;
    listPhase.value = "ready";
    listError.value = null;
    told.forEach(settle);
  });

export const reload = (): void => {
  remembered.clear();
  void load();
};

/** `unless`: only if the list is longer than that when the answer comes, and nobody has gone down in it. */
const load = async (limit = PAGE, unless = 0): Promise<void> => {
  const wanted = query;
  if (!wanted) return;
  asking?.abort();
  if (!isAsked()) meanwhile.clear();
  const mine = new AbortController();
  asking = mine;
  const since = askedNow();
  try {
    const page = await calls.list({ ...asked(wanted), limit }, mine.signal);
    if (wanted === query && !(unless && (held || seenTo >= ANEW))) show(page, since);
  } catch (error) {
    if (mine.signal.aborted || wanted !== query) return;
    batch(() => {
      listError.value = error;
      if (listPhase.value === "loading") listPhase.value = "error";
    });
  } finally {
    if (asking === mine) asking = null;
  }
};

const isAsked = (): boolean => asking !== null || loadingMore.peek();

export const more = async (): Promise<void> => {
  const [wanted, cursor] = [query, next.peek()];
  if (!wanted || !cursor || loadingMore.peek()) return;
  if (!isAsked()) meanwhile.clear();
  loadingMore.value = true;
  const since = askedNow();
  try {
    const page = await calls.list({ ...asked(wanted), limit: PAGE, cursor });
    if (wanted !== query) return;
    batch(() => {
      const told = [...meanwhile];
      putRows(page.items, since);
      const known = new Set(ids.peek());
      const added = page.items.map((row) => row.id).filter((id) => !known.has(id) && fits(id));
      ids.value = [...ids.peek(), ...added];
      next.value = page.next;
      told.forEach(settle);
    });
  } catch (error) {
    listError.value = error;
  } finally {
    loadingMore.value = false;
  }
};

/** While somebody points at a row, rows must not run away from under him. */
export const hold = (on: boolean): void => {
  held = on;
  if (!on) release();
};

export const release = (): void => {
  const all = [...pending];
  pending.clear();
  batch(() => {
    waiting.value = 0;
    all.forEach(settle);
  });
};

const fits = (id: string): boolean => {
  const row = at(id);
  return Boolean(row && query && belongs(query, row, myId()));
};

const touch = (id: string): void => {
  if (isAsked()) meanwhile.add(id);
  if (!query || listPhase.peek() === "loading") return;
  if (held && moves(id)) {
    pending.add(id);
    waiting.value = [...pending].filter((one) => fits(one)).length;
    if (!at(id)) settle(id);
    else if (!fits(id)) leaving.value = new Set([...leaving.peek(), id]);
    return;
  }
  settle(id);
};

const moves = (id: string): boolean => {
  const now = ids.peek();
  const i = now.indexOf(id);
  if (i < 0) return fits(id);
  return !fits(id) || !inOrder(now, i);
};

const inOrder = (now: readonly string[], i: number): boolean => {
  const [above, row, below] = [now[i - 1], at(now[i]!), now[i + 1]];
  const sort = query!.sort;
  return Boolean(
    row &&
      (!above || !at(above) || compare(sort, at(above)!, row) <= 0) &&
      (!below || !at(below) || compare(sort, row, at(below)!) <= 0),
  );
};

/** Puts a row where it belongs now, or takes it out. */
const settle = (id: string): void => {
  const now = ids.peek();
  const i = now.indexOf(id);
  if (!fits(id)) {
    if (i < 0) return;
    if (id === conversationId.peek() && at(id)) {
      leaving.value = new Set([...leaving.peek(), id]);
      return;
    }
    ids.value = now.filter((one) => one !== id);
    stay(id);
    return;
  }
  stay(id);
  if (i >= 0 && inOrder(now, i)) return;
  const rest = i < 0 ? [...now] : now.filter((one) => one !== id);
  const place = placeOf(rest, id);
  const beyond = place === rest.length && next.peek() !== null;
  if (!beyond) rest.splice(place, 0, id);
  ids.value = rest;
};

const stay = (id: string): void => {
  if (!leaving.peek().has(id)) return;
  leaving.value = new Set([...leaving.peek()].filter((one) => one !== id));
};

const placeOf = (rest: readonly string[], id: string): number => {
  const row = at(id)!;
  let [low, high] = [0, rest.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = at(rest[middle]!);
    if (other && compare(query!.sort, other, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
