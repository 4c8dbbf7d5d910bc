// What the event stream tells, put where it belongs.
import { batch } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { ChatMessage, Colleague, Message, Mine, OwnSettings } from "../api/types.ts";
import { t } from "../text/words.ts";
import { campaignTold } from "./campaigns.ts";
import { type ChatTold, marked as chatMarked, putTold } from "./chats.ts";
import { stir } from "./counts.ts";
import { draftTold, type Kind } from "./drafts.ts";
import { listedIds, shorten } from "./lists.ts";
import { loadNotices, seenElsewhere, unseen } from "./notices.ts";
import { claim, claimAs } from "./outbox.ts";
import { adopt } from "./own.ts";
import { conversationId, go, place } from "./place.ts";
import {
  amend,
  askedNow,
  type ConversationSummary,
  forget,
  forgetUnseen,
  knownIds,
  peekRow,
  putMine,
  putRows,
  putSummary,
  takeGuessed,
} from "./rows.ts";
import { announce, toast } from "./say.ts";
import { agentOf, changeAgent, myId } from "./session.ts";
import {
  keptThreads,
  lose,
  notePresence,
  openThread,
  putMessage,
  refreshDetail,
  stopTyping,
} from "./threads.ts";

export interface FeedEvent {
  cursor: string;
  kind: string;
  conversation_id: string | null;
  payload: {
    conversation?: ConversationSummary;
    message?: Message;
    mine?: Mine;
    by?: { kind?: string; id?: string; name?: string; agent_id?: string; agent_name?: string };
    [name: string]: unknown;
  };
}

/** Whatever wants to hear of a new message of a customer: a sound, the title. */
const ears = new Set<(conversation: ConversationSummary, message: Message) => void>();
export const onIncoming = (hear: (conversation: ConversationSummary, message: Message) => void): void => {
  ears.add(hear);
};

const chatEars = new Set<(chat: ChatTold, said: ChatMessage) => void>();
export const onSaid = (hear: (chat: ChatTold, said: ChatMessage) => void): void => {
  chatEars.add(hear);
};

const noticeEars = new Set<(id: string, text: string, conversation: string) => void>();
/** Whatever wants to hear of what concerns oneself. */
export const onNotice = (hear: (id: string, text: string, conversation: string) => void): void => {
  noticeEars.add(hear);
};

const deskEars = new Set<() => void>();
/** Another desk is in use: inboxes, channels and people may be others. */
export const onDesk = (hear: () => void): void => {
  deskEars.add(hear);
};

let waiting: FeedEvent[] = [];

/** Events of one tick are one change of the page. */
export const take = (event: FeedEvent): void => {
  waiting.push(event);
  if (waiting.length > 1) return;
  queueMicrotask(() => {
    const all = waiting;
    waiting = [];
    batch(() => all.forEach(apply));
    shorten();
    forgetUnseen(() => new Set([...listedIds(), ...keptThreads()]));
    askGuessed();
  });
};

let asked: ReturnType<typeof setTimeout> | undefined;
let askedAt = 0;
const SOON = 2_000;
const PAUSE = 10_000;
/** Of rows that are listed how much is unread is asked for: soon, and seldom while there is always something new. */
const askGuessed = (): void => {
  if (asked) return;
  const wait = Math.max(SOON, askedAt + PAUSE - Date.now());
  asked = setTimeout(async () => {
    asked = undefined;
    const listed = new Set(listedIds());
    const ids = takeGuessed((id) => listed.has(id));
    if (!ids.length) return;
    askedAt = Date.now();
    const since = askedNow();
    const page = await calls.list({ ids, limit: 100 }).catch(() => null);
    if (page) batch(() => putRows(page.items, since));
  }, wait);
};

const apply = (event: FeedEvent): void => {
  const { conversation, message, mine } = event.payload;
  const id = conversation?.id ?? event.conversation_id ?? "";
  switch (event.kind) {
    case "message.created":
    case "message.updated":
      if (conversation) told(conversation, message ?? null, event.kind === "message.created");
      break;
    case "conversation.gone":
      stir(peekRow(id)?.world);
      lose(id);
      forget(id);
      break;
    case "conversation.marked":
      if (mine) putMine(id, mine);
      stir(peekRow(id)?.world);
      break;
    case "conversation.typing":
    case "conversation.viewing":
      present(event, id);
      break;
    case "draft.updated":
      draftTold(id, event.payload["draft"] as Kind, (event.payload["version"] as number | null) ?? null);
      break;
    case "notice":
      noticed(event, id);
      break;
    case "notice.seen":
      seenElsewhere((event.payload["notice_ids"] as string[] | null) ?? null);
      break;
    case "chat.updated":
    case "chat.message":
      chatTold(event);
      break;
    case "chat.marked":
      chatMarked(String(event.payload["chat_id"]), Number(event.payload["unread"]));
      break;
    case "contact.consent":
      if (conversation) putSummary(conversation, myId(), false);
      refreshDetail(id);
      break;
    case "contact.updated":
      renamed(event.payload as unknown as Renamed);
      break;
    case "campaign.updated":
      campaignTold.value += 1;
      break;
    case "desk.updated":
      for (const hear of deskEars) hear();
      break;
    case "settings.updated":
      adopt(event.payload as unknown as OwnSettings);
      break;
    case "agent.updated":
      changeAgent(String(event.payload["agent_id"]), {
        available: event.payload["available"] === true,
        do_not_disturb: event.payload["do_not_disturb"] === true,
        ...seenBy(event.payload),
      });
      break;
    default:
      if (conversation) updated(conversation);
  }
};

/** What an agent lets colleagues see, in the events that tell it. */
const seenBy = ({ status_message, extension }: FeedEvent["payload"]): Partial<Colleague> => ({
  ...(typeof status_message === "string" ? { status_message } : {}),
  ...(typeof extension === "string" ? { extension } : {}),
});

const chatTold = (event: FeedEvent): void => {
  const { chat, message } = event.payload as { chat?: ChatTold; message?: unknown };
  if (!chat) return;
  const said = message as ChatMessage | undefined;
  const byMe = said?.sender.id === myId();
  if (said && byMe) claimAs(chat.id, "chat", said);
  const isNew = putTold(chat, said ?? null, byMe);
  if (!said || byMe || !isNew) return;
  if (place.peek().screen === "chats" && place.peek().chat === chat.id)
    announce(`${said.sender.name}: ${said.text}`);
  for (const hear of chatEars) hear(chat, said);
};

interface Renamed {
  contact?: { id: string; name: string | null; linked: boolean };
  gone_to?: string | null;
}

/** His name replaces his number in every row that is known. */
const renamed = ({ contact, gone_to }: Renamed): void => {
  if (!contact) return;
  for (const id of knownIds()) {
    const row = peekRow(id);
    if (row?.contact.id !== contact.id) continue;
    const name = contact.linked && contact.name ? contact.name : row.contact.address;
    const changed = { ...row.contact, id: gone_to ?? contact.id, name: contact.name, linked: contact.linked };
    amend(id, { contact: { ...changed, display_name: name } });
    if (gone_to) refreshDetail(id);
  }
};

const told = (conversation: ConversationSummary, message: Message | null, created: boolean): void => {
  const byMe = message?.sender.kind === "agent" && message.sender.id === myId();
  const known = peekRow(conversation.id);
  putSummary(conversation, myId(), created && byMe);
  if (!message) return;
  if (created && byMe) claim(conversation.id, message);
  if (created && message.direction === "in") stopTyping(conversation.id, "contact");
  const before = openThread(conversation.id)
    ?.messages.peek()
    .some((one) => one.id === message.id);
  putMessage(conversation.id, message);
  if (created) {
    stir(conversation.world);
    if (message.direction !== "out")
      refreshDetail(conversation.id, false, !known || turned(known, conversation));
    if (message.direction === "in" && !before) heard(conversation, message);
  }
};

/** Whether something was done to it, by a rule that has heard of the message. */
const turned = (before: ConversationSummary, now: ConversationSummary): boolean =>
  before.status !== now.status ||
  before.priority !== now.priority ||
  before.assignee?.id !== now.assignee?.id ||
  before.team?.id !== now.team?.id ||
  before.tags.join() !== now.tags.join();

const heard = (conversation: ConversationSummary, message: Message): void => {
  if (conversation.id === conversationId.peek())
    announce(`${conversation.contact.display_name}: ${message.text || t().kinds(message.kind)}`);
  for (const hear of ears) hear(conversation, message);
};

const updated = (conversation: ConversationSummary): void => {
  const before = peekRow(conversation.id);
  putSummary(conversation, myId(), false);
  stir(before?.world ?? conversation.world);
  if (!before || before.version < conversation.version) refreshDetail(conversation.id);
};

const present = (event: FeedEvent, id: string): void => {
  const by = event.payload.by ?? {};
  const typing = event.kind === "conversation.typing";
  const who = by.id ?? by.agent_id ?? "";
  if (who === myId()) return;
  const isContact = by.kind === "contact";
  const name = isContact ? "" : (by.name ?? agentOf(who)?.name ?? "");
  notePresence(
    id,
    { id: isContact ? "contact" : who, name, what: typing ? "typing" : "viewing" },
    typing ? 10 : 20,
  );
};

const noticed = (event: FeedEvent, id: string): void => {
  unseen.value += 1;
  void loadNotices();
  const by = event.payload.by;
  const agent = by?.agent_name ?? agentOf(by?.id ?? by?.agent_id ?? null)?.name ?? by?.name ?? "";
  const contact = event.payload.conversation?.contact.display_name ?? "";
  const text = t().notice(String(event.payload["what"]), contact, agent);
  for (const hear of noticeEars) hear(String(event.payload["notice_id"]), text, id);
  toast(text, "plain", {
    label: t().open,
    run: () => go({ screen: "inbox", conversation: id }),
  });
};
