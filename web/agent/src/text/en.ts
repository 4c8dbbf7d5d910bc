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
  managing: "Managing",
  campaigns: "Campaigns",
  surveysWord: "Surveys",
  inboxSettings: "Inbox settings",
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
  signInWhy: "Sign in to your shared inbox.",
  signOut: "Sign out",
  sessionEnded: "Sign in again",
  sessionEndedWhy: "Your session has ended. What you have written is still here.",
  noRole: "This account has no access to an inbox",

  // oneself
  availableWord: "Available",
  away: "Away",
  quiet: "Do not disturb",
  told: (kind: string) =>
    pick(
      {
        messages: "A new message",
        new_conversations: "A conversation waits",
        notices: "Something concerns you",
        chats: "A colleague has written",
      },
      kind,
    ),
  takesWork: "Takes new conversations",
  takesNoWork: "Takes no new conversations",
  goAway: "Take no new conversations",

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
  giveItBack: "Give it back",
  giveBack: "Yours. Press to give it back",
  yours: "Yours",
  nobody: "Nobody",
  meNamed: (name: string) => `${name} (you)`,
  lostTo: (name: string) => `${name} took this conversation first.`,
  markUnread: "Mark as unread",
  markRead: "Mark as read",
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
  archive: "Archive",
  unarchive: "Take out of the archive",
  priority: (priority: Priority) =>
    ({ low: "Low", normal: "Normal", high: "High", urgent: "Urgent" })[priority],
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
  survey: "Send a survey",
  noSurvey: "The desk has no survey.",
  asked: "asked",
  answeredWord: "answered",
  byLink: "by link",
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

  // beside it
  history: "History",

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

  // searching, beginning
  newConversation: "New conversation",

  // settings
  theme: "Colours",
  themes: (theme: string) => pick({ system: "As the system", light: "Light", dark: "Dark" }, theme),
  keyboard: "Keyboard",
  palette: "Commands",
  keyDown: "Down",
  keyUp: "Up",
  keyNext: "Next conversation",
  keyPrevious: "Previous conversation",
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export type Words = typeof en;
