// Every conversation the page knows, once, by its id: lists and threads observe the same row.
import { type Signal, signal } from "@preact/signals";
import type { ConversationRow, Mine } from "../api/types.ts";

/** What events carry: the row, without what it is to one agent. */
export type ConversationSummary = Omit<ConversationRow, "mine">;

const rows = new Map<string, Signal<ConversationRow>>();
const watchers = new Set<(id: string) => void>();
/** The rows whose `mine` is a guess, because their first word came by an event. */
const guessed = new Set<string>();

const arrived = signal(0);

/** Who asks for one that is not there yet hears when rows come in. */
export const rowOf = (id: string): Signal<ConversationRow> | undefined => {
  const known = rows.get(id);
  if (!known) arrived.value;
  return known;
};
export const knownIds = (): string[] => [...rows.keys()];

export const onRow = (hear: (id: string) => void): (() => void) => {
  watchers.add(hear);
  return () => watchers.delete(hear);
};

const tell = (id: string): void => {
  for (const hear of watchers) hear(id);
};

const set = (row: ConversationRow): void => {
  const known = rows.get(row.id);
  if (known) known.value = row;
  else {
    rows.set(row.id, signal(row));
    arrived.value = arrived.peek() + 1;
  }
  tell(row.id);
};

/** As a GET gave it. What is older than what is known is dropped. */
export const putRow = (row: ConversationRow): void => {
  const known = rows.get(row.id)?.peek();
  guessed.delete(row.id);
  if (known && known.version > row.version) set({ ...known, mine: row.mine });
  else set(row);
};

/** As an event told it: without what it is to me, which follows from what it was. */
export const putSummary = (summary: ConversationSummary, me: string, byMe: boolean, marked = false): void => {
  const known = rows.get(summary.id)?.peek();
  if (known && known.version > summary.version) return;
  const mine = known ? { ...known.mine } : fresh(summary);
  if (!known && summary.inbound_count > 1) guessed.add(summary.id);
  if (known && !marked) mine.unread = Math.max(0, mine.unread + summary.inbound_count - known.inbound_count);
  if (byMe || summary.assignee?.id === me) mine.with_me = true;
  set({ ...summary, mine });
};

const fresh = (summary: ConversationSummary): Mine => ({
  unread: summary.inbound_count,
  mentioned: false,
  with_me: false,
});

export const takeGuessed = (): string[] => {
  const ids = [...guessed].slice(0, 100);
  for (const id of ids) guessed.delete(id);
  return ids;
};

export const putMine = (id: string, mine: Partial<Mine>): void => {
  const known = rows.get(id)?.peek();
  if (known) set({ ...known, mine: { ...known.mine, ...mine } });
};

/** Changes a row before the server has; the answer is what takes it back. */
export const patch = (id: string, change: Partial<ConversationRow>): (() => void) => {
  const before = rows.get(id)?.peek();
  if (!before) return () => {};
  set({ ...before, ...change });
  const names = Object.keys(change) as (keyof ConversationRow)[];
  return () => {
    const now = rows.get(id)?.peek();
    if (now) set({ ...now, ...Object.fromEntries(names.map((name) => [name, before[name]])) });
  };
};

export const forget = (id: string): void => {
  if (rows.delete(id)) tell(id);
};

export const forgetAll = (): void => rows.clear();
