// Where the page is, in its address: reload, Back and a new tab keep everything.
import { computed, signal } from "@preact/signals";

/** `history`: the Archived tab, what was written on a number before it came into the inbox. */
export type Tab = "open" | "snoozed" | "closed" | "history";
/** The place of an inbox's key for what is written on one's own numbers. No desk can call an inbox so. */
export const OWN = "~";
export type Who = "all" | "me" | "unassigned" | "others" | "with_me";
export type Show = "all" | "unread" | "archived";
export type Sort = "recent_messages" | "oldest_messages" | "recent_conversations" | "oldest_conversations";
export type Screen =
  | "inbox"
  | "chats"
  | "search"
  | "notices"
  | "me"
  | "desk"
  | "campaigns"
  | "inboxes"
  | "surveys";
export type ChatKind = "all" | "direct" | "team";

export interface Place {
  screen: Screen;
  inbox: string; // its key; "" for the first one, OWN for one's own numbers
  channel: string; // its key; "" for all
  conversation: string;
  chat: string;
  chats: ChatKind;
  item: string; // a campaign, or the inbox whose settings are open
  message: string; // to open at
  tab: Tab;
  who: Who;
  show: Show;
  sort: Sort | "";
  tag: string;
  q: string;
}

export const TABS: readonly Tab[] = ["open", "snoozed", "closed", "history"];
export const WHO: readonly Who[] = ["all", "me", "unassigned", "others", "with_me"];
export const SORTS: readonly Sort[] = [
  "recent_messages",
  "oldest_messages",
  "recent_conversations",
  "oldest_conversations",
];
const SCREENS: readonly Screen[] = [
  "chats",
  "search",
  "notices",
  "me",
  "desk",
  "campaigns",
  "inboxes",
  "surveys",
];
const WITH_ITEM: readonly Screen[] = ["campaigns", "inboxes"];
const START: Place = {
  screen: "inbox",
  inbox: "",
  channel: "",
  conversation: "",
  chat: "",
  chats: "all",
  item: "",
  message: "",
  tab: "open",
  who: "all",
  show: "all",
  sort: "",
  tag: "",
  q: "",
};

const one = <T extends string>(allowed: readonly T[], given: string | null, usual: T): T =>
  allowed.find((value) => value === given) ?? usual;

export const readPlace = (address: URL): Place => {
  const parts = address.pathname
    .replace(/^\/app\/?/, "")
    .split("/")
    .filter(Boolean)
    .map(decodeURIComponent);
  const query = address.searchParams;
  const screen = SCREENS.find((name) => name === parts[0]);
  const rest = parts[0] === "i" ? parts.slice(1) : parts[0] === "p" ? [OWN, ...parts.slice(1)] : [];
  const c = rest.indexOf("c");
  return {
    screen: screen ?? "inbox",
    inbox: c === 0 ? "" : (rest[0] ?? ""),
    channel: c === 1 || rest.length < 2 ? "" : (rest[1] ?? ""),
    conversation: c >= 0 ? (rest[c + 1] ?? "") : "",
    chat: screen === "chats" ? (parts[1] ?? "") : "",
    item: screen && WITH_ITEM.includes(screen) ? (parts[1] ?? "") : "",
    chats: one(["all", "direct", "team"], query.get("chats"), START.chats),
    message: /^#m-(\w+)$/.exec(address.hash)?.[1] ?? "",
    tab: one(TABS, query.get("tab"), START.tab),
    who: one(WHO, query.get("who"), START.who),
    show: one(["all", "unread", "archived"], query.get("show"), START.show),
    sort: one([...SORTS, ""] as const, query.get("sort"), ""),
    tag: query.get("tag") ?? "",
    q: query.get("q") ?? "",
  };
};

export const addressOf = (place: Place): string => {
  const query = new URLSearchParams();
  const names =
    place.screen === "chats" ? (["chats"] as const) : (["tab", "who", "show", "sort", "tag", "q"] as const);
  for (const name of names) if (place[name] && place[name] !== START[name]) query.set(name, place[name]);
  const path =
    place.screen !== "inbox"
      ? [place.screen, place.screen === "chats" ? place.chat : WITH_ITEM.includes(place.screen) && place.item]
          .filter(Boolean)
          .join("/")
      : place.inbox
        ? [
            ...(place.inbox === OWN ? ["p"] : ["i", place.inbox]),
            place.channel,
            place.conversation && `c/${place.conversation}`,
          ]
            .filter(Boolean)
            .join("/")
        : "";
  return `/app/${path}${query.size ? `?${query}` : ""}${place.message ? `#m-${place.message}` : ""}`;
};

export const place = signal<Place>(START);
export const conversationId = computed(() =>
  place.value.screen === "inbox" ? place.value.conversation : "",
);

/** Goes there. `replace`: Back does not return to where one was. */
export const go = (change: Partial<Place>, replace = false): void => {
  const next = { ...place.value, message: "", ...change };
  const address = addressOf(next);
  if (address === addressOf(place.value)) return;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  place.value = next;
};

export const followAddress = (): void => {
  place.value = readPlace(new URL(location.href));
  addEventListener("popstate", () => {
    place.value = readPlace(new URL(location.href));
  });
};
