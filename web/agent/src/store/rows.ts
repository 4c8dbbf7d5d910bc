// Every conversation the page knows, once, by its id: lists and threads observe the same row.
import { type Signal, signal } from "@preact/signals";
import type { ConversationRow, Mine } from "../api/types.ts";

/** What events carry: the row, without what it is to one agent. */
export type ConversationSummary = Omit<ConversationRow, "mine">;

/** As they are shown: what the server last told, with what I have done and it has not answered yet laid over it. */
const rows = new Map<string, Signal<ConversationRow>>();
const told = new Map<string, ConversationRow>();
const underway = new Map<string, Partial<ConversationRow>[]>();
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
/** As it is now, for whoever acts and does not watch. */
export const peekRow = (id: string): ConversationRow | undefined => rows.get(id)?.peek();
export const knownIds = (): string[] => [...rows.keys()];

export const onRow = (hear: (id: string) => void): (() => void) => {
  watchers.add(hear);
  return () => watchers.delete(hear);
};

const show = (id: string): void => {
  const base = told.get(id);
  if (!base) return;
  const changes = underway.get(id);
  const row = changes ? Object.assign({ ...base }, ...changes) : base;
  const known = rows.get(id);
  if (known) known.value = row;
  else {
    rows.set(id, signal(row));
    arrived.value = arrived.peek() + 1;
  }
  for (const hear of watchers) hear(id);
};

const set = (row: ConversationRow): void => {
  told.delete(row.id); // the one that was told last stands last
  told.set(row.id, row);
  show(row.id);
};

/** `mine` has no version: what was asked for before it changed here must not put it back. */
const marked = new Map<string, number>();
let moment = 0;
/** Now, for an answer that is about to be asked for. */
export const askedNow = (): number => {
  moment += 1;
  return moment;
};

/** As a GET gave it that was asked for at `since`. What is older than what is known is dropped. */
export const putRow = (row: ConversationRow, since = Number.POSITIVE_INFINITY): void => {
  const known = told.get(row.id);
  guessed.delete(row.id);
  const mine = known && (marked.get(row.id) ?? 0) > since ? mineOf(known, row) : row.mine;
  if (known && known.version > row.version) set({ ...known, mine });
  else set({ ...row, mine });
};

export const putRows = (rows: readonly ConversationRow[], since: number): void => {
  for (const row of rows) putRow(row, since);
};

/** What is known of it, and what has come in besides. */
const mineOf = (known: ConversationRow, row: ConversationRow): Mine => ({
  ...known.mine,
  unread: known.mine.unread + Math.max(0, row.inbound_count - known.inbound_count),
});

/** As an event told it: without what it is to me, which follows from what it was. */
export const putSummary = (summary: ConversationSummary, me: string, byMe: boolean, marked = false): void => {
  const known = told.get(summary.id);
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

export const takeGuessed = (wanted: (id: string) => boolean): string[] => {
  const ids = [...guessed].filter(wanted).slice(-100);
  for (const id of ids) guessed.delete(id);
  return ids;
};

export const putMine = (id: string, mine: Partial<Mine>): void => {
  const known = told.get(id);
  if (!known) return;
  marked.set(id, askedNow());
  set({ ...known, mine: { ...known.mine, ...mine } });
};

/** The server said a part of the row anew. */
export const amend = (id: string, change: Partial<ConversationRow>): void => {
  const known = told.get(id);
  if (known) set({ ...known, ...change });
};

export interface Change {
  /** It was refused: as the server has it. */
  undo(): void;
  /** It was taken. Without the new row in the answer it counts as told, until that comes. */
  taken(answered: boolean): void;
}

/** Shows a change before the server has it; whatever was on its way meanwhile does not take it back. */
export const guess = (id: string, change: Partial<ConversationRow>): Change => {
  underway.set(id, [...(underway.get(id) ?? []), change]);
  show(id);
  const end = (): void => {
    const left = (underway.get(id) ?? []).filter((one) => one !== change);
    if (left.length) underway.set(id, left);
    else underway.delete(id);
  };
  return {
    undo: () => {
      end();
      show(id);
    },
    taken: (answered) => {
      end();
      if (answered) show(id);
      else amend(id, change);
    },
  };
};

export const forget = (id: string): void => {
  told.delete(id);
  marked.delete(id);
  if (rows.delete(id)) for (const hear of watchers) hear(id);
};

const SPARE = 200;

/** Of what no list and no thread holds, what was told longest ago goes: a day of other people's conversations would
 * otherwise stay in the memory. */
export const forgetUnseen = (kept: () => ReadonlySet<string>): void => {
  if (told.size < nextLook) return;
  const seen = kept();
  let spare = 0;
  for (const id of told.keys()) if (!seen.has(id)) spare += 1;
  for (const id of [...told.keys()]) {
    if (spare <= SPARE) break;
    if (seen.has(id) || underway.has(id)) continue;
    told.delete(id);
    rows.delete(id);
    marked.delete(id);
    guessed.delete(id);
    spare -= 1;
  }
  nextLook = told.size + SPARE;
};
let nextLook = SPARE;

export const forgetAll = (): void => {
  rows.clear();
  told.clear();
  underway.clear();
  marked.clear();
};
