// What is to be sent, kept until the server has answered: the same key for every try, so that one press of Enter is
// one message, whatever the network does.
import { signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { newKey, Refused } from "../api/http.ts";
import type { Attachment, Message } from "../api/types.ts";
import { putSaid } from "./chats.ts";
import { readAll, write } from "./disk.ts";
import { myId } from "./session.ts";
import { putMessage, refreshDetail } from "./threads.ts";

export interface Entry {
  key: string;
  conversation: string;
  kind: "reply" | "note" | "chat";
  text: string;
  attachments: readonly Attachment[];
  mentions: readonly string[];
  at: string;
  state: "waiting" | "sending" | "refused";
  refusal: { code: string; text: string; until: string | null; instead: string | null } | null;
  /** The message it has become, told by an event before the answer came. */
  message?: string;
}

export const outbox = signal<readonly Entry[]>([]);
const PAUSES = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000];
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let flushing = false;
let alone: <T>(act: () => Promise<T>) => Promise<T> = (act) => act();

export const flushAlone = (by: typeof alone): void => {
  alone = by;
};

const keep = (entry: Entry): void => void write("outbox", `${myId()}/${entry.key}`, entry);
const change = (key: string, wanted: Partial<Entry>): void => {
  outbox.value = outbox.peek().map((one) => (one.key === key ? { ...one, ...wanted } : one));
};
const remove = (key: string): void => {
  outbox.value = outbox.peek().filter((one) => one.key !== key);
  void write("outbox", `${myId()}/${key}`, null);
};

export const queue = (
  entry: Pick<Entry, "conversation" | "kind" | "text" | "attachments" | "mentions">,
): void => {
  const made: Entry = {
    ...entry,
    key: newKey(),
    at: new Date().toISOString(),
    state: "waiting",
    refusal: null,
  };
  outbox.value = [...outbox.peek(), made];
  keep(made);
  void flush();
};

export const discard = (key: string): Entry | undefined => {
  const found = outbox.peek().find((one) => one.key === key);
  if (found && found.state !== "sending") remove(key);
  return found;
};

export const loadOutbox = async (): Promise<void> => {
  const found = await readAll<Entry>("outbox", `${myId()}/`);
  const known = new Set(outbox.peek().map((one) => one.key));
  const back = found.map(([, entry]) => entry).filter((one) => !known.has(one.key));
  outbox.value = [
    ...outbox.peek(),
    ...back.map((one) => (one.state === "sending" ? { ...one, state: "waiting" as const } : one)),
  ];
  void flush();
};

/** One at a time, over all tabs of this browser; what is refused lets the others pass. */
export const flush = async (): Promise<void> => {
  if (flushing) return;
  flushing = true;
  clearTimeout(timer);
  try {
    for (;;) {
      const entry = outbox.peek().find((one) => one.state === "waiting");
      if (!entry) break;
      change(entry.key, { state: "sending" });
      if (!(await alone(() => deliver(entry)))) {
        change(entry.key, { state: "waiting" });
        timer = setTimeout(() => void flush(), PAUSES[Math.min(failures, PAUSES.length - 1)]);
        failures += 1;
        break;
      }
      failures = 0;
    }
  } finally {
    flushing = false;
  }
};

/** Whether it is settled, one way or the other. */
const deliver = async (entry: Entry): Promise<boolean> => {
  try {
    if (entry.kind === "chat") {
      putSaid(await calls.sayInChat(entry.conversation, entry.text, entry.key));
      remove(entry.key);
      return true;
    }
    const message =
      entry.kind === "note"
        ? await calls.note(entry.conversation, { text: entry.text, mentions: [...entry.mentions] }, entry.key)
        : await calls.reply(
            entry.conversation,
            { text: entry.text, attachment_ids: entry.attachments.map((one) => one.id), reply_to: null },
            entry.key,
          );
    settled(entry.key, entry.conversation, message);
    return true;
  } catch (error) {
    if (!(error instanceof Refused) || error.passing || error.status === 401) return false;
    const { code, detail, title, more } = error;
    const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
    const refusal = {
      code,
      text: detail || title,
      until: text(more["until"]),
      instead: text(more["instead"]),
    };
    change(entry.key, { state: "refused", refusal });
    keep({ ...entry, state: "refused", refusal });
    if (entry.kind !== "chat") refreshDetail(entry.conversation, true);
    return true;
  }
};

const settled = (key: string, conversation: string, message: Message): void => {
  putMessage(conversation, message);
  remove(key);
};

/** An event told of a message of mine: it is the one that is being sent, if its text is. */
export const claim = (conversation: string, message: Message): void =>
  claimAs(conversation, message.direction === "note" ? "note" : "reply", message);

export const claimAs = (
  conversation: string,
  kind: Entry["kind"],
  message: { id: string; text: string },
): void => {
  const entry = outbox
    .peek()
    .find(
      (one) =>
        one.conversation === conversation &&
        one.kind === kind &&
        one.state === "sending" &&
        !one.message &&
        one.text === message.text,
    );
  if (entry) change(entry.key, { message: message.id });
};

export const forgetOutbox = (): void => {
  outbox.value = [];
};
