// What somebody has begun to write: in this browser at once, at the server a moment later, so that it follows him.
import { batch, type Signal, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Attachment, Draft as ServerDraft } from "../api/types.ts";
import { readAll, write } from "./disk.ts";
import { myId } from "./session.ts";

export type Kind = "reply" | "note";
/** Of a chat: kept in this browser only. */
export type DraftKind = Kind | "chat";

export interface Draft {
  text: string;
  attachments: readonly Attachment[];
  at: number;
}

const EMPTY: Draft = { text: "", attachments: [], at: 0 };
const SOON = 200;
const LATER = 1_500;

const drafts = new Map<string, Signal<Draft>>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const unsent = new Set<string>();

const nameOf = (conversation: string, kind: DraftKind): string => `${conversation}/${kind}`;
const onDisk = (name: string): string => `${myId()}/${name}`;
const isEmpty = (draft: Draft): boolean => !draft.text.trim() && !draft.attachments.length;

const named = (name: string): Signal<Draft> => {
  let found = drafts.get(name);
  if (!found) drafts.set(name, (found = signal(EMPTY)));
  return found;
};

export const draftOf = (conversation: string, kind: DraftKind): Signal<Draft> =>
  named(nameOf(conversation, kind));
/** Conversations in which something is begun: whoever shows this is not told of every letter. */
const begun = signal<ReadonlySet<string>>(new Set());
export const hasDraft = (conversation: string): boolean => begun.value.has(conversation);

const put = (name: string, draft: Draft): void => {
  const [conversation = ""] = name.split("/");
  batch(() => {
    named(name).value = draft;
    const on = (["reply", "note"] as const).some(
      (kind) => !isEmpty(drafts.get(nameOf(conversation, kind))?.peek() ?? EMPTY),
    );
    if (on === begun.peek().has(conversation)) return;
    const now = new Set(begun.peek());
    if (on) now.add(conversation);
    else now.delete(conversation);
    begun.value = now;
  });
};

export const change = (conversation: string, kind: DraftKind, wanted: Partial<Draft>): void => {
  const name = nameOf(conversation, kind);
  put(name, { ...named(name).peek(), ...wanted, at: Date.now() });
  unsent.add(name);
  clearTimeout(timers.get(name));
  timers.set(
    name,
    setTimeout(() => {
      keep(name);
      timers.set(
        name,
        setTimeout(() => void push(name), LATER),
      );
    }, SOON),
  );
};

/** Sent or thrown away: it is gone everywhere. */
export const clearDraft = (conversation: string, kind: DraftKind): void => {
  const name = nameOf(conversation, kind);
  put(name, EMPTY);
  clearTimeout(timers.get(name));
  keep(name);
  unsent.add(name);
  void push(name);
};

const keep = (name: string): void => {
  const draft = named(name).peek();
  void write("drafts", onDisk(name), isEmpty(draft) ? null : draft);
};

const push = async (name: string): Promise<void> => {
  if (!unsent.delete(name)) return;
  const [conversation, kind] = name.split("/") as [string, DraftKind];
  if (kind === "chat") return;
  const draft = named(name).peek();
  const text = isEmpty(draft) ? "" : draft.text;
  const files = draft.attachments.map((one) => one.id);
  await calls.keepDraft(conversation, kind, text, files).catch(() => unsent.add(name));
};

export const keepAllDrafts = (): void => {
  for (const name of unsent) {
    keep(name);
    void push(name);
  }
};

/** From this browser and from the server; of two the one that was written last. */
export const loadDrafts = async (found: readonly ServerDraft[]): Promise<void> => {
  for (const [key, draft] of await readAll<Draft>("drafts", `${myId()}/`)) {
    const name = key.slice(myId().length + 1);
    if (named(name).peek().at < draft.at) put(name, draft);
  }
  take(found);
};

const loadServerDrafts = async (): Promise<void> => take(await calls.drafts().catch(() => []));

const take = (found: readonly ServerDraft[]): void => {
  for (const one of found) {
    const name = nameOf(one.conversation_id, one.kind);
    const at = Date.parse(one.updated_at);
    if (named(name).peek().at >= at || unsent.has(name)) continue;
    put(name, { text: one.text, attachments: named(name).peek().attachments, at });
  }
};

/** A draft changed on another screen of mine. */
export const draftTold = (conversation: string, kind: Kind, version: number | null): void => {
  const name = nameOf(conversation, kind);
  if (unsent.has(name)) return;
  if (version === null) put(name, EMPTY);
  else void loadServerDrafts();
};

export const forgetDrafts = (): void => {
  drafts.clear();
  begun.value = new Set();
};
