// Who is signed in, and what he has: inboxes, channels, colleagues, tags.
import { computed, signal } from "@preact/signals";
import type { Channel, Colleague, ConversationRow, Me, Start, StartInbox } from "../api/types.ts";
import { OWN, place } from "./place.ts";

export type Phase = "starting" | "signed_out" | "ready" | "failed" | "no_role";

export const phase = signal<Phase>("starting");
export const startError = signal<unknown>(null);
export const start = signal<Start | null>(null);
/** The session has ended while somebody worked: the page stays, a dialog asks to sign in again. */
export const expired = signal(false);

export const me = computed<Me | null>(() => start.value?.me ?? null);
export const myId = (): string => start.peek()?.me.id ?? "";
export const isManager = computed(() => me.value?.role === "manager" || me.value?.role === "admin");
export const inboxes = computed<readonly StartInbox[]>(() => start.value?.inboxes ?? []);
export const channels = computed<readonly Channel[]>(() => start.value?.channels ?? []);
/** One's own, which nobody else sees. */
export const numbers = computed<readonly Channel[]>(() => start.value?.numbers ?? []);
/** They are shown as an inbox of which one is the only member, and in which there is nobody to work with. */
export const ownInbox = computed<StartInbox | null>(() => {
  const [first, mine] = [numbers.value[0], me.value];
  if (!first || !mine) return null;
  return {
    id: first.inbox_id,
    key: OWN,
    name: "",
    timezone: "",
    locale: mine.locale,
    assignment_mode: false,
    member_ids: [mine.id],
    face: "engagement",
    features: [],
    creates: ["text_message"],
    assignees: [],
    filters: ["all", "unread"],
  };
});
export const agents = computed<readonly Colleague[]>(() => start.value?.agents ?? []);
export const tags = computed<readonly string[]>(() => start.value?.tags ?? []);

export const inbox = computed<StartInbox | null>(
  () =>
    (place.value.inbox === OWN
      ? ownInbox.value
      : inboxes.value.find((one) => one.key === place.value.inbox)) ?? null,
);
const every = computed<readonly Channel[]>(() => [...channels.value, ...numbers.value]);
export const channel = computed<Channel | null>(
  () =>
    every.value.find((one) => one.key === place.value.channel && one.inbox_id === inbox.value?.id) ?? null,
);
export const channelsOf = (inboxId: string): readonly Channel[] =>
  every.value.filter((one) => one.inbox_id === inboxId);
export const inboxOf = (id: string): StartInbox | null =>
  (ownInbox.value?.id === id ? ownInbox.value : inboxes.value.find((one) => one.id === id)) ?? null;
export const channelOf = (id: string): Channel | null => every.value.find((one) => one.id === id) ?? null;
/** Whether something of this inbox was written on a number before it came in: then there is an Archived tab. */
export const hasHistory = (inboxId: string): boolean =>
  channelsOf(inboxId).some((one) => one.joined_at !== null);
/** Where a conversation is found, by the address. */
export const keyOf = (row: Pick<ConversationRow, "world" | "inbox">): string =>
  row.world === "private" ? OWN : row.inbox.key;
/** In a contact centre nobody gives a conversation to somebody else: one takes what is nobody's (S-82). */
const centred = (row: ConversationRow): boolean => inboxOf(row.inbox.id)?.face === "contact_center";
export const mayGive = (row: ConversationRow): boolean => isManager.value && !centred(row);
export const mayTake = (row: ConversationRow): boolean =>
  row.assignee === null || (row.assignee.id !== myId() && !centred(row));
export const agentOf = (id: string | null): Colleague | null =>
  agents.value.find((one) => one.id === id) ?? null;
export const mayReply = computed(() => agentOf(me.value?.id ?? null)?.may_reply ?? true);

export const changeMe = (change: Partial<Me>): void => {
  const now = start.peek();
  if (now) start.value = { ...now, me: { ...now.me, ...change } };
};

export const changeAgent = (id: string, change: Partial<Colleague>): void => {
  const now = start.peek();
  if (!now) return;
  const changed = now.agents.map((one) => (one.id === id ? { ...one, ...change } : one));
  const { available = now.me.available, do_not_disturb = now.me.do_not_disturb } = change;
  const mine = id === now.me.id ? { ...now.me, available, do_not_disturb } : now.me;
  start.value = { ...now, agents: changed, me: mine };
};
