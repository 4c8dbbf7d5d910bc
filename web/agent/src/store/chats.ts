// What colleagues write to each other: direct chats, and those of my teams.
import { batch, computed, type Signal, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { Refused } from "../api/http.ts";
import type { Chat, ChatMessage } from "../api/types.ts";
import { me, myId, start } from "./session.ts";

/** As events carry it: without what is one's own. */
export type ChatTold = Omit<Chat, "unread">;

export interface ChatThread {
  id: string;
  phase: Signal<"loading" | "ready" | "error" | "gone">;
  error: Signal<unknown>;
  said: Signal<readonly ChatMessage[]>;
  older: Signal<string | null>;
  /** The message before which "new" stands, as it was when the chat was opened. */
  firstUnread: string;
  loading: boolean;
  /** What was told while an answer is under way that may have been read before it. */
  told: ChatMessage[] | null;
}

const KEPT = 5;
const PAGE = 50;

/** The newest message first. */
export const chats = signal<readonly Chat[]>([]);
export const chatsNext = signal<string | null>(null);
const threads = new Map<string, ChatThread>();

const unreadOf = (kind: Chat["kind"]): number =>
  chats.value.reduce((sum, one) => sum + (one.kind === kind ? one.unread : 0), 0);
export const unreadChats = {
  direct: computed(() => unreadOf("direct")),
  team: computed(() => unreadOf("team")),
};
export const chatUnread = computed(() => unreadChats.direct.value + unreadChats.team.value);
export const myTeams = computed(() =>
  (start.value?.teams ?? []).filter((one) => one.member_ids.includes(me.value?.id ?? "")),
);

/** A team's by its name, a direct one by the others'. */
export const chatName = (chat: ChatTold): string =>
  chat.team?.name ??
  chat.people
    .filter((one) => one.id !== myId())
    .map((one) => one.name)
    .join(", ");

const order = (a: Chat, b: Chat): number =>
  a.turned_at === b.turned_at ? (a.id < b.id ? 1 : -1) : a.turned_at < b.turned_at ? 1 : -1;

export const putChat = (chat: Chat): void => {
  const known = chats.peek().find((one) => one.id === chat.id);
  if (known && known.version > chat.version) return;
  chats.value = [...chats.peek().filter((one) => one.id !== chat.id), chat].sort(order);
};

export const chatOf = (id: string): Chat | undefined => chats.value.find((one) => one.id === id);

/** They came with the beginning. */
export const given = (found: readonly Chat[]): void => {
  chats.value = [...found].sort(order);
  chatsNext.value = found.length < PAGE ? null : "";
};

export const moreChats = async (): Promise<void> => {
  const cursor = chatsNext.peek();
  if (cursor === null) return;
  const page = await calls.chats(cursor || null).catch(() => null);
  if (!page) return;
  batch(() => {
    page.items.forEach(putChat);
    chatsNext.value = page.next;
  });
};

/** Whether it is new to this page. */
export const putTold = (chat: ChatTold, said: ChatMessage | null, byMe: boolean): boolean => {
  const known = chats.peek().find((one) => one.id === chat.id);
  if (known && known.version >= chat.version && !(said && known.version === chat.version)) return false;
  const before = threads.get(chat.id)?.said.peek();
  const isNew = !before?.some((one) => one.id === said?.id);
  if (known && known.version < chat.version)
    putChat({ ...chat, unread: byMe ? 0 : known.unread + (said ? 1 : 0) });
  else if (!known) {
    putChat({ ...chat, unread: byMe ? 0 : Math.min(1, chat.message_count) });
    if (chat.message_count > 1) void ask(chat.id); // how much of it is unread only a GET knows
  }
  if (said) putSaid(said);
  return isNew;
};

const ask = async (id: string): Promise<void> => {
  const found = await calls.chat(id).catch(() => null);
  if (found) putChat(found);
};

export const marked = (id: string, unread: number): void => {
  const known = chats.peek().find((one) => one.id === id);
  if (known && known.unread !== unread) putChat({ ...known, unread });
};

export const threadOfChat = (id: string): ChatThread => {
  const known = threads.get(id);
  if (known) return known;
  const made: ChatThread = {
    id,
    phase: signal<"loading" | "ready" | "error" | "gone">("loading"),
    error: signal<unknown>(null),
    said: signal<readonly ChatMessage[]>([]),
    older: signal<string | null>(null),
    firstUnread: "",
    loading: false,
    told: null,
  };
  threads.set(id, made);
  for (const old of threads.keys()) {
    if (threads.size <= KEPT) break;
    threads.delete(old);
  }
  return made;
};

const fail = (thread: ChatThread, error: unknown): void =>
  batch(() => {
    thread.error.value = error;
    if (error instanceof Refused && error.status === 404) thread.phase.value = "gone";
    else if (thread.phase.peek() === "loading") thread.phase.value = "error";
  });

export const loadChat = async (id: string): Promise<void> => {
  const thread = threadOfChat(id);
  thread.told = [];
  try {
    const [chat, page] = await Promise.all([calls.chat(id), calls.said(id, null)]);
    batch(() => {
      putChat(chat);
      const others = page.items.filter((one) => one.sender.id !== myId());
      thread.firstUnread = chat.unread ? (others.at(-chat.unread)?.id ?? others[0]?.id ?? "") : "";
      thread.said.value = page.items;
      thread.older.value = page.older;
      thread.error.value = null;
      thread.phase.value = "ready";
      const told = thread.told ?? [];
      thread.told = null;
      told.forEach(putSaid);
    });
  } catch (error) {
    thread.told = null;
    fail(thread, error);
  }
};

export const loadOlderSaid = async (thread: ChatThread): Promise<void> => {
  const cursor = thread.older.peek();
  if (!cursor || thread.loading) return;
  thread.loading = true;
  try {
    const page = await calls.said(thread.id, cursor);
    batch(() => {
      thread.said.value = [...page.items, ...thread.said.peek()];
      thread.older.value = page.older;
    });
  } catch (error) {
    fail(thread, error);
  } finally {
    thread.loading = false;
  }
};

/** In the order of the chat, whichever comes first: the answer or the event. */
export const putSaid = (said: ChatMessage): void => {
  const thread = threads.get(said.chat_id);
  thread?.told?.push(said);
  if (thread?.phase.peek() !== "ready") return;
  const now = thread.said.peek();
  if (now.some((one) => one.id === said.id)) return;
  thread.said.value = [...now, said].sort((a, b) => a.sequence - b.sequence);
};

/** What is shown while the page is looked at counts as read. */
export const readSaid = (id: string): void => {
  const last = threads.get(id)?.said.peek().at(-1);
  const chat = chats.peek().find((one) => one.id === id);
  if (!last || !chat?.unread) return;
  putChat({ ...chat, unread: 0 });
  calls.readChat(id, last.id).then(putChat, () => void ask(id));
};

/** The stream was away too long, or teams have changed. */
export const reloadChats = (): void => {
  const open = [...threads.keys()];
  for (const id of open) void loadChat(id);
  void calls.chats(null).then(
    (page) =>
      batch(() => {
        chats.value = [...page.items].sort(order);
        chatsNext.value = page.next;
      }),
    () => {},
  );
};

export const forgetChats = (): void => {
  threads.clear();
  chats.value = [];
};
