// English of what is loaded later.
import { pick, plural } from "./words.ts";

export const more = {
  // oneself
  role: (role: string) => pick({ agent: "Agent", manager: "Manager", admin: "Admin" }, role),

  // the list
  youWrote: "You:",

  // the conversation
  backToConversation: "Back to the conversation",
  findEmoji: "Find an emoji by its name",
  emojiGroups: "Kinds of emoji",
  emojiRecent: "Used last",
  skinTone: "Tone of skin",
  skinTones: (i: number) => ["no tone", "light", "medium-light", "medium", "medium-dark", "dark"][i] ?? "",
  sharedComputer: "Shared computer",
  sharedComputerWhy: "Nothing of what you write is kept in this browser; your drafts are at the server.",
  tagWord: "Tag",
  removeTag: (tag: string) => `Remove tag ${tag}`,
  tagContact: "Tag the contact",
  priorityWord: "Priority",

  // writing
  voiceAsking: "The browser asks whether the microphone may be used …",
  voiceRefused: "The microphone may not be used here. Allow it in the browser's settings of this page.",
  voiceMissing: "There is no microphone, or this browser cannot record a voice note.",
  voiceRecording: "Recording",
  voiceStop: "Stop",
  voiceHear: "Your voice note",
  voiceSend: "Send voice note",
  voiceDrop: "Discard the voice note",

  // the assistant
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
  newContact: (name: string) => `“${name}” as a new contact`,
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
  noNotices: "Nothing for you",
  noNoticesWhy: "When a colleague names you or takes over, it is told here.",
  allSeen: "All seen",

  // searching, beginning
  searchFor: "Words, or a phone number",
  searchHow: "All the words must be there; the last may be a beginning.",
  found: "Found",
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
  factorWhy: "Your role needs one to sign in.",
  factorConfirm: "Confirm",
  recoveryWhy: "Keep these codes in a safe place: each of them signs you in once, should the app be lost.",
  factorOff: "Signing in asks for your password alone.",
  factorOn: (date: string) => `Signing in asks for a code as well, since ${date}.`,
  factorNeeded: "Your role needs one.",
  codesLeft: (count: number) =>
    plural(count, "1 recovery code is left.", `${count} recovery codes are left.`),
  setUp: "Set up",
  scanIt:
    "Point your authenticator app at this picture, or type the key into it. Then enter the code it shows.",
  theKey: "Key",
  copyKey: "Copy the key",
  keyHow: "By hand: an account by time (TOTP), six digits, every 30 seconds.",
  notCopied: "The browser did not allow it. Select it and copy it by hand.",
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
  density: "Rows",
  densities: (density: string) => pick({ comfortable: "Roomy", compact: "Dense" }, density),
  writingWord: "Writing",
  enterSendsWhy: "Shift+Enter begins a line. Off: Ctrl or ⌘ with Enter sends.",
  singleKeys: "Single keys",
  singleKeysWhy: "J, K, R, E and the others, outside of text.",
  alerts: "Alerts",
  ofWhat: "Of what",
  kindsOfAlerts: (kind: string) =>
    pick(
      {
        messages: "Messages in your conversations",
        new_conversations: "Conversations that wait for somebody",
        notices: "Notices: what concerns you",
        chats: "What colleagues write to you",
      },
      kind,
    ),
  soundWord: "Sound",
  notificationWord: "Notification",
  volume: "Volume",
  hearIt: "Hear it",
  preview: "With names and words",
  previewWhy: "A device may show them while it is locked. Without: only that something has come.",
  thisDevice: "On this device",
  deviceState: (state: string) =>
    pick(
      {
        off: "Notifications are off here.",
        push: "You are told here, also while no page is open.",
        page: "You are told here while a page is open in the background. This browser takes nothing while none is.",
        denied: "The browser forbids notifications of this page. Allow them in its settings of this page.",
        unsupported: "This browser cannot show notifications.",
      },
      state,
    ),
  homeScreen: "On an iPhone or iPad, add this page to the home screen first, and open it there.",
  notifyMe: "Notify me here",
  stopHere: "Stop here",
  otherDevices: "Where you are told",
  deviceSince: (service: string, date: string) => `by ${service}, since ${date}`,
  deviceNamed: (name: string, here: boolean) => `${name || "A browser"}${here ? " (this one)" : ""}`,
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  removeDevice: (name: string) => `Remove ${name}`,
  removeWord: "Remove",
  peace: "Left in peace",
  peaceWhy: "Nothing sounds and nothing is pushed to you then.",
  forNow: "For now",
  peaceUntil: (when: string) => `Until ${when}`,
  forAnHour: "For an hour",
  untilMorning: "Until tomorrow, 8:00",
  endIt: "End it",
  quietHours: "Every week",
  addHours: "Add times",
  hoursOf: (n: number) => `Times ${n}`,
  hoursFrom: "from",
  hoursTo: "to",
  nextDay: "the next day",
  wholeDay: "the whole day",
  zoneOfHours: (zone: string) => `In the time of ${zone}.`,
  removeHours: "Remove these times",
  asBrowser: "As this browser",
  seenByColleagues: "What colleagues see",
  statusMessage: "What you are doing",
  statusMessageHint: "Back at two",
  extensionWord: "Extension",
  everywhere: "What you choose here holds on all your screens.",
  takesWorkWhy: "One switch for all your inboxes. What you have stays yours.",
  quietWhy: "You are there, and left in peace: no new conversations, no sounds.",
  paletteFind: "What do you want to do?",
  keyGroup: (group: string) =>
    pick({ list: "List", conversation: "Conversation", page: "Everywhere" }, group),

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

export type MoreWords = typeof more;
