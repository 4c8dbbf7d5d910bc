// The server's list, mirrored: which rows belong to a list, and in what order. Kept in step with
// casella/store/queries/conversation_queries.py by tests/page.
import type { Query } from "../api/http.ts";
import type { ConversationRow } from "../api/types.ts";
import { OWN, type Place, type Show, type Sort, type Tab, type Who } from "./place.ts";

export type World = ConversationRow["world"];

export interface ListQuery {
  world: World;
  inbox: string; // an id
  channel: string; // an id, or ""
  tab: Tab;
  who: Who;
  show: Show;
  sort: Sort;
  tag: string;
}

export const usualSort = (tab: Tab): Sort => (tab === "open" ? "recent_messages" : "recent_conversations");

export const worldOf = (place: Pick<Place, "inbox" | "tab">): World =>
  place.inbox === OWN ? "private" : place.tab === "history" ? "history" : "shared";

/** On one's own numbers nothing is put aside, and what came before is no inbox's. */
const tabOf = ({ inbox, tab }: Place): Tab => (inbox === OWN && tab !== "closed" ? "open" : tab);

export const queryOf = (place: Place, inbox: string, channel: string): ListQuery => ({
  world: worldOf(place),
  inbox,
  channel,
  tab: tabOf(place),
  who: place.inbox === OWN || place.tab === "history" ? "all" : place.who,
  show: place.show === "archived" && place.tab !== "closed" ? "all" : place.show,
  sort: place.sort || usualSort(tabOf(place)),
  tag: place.tag,
});

/** The same, as the API takes it. */
export const asked = (query: ListQuery): Query => ({
  ...filtersOf(query),
  inbox: query.inbox || null,
  channel: query.channel || null,
  assignee: query.who === "all" ? null : query.who,
  sort: query.sort,
});

/** Without inbox, channel and whose: what the counts are asked with. */
export const filtersOf = (query: ListQuery): Query => ({
  world: query.world === "shared" ? null : query.world,
  status: query.tab === "history" ? null : query.tab,
  unread: query.show === "unread" ? true : null,
  archived: query.tab === "closed" ? query.show === "archived" : null,
  tag: query.tag || null,
});

export const belongs = (query: ListQuery, row: ConversationRow, me: string): boolean =>
  row.world === query.world &&
  (query.tab === "history" || row.status === query.tab) &&
  (!query.inbox || row.inbox.id === query.inbox) &&
  (!query.channel || row.channel.id === query.channel) &&
  (!query.tag || row.tags.includes(query.tag)) &&
  (query.tab !== "closed" || (row.archived_at !== null) === (query.show === "archived")) &&
  (query.show !== "unread" || row.mine.unread > 0) &&
  isFor(query.who, row, me);

const isFor = (who: Who, row: ConversationRow, me: string): boolean => {
  switch (who) {
    case "me":
      return row.assignee?.id === me;
    case "others":
      return row.assignee !== null && row.assignee.id !== me;
    case "unassigned":
      return row.assignee === null;
    case "with_me":
      return row.mine.with_me;
    default:
      return true;
  }
};

/** Below zero: `a` stands above `b`. Rows without a message come first, both ways; equals by id. */
export const compare = (sort: Sort, a: ConversationRow, b: ConversationRow): number => {
  const [of, way] = KEYS[sort];
  const [left, right] = [of(a), of(b)];
  if (left === null || right === null) {
    if (left !== right) return left === null ? -1 : 1;
  } else if (left !== right) return left < right === (way === 1) ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id === (way === 1) ? -1 : 1;
};

const KEYS: Record<Sort, [(row: ConversationRow) => string | null, 1 | -1]> = {
  recent_messages: [(row) => moment(row.last_message_at), -1],
  oldest_messages: [(row) => moment(row.last_message_at), 1],
  recent_conversations: [(row) => moment(row.turned_at), -1],
  oldest_conversations: [(row) => moment(row.turned_at), 1],
};

/** Moments of different precision, made comparable as text. */
const moment = (time: string | null): string | null =>
  time === null
    ? null
    : time.replace(/(?:\.(\d+))?Z$/, (_, part: string | undefined) => `.${(part ?? "").padEnd(6, "0")}`);
