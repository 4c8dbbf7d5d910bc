// What an agent did stays shown until the server has answered it, whatever else comes in meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConversationRow } from "../src/api/types.ts";
import {
  amend,
  askedNow,
  forgetAll,
  forgetUnseen,
  guess,
  knownIds,
  peekRow,
  putMine,
  putRow,
  putSummary,
} from "../src/store/rows.ts";

const row = (change: Partial<ConversationRow> = {}): ConversationRow =>
  ({
    id: "A",
    version: 3,
    status: "snoozed",
    tags: [],
    inbound_count: 1,
    assignee: null,
    mine: { unread: 0, mentioned: false, with_me: false },
    ...change,
  }) as ConversationRow;

const begun = (): void => {
  forgetAll();
  putRow(row());
};

test("an answer that was asked for before my change does not take it back", () => {
  begun();
  const change = guess("A", { status: "open" });
  putRow(row());
  assert.equal(peekRow("A")?.status, "open");
  putSummary(row({ tags: ["vip"] }), "me", false);
  assert.equal(peekRow("A")?.status, "open");
  assert.deepEqual(peekRow("A")?.tags, ["vip"]);
  putRow(row({ status: "open", version: 4 }));
  change.taken(true);
  putRow(row());
  assert.equal(peekRow("A")?.status, "open");
});

test("a refused change gives way to what the server has said meanwhile", () => {
  begun();
  const change = guess("A", { status: "open", tags: ["vip"] });
  putRow(row({ status: "closed", version: 4 }));
  change.undo();
  assert.equal(peekRow("A")?.status, "closed");
  assert.deepEqual(peekRow("A")?.tags, []);
});

test("of two changes the later one wins, and each ends by itself", () => {
  begun();
  const first = guess("A", { status: "open" });
  const second = guess("A", { status: "closed" });
  first.undo();
  assert.equal(peekRow("A")?.status, "closed");
  second.undo();
  assert.equal(peekRow("A")?.status, "snoozed");
});

test("a change that was taken without an answer counts as told", () => {
  begun();
  guess("A", { tags: ["vip"] }).taken(false);
  amend("A", { status: "open" });
  assert.deepEqual(peekRow("A")?.tags, ["vip"]);
  assert.equal(peekRow("A")?.status, "open");
});

test("nothing is guessed of what is not known, and nothing stays of what is forgotten", () => {
  forgetAll();
  guess("A", { status: "open" });
  assert.equal(peekRow("A"), undefined);
  begun();
  assert.equal(peekRow("A")?.status, "snoozed");
});

test("of a day of other people's conversations only the last ones stay, and all that is shown", () => {
  begun();
  const shown = new Set(["A", "id-3"]);
  for (let i = 0; i < 5_000; i += 1) {
    putSummary(row({ id: `id-${i}` }), "me", false);
    forgetUnseen(() => shown);
  }
  assert.ok(knownIds().length < 700, `${knownIds().length}`);
  for (const id of ["A", "id-3", "id-4999"]) assert.ok(peekRow(id), id);
  assert.equal(peekRow("id-4"), undefined);
});

test("what was asked for before I have read it does not make it unread again, and what came since does", () => {
  begun();
  putRow(row({ mine: { unread: 1, mentioned: true, with_me: false } }));
  const since = askedNow();
  putMine("A", { unread: 0, mentioned: false });
  putRow(row({ mine: { unread: 1, mentioned: true, with_me: false } }), since);
  assert.deepEqual(peekRow("A")?.mine, { unread: 0, mentioned: false, with_me: false });
  putRow(row({ version: 4, inbound_count: 2, mine: { unread: 2, mentioned: false, with_me: false } }), since);
  assert.equal(peekRow("A")?.mine.unread, 1);
  putRow(
    row({ version: 4, inbound_count: 2, mine: { unread: 2, mentioned: false, with_me: true } }),
    askedNow(),
  );
  assert.deepEqual(peekRow("A")?.mine, { unread: 2, mentioned: false, with_me: true });
});
