// The mirror of the server's list: what belongs to it, and in what order, whatever comes in whichever order.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConversationRow } from "../src/api/types.ts";
import { addressOf, OWN, type Place, readPlace } from "../src/store/place.ts";
import { belongs, compare, type ListQuery } from "../src/store/query.ts";

const row = (change: Partial<ConversationRow>): ConversationRow =>
  ({
    id: "A",
    world: "shared",
    status: "open",
    inbox: { id: "I", key: "i", name: "I" },
    channel: { id: "C" },
    assignee: null,
    tags: [],
    archived_at: null,
    campaign: null,
    last_message_at: "2026-11-23T10:00:00Z",
    turned_at: "2026-11-23T10:00:00Z",
    mine: { unread: 0, mentioned: false, with_me: false },
    ...change,
  }) as ConversationRow;

const query = (change: Partial<ListQuery> = {}): ListQuery => ({
  world: "shared",
  inbox: "I",
  channel: "",
  tab: "open",
  who: "all",
  show: "all",
  sort: "recent_messages",
  tag: "",
  ...change,
});

const ids = (sort: ListQuery["sort"], rows: ConversationRow[]): string[] =>
  [...rows].sort((a, b) => compare(sort, a, b)).map((one) => one.id);

test("A-5: rows without a message come first, both ways", () => {
  const rows = [
    row({ id: "new", last_message_at: "2026-11-23T12:00:00Z" }),
    row({ id: "old", last_message_at: "2026-11-23T09:00:00.5Z" }),
    row({ id: "empty", last_message_at: null }),
  ];
  assert.deepEqual(ids("recent_messages", rows), ["empty", "new", "old"]);
  assert.deepEqual(ids("oldest_messages", rows), ["empty", "old", "new"]);
});

test("A-6: conversations are sorted by when they turned, equals by their id", () => {
  const rows = [
    row({ id: "A" }),
    row({ id: "B" }),
    row({ id: "friday", turned_at: "2026-11-27T10:00:00.000001Z" }),
  ];
  assert.deepEqual(ids("recent_conversations", rows), ["friday", "B", "A"]);
  assert.deepEqual(ids("oldest_conversations", rows), ["A", "B", "friday"]);
});

test("moments of different precision are compared as moments", () => {
  const [whole, later] = [
    row({ id: "whole", last_message_at: "2026-11-23T10:00:00Z" }),
    row({ id: "later", last_message_at: "2026-11-23T10:00:00.000002Z" }),
  ];
  assert.ok(compare("recent_messages", later, whole) < 0);
  assert.ok(compare("oldest_messages", whole, later) < 0);
});

test("A-17: every filter narrows", () => {
  const mine = row({ assignee: { id: "ann", key: "ann", name: "Ann" }, tags: ["vip"] });
  assert.ok(belongs(query({ who: "me", tag: "vip" }), mine, "ann"));
  assert.ok(!belongs(query({ who: "others" }), mine, "ann"));
  assert.ok(belongs(query({ who: "others" }), mine, "bob"));
  assert.ok(!belongs(query({ who: "unassigned" }), mine, "ann"));
  assert.ok(!belongs(query({ show: "unread" }), mine, "ann"));
  assert.ok(!belongs(query({ tag: "order" }), mine, "ann"));
  assert.ok(!belongs(query({ channel: "D" }), mine, "ann"));
  const own = row({ world: "private" });
  assert.ok(!belongs(query(), own, "ann") && belongs(query({ world: "private" }), own, "ann"));
  const past = row({ world: "history", status: "closed" });
  assert.ok(!belongs(query({ tab: "closed" }), past, "ann"));
  assert.ok(belongs(query({ world: "history", tab: "history" }), past, "ann"));
  const closed = row({ status: "closed", archived_at: "2026-11-23T10:00:00Z" });
  assert.ok(belongs(query({ tab: "closed", show: "archived" }), closed, "ann"));
  assert.ok(!belongs(query({ tab: "closed" }), closed, "ann"));
});

test("an address and the place it names are the same, both ways", () => {
  const place: Place = {
    screen: "inbox",
    inbox: "support",
    channel: "demo-sms",
    conversation: "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E",
    chat: "",
    chats: "all",
    item: "",
    message: "01KB2Z8R0Q5W6E7R8T9Y0V1X2Z",
    tab: "closed",
    who: "me",
    show: "archived",
    sort: "oldest_conversations",
    tag: "vip",
    q: "",
  };
  assert.deepEqual(readPlace(new URL(addressOf(place), "http://x")), place);
  const own = { ...place, inbox: OWN, channel: "anns" };
  assert.match(addressOf(own), /^\/app\/p\/anns\/c\//);
  assert.deepEqual(readPlace(new URL(addressOf(own), "http://x")), own);
  const chat = {
    ...readPlace(new URL("http://x/app/")),
    screen: "chats",
    chat: "01C",
    chats: "team",
  } as const;
  assert.equal(addressOf(chat), "/app/chats/01C?chats=team");
  assert.deepEqual(readPlace(new URL(addressOf(chat), "http://x")), chat);
  const start = readPlace(new URL("http://x/app/"));
  assert.equal(addressOf(start), "/app/");
  assert.equal(readPlace(new URL("http://x/app/i/a/c/B?tab=nonsense")).tab, "open");
});
