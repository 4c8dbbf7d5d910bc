// Numbers on tabs, filters and channels. The server counts; the page asks at most every two seconds.
import { batch, computed, effect, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Query } from "../api/http.ts";
import type { AllCounts, Counts } from "../api/types.ts";
import { place } from "./place.ts";
import { filtersOf, queryOf, type World } from "./query.ts";
import { channel, inbox, numbers, ownInbox, phase } from "./session.ts";

const PAUSE = 2_000;
/** While something happens all the time. */
const LONG_PAUSE = 5_000;
const BUSY = 3;
const NONE: Counts = { total: 0, me: 0, others: 0, unassigned: 0, with_me: 0, unread: 0 };

export const open = signal<AllCounts | null>(null);
/** Of one's own numbers. */
export const own = signal<AllCounts | null>(null);
/** With the filters of the list that is shown. */
const shown = signal<AllCounts | null>(null);

let timer: ReturnType<typeof setTimeout> | undefined;
let last = 0;
let asking = false;
let ownMoved = true;
let fresh = false;
let inARow = 0;

/** They came with the beginning. */
export const told = (all: AllCounts): void => {
  open.value = all;
  if (!numbers.peek().length) own.value = null;
  ownMoved = true;
  last = Date.now();
  fresh = true;
};

export const pick = (all: AllCounts | null, inboxId: string, channelId: string): Counts | null => {
  if (inboxId && inboxId === ownInbox.value?.id && all === open.value) all = own.value;
  if (!all) return null;
  const found = all.inboxes.find((one) => one.id === inboxId);
  if (!channelId) return found?.counts ?? NONE;
  return found?.channels.find((one) => one.id === channelId)?.counts ?? NONE;
};

export const here = computed(() => pick(shown.value, inbox.value?.id ?? "", channel.value?.id ?? ""));
export const openHere = computed(() => pick(open.value, inbox.value?.id ?? "", channel.value?.id ?? ""));
export const ownUnread = computed(() => own.value?.all.unread ?? 0);
export const unreadEverywhere = computed(() => (open.value?.all.unread ?? 0) + ownUnread.value);

/** Something may have moved them. */
export const stir = (world: World = "shared"): void => {
  if (world === "private") ownMoved = true;
  if (timer) return;
  const since = Date.now() - last;
  inARow = since < LONG_PAUSE ? inARow + 1 : 0;
  const pause = Math.max(120, (inARow > BUSY ? LONG_PAUSE : PAUSE) - since);
  timer = setTimeout(() => {
    timer = undefined;
    void ask();
  }, pause);
};

const isPlain = (filters: Query): boolean => filters.status === "open" && !filters.unread && !filters.tag;

const ask = async (): Promise<void> => {
  if (asking) return stir();
  if (phase.peek() !== "ready") return;
  asking = true;
  last = Date.now();
  const filters = filtersOf(queryOf(place.peek(), "", ""));
  const plain = isPlain(filters);
  const ownToo = numbers.peek().length > 0 && (ownMoved || (plain && filters.world === "private"));
  ownMoved = false;
  try {
    const [usual, his, special] = await Promise.all([
      calls.counts({ status: "open" }),
      ownToo ? calls.counts({ status: "open", world: "private" }) : null,
      plain ? null : calls.counts(filters),
    ]);
    batch(() => {
      open.value = usual;
      own.value = his ?? own.peek();
      shown.value = special ?? (filters.world === "private" ? own.value : usual);
    });
  } catch {
    ownMoved ||= ownToo;
    // The next event asks again; old figures are better than none.
  } finally {
    asking = false;
  }
};

export const followCounts = (): void => {
  let before = "";
  effect(() => {
    const filters = filtersOf(queryOf(place.value, "", ""));
    const now = JSON.stringify(filters);
    if (phase.value !== "ready" || now === before) return;
    before = now;
    const plain = isPlain(filters);
    const usual = filters.world === "private" ? own.peek() : open.peek();
    shown.value = plain ? usual : null;
    const asked = !(plain && fresh) || (numbers.peek().length > 0 && ownMoved);
    fresh = false;
    if (!asked) return;
    last = 0;
    void ask();
  });
};
