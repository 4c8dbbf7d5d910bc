// English, and what every other language has to say.
import type { Show, Sort, Tab, Who } from "../store/place.ts";
import { pick, plural } from "./words.ts";

type Priority = "low" | "normal" | "high" | "urgent";

export const en = {
  // the frame
  skip: "Skip to content",
  mainMenu: "Main menu",
  channels: "Channels",
  search: "Search",
  create: "New",
  you: "You",
  meWord: "Me",
  inboxWord: "Inbox",
  notices: "Notices",
  deskAndRules: "Desk and rules",
  settings: "Settings",
  allChannels: "All channels",
  ownNumbers: "My numbers",
  allNumbers: "All my numbers",
  privateWord: "Private",
  chats: "Chats",
  chatsOf: (kind: string) => pick({ all: "Chats", direct: "Direct chats", team: "Team chats" }, kind),
  paused: "Nothing leaves at the moment",
  unreadWord: "unread",
  myMenu: "My menu",
  news: "News",
  more: "More",
  close: "Close",
  cancel: "Cancel",
  open: "Open",
  edit: "Edit",
  discard: "Discard",
  done: "Done",
  now: "Now",
  reload: "Reload",
  tryAgain: "Try again",
  failed: "That did not work.",
  unreachable: "The server cannot be reached.",
  notLoaded: "This could not be loaded",
  request: (id: string) => `Request ${id}`,
  nothingFound: "Nothing found",
  newVersion: "There is a new version of this page.",
  offline: (seconds: number) =>
    seconds > 0 ? `No connection. Next try in ${seconds} s; what you send waits.` : "No connection. Trying …",
  leaveAnyway: (count: number) =>
    plural(
      count,
      "One message has not been sent yet. Sign out and lose it?",
      `${count} messages have not been sent yet. Sign out and lose them?`,
    ),

  // signing in
  email: "E-mail",
  password: "Password",
  signIn: "Sign in",
  signingIn: "Signing in …",
  signInBy: (provider: string) => `Sign in with ${provider}`,
  code: "Code of your authenticator app, or a recovery code",
  factor: "Second factor",
  factorWhy: "Enter this key in your authenticator app, then type the code that it shows.",
  factorConfirm: "Confirm",
  recoveryWhy: "Keep these codes in a safe place: each of them signs you in once, should the app be lost.",
  signInWhy: "Sign in to your shared inbox.",
  signOut: "Sign out",
  sessionEnded: "Sign in again",
  sessionEndedWhy: "Your session has ended. What you have written is still here.",
  noRole: "This account has no access to an inbox",

  // oneself
  availableWord: "Available",
  away: "Away",
  quiet: "Do not disturb",
  takesWork: "Takes new conversations",
  takesNoWork: "Takes no new conversations",
  goAway: "Take no new conversations",
  role: (role: string) => pick({ agent: "Agent", manager: "Manager", admin: "Admin" }, role),

  // the list
  conversations: "Conversations",
  status: "Status",
  whose: "Whose",
  filter: "Filter",
  inboxOrChannel: "Inbox and channel",
  clearFilters: "Clear filters",
  onlyTag: (tag: string) => `Tag: ${tag}`,
  tab: (tab: Tab) => ({ open: "Open", snoozed: "Snoozed", closed: "Closed", history: "Archived" })[tab],
  who: (who: Who) =>
    ({ all: "All", me: "Me", unassigned: "Unassigned", others: "Others", with_me: "With me" })[who],
  show: (show: Show) => ({ all: "All", unread: "Unread", archived: "Archived" })[show],
  sorts: (sort: Sort, tab: Tab) =>
    ({
      recent_messages: "Recent messages",
      oldest_messages: "Oldest messages",
      recent_conversations: tab === "closed" ? "Recent" : "Recent conversations",
      oldest_conversations: tab === "closed" ? "Oldest" : "Oldest conversations",
    })[sort],
  sortBy: (sort: string) => `Sort: ${sort}`,
  moved: (count: number) => plural(count, "1 new", `${count} new`),
  nothingFits: "Nothing fits these filters",
  emptyTab: (tab: Tab) =>
    ({
      open: "All done",
      snoozed: "Nothing is snoozed",
      closed: "Nothing is closed yet",
      history: "Nothing was here before",
    })[tab],
  emptyTabWhy: (tab: Tab) =>
    ({
      open: "New conversations appear here by themselves.",
      snoozed: "What you put aside comes back at its time.",
      closed: "Conversations you close are kept here.",
      history: "What was written on a number before it came into this inbox is kept here.",
    })[tab],
  ownEmptyWhy: "What is written to your own numbers comes here, and nobody else sees it.",
  noChannel: "No channel yet",
  noChannelWhy: "A manager connects one in the desk; then customers can write.",
  assignToMe: "Assign to me",
  mentionedYou: "A note names you",
  noMessageYet: "No message yet",
  youWrote: "You:",
  answered: "Answered:",
  visitor: "Visitor",
  noteBy: "Note:",
  draft: "draft",
  optedOut: "opted out",
  waits: "waits",
  waitsSince: (since: string) => `Waits for an answer since ${since}`,
  kinds: (kind: string) =>
    pick(
      {
        text: "Text",
        image: "Photo",
        audio: "Audio",
        voice: "Voice note",
        video: "Video",
        document: "Document",
        sticker: "Sticker",
        location: "Place",
        contacts: "Contact card",
        reaction: "Reaction",
        buttons: "Choice",
        list: "List",
        template: "Template",
        unsupported: "Something that cannot be shown here",
      },
      kind,
    ),

  // the conversation
  conversation: "Conversation",
  nothingOpen: "No conversation is open",
  nothingOpenWhy: "Choose one from the list, or press J and Enter.",
  backToList: "Back to the list",
  backToConversation: "Back to the conversation",
  aboutContact: "About the contact",
  sidePanel: "Side panel",
  closeIt: "Close",
  reopen: "Reopen",
  wake: "Bring back",
  snooze: "Snooze",
  snoozeUntil: "Snooze until",
  assign: "Assign",
  assignTo: "Assign to",
  assignedTo: (name: string) => `Assigned to ${name}`,
  giveBack: "Yours. Press to give it back",
  yours: "Yours",
  nobody: "Nobody",
  meNamed: (name: string) => `${name} (you)`,
  lostTo: (name: string) => `${name} took this conversation first.`,
  markUnread: "Mark as unread",
  markRead: "Mark as read",
  findEmoji: "Find an emoji by its name",
  emojiGroups: "Kinds of emoji",
  emojiRecent: "Used last",
  skinTone: "Tone of skin",
  skinTones: (i: number) => ["no tone", "light", "medium-light", "medium", "medium-dark", "dark"][i] ?? "",
  sharedComputer: "Shared computer",
  sharedComputerWhy: "Nothing of what you write is kept in this browser; your drafts are at the server.",
  pickMany: "Select several",
  pickOne: (name: string) => `Select ${name}`,
  pickNone: "Select nothing",
  pickAll: "All",
  pickedCount: (count: number) => `${count} selected`,
  doToPicked: "Selected conversations",
  moreForPicked: "More for the selected ones",
  withoutTag: (tag: string) => `Take off ${tag}`,
  bulkDone: (count: number) => `${count} ${plural(count, "conversation", "conversations")} changed.`,
  bulkLeft: (count: number, why: string) =>
    `${count} ${plural(count, "conversation", "conversations")} could not be changed: ${why}`,
  addTag: "Add or remove tags",
  tagWord: "Tag",
  removeTag: (tag: string) => `Remove tag ${tag}`,
  tagContact: "Tag the contact",
  archive: "Archive",
  unarchive: "Take out of the archive",
  priority: (priority: Priority) =>
    ({ low: "Low", normal: "Normal", high: "High", urgent: "Urgent" })[priority],
  priorityWord: "Priority",
  handTo: (team: string) => `Hand to ${team}`,
  handedTo: (team: string) => `Handed to ${team}.`,
  moveTo: (inbox: string) => `Move to ${inbox}`,
  movedTo: (inbox: string) => `Moved to ${inbox}.`,
  writing: (name: string) => (name ? `${name} is writing …` : "is writing …"),
  alsoLooking: (names: string) => `${names} is looking too`,
  gone: "You cannot see this conversation any more",
  goneWhy: "It was moved to an inbox that is not yours, or it never existed.",
  copyDraft: "Copy my draft",

  // messages
  messages: "Messages",
  customer: "Customer",
  newMessages: "New",
  olderComing: "Older messages are coming …",
  toNewest: "To the newest",
  youName: "You",
  youSubject: "You",
  somebody: "Somebody",
  ruleNamed: (name: string) => `Rule “${name}”`,
  aRule: (name: string) => `Rule “${name}”`,
  theHouse: (part: string) =>
    pick(
      { queue: "The queue", snooze: "The clock", reassign: "The clock", schedule: "The clock" },
      part || "Casella",
    ),
  otherProgram: "Another program",
  deleted: "This message was deleted.",
  edited: "edited",
  state: (state: string) =>
    pick(
      {
        queued: "Waiting to leave",
        sending: "Sending …",
        sent: "Sent",
        delivered: "Delivered",
        read: "Read",
        canceled: "Taken back",
        received: "Received",
      },
      state,
    ),
  failedBecause: (why: string) => `Not sent. ${why}`,
  unconfirmed: "Nobody knows whether it arrived.",
  itArrived: "It arrived",
  sendAgain: "Send again",
  withdraw: "Take back",
  waitsForNet: "Waits for the connection",
  until: (time: string) => `Until ${time}.`,
  fileLost: "This file could not be fetched.",
  fileComing: "This file is still coming …",
  openFile: (name: string) => `Open ${name}`,
  did: (what: string, after: string, before: string, self: boolean, _you: boolean): string => {
    switch (what) {
      case "assigned":
        return self ? "took it" : `gave it to ${after}`;
      case "unassigned":
        return `took it from ${before}`;
      case "team_changed":
        return after ? `handed it to ${after}` : `took it from ${before}`;
      case "moved":
        return `moved it to ${after}`;
      case "closed":
        return "closed it";
      case "reopened":
        return "opened it again";
      case "snoozed":
        return `put it aside until ${after}`;
      case "woken":
        return "brought it back";
      case "prioritized":
        return `set the priority: ${after}`;
      case "tagged":
        return `tagged it ${after}`;
      case "untagged":
        return `removed the tag ${before}`;
      case "contact_changed":
        return `linked it to ${after}`;
      case "archived":
        return "archived it";
      case "unarchived":
        return "took it out of the archive";
      default:
        return what.replaceAll("_", " ");
    }
  },

  // writing
  write: "Write",
  kind: (kind: "reply" | "note") => ({ reply: "Reply", note: "Note" })[kind],
  replyTo: (name: string) => `Reply to ${name}`,
  noteFor: "A note that only colleagues see. @ names somebody.",
  note: "Note",
  onlyColleagues: "Only colleagues see notes",
  freeUntil: (time: string) => `Free replies until ${time}`,
  send: "Send",
  keepNote: "Add note",
  enterSends: "Enter sends",
  fillsIn: "fills in the message",
  attach: "Attach files",
  attachedFiles: "Attached files",
  removeFile: (name: string) => `Remove ${name}`,
  uploading: "Uploading …",
  tooBig: (name: string, most: string) => `${name} is too big; this channel takes ${most} at most.`,
  tooManyFiles: (count: number) => `This channel takes ${count} files at most.`,
  emoji: "Emoji",
  voiceNote: "Voice note",
  voiceAsking: "The browser asks whether the microphone may be used …",
  voiceRefused: "The microphone may not be used here. Allow it in the browser's settings of this page.",
  voiceMissing: "There is no microphone, or this browser cannot record a voice note.",
  voiceRecording: "Recording",
  voiceStop: "Stop",
  voiceHear: "Your voice note",
  voiceSend: "Send voice note",
  voiceDrop: "Discard the voice note",
  survey: "Send a survey",
  noSurvey: "The desk has no survey.",
  asked: "asked",
  canned: "Canned message",
  cannedFind: "Find a canned message",
  noCanned: "No canned message fits",
  cannedMissing: (what: string) => `This message needs what is not known of the contact: ${what}.`,
  mention: "Name a colleague",
  parts: (count: number) => plural(count, "1 part", `${count} parts`),
  left: (count: string) => `${count} left`,
  onlyYou: "Only you see this",
  onlyThePast: "This is the past of the number; nothing can be added to it.",
  beforeItJoined: (channel: string, inbox: string, when: string) =>
    `Written on ${channel} before it came into ${inbox}${when ? ` (${when})` : ""}.`,
  onlyReading: "You may read here, and not write to customers.",
  takenToEdit: "Read it, change it, send it yourself.",

  // the assistant
  assistant: "Message Assistant",
  assist: (what: string) => pick({ suggest: "Suggest", generate: "Write for me", rewrite: "Rewrite" }, what),
  assistantOff: "The Message Assistant is not switched on for this inbox. A manager accepts its terms.",
  acceptTerms: (terms: string) => `Accept its terms (version ${terms})`,
  intent: "What do you want to say?",
  mayRead: (count: number) => plural(count, "It may read 1 message", `It may read ${count} messages`),
  howRewrite: "How to rewrite",
  how: (how: string) =>
    pick({ grammar: "Correct it", shorter: "Shorter", longer: "Longer", tone: "In another tone" }, how),
  tone: "Tone",
  anyTone: "Any tone",
  toneNamed: (tone: string) => tone.charAt(0).toUpperCase() + tone.slice(1).replaceAll("_", " "),
  thinking: "Thinking …",
  propose: "Propose",
  useIt: "Use it",
  fromCanned: (keys: string) => `From the canned message ${keys}`,
  fromAnswers: (count: number) => plural(count, "From an earlier answer", `From ${count} earlier answers`),
  usedMessages: (count: number, model: string) =>
    plural(count, `Read 1 message · ${model}`, `Read ${count} messages · ${model}`),
  flag: (code: string, excerpt: string) =>
    `${pick(
      {
        unfilled_hole: "Something is left to fill in:",
        unknown_link: "A link that is not in the conversation:",
        unknown_number: "A number that is not in the conversation:",
        too_long: "Too long for this channel:",
        too_many_parts: "Goes in many parts:",
        other_language: "In another language:",
        prompt_echo: "Sounds like a prompt:",
        other_person: "Left out: a proposal that repeats what was told to somebody else.",
        unknown_tag: "A tag that the desk does not have:",
      },
      code,
    )} ${excerpt}`,

  // beside it
  contact: "Contact",
  nameWord: "Name",
  nameIt: "Give a name",
  rename: "Change the name",
  keep: "Save",
  linkTo: "It is somebody known",
  isSomebodyElse: "It is somebody else",
  findContact: "Find a contact",
  findContactHow: "Type a name or a number.",
  unknownNumber: "Unknown number",
  favourites: "Favourites",
  contacts: "Contacts",
  favourite: "Mark as favourite",
  noFavourite: "No favourite any more",
  customerSince: (date: string, language: string | null) =>
    `Contact since ${date}${language ? ` · ${language}` : ""}`,
  details: "Details",
  address: "Address",
  addressKind: (kind: string) =>
    pick(
      {
        phone: "Phone",
        whatsapp: "WhatsApp",
        messenger: "Messenger",
        instagram: "Instagram",
        visitor: "Website",
        email: "E-mail",
      },
      kind,
    ),
  tagsOfConversation: "Tags",
  tagsOfContact: "Contact tags",
  consent: "Consent",
  optOut: "Opt out",
  optIn: "Opt in",
  optOutReason: "Opted out by an agent.",
  optInReason: "Opted in again by an agent.",
  nowOptedOut: (name: string) => `${name} gets no more messages on this channel.`,
  nowOptedIn: (name: string) => `${name} may be written to again.`,
  mayBeWritten: "May be written to",
  mayNotBeWritten: "Opted out: nothing is sent",
  channelWord: "Channel",
  typeWord: "Type",
  durationWord: "Duration",
  channelType: (type: string): string =>
    (({ sms: "Text messages", webchat: "Web chat", whatsapp: "WhatsApp" }) as Record<string, string>)[type] ??
    type.charAt(0).toUpperCase() + type.slice(1),
  teamWord: "Team",
  history: "History",
  noHistory: "No earlier conversation.",
  allOf: (count: number) => `All ${count}`,
  why: "Why is it here?",
  noDecisions: "No rule has had to do with it.",
  noRuleMatched: "No rule matched",
  otherRules: (count: number) =>
    plural(count, "1 rule waits for something else.", `${count} rules wait for something else.`),
  outcome: (outcome: string) =>
    pick(
      {
        matched: "Matched",
        watched: "Would have matched; it only watches",
        not_matched: "Did not match",
        delayed: "Matched; it waits",
        held: "Matched; held back",
      },
      outcome,
    ),
  notReached: (count: number) => plural(count, "1 rule was not reached.", `${count} rules were not reached.`),
  chosen: (name: string) => `Chosen: ${name}`,
  nobodyFree: "Nobody was free",
  waitsIn: (team: string, ahead: number) => `Waits in the queue of ${team}; ${ahead} before it.`,

  // notices
  notice: (what: string, contact: string, by: string): string => {
    const it = contact ? `the conversation with ${contact}` : "a conversation";
    switch (what) {
      case "reassigned":
        return `${by || "Somebody"} took over ${it}`;
      case "returned":
        return `${capital(it)} went back to its queue`;
      case "mentioned":
        return `${by || "Somebody"} named you in ${it}`;
      case "unconfirmed":
        return `Nobody knows whether a message arrived in ${it}`;
      case "unanswered":
        return `Nobody can take ${it}`;
      default:
        return `A rule tells you of ${it}`;
    }
  },
  noNotices: "Nothing for you",
  noNoticesWhy: "When a colleague names you or takes over, it is told here.",
  allSeen: "All seen",

  // searching, beginning
  searchFor: "Words, or a phone number",
  searchHow: "All the words must be there; the last may be a beginning.",
  found: "Found",
  newConversation: "New conversation",
  beginWhat: "What to begin",
  beginning: (kind: string) =>
    pick(
      {
        conversation: "New conversation",
        text_message: "New text message",
        direct_chat: "New direct chat",
        team_chat: "New team chat",
      },
      kind,
    ),
  beginKind: (kind: string) =>
    pick(
      {
        conversation: "Conversation",
        text_message: "Text message",
        direct_chat: "Direct chat",
        team_chat: "Team chat",
      },
      kind,
    ),
  ownNumber: "From my number",
  ownNumberWhy: "The contact is yours alone, and so are his answers.",
  to: "To",
  firstMessage: "First message",
  onlyContactBegins: (channel: string) =>
    `On ${channel} only the contact may begin. You can write by SMS instead.`,
  bySms: (type: string) => `Send by ${type === "sms" ? "SMS" : type} instead`,

  // chats
  yourChats: "Your chats",
  noChats: "No chat yet",
  noChatsWhy: "Begin one with colleagues, or with a team of yours. Nobody else sees it.",
  noChatOpen: "No chat is open",
  noChatOpenWhy: "Choose one from the list, or begin one.",
  newChat: "New chat",
  withWhom: "With whom",
  findColleague: "Find a colleague",
  openIt: "Begin",
  peopleOf: (count: number) => plural(count, "1 person", `${count} people`),
  onlyThese: (count: number) =>
    count === 2 ? "Only you two see this" : `Only these ${count} people see this`,
  chatGone: "You are not in this chat",
  chatGoneWhy: "Whoever leaves a team does not see its chat any more.",
  writeTo: (name: string) => `Write to ${name}`,
  nothingSaid: "Nothing has been said yet.",
  olderChats: "Older chats",

  // the second factor
  factorOff: "Signing in asks for your password alone.",
  factorOn: (date: string) => `Signing in asks for a code as well, since ${date}.`,
  factorNeeded: "Your role needs one.",
  codesLeft: (count: number) =>
    plural(count, "1 recovery code is left.", `${count} recovery codes are left.`),
  setUp: "Set up",
  scanIt:
    "Point your authenticator app at this picture, or type the key into it. Then enter the code it shows.",
  theKey: "Key",
  qrOf: "The key as a QR code",
  renewCodes: "New recovery codes",
  renewWhy: "The old ones count no more. Enter a code of your app.",
  removeFactor: "Remove",
  removeWhy: "Enter a code of your app, or a recovery code. Without it your password alone opens your inbox.",
  removeWhyNeeded:
    "Enter a code of your app, or a recovery code. Your role needs a second factor: until there is another, nothing else can be done.",
  copy: "Copy",
  copied: "Copied.",
  keptThem: "I have kept them",

  // settings
  appearance: "Appearance",
  languageWord: "Language",
  theme: "Colours",
  themes: (theme: string) => pick({ system: "As the system", light: "Light", dark: "Dark" }, theme),
  density: "Rows",
  densities: (density: string) => pick({ roomy: "Roomy", dense: "Dense" }, density),
  writingWord: "Writing",
  enterSendsWhy: "Shift+Enter begins a line. Off: Ctrl or ⌘ with Enter sends.",
  singleKeys: "Single keys",
  singleKeysWhy: "J, K, R, E and the others, outside of text.",
  keyboard: "Keyboard",
  alerts: "Alerts",
  soundsWord: "Sounds",
  soundsWhy: "A soft tone when somebody writes to you.",
  notificationsWord: "Notifications",
  notificationsWhy: "By the browser, while this page is in the background.",
  takesWorkWhy: "One switch for all your inboxes. What you have stays yours.",
  quietWhy: "You are there, and left in peace: no new conversations, no sounds.",
  palette: "Commands",
  paletteFind: "What do you want to do?",
  keyGroup: (group: string) =>
    pick({ list: "List", conversation: "Conversation", page: "Everywhere" }, group),
  keyDown: "Down",
  keyUp: "Up",
  keyNext: "Next conversation",
  keyPrevious: "Previous conversation",

  // the desk
  deskVersion: (version: number, rules: number) =>
    `Version ${version} · ${plural(rules, "1 rule", `${rules} rules`)}`,
  deskMistaken: "A changed desk was not taken over",
  rulesThisWeek: "Rules, the last seven days",
  ruleWord: "Rule",
  fired: "Fired",
  lastTime: "Last",
  onlyWatches: "watches",
  off: "off",
  works: "Works",
  kept: (count: number) => plural(count, "1 webhook kept", `${count} webhooks kept`),
  resume: "Resume",
  people: "People",
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export type Words = typeof en;
