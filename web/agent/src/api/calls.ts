// What the page asks of the API, by name.
import { get, post, type Query, send, upload } from "./http.ts";
import type {
  ActivityPage,
  AllCounts,
  Answer,
  Attachment,
  Begun,
  BulkAnswer,
  CannedMessage,
  CannedPreview,
  Chat,
  ChatMessage,
  ChatMessagePage,
  ChatPage,
  Connection,
  Contact,
  ContactPage,
  Conversation,
  ConversationLink,
  ConversationPage,
  DecisionPage,
  DeskInUse,
  Device,
  DeviceBody,
  Draft,
  FactorBegun,
  Ledger,
  Me,
  Message,
  MessagePage,
  MessagePreview,
  NoticePage,
  OwnSettings,
  PersonalSettings,
  PushKey,
  RecoveryCodes,
  RuleCount,
  SearchPage,
  SecondFactor,
  Start,
  State,
  Survey,
  WaysIn,
} from "./types.ts";

export const chats = (cursor: string | null): Promise<ChatPage> => get("/chats", { cursor, limit: 50 });
export const chat = (id: string): Promise<Chat> => get(`/chats/${id}`);
export const openChat = (body: { with_agents?: string[]; team?: string }): Promise<Chat> =>
  post("/chats", body);
export const said = (id: string, cursor: string | null): Promise<ChatMessagePage> =>
  get(`/chats/${id}/messages`, { cursor, limit: 50 });
export const sayInChat = (id: string, text: string, key: string): Promise<ChatMessage> =>
  post(`/chats/${id}/messages`, { text }, key);
export const readChat = (id: string, upTo: string): Promise<Chat> =>
  post(`/chats/${id}/read`, { up_to: upTo }, null);

const at = (id: string, rest = ""): string => `/conversations/${id}${rest}`;

export const start = (list: Query): Promise<Start> => get("/start", list);
export const signIn = (email: string, password: string, code: string): Promise<Me> =>
  post("/session", { email, password, ...(code ? { code } : {}) }, null);
export const waysIn = (): Promise<WaysIn> => get("/sign-in");
export const finishSignIn = (code: string): Promise<Me> => post("/session/code", { code }, null);
export const beginFactor = (): Promise<FactorBegun> => post("/me/second-factor", {}, null);
export const confirmFactor = (code: string): Promise<RecoveryCodes> =>
  post("/me/second-factor/confirm", { code }, null);
export const factor = (): Promise<SecondFactor> => get("/me/second-factor");
export const renewCodes = (code: string): Promise<RecoveryCodes> =>
  post("/me/second-factor/recovery-codes", { code }, null);
export const removeFactor = (code: string): Promise<void> => post("/me/second-factor/remove", { code }, null);
export const signOut = (): Promise<void> => send("DELETE", "/session", undefined, null);

export const list = (query: Query, signal?: AbortSignal): Promise<ConversationPage> =>
  get("/conversations", query, signal);
export const counts = (query: Query): Promise<AllCounts> => get("/conversations/counts", query);
export const conversation = (id: string): Promise<Conversation> => get(at(id));
export const messages = (id: string, query: Query = {}): Promise<MessagePage> =>
  get(at(id, "/messages"), query);
export const activity = (id: string): Promise<ActivityPage> => get(at(id, "/activity"), { limit: 100 });
export const decisions = (id: string): Promise<DecisionPage> => get(at(id, "/decisions"), { limit: 5 });
export const ledger = (id: string): Promise<Ledger> => get(at(id, "/consent"));
export const history = (contact: string, world = "shared"): Promise<ConversationPage> =>
  get("/conversations", { contact, world, status: "all", sort: "recent_conversations", limit: 30 });

export type Changed = Conversation | undefined;
export const assign = (id: string, assignee: string | null, expected: string | null): Promise<Changed> =>
  post(at(id, "/assign"), { assignee, expected });
export const close = (id: string): Promise<Changed> => post(at(id, "/close"));
export const reopen = (id: string): Promise<Changed> => post(at(id, "/reopen"));
export const archive = (id: string): Promise<Changed> => post(at(id, "/archive"));
export const unarchive = (id: string): Promise<Changed> => post(at(id, "/unarchive"));
export const snooze = (id: string, until: string): Promise<Changed> => post(at(id, "/snooze"), { until });
export const team = (id: string, to: string): Promise<Changed> => post(at(id, "/team"), { team: to });
export const move = (id: string, to: string): Promise<Changed> => post(at(id, "/inbox"), { inbox: to });
export const tag = (id: string, name: string): Promise<Changed> => post(at(id, "/tags"), { tag: name });
export const untag = (id: string, name: string): Promise<Changed> =>
  post(at(id, "/tags/remove"), { tag: name });
export const prioritize = (id: string, priority: string): Promise<Changed> =>
  send("PUT", at(id, "/priority"), { priority });
export const bulk = (ids: string[], command: unknown, key: string): Promise<BulkAnswer> =>
  post("/conversations/bulk", { ids, command }, key);
// Marks outlive the page: whoever reads and closes the tab at once has read.
export const read = (id: string, upTo: string | null): Promise<void> =>
  send("POST", at(id, "/read"), { up_to: upTo }, null, true);
export const unread = (id: string): Promise<void> => send("POST", at(id, "/unread"), {}, null, true);
export const typing = (id: string): Promise<void> => post(at(id, "/typing"), undefined, null);
export const viewing = (id: string): Promise<void> => post(at(id, "/viewing"), undefined, null);

export interface Outgoing {
  text: string;
  attachment_ids: string[];
  reply_to: string | null;
}
export const reply = (id: string, body: Outgoing, key: string): Promise<Message> =>
  post(at(id, "/messages"), body, key);
export const note = (id: string, body: { text: string; mentions: string[] }, key: string): Promise<Message> =>
  post(at(id, "/notes"), body, key);
export const preview = (id: string, body: Outgoing): Promise<MessagePreview> =>
  post(at(id, "/messages/preview"), body, null);
export const retry = (message: string): Promise<Message> => post(`/messages/${message}/retry`);
export const withdraw = (message: string): Promise<Message> => post(`/messages/${message}/withdraw`);
export const resolve = (message: string, verdict: "sent" | "send_again"): Promise<Message> =>
  post(`/messages/${message}/resolve`, { verdict });
export const attach = (file: File, key: string, voice = false): Promise<Attachment> => {
  const form = new FormData();
  form.append("file", file, file.name);
  if (voice) form.append("voice", "true");
  return upload("/attachments", form, key);
};

export const links = (id: string): Promise<ConversationLink[]> => get(at(id, "/links"));
export const surveys = (id: string): Promise<Survey[]> => get(at(id, "/surveys"));
export const sendSurvey = (id: string, survey: string, key: string): Promise<Message> =>
  post(at(id, "/surveys"), { survey }, key);
export const canned = (id: string): Promise<CannedMessage[]> => get(at(id, "/canned"));
export const previewCanned = (
  key: string,
  conversation: string,
  locale: string | null,
): Promise<CannedPreview> => post(`/canned/${key}/preview`, { conversation_id: conversation, locale }, null);
export const begin = (
  body: { channel: string; to: string | null; contact: string | null; text: string },
  key: string,
): Promise<Begun> => post("/conversations", body, key);

export const contacts = (q: string | null, favourite = false): Promise<ContactPage> =>
  get("/contacts", { q, favourite: favourite || null, limit: 20 });
export const createContact = (name: string, own: boolean): Promise<Contact> =>
  post("/contacts", { name, private: own });
export const nameContact = (id: string, name: string | null): Promise<Contact> =>
  send("PATCH", `/contacts/${id}`, { name });
export const linkContact = (id: string, to: string): Promise<Changed> =>
  send("PUT", at(id, "/contact"), { contact: to });
export const contact = (id: string): Promise<Contact> => get(`/contacts/${id}`);
export const favourite = (id: string, on: boolean): Promise<Contact> =>
  send("PUT", `/contacts/${id}/favourite`, { favourite: on });
export const tagContact = (id: string, name: string, on: boolean): Promise<Contact> =>
  post(`/contacts/${id}/tags${on ? "" : "/remove"}`, { tag: name });
export const optOut = (id: string, reason: string): Promise<unknown> =>
  post(at(id, "/consent/opt-out"), { reason });
export const optIn = (id: string, reason: string): Promise<unknown> =>
  post(at(id, "/consent/opt-in"), { reason });

export const available = (on: boolean, quiet: boolean): Promise<Me> =>
  send("PUT", "/me/availability", { available: on, do_not_disturb: quiet });
export const notices = (): Promise<NoticePage> => get("/me/notices", { limit: 30 });
export const seen = (ids: string[] | null): Promise<void> =>
  post("/me/notices/seen", { notice_ids: ids }, null);
export const settings = (): Promise<OwnSettings> => get("/me/settings");
export const changeSettings = (wish: PersonalSettings): Promise<OwnSettings> =>
  send("PATCH", "/me/settings", wish);
export const pushKey = (): Promise<PushKey> => get("/me/push/key");
export const devices = (): Promise<Device[]> => get("/me/push/devices");
export const addDevice = (body: DeviceBody): Promise<Device> => post("/me/push/devices", body, null);
export const dropDevice = (id: string): Promise<void> =>
  send("DELETE", `/me/push/devices/${id}`, undefined, null);
const KEPT_ALIVE = 15_000;
export const drafts = (): Promise<Draft[]> => get("/me/drafts");
export const keepDraft = (
  conversation: string,
  kind: "reply" | "note",
  text: string,
  attachment_ids: string[],
): Promise<Draft | undefined> =>
  // It arrives also when the page goes; browsers carry 64 kB behind it.
  send("PUT", `/me/drafts/${conversation}/${kind}`, { text, attachment_ids }, null, text.length < KEPT_ALIVE);
export const search = (q: string, cursor: string | null): Promise<SearchPage> =>
  get("/search", { q, cursor });

export const assistant = (): Promise<State> => get("/assistant");
export const acceptTerms = (terms: string): Promise<unknown> =>
  post("/assistant/consent", { accepted: true, terms });
export const propose = (
  id: string,
  what: "suggest" | "generate" | "rewrite" | "summary",
  body: unknown,
): Promise<Answer> => post(at(id, `/assistant/${what}`), body);
export const feedback = (id: string, proposal_id: string, outcome: string, text?: string): Promise<unknown> =>
  post(at(id, "/assistant/feedback"), { proposal_id, outcome, ...(text === undefined ? {} : { text }) });

export const desk = (): Promise<DeskInUse> => get("/desk");
export const rules = (days: number): Promise<RuleCount[]> => get("/desk/rules", { days });
export const connections = (): Promise<Connection[]> => get("/connections");
export const resume = (channel: string): Promise<unknown> => post(`/channels/${channel}/resume`);
