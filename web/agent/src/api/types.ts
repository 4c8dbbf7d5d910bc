// Written by `python -m tools.api_types` from the OpenAPI document. Not to be changed by hand.

export type ActionRun = {
  rule: string;
  action: string;
  argument: JsonValue;
  done: boolean;
  reason: string | null;
  text: string | null;
  result: string | null;
};

export type Activity = {
  id: number;
  at: string;
  by: Actor;
  what: "assigned" | "unassigned" | "team_changed" | "moved" | "closed" | "reopened" | "snoozed" | "woken" | "prioritized" | "tagged" | "untagged" | "contact_changed" | "archived" | "unarchived";
  before: Subject | null;
  after: Subject | null;
};

export type ActivityPage = {
  items: Activity[];
  next: string | null;
};

export type Actor = {
  kind: "agent" | "rule" | "contact" | "system";
  id: string | null;
  name: string | null;
};

export type Agent = {
  id: string;
  key: string;
  name: string;
};

export type AgentShare = {
  agent_id: string;
  name: string;
  taken: number;
  by_hand: number;
  share: number;
  hours: number;
  per_hour: number | null;
  open_now: number;
};

export type AllCounts = {
  all: Counts;
  inboxes: InboxCounts[];
  more: boolean;
  events_after: string;
};

export type Answer = {
  kind: string;
  proposals: Proposal[];
  tags: string[];
  canned: string | null;
  flags: Flag[];
  used: Used;
  language: string;
  provider: string;
  model: string;
  offline: boolean;
  notice: string;
  prompt: string;
  masked: Record<string, number>;
  prompt_tokens: number;
  completion_tokens: number;
  tokens_estimated: boolean;
};

export type AssignAll = {
  do: "assign";
  assignee: "me" | string | null;
};

export type Assignment = {
  assignee: "me" | string | null;
  expected?: "me" | string | null;
};

export type AssistantDraft = {
  id: number;
  rule: string;
  instruction: string;
  state: "waiting" | "ready" | "failed";
  error_code: string | null;
  offline: boolean;
  proposals: DraftProposal[];
  at: string;
};

export type AssistantReport = {
  total: Tally;
  kinds: Record<string, Tally>;
  tones: Record<string, Tally>;
  canned: Record<string, Tally>;
  providers: Record<string, Tally>;
};

export type Attachment = {
  id: string;
  kind: string;
  mime: string;
  size: number | null;
  name: string | null;
  state: string;
  url: string;
  thumbnail_url: string | null;
  width: number | null;
  height: number | null;
};

export type AttachmentLimits = {
  kinds: string[];
  mimes: string[];
  count: number;
  size_each: number;
  size_total: number;
  size_by_kind: Record<string, number>;
  caption: boolean;
};

export type AttachmentLinks = {
  url: string;
  thumbnail_url: string | null;
  expires_at: string;
};

export type Attempt = {
  number: number;
  started_at: string;
  ended_at: string;
  outcome: string;
  provider_code: string | null;
  text: string | null;
  external_id: string | null;
};

export type Availability = {
  available: boolean;
  do_not_disturb?: boolean | null;
};

export type Beginning = {
  text?: string;
  attachment_ids?: string[];
  reply_to?: string | null;
  content?: LocationContent | ContactsContent | ReactionContent | ButtonsContent | ListContent | TemplateContent | null;
  channel: string;
  to?: string | null;
  contact?: string | null;
};

export type Begun = {
  conversation_id: string;
  message: Message;
};

export type BodyUploadAttachment = {
  file: string;
  voice?: boolean;
};

export type Bulk = {
  ids: string[];
  command: Turn | TagAll | PrioritizeAll | AssignAll | SnoozeAll | HandOverAll | MoveAll | ReadAll | UnreadAll;
};

export type BulkAnswer = {
  items: BulkItem[];
};

export type BulkItem = {
  id: string;
  done: boolean;
  conversation: ConversationRow | null;
  problem: Record<string, JsonValue> | null;
};

export type ButtonsContent = {
  kind?: "buttons";
  choices: Choice[];
  header?: string;
  footer?: string;
};

export type Campaign = {
  id: string;
  name: string;
  inbox_id: string;
  channel_id: string;
  state: "draft" | "gathering" | "scheduled" | "sending" | "paused" | "done" | "canceled";
  words: Said;
  filter: FilterBody | null;
  purpose: "marketing" | "service";
  reason: string | null;
  quiet_hours: CampaignQuietHours | null;
  per_minute: number;
  starts_at: string | null;
  waits_until: string | null;
  pause_code: string | null;
  pause_text: string | null;
  progress: Progress;
  created_by: string;
  created_at: string;
  scheduled_by: string | null;
  scheduled_at: string | null;
  ended_at: string | null;
};

export type CampaignBody = {
  name: string;
  channel: string;
  text?: string | null;
  canned?: string | null;
  template?: TemplateContent | null;
  filter?: FilterBody | null;
  contact_ids?: string[];
  purpose?: "marketing" | "service";
  reason?: string | null;
  quiet_hours?: CampaignQuietHours | null;
  per_minute?: number;
};

export type CampaignPage = {
  items: Campaign[];
  next: string | null;
};

export type CampaignPreview = {
  left_out: Record<string, number>;
  planned: number;
  too_many: boolean;
  items: PreviewLine[];
  next: string | null;
  because: Record<string, string>;
};

export type CampaignQuietHours = {
  start?: string;
  end?: string;
};

export type CampaignRef = {
  id: string;
  name: string;
};

export type CampaignReport = {
  left_out: Record<string, number>;
  id: string;
  name: string;
  state: "draft" | "gathering" | "scheduled" | "sending" | "paused" | "done" | "canceled";
  meant: number;
  planned: number;
  canceled: number;
  written: number;
  waiting: number;
  sent: number;
  delivered: number;
  read: number;
  failed: Record<string, number>;
  replied: number;
  opted_out: number;
  because: Record<string, string>;
};

export type CampaignTrial = {
  left_out: Record<string, number>;
  planned: number;
  too_many: boolean;
  parts: number;
  cost: Record<string, number> | null;
  waiting: number;
  ends_at: string | null;
  because: Record<string, string>;
};

export type CanSend = {
  allowed: boolean;
  code: string | null;
  text: string | null;
  until: string | null;
  instead: string | null;
};

export type CannedMessage = {
  key: string;
  phrase: string | null;
  description: string;
  text: string;
  locales: string[];
  variables: string[];
};

export type CannedPreview = {
  key: string;
  locale: string;
  text: string | null;
  missing: string[];
};

export type CannedReply = {
  key?: string | null;
  phrase?: string | null;
  locale?: string | null;
  inputs?: Record<string, unknown>;
};

export type Channel = {
  id: string;
  key: string;
  name: string;
  channel_type: string;
  address: string;
  inbox_id: string;
  connection: string;
  paused_code: string | null;
  paused_text: string | null;
  paused_until: string | null;
  registration: Registration | null;
  capabilities: ChannelCapabilities | null;
  joined_at: string | null;
};

export type ChannelCapabilities = {
  text_limit: number;
  text_unit: "characters" | "bytes";
  attachments: AttachmentLimits;
  voice_notes: boolean;
  buttons: number;
  list_rows: number;
  location: boolean;
  contact_cards: boolean;
  message_templates: boolean;
  quoted_replies: boolean;
  reactions: boolean;
  typing: boolean;
  read_marks: boolean;
  business_may_start: boolean;
  reply_window: number | null;
  human_reply_window: number | null;
  consent_required: boolean;
};

export type ChannelCounts = {
  id: string;
  counts: Counts;
};

export type ChannelRef = {
  id: string;
  key: string;
  name: string;
  channel_type: string;
  address: string;
};

export type Chat = {
  id: string;
  kind: "direct" | "team";
  team: Named | null;
  people: Named[];
  message_count: number;
  last_message_text: string | null;
  turned_at: string;
  version: number;
  unread: number;
};

export type ChatMessage = {
  id: string;
  chat_id: string;
  sequence: number;
  sender: Named;
  text: string;
  at: string;
};

export type ChatMessagePage = {
  items: ChatMessage[];
  older: string | null;
};

export type ChatPage = {
  items: Chat[];
  next: string | null;
};

export type ChatRead = {
  up_to?: string | null;
};

export type ChatText = {
  text: string;
};

export type Choice = {
  id: string;
  title: string;
  description?: string;
};

export type ChoiceRun = {
  team: string | null;
  agent: string | null;
  strategy: string | null;
  skills: string[];
  passed_over: PassedOver[];
  behind_queue: boolean;
  instead: string | null;
};

export type Colleague = {
  id: string;
  key: string;
  name: string;
  role: string;
  may_reply: boolean;
  available: boolean;
  do_not_disturb: boolean;
  status_message: string;
  extension: string;
};

export type Connection = {
  key: string;
  channel_type: string;
  problem: string | null;
  kept_webhooks: number;
};

export type Consent = {
  state: "none" | "accepted" | "withdrawn";
  terms: string;
  by: string | null;
  at: string | null;
};

export type ConsentGiven = {
  accepted: boolean;
  terms: string;
};

export type Consents = {
  opted_in: number;
  opted_out: number;
  known: number;
  older: number;
  skipped: SkippedContact[];
};

export type ConsentsBody = {
  contact_ids: string[];
  purpose: "marketing";
  state: "opted_in" | "opted_out";
  channels: string[];
  source: string;
  at: string;
  dry_run?: boolean;
};

export type ConsentsNoted = {
  opted_in: number;
  opted_out: number;
  known: number;
  older: number;
};

export type Contact = {
  id: string;
  name: string | null;
  linked: boolean;
  locale: string | null;
  created_at: string;
  addresses: ContactAddress[];
  tags: string[];
  attributes: Record<string, JsonValue>;
  favourite: boolean;
  picture_url: string | null;
  private: boolean;
};

export type ContactAddress = {
  kind: string;
  address: string;
  opted_out: boolean;
};

export type ContactBody = {
  name?: string | null;
  locale?: string | null;
  numbers?: string[];
  attributes?: Record<string, unknown>;
};

export type ContactCard = {
  name: string;
  phones?: string[];
  emails?: string[];
  company?: string;
};

export type ContactPage = {
  items: Contact[];
  next: string | null;
  unknown_number: string | null;
};

export type ContactRef = {
  id: string;
  name: string | null;
  address: string;
  linked: boolean;
  display_name: string;
  opted_out: boolean;
};

export type ContactTag = {
  tag: string;
};

export type ContactsContent = {
  kind?: "contacts";
  cards: ContactCard[];
};

export type Conversation = {
  id: string;
  world: "shared" | "private" | "history";
  status: "open" | "snoozed" | "closed";
  priority: "low" | "normal" | "high" | "urgent";
  subject: string | null;
  inbox: Named;
  channel: ChannelRef;
  contact: ContactRef;
  assignee: Named | null;
  team: Named | null;
  queue: Queue | null;
  tags: string[];
  message_count: number;
  last_message_text: string | null;
  last_message_at: string | null;
  last_message_kind: string | null;
  last_message_direction: "in" | "out" | "note" | null;
  inbound_count: number;
  last_inbound_at: string | null;
  waiting_since: string | null;
  opened_at: string;
  assigned_at: string | null;
  snoozed_until: string | null;
  closed_at: string | null;
  archived_at: string | null;
  turned_at: string;
  version: number;
  campaign: CampaignRef | null;
  mine: Mine;
  participants: Named[];
  can_send: CanSend;
  referral: Referral | null;
  window_closes_at: string | null;
  window_seconds_left: number | null;
};

export type ConversationLink = {
  key: string;
  kind: "call" | "meeting" | "co_browse" | "other";
  label: string;
  url: string;
};

export type ConversationPage = {
  items: ConversationRow[];
  next: string | null;
  events_after: string;
};

export type ConversationRow = {
  id: string;
  world: "shared" | "private" | "history";
  status: "open" | "snoozed" | "closed";
  priority: "low" | "normal" | "high" | "urgent";
  subject: string | null;
  inbox: Named;
  channel: ChannelRef;
  contact: ContactRef;
  assignee: Named | null;
  team: Named | null;
  queue: Queue | null;
  tags: string[];
  message_count: number;
  last_message_text: string | null;
  last_message_at: string | null;
  last_message_kind: string | null;
  last_message_direction: "in" | "out" | "note" | null;
  inbound_count: number;
  last_inbound_at: string | null;
  waiting_since: string | null;
  opened_at: string;
  assigned_at: string | null;
  snoozed_until: string | null;
  closed_at: string | null;
  archived_at: string | null;
  turned_at: string;
  version: number;
  campaign: CampaignRef | null;
  mine: Mine;
};

export type Cost = {
  amount: string;
  currency: string;
};

export type Counts = {
  total: number;
  me: number;
  others: number;
  unassigned: number;
  with_me: number;
  unread: number;
};

export type Credential = {
  id: string;
  kind: "session" | "bearer";
  label: string;
  created_at: string;
  expires_at: string | null;
};

export type Credentials = {
  email: string;
  password: string;
  code?: string | null;
};

export type DeadLetter = {
  kind: "webhook" | "event" | "message" | "call" | "action" | "letter";
  id: string;
  at: string;
  what: string;
  reason: string | null;
  attempts: number;
  conversation_id: string | null;
  may_retry: boolean;
};

export type DeadLetterPage = {
  items: DeadLetter[];
  next: string | null;
};

export type Decision = {
  id: string;
  event: string;
  cause_id: string;
  rule_set: string;
  at: string;
  facts: JsonValue;
  outcome: JsonValue;
  run: Run;
};

export type DecisionPage = {
  waiting: Waiting | null;
  items: Decision[];
  next: string | null;
};

export type DeskFailure = {
  folder: string;
  problems: string[];
  at: string;
};

export type DeskInUse = {
  version: number;
  rule_set: string;
  rules: number;
  failures: DeskFailure[];
};

export type Device = {
  id: string;
  label: string;
  service: string;
  created_at: string;
};

export type DeviceBody = {
  endpoint: string;
  keys: DeviceKeys;
  expirationTime?: number | null;
  label?: string;
};

export type DeviceKeys = {
  p256dh: string;
  auth: string;
};

export type Draft = {
  conversation_id: string;
  kind: "reply" | "note";
  text: string;
  attachment_ids: string[];
  version: number;
  updated_at: string;
};

export type DraftBody = {
  text?: string;
  attachment_ids?: string[];
  expected?: number | null;
};

export type DraftProposal = {
  id: string;
  text: string;
  canned: string[];
  flags: Flag[];
};

export type Erased = {
  erased: boolean;
  counts: Record<string, number>;
};

export type Erasure = {
  id: string;
  agent_id: string;
  at: string;
  counts: Record<string, number>;
};

export type ErasureBody = {
  dry_run?: boolean;
};

export type Event = {
  cursor: string;
  version: number;
  kind: string;
  at: string;
  inbox_id: string | null;
  conversation_id: string | null;
  payload: Record<string, JsonValue>;
};

export type EventPage = {
  events: Event[];
  cursor: string;
  more: boolean;
};

export type FactorBegun = {
  secret: string;
  uri: string;
};

export type FactorCode = {
  code: string;
};

export type FairnessReport = {
  period: PeriodAnswer;
  agents: AgentShare[];
  unassigned_now: number;
  oldest: Unassigned[];
};

export type Favourite = {
  favourite: boolean;
};

export type Feedback = {
  proposal_id: string;
  outcome: "accepted" | "edited" | "discarded";
  text?: string | null;
};

export type FieldProblem = {
  loc: (string | number)[];
  code: string;
  text: string;
};

export type Figures = {
  key: string | null;
  name: string | null;
  opened: number;
  closed: number;
  reopened: number;
  taken: number;
  messages_in: number;
  messages_out: number;
  messages_automatic: number;
  unanswered: number;
  first_response: Spread | null;
  waiting: Spread | null;
  resolution: Spread | null;
  surveys: Satisfaction;
};

export type FilterBody = {
  everyone?: boolean;
  tags?: string[];
  without_tags?: string[];
  languages?: string[];
  countries?: string[];
  attributes?: Record<string, unknown>;
};

export type Flag = {
  code: string;
  excerpt: string;
};

export type Generate = {
  exclude?: string[];
  include_notes?: boolean;
  language?: string | null;
  stream?: boolean;
  intent: string;
  tone: string;
};

export type HandOverAll = {
  do: "team";
  team: string;
};

export type Health = {
  status: string;
};

export type Import = {
  id: string | null;
  name: string;
  state: "checked" | "waiting" | "done";
  total: number;
  done: number;
  created: number;
  changed: number;
  mistakes: ImportMistake[];
  consents: ConsentsNoted;
  at: string;
  ended_at: string | null;
};

export type ImportBody = {
  name: string;
  csv: string;
  dry_run?: boolean;
};

export type ImportMistake = {
  line: number;
  code: string;
  text: string;
};

export type Inbox = {
  id: string;
  key: string;
  name: string;
  timezone: string;
  assignment_mode: boolean;
};

export type InboxBody = {
  inbox: string;
};

export type InboxCounts = {
  id: string;
  counts: Counts;
  channels: ChannelCounts[];
};

export type InboxState = {
  id: string;
  key: string;
  enabled: boolean;
  reason: string | null;
  providers: string[];
  requests_used: number;
  requests_limit: number | null;
  tokens_used: number;
  tokens_limit: number | null;
};

export type JsonValue = unknown;

export type Ledger = {
  address: string;
  opted_out: boolean;
  may_opt_in: boolean;
  entries: LedgerEntry[];
  marketing_stopped?: boolean;
};

export type LedgerEntry = {
  state: "opted_out" | "opted_in";
  source: string;
  evidence: string;
  agent: Named | null;
  message_id: string | null;
  everywhere: boolean;
  at: string;
  topic?: string;
};

export type Left = {
  id: string;
  conversation_id: string;
  at: string;
  by: string;
  kind: string;
  provider: string;
  model: string;
  prompt: string;
  outcome: string;
  messages: string[];
  sources: string[];
  masked: Record<string, number>;
  sent: SentMessage[];
  prompt_tokens: number;
  completion_tokens: number;
};

export type LeftPage = {
  items: Left[];
  next: string | null;
};

export type Letter = {
  id: string;
  kind: string;
  inbox_id: string | null;
  conversation_id: string | null;
  body: string;
  state: "queued" | "done" | "failed";
  attempts: number;
  due_at: string;
  status: number | null;
  error: string | null;
  created_at: string;
  ended_at: string | null;
};

export type LetterPage = {
  items: Letter[];
  next: string | null;
};

export type LinkBody = {
  contact: string;
};

export type ListContent = {
  kind?: "list";
  button: string;
  sections: ListSection[];
  header?: string;
  footer?: string;
};

export type ListSection = {
  title?: string;
  choices: Choice[];
};

export type LocationContent = {
  kind?: "location";
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
};

export type Me = {
  id: string;
  key: string;
  name: string;
  email: string | null;
  role: "agent" | "manager" | "admin";
  locale: string;
  available: boolean;
  do_not_disturb: boolean;
  inbox_ids: string[];
  second_factor?: boolean;
  second_factor_required?: boolean;
  expires_at?: string | null;
};

export type Merge = {
  id: string;
  kept_id: string;
  gone_id: string;
  gone_name: string | null;
  by: Named;
  at: string;
  undone_at: string | null;
  may_undo: boolean;
};

export type MergeBody = {
  contact: string;
};

export type Message = {
  id: string;
  external_id: string | null;
  direction: string;
  kind: string;
  text: string;
  sender: Sender;
  attachments: Attachment[];
  reply_to: string | null;
  provider_time: string | null;
  received_at: string;
  state: string;
  error: MessageError | null;
  details: Record<string, JsonValue>;
};

export type MessageError = {
  code: string;
  retryable: boolean;
  text: string;
};

export type MessagePage = {
  items: Message[];
  older: string | null;
  newer: string | null;
};

export type MessagePreview = {
  can_send: CanSend;
  encoding: string | null;
  units: number | null;
  limit: number | null;
  characters_left: number | null;
  segments: number | null;
  cost: Cost | null;
};

export type Mine = {
  unread: number;
  mentioned: boolean;
  with_me: boolean;
};

export type MoveAll = {
  do: "inbox";
  inbox: string;
};

export type Named = {
  id: string;
  key: string;
  name: string;
};

export type NewChat = {
  with_agents?: string[];
  team?: string | null;
};

export type NewContact = {
  name?: string | null;
  locale?: string | null;
  numbers?: string[];
  attributes?: Record<string, unknown>;
  tags?: string[];
  private?: boolean;
};

export type NewSubscription = {
  id: string;
  url: string;
  description: string;
  kinds: string[];
  inboxes: string[];
  state: "active" | "off";
  off_reason: string | null;
  failures: number;
  failing_since: string | null;
  paused_until: string | null;
  created_at: string;
  secret: string;
};

export type NewToken = {
  id: string;
  label: string;
  created_at: string;
  expires_at: string | null;
  text: string;
};

export type NoteBody = {
  text: string;
  mentions?: string[];
};

export type Notice = {
  id: string;
  at: string;
  what: string;
  conversation_id: string;
  message_id: string | null;
  more: Record<string, JsonValue>;
  seen_at: string | null;
};

export type NoticePage = {
  items: Notice[];
  unseen: number;
  next: string | null;
};

export type Notifications = {
  enabled?: boolean;
  messages?: boolean;
  new_conversations?: boolean;
  notices?: boolean;
  chats?: boolean;
  preview?: boolean;
};

export type OptIn = {
  reason: string;
  purpose?: "service" | "marketing";
  evidence?: string | null;
};

export type OptOut = {
  reason: string;
  purpose?: "service" | "marketing";
  resolve?: Resolution | null;
};

export type Outline = {
  text?: string;
  attachment_ids?: string[];
  reply_to?: string | null;
  content?: LocationContent | ContactsContent | ReactionContent | ButtonsContent | ListContent | TemplateContent | null;
};

export type OwnSettings = {
  settings: PersonalSettings;
  version: number;
  quiet: boolean;
};

export type PassedOver = {
  agent_id: string;
  agent: string;
  reason: string;
  text: string;
};

export type Peace = {
  hours?: QuietHours[];
  timezone?: string | null;
  until?: string | null;
};

export type PeriodAnswer = {
  first: string;
  last: string;
  timezone: string;
  hours?: string | null;
};

export type PersonalSettings = {
  language?: "en" | "it" | null;
  theme?: "system" | "light" | "dark";
  density?: "comfortable" | "compact";
  shortcuts?: boolean;
  enter_sends?: boolean;
  status_message?: string;
  extension?: string;
  sounds?: Sounds;
  notifications?: Notifications;
  peace?: Peace;
};

export type PreviewLine = {
  contact_id: string;
  name: string | null;
  address: string | null;
  country: string | null;
  text: string | null;
  reason: string | null;
};

export type PreviewWish = {
  conversation_id: string;
  locale?: string | null;
  inputs?: Record<string, unknown>;
};

export type PrioritizeAll = {
  do: "prioritize";
  priority: "low" | "normal" | "high" | "urgent";
};

export type PriorityBody = {
  priority: "low" | "normal" | "high" | "urgent";
};

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id?: string | null;
  errors?: FieldProblem[] | null;
};

export type Progress = {
  listed: number;
  planned: number;
  left_out: number;
  queued: number;
  canceled: number;
};

export type Proposal = {
  id: string;
  text: string;
  canned: string[];
  answers: string[];
  flags: Flag[];
  units: number;
  limit: number;
  parts: number;
};

export type ProviderWay = {
  name: string;
  path: string;
};

export type PushKey = {
  public_key: string;
};

export type Queue = {
  since: string;
  rule: string | null;
  strategy: string | null;
  skills: string[];
  otherwise: string | null;
};

export type QuietHours = {
  days: ("monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday")[];
  begins: string;
  ends: string;
};

export type ReactionContent = {
  kind?: "reaction";
  emoji?: string;
};

export type ReadAll = {
  do: "read";
};

export type ReadUpTo = {
  up_to?: string | null;
};

export type Readiness = {
  ready: boolean;
  degraded: boolean;
  checks: Record<string, string>;
};

export type Recipient = {
  contact_id: string;
  name: string | null;
  address: string | null;
  country: string | null;
  state: string;
  reason: string | null;
  at: string;
  conversation_id: string | null;
  message_id: string | null;
  replied_at: string | null;
  opted_out_at: string | null;
};

export type RecipientPage = {
  items: Recipient[];
  next: string | null;
};

export type RecoveryCodes = {
  recovery_codes: string[];
};

export type Referral = {
  source: string;
  text: string;
  url: string | null;
  at: string;
};

export type Registration = {
  state: string;
  text: string;
  blocks: boolean;
};

export type Reply = {
  text?: string;
  attachment_ids?: string[];
  reply_to?: string | null;
  content?: LocationContent | ContactsContent | ReactionContent | ButtonsContent | ListContent | TemplateContent | null;
};

export type Report = {
  period: PeriodAnswer;
  by: "agent" | "team" | "inbox" | "channel" | "tag" | "day" | "weekday" | "hour" | null;
  total: Figures;
  rows: Figures[];
};

export type Resolution = {
  details?: string;
};

export type Rewrite = {
  draft: string;
  how: "tone" | "shorter" | "longer" | "grammar" | "translate";
  tone?: string | null;
  language?: string | null;
  stream?: boolean;
};

export type RuleCount = {
  name: string;
  watches: boolean;
  enabled: boolean;
  fired: number;
  would_have_fired: number;
  last_at: string | null;
};

export type RuleRun = {
  name: string;
  outcome: string;
  text: string;
  reasons: string[];
};

export type Run = {
  trigger: string;
  chain: string[];
  due: string | null;
  rules: RuleRun[];
  others: number;
  actions: ActionRun[];
  assignments: ChoiceRun[];
  problem: string | null;
  unavailable: Record<string, string>;
  result_of: string | null;
  later_of: string | null;
};

export type Said = {
  text: string | null;
  canned: string | null;
  template: Record<string, unknown> | null;
};

export type Satisfaction = {
  sent: number;
  answered: number;
  mean: number | null;
  scores: Record<string, number>;
};

export type ScheduleBody = {
  starts_at?: string | null;
};

export type SearchHit = {
  conversation_id: string;
  conversation: ConversationRow;
  message: Message;
};

export type SearchPage = {
  items: SearchHit[];
  next: string | null;
};

export type SecondFactor = {
  active_since: string | null;
  required: boolean;
  recovery_codes_left: number;
};

export type Seen = {
  notice_ids?: string[] | null;
};

export type Sender = {
  kind: string;
  id: string | null;
  name: string | null;
};

export type SentMessage = {
  role: string;
  content: string;
};

export type Setting = {
  name: string;
  kind: "switch" | "exception" | "canned" | "tag";
  value: JsonValue;
  own: JsonValue;
  changed_by: string | null;
  changed_at: string | null;
  mine: boolean;
};

export type SettingBody = {
  value: JsonValue;
};

export type SignInCode = {
  code: string;
};

export type SignInProblem = {
  code: string;
  title: string;
  detail: string;
};

export type SkippedContact = {
  contact: string;
  code: "no_such_contact" | "no_number";
};

export type SnoozeAll = {
  do: "snooze";
  until: string;
};

export type SnoozeBody = {
  until: string;
};

export type Sounds = {
  messages?: boolean;
  new_conversations?: boolean;
  notices?: boolean;
  chats?: boolean;
  volume?: number;
};

export type Spread = {
  count: number;
  mean: number;
  median: number;
  p90: number;
  longest: number;
};

export type Start = {
  me: Me;
  inboxes: StartInbox[];
  channels: Channel[];
  numbers: Channel[];
  agents: Colleague[];
  teams: Team[];
  tags: string[];
  unseen_notices: number;
  settings: OwnSettings;
  drafts: Draft[];
  chats: Chat[];
  list: StartList | null;
  counts: AllCounts;
  events_after: string;
};

export type StartInbox = {
  id: string;
  key: string;
  name: string;
  timezone: string;
  locale: string;
  assignment_mode: boolean;
  member_ids: string[];
  face: "engagement" | "contact_center";
  features: string[];
  creates: string[];
  assignees: string[];
  filters: string[];
};

export type StartList = {
  items: ConversationRow[];
  next: string | null;
  events_after: string;
  inbox_id: string;
  channel_ids: string[];
};

export type State = {
  consent: Consent;
  terms: string;
  tones: string[];
  inboxes: InboxState[];
  requests_used: number;
  requests_limit: number | null;
  tokens_used: number;
  tokens_limit: number | null;
  broken: Record<string, string>;
};

export type Status = {
  at: string;
  available: boolean;
  do_not_disturb: boolean;
};

export type Subject = {
  id: string;
  name: string | null;
};

export type Subscription = {
  id: string;
  url: string;
  description: string;
  kinds: string[];
  inboxes: string[];
  state: "active" | "off";
  off_reason: string | null;
  failures: number;
  failing_since: string | null;
  paused_until: string | null;
  created_at: string;
};

export type SubscriptionBody = {
  url: string;
  description?: string;
  kinds?: ("message.created" | "message.updated" | "conversation.updated" | "contact.updated" | "contact.consent" | "agent.updated" | "channel.paused")[];
  inboxes?: string[];
};

export type SubscriptionChange = {
  url?: string | null;
  description?: string | null;
  kinds?: ("message.created" | "message.updated" | "conversation.updated" | "contact.updated" | "contact.consent" | "agent.updated" | "channel.paused")[] | null;
  inboxes?: string[] | null;
  active?: boolean | null;
};

export type Suggest = {
  exclude?: string[];
  include_notes?: boolean;
  language?: string | null;
  stream?: boolean;
  count?: number;
  tone?: string | null;
};

export type SuggestionFigures = {
  rule: string | null;
  kind: string;
  provider: string;
  offered: number;
  accepted: number;
  edited: number;
  discarded: number;
  undecided: number;
  distance: number | null;
};

export type SuggestionReport = {
  period: PeriodAnswer;
  rows: SuggestionFigures[];
};

export type Summary = {
  exclude?: string[];
  include_notes?: boolean;
  language?: string | null;
  stream?: boolean;
};

export type Survey = {
  key: string;
  question: string;
  kind: "scale" | "thumbs" | "text";
  by: "channel" | "link";
  lowest: number;
  highest: number;
  sent_at: string | null;
  score: number | null;
  comment: string | null;
  answered_at: string | null;
};

export type SurveyAnswer = {
  conversation_id: string;
  survey: string;
  score: number | null;
  comment: string | null;
  answered_at: string;
};

export type SurveyBody = {
  survey?: string | null;
};

export type SurveyFigures = {
  survey: string;
  sent: number;
  answered: number;
  mean: number | null;
  scores: Record<string, number>;
  question: string | null;
  kind: "scale" | "thumbs" | "text" | null;
  lowest: number | null;
  highest: number | null;
};

export type SurveyReport = {
  period: PeriodAnswer;
  surveys: SurveyFigures[];
  newest: SurveyAnswer[];
};

export type TagAll = {
  do: "tag" | "untag";
  tag: string;
};

export type TagBody = {
  tag: string;
};

export type Tags = {
  exclude?: string[];
  include_notes?: boolean;
  language?: string | null;
  stream?: boolean;
};

export type Tally = {
  offered: number;
  accepted: number;
  edited: number;
  discarded: number;
  mean_distance: number | null;
};

export type Team = {
  id: string;
  key: string;
  name: string;
  member_ids: string[];
};

export type TeamBody = {
  team: string;
};

export type Template = {
  name: string;
  language: string;
  state: "approved" | "pending" | "rejected" | "paused" | "disabled" | "other";
  reason: string;
  category: string;
  header_kind: "" | "text" | "image" | "video" | "document" | "location";
  header_text: string;
  body: string;
  footer: string;
  header_variables: number;
  variables: number;
  buttons: string[];
};

export type TemplateButton = {
  index: number;
  sub_type?: "quick_reply" | "url" | "copy_code";
  text: string;
};

export type TemplateContent = {
  kind?: "template";
  name: string;
  language: string;
  header?: string[];
  body?: string[];
  buttons?: TemplateButton[];
  header_media?: string | null;
  header_media_kind?: "image" | "video" | "document";
};

export type Token = {
  id: string;
  label: string;
  created_at: string;
  expires_at: string | null;
};

export type TokenWish = {
  label: string;
  days?: number | null;
};

export type Tried = {
  kind: "webhook" | "event" | "message" | "call" | "action" | "letter";
  id: string;
};

export type Turn = {
  do: "close" | "reopen" | "archive" | "unarchive";
};

export type Unassigned = {
  conversation_id: string;
  inbox_id: string;
  team_id: string | null;
  since: string;
};

export type UnreadAll = {
  do: "unread";
};

export type UnreadSince = {
  since?: string | null;
};

export type Used = {
  messages: string[];
  canned: string[];
  answers: string[];
};

export type VerdictInput = {
  verdict: "sent" | "send_again";
};

export type VerdictOutput = {
  proposal_id: string;
  outcome: string;
  distance: number | null;
};

export type View = {
  id: string;
  name: string;
  query: Record<string, string | boolean | string[]>;
  shared: boolean;
  mine: boolean;
};

export type ViewBody = {
  name: string;
  query: ViewQuery;
  shared?: boolean;
};

export type ViewQuery = {
  status?: "open" | "snoozed" | "closed" | "all" | null;
  inbox?: string[];
  channel?: string[];
  kind?: string[];
  assignee?: string[];
  unread?: boolean;
  team?: string[];
  tag?: string[];
  priority?: ("low" | "normal" | "high" | "urgent")[];
  contact?: string[];
  archived?: boolean | null;
  ids?: string[];
  world?: "shared" | "private" | "history";
  sort?: "recent_conversations" | "oldest_conversations" | "recent_messages" | "oldest_messages" | null;
};

export type Waiting = {
  team: string;
  since: string;
  ahead: number;
  rule: string | null;
  strategy: string;
  skills: string[];
  otherwise: string | null;
  passed_over: PassedOver[];
};

export type WaysIn = {
  password: boolean;
  provider: ProviderWay | null;
  code_needed: boolean;
  problem: SignInProblem | null;
};
