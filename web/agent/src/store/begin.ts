// How the page begins, and how it ends: who is signed in, then the lists, then what happens from there on.
import { batch, effect, untracked } from "@preact/signals";
import * as calls from "../api/calls.ts";
import { onSignedOut, type Query, Refused } from "../api/http.ts";
import type { Start } from "../api/types.ts";
import { t } from "../text/words.ts";
import { given as chatsGiven, forgetChats, reloadChats } from "./chats.ts";
import { told as countsTold, followCounts, stir } from "./counts.ts";
import { markNow } from "./deeds.ts";
import { keepDevice } from "./device.ts";
import { clear } from "./disk.ts";
import { forgetDrafts, keepAllDrafts, loadDrafts } from "./drafts.ts";
import { onDesk } from "./feed.ts";
import { followPlace, forgetLists, offer, PAGE, reload } from "./lists.ts";
import { loadNotices, unseen } from "./notices.ts";
import { forgetOutbox, loadOutbox, outbox } from "./outbox.ts";
import { adopt, forgetOwn } from "./own.ts";
import { go, OWN, type Place, place } from "./place.ts";
import { asked, queryOf } from "./query.ts";
import { forgetAll, rowOf } from "./rows.ts";
import { channelsOf, expired, inboxes, keyOf, myId, ownInbox, phase, start, startError } from "./session.ts";
import { lastInbox, rememberedSort } from "./settings.ts";
import { follow, followNetwork, stop, tryNow } from "./sync.ts";
import { forgetThreads, reloadThreads } from "./threads.ts";

let following = false;

export const begin = async (): Promise<void> => {
  const before = phase.peek();
  if (before !== "ready") phase.value = "starting";
  try {
    const wanted = whereToBegin();
    const found = await ask(before !== "ready" && wanted ? firstPage(wanted) : {});
    const other = start.peek() && start.peek()!.me.id !== found.me.id;
    batch(() => {
      if (other) forgetEverything();
      start.value = found;
      adopt(found.settings);
      unseen.value = found.unseen_notices;
      countsTold(found.counts);
      chatsGiven(found.chats);
      if (found.list && wanted)
        offer(queryOf(wanted, found.list.inbox_id, found.list.channel_ids[0] ?? ""), found.list);
      expired.value = false;
      phase.value = "ready";
      settlePlace(found.list?.inbox_id);
    });
    // What is seen comes first; nothing is missed, because the stream goes on from the answer's cursor.
    setTimeout(() => follow(found.me.id, found.events_after, again));
    if (!following) {
      following = true;
      followGuesses();
      followPlace();
      followCounts();
      followNetwork();
      onDesk(() => void begin());
      addEventListener("pagehide", keepAllDrafts);
      document.addEventListener("visibilitychange", keepAllDrafts);
      addEventListener("pagehide", markNow);
      document.addEventListener("visibilitychange", () => document.hidden && markNow());
    } else if (before === "ready") again();
    void loadDrafts(found.drafts);
    void loadOutbox();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) phase.value = "signed_out";
    else if (error instanceof Refused && error.status === 403) fail("no_role", error);
    else fail("failed", error);
  }
};

/** Where the page will be once it knows its inboxes, as far as that can be said before. */
const whereToBegin = (): Place | null => {
  const here = place.peek();
  if (here.screen !== "inbox") return null;
  const key = lastInbox.peek();
  const wanted = here.inbox || !key ? here : { ...here, inbox: key, channel: "", ...remembered(key) };
  return wanted.inbox === OWN ? null : wanted; // that list is not the beginning's
};

const firstPage = (wanted: Place): Query => ({
  ...asked(queryOf(wanted, "", "")),
  inbox: [...new Set([wanted.inbox, lastInbox.peek()])].filter(Boolean),
  channel: wanted.channel || null,
  limit: PAGE,
});

/** With the first list; without one, when that is of something which is there no more (a tag in an old address). */
const ask = async (list: Query): Promise<Start> => {
  try {
    return await calls.start(list);
  } catch (error) {
    if (error instanceof Refused && error.status === 422) return calls.start({});
    throw error;
  }
};

const fail = (how: "no_role" | "failed", error: unknown): void => {
  startError.value = error;
  phase.value = how;
};

/** What the stream could not tell (it was away too long): everything that is shown, anew; what was written stays. */
const again = (): void => {
  reload();
  reloadThreads(place.peek().conversation);
  stir();
  reloadChats();
  void loadNotices();
};

/** Of which conversation the inbox was guessed: a notification or a notice names the conversation alone. */
let guessed = "";

const followGuesses = (): void => {
  effect(() => {
    const { screen, inbox } = place.value;
    if (phase.value === "ready" && screen === "inbox" && !inbox) untracked(() => settlePlace(undefined));
  });
  effect(() => {
    const { screen, inbox, conversation } = place.value;
    if (!guessed || screen !== "inbox" || conversation !== guessed) return;
    const row = rowOf(guessed)?.value;
    if (!row) return;
    guessed = "";
    const key = keyOf(row);
    if (key !== inbox) untracked(() => go({ inbox: key, channel: "", ...remembered(key) }, true));
  });
};

/** An address without an inbox, or with one that is not his, leads to the first; its order is as he left it. */
const settlePlace = (listed: string | undefined): void => {
  const here = place.peek();
  if (here.screen !== "inbox") return;
  const his = ownInbox.peek();
  if (here.inbox === OWN && his) return;
  const known = inboxes.peek().find((one) => one.key === here.inbox);
  const most = (key: string): number => channelsOf(inboxes.peek().find((one) => one.key === key)!.id).length;
  const kept = inboxes.peek().find((one) => (listed ? one.id === listed : one.key === lastInbox.peek()));
  const own = his && !inboxes.peek().length;
  const first = own ? his : (kept ?? [...inboxes.peek()].sort((a, b) => most(b.key) - most(a.key))[0]);
  if (known || !first) return;
  guessed = here.conversation;
  go({ inbox: first.key, channel: "", ...remembered(first.key) }, true);
};

export const remembered = (key: string): Partial<Place> => {
  try {
    return JSON.parse(rememberedSort(key) || "{}") as Partial<Place>;
  } catch {
    return {};
  }
};

onSignedOut(() => {
  if (phase.peek() === "ready") expired.value = true;
});

/** The same person goes on where he was; another begins anew. */
export const signIn = async (email: string, password: string, code: string): Promise<void> => {
  await calls.signIn(email, password, code);
  await begin();
  tryNow();
};

/** What is left when the sign-in provider has let somebody in who has a second factor. */
export const finishSignIn = async (code: string): Promise<void> => {
  await calls.finishSignIn(code);
  await begin();
  tryNow();
};

export const leave = async (): Promise<void> => {
  const waiting = outbox.peek().filter((one) => one.state !== "refused").length;
  if (waiting && !confirm(t().leaveAnyway(waiting))) return;
  keepAllDrafts();
  await calls.signOut().catch(() => {});
  stop();
  await Promise.all([clear(), keepDevice(null)]);
  batch(() => {
    forgetEverything();
    start.value = null;
    phase.value = "signed_out";
  });
};

const forgetEverything = (): void => {
  forgetLists();
  forgetAll();
  forgetThreads();
  forgetChats();
  forgetDrafts();
  forgetOutbox();
  forgetOwn();
};

export const mine = (): string => myId();
