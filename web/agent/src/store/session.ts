// Who is signed in, and what he has: inboxes, channels, colleagues, tags.
import { computed, signal } from "@preact/signals";
import type { Channel, Colleague, Me, Start, StartInbox } from "../api/types.ts";
import { place } from "./place.ts";

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
export const agents = computed<readonly Colleague[]>(() => start.value?.agents ?? []);
export const tags = computed<readonly string[]>(() => start.value?.tags ?? []);

export const inbox = computed<StartInbox | null>(
  () => inboxes.value.find((one) => one.key === place.value.inbox) ?? null,
);
export const channel = computed<Channel | null>(
  () =>
    channels.value.find((one) => one.key === place.value.channel && one.inbox_id === inbox.value?.id) ?? null,
);
export const channelsOf = (inboxId: string): readonly Channel[] =>
  channels.value.filter((one) => one.inbox_id === inboxId);
export const inboxOf = (id: string): StartInbox | null => inboxes.value.find((one) => one.id === id) ?? null;
export const channelOf = (id: string): Channel | null => channels.value.find((one) => one.id === id) ?? null;
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
  const mine =
    id === now.me.id && change.available !== undefined ? { ...now.me, available: change.available } : now.me;
  start.value = { ...now, agents: changed, me: mine };
};
