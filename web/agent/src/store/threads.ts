// Conversations that are or were open: their messages, what happened, who else is there.
import { batch, type Signal, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { type Query, Refused } from "../api/http.ts";
import type { Activity, ActivityPage, Conversation, Message } from "../api/types.ts";
import { conversationId } from "./place.ts";
import { askedNow, peekRow, putRow } from "./rows.ts";

const KEPT = 5;
const PAGE = 50;
const MOST = 200;

export interface Present {
  id: string;
  name: string;
  what: "typing" | "viewing";
  until: number;
}

export interface Thread {
  id: string;
  phase: Signal<"loading" | "ready" | "error" | "gone">;
  error: Signal<unknown>;
  detail: Signal<Conversation | null>;
  messages: Signal<readonly Message[]>;
  activity: Signal<readonly Activity[]>;
  older: Signal<string | null>;
  newer: Signal<string | null>;
  present: Signal<readonly Present[]>;
  /** The message before which "new" stands, as it was when the thread was opened. */
  firstUnread: Signal<string>;
  loading: boolean;
  /** Answers that are under way, and what was told meanwhile: they may have been read before it. */
  asked: number;
  told: Map<string, Message>;
  /** Far messages were dropped: the cursor of what is older is not theirs any more. */
  cut: boolean;
}

const threads = new Map<string, Thread>();

export const threadOf = (id: string): Thread => {
  const known = threads.get(id);
  if (known) {
    threads.delete(id);
    threads.set(id, known);
    return known;
  }
  const made: Thread = {
    id,
    phase: signal<"loading" | "ready" | "error" | "gone">("loading"),
    error: signal<unknown>(null),
    detail: signal<Conversation | null>(null),
    messages: signal<readonly Message[]>([]),
    activity: signal<readonly Activity[]>([]),
    older: signal<string | null>(null),
    newer: signal<string | null>(null),
    present: signal<readonly Present[]>([]),
    firstUnread: signal(""),
    loading: false,
    asked: 0,
    told: new Map(),
    cut: false,
  };
  threads.set(id, made);
  for (const old of threads.keys()) {
    if (threads.size <= KEPT) break;
    threads.delete(old);
  }
  return made;
};

export const openThread = (id: string): Thread | undefined => threads.get(id);

const fail = (thread: Thread, error: unknown): void => {
  batch(() => {
    thread.error.value = error;
    if (error instanceof Refused && error.status === 404) thread.phase.value = "gone";
    else if (thread.phase.peek() === "loading") thread.phase.value = "error";
  });
};

/** Of shared conversations alone: elsewhere nobody has done anything that he does not know. */
const deedsOf = async (id: string): Promise<ActivityPage> => {
  const none: ActivityPage = { items: [], next: null };
  if ((peekRow(id)?.world ?? "shared") !== "shared") return none;
  try {
    return await calls.activity(id);
  } catch (error) {
    // An address leads here before anybody knows what it is of.
    if (error instanceof Refused && error.code === "not_in_this_world") return none;
    throw error;
  }
};

/** Puts an answer there, and then whatever was told while it was under way. */
const ask = async <T>(thread: Thread, answer: Promise<T>, put: (found: T) => void): Promise<void> => {
  thread.asked += 1;
  try {
    const found = await answer;
    batch(() => {
      put(found);
      for (const message of thread.told.values()) putMessage(thread.id, message);
    });
  } catch (error) {
    fail(thread, error);
  } finally {
    thread.asked -= 1;
    if (!thread.asked) thread.told.clear();
  }
};

/** Everything anew; what is shown stays until the answer is there. */
export const loadThread = async (id: string, around = ""): Promise<void> => {
  const thread = threadOf(id);
  const since = askedNow();
  let unsure = false;
  const answer = Promise.all([
    calls.conversation(id),
    calls.messages(id, around ? { around, limit: PAGE } : { limit: PAGE }),
    deedsOf(id),
  ]);
  await ask(thread, answer, ([detail, page, deeds]) => {
    unsure = page.items.some((one) => differs(one, thread.told.get(one.id)));
    putRow(detail, since);
    thread.detail.value = detail;
    thread.messages.value = asKnown(page.items, thread.messages.peek());
    thread.older.value = page.older;
    thread.newer.value = page.newer;
    thread.activity.value = [...deeds.items].reverse();
    thread.firstUnread.value = firstUnread(page.items, detail.mine.unread);
    thread.cut = false;
    thread.error.value = null;
    thread.phase.value = "ready";
  });
  // Of two states of one message nobody knows which is the later one.
  if (unsure) await loadThread(id, around);
};

const differs = (one: Message, told: Message | undefined): boolean =>
  told !== undefined && JSON.stringify(told) !== JSON.stringify(one);

/** What has not changed stays the same thing, so that nothing of it is drawn again. */
const asKnown = (fresh: readonly Message[], before: readonly Message[]): Message[] => {
  const known = new Map(before.map((one) => [one.id, one]));
  return fresh.map((one) => {
    const its = known.get(one.id);
    return its && JSON.stringify(its) === JSON.stringify(one) ? its : one;
  });
};

const firstUnread = (messages: readonly Message[], unread: number): string => {
  let left = unread;
  for (let i = messages.length - 1; i >= 0 && left > 0; i -= 1) {
    if (messages[i]!.direction !== "in") continue;
    left -= 1;
    if (left === 0) return messages[i]!.id;
  }
  return "";
};

export const loadOlder = async (thread: Thread): Promise<void> => {
  const before = thread.older.peek();
  if (!before || thread.loading) return;
  thread.loading = true;
  try {
    const first = thread.cut ? (thread.messages.peek()[0]?.id ?? "") : "";
    const where: Query = first ? { around: first, limit: 2 * PAGE } : { before, limit: PAGE };
    const page = await calls.messages(thread.id, where);
    batch(() => {
      const known = new Set(thread.messages.peek().map((one) => one.id));
      const upTo = first ? page.items.findIndex((one) => one.id === first) : page.items.length;
      const above = page.items.slice(0, upTo).filter((one) => !known.has(one.id));
      thread.messages.value = [...above, ...thread.messages.peek()];
      thread.older.value = page.older;
      thread.cut = false;
    });
  } catch (error) {
    fail(thread, error);
  } finally {
    thread.loading = false;
  }
};

export const loadNewer = async (thread: Thread): Promise<void> => {
  const after = thread.newer.peek();
  if (!after || thread.loading) return;
  thread.loading = true;
  await ask(thread, calls.messages(thread.id, { after, limit: PAGE }), (page) => {
    const known = new Set(page.items.map((one) => one.id));
    thread.messages.value = [...thread.messages.peek().filter((one) => !known.has(one.id)), ...page.items];
    thread.newer.value = page.newer;
  });
  thread.loading = false;
};

/** Back to the newest, after a hit of a search or a long way up. */
export const toNewest = (thread: Thread): Promise<void> => loadThread(thread.id);

export const putMessage = (id: string, message: Message): void => {
  const thread = threads.get(id);
  if (thread?.asked) thread.told.set(message.id, message);
  if (thread?.phase.peek() !== "ready") return;
  const now = thread.messages.peek();
  const i = now.findIndex((one) => one.id === message.id);
  if (i >= 0) thread.messages.value = now.map((one, at) => (at === i ? message : one));
  else if (thread.newer.peek() === null) {
    const all = [...now, message];
    // Far pages go, so that a day with one customer does not fill the memory.
    const tooMany = all.length > MOST && thread.older.peek() !== null;
    thread.messages.value = tooMany ? all.slice(-MOST) : all;
    if (tooMany) thread.cut = true;
  }
};

/** What an answer of a command says of the whole conversation. */
export const putDetail = (detail: Conversation, since?: number): void => {
  putRow(detail, since);
  const thread = threads.get(detail.id);
  if (thread) thread.detail.value = detail;
};

const SOON = 300;
const PAUSE = 5_000;
const again = new Map<string, ReturnType<typeof setTimeout>>();
const askedAt = new Map<string, number>();
/** Of which somebody has done something, or a rule: a message alone is no deed. */
const deedsToo = new Set<string>();

/** What only a GET knows (whether a reply may be sent, who did what) is asked again: of the conversation that is looked
 * at, soon after one event and once in five seconds while there are many. Another is loaded anew when it is opened. What
 * I did myself is asked for at once. */
export const refreshDetail = (id: string, mine = false, deeds = true): void => {
  const thread = threads.get(id);
  if (thread?.phase.peek() !== "ready" || id !== conversationId.peek()) return;
  if (deeds) deedsToo.add(id);
  // A message more changes nothing where one may write anyway, and no time runs out.
  const now = thread.detail.peek();
  if (!mine && !deeds && now?.can_send.allowed && now.window_closes_at === null) return;
  if (again.has(id)) {
    if (!mine) return;
    clearTimeout(again.get(id));
  }
  again.set(
    id,
    setTimeout(
      async () => {
        again.delete(id);
        askedAt.set(id, Date.now());
        try {
          const [wanted, since] = [deedsToo.delete(id), askedNow()];
          const [detail, found] = await Promise.all([calls.conversation(id), wanted ? deedsOf(id) : null]);
          batch(() => {
            putDetail(detail, since);
            if (found) thread.activity.value = [...found.items].reverse();
          });
        } catch (error) {
          if (error instanceof Refused && error.status === 404) fail(thread, error);
        }
      },
      mine ? SOON : Math.max(SOON, (askedAt.get(id) ?? 0) + PAUSE - Date.now()),
    ),
  );
};

export const lose = (id: string): void => {
  const thread = threads.get(id);
  if (thread) thread.phase.value = "gone";
};

export const notePresence = (id: string, who: Omit<Present, "until">, seconds: number): void => {
  const thread = threads.get(id);
  if (!thread) return;
  const until = Date.now() + seconds * 1000;
  const others = thread.present
    .peek()
    .filter((one) => one.until > Date.now() && !(one.id === who.id && one.what === who.what));
  thread.present.value = [...others, { ...who, until }];
  setTimeout(
    () => {
      thread.present.value = thread.present.peek().filter((one) => one.until > Date.now());
    },
    seconds * 1000 + 50,
  );
};

export const stopTyping = (id: string, who: string): void => {
  const thread = threads.get(id);
  if (thread)
    thread.present.value = thread.present.peek().filter((one) => one.id !== who || one.what !== "typing");
};

export const reloadThreads = (open: string): void => {
  for (const id of [...threads.keys()]) if (id !== open) threads.delete(id);
  if (open) void loadThread(open);
};

export const keptThreads = (): string[] => [...threads.keys()];
export const forgetThreads = (): void => threads.clear();
