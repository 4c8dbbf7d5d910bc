// One thing done to many conversations: shown at once, each taken back by itself where the server says no.
import * as calls from "../api/calls.ts";
import { newKey } from "../api/http.ts";
import type { BulkItem, ConversationRow } from "../api/types.ts";
import { t } from "../text/words.ts";
import { stir } from "./counts.ts";
import { closing, reopening } from "./deeds.ts";
import { say } from "./problems.ts";
import { guess, peekRow, putRow } from "./rows.ts";
import { toast } from "./say.ts";
import { keepPicked, picked } from "./selection.ts";
import { agentOf, me } from "./session.ts";
import { refreshDetail } from "./threads.ts";

export type Command =
  | { do: "close" | "reopen" | "archive" | "unarchive" | "read" | "unread" }
  | { do: "tag" | "untag"; tag: string }
  | { do: "prioritize"; priority: ConversationRow["priority"] }
  | { do: "assign"; assignee: string | null }
  | { do: "snooze"; until: string };

const AT_ONCE = 200; // the API takes no more

const changed = (row: ConversationRow, command: Command): Partial<ConversationRow> => {
  switch (command.do) {
    case "close":
      return closing();
    case "reopen":
      return reopening();
    case "archive":
      return { archived_at: new Date().toISOString() };
    case "unarchive":
      return { archived_at: null };
    case "read":
      return { mine: { ...row.mine, unread: 0, mentioned: false } };
    case "unread":
      return { mine: { ...row.mine, unread: Math.max(1, row.mine.unread) } };
    case "tag":
      return { tags: [...row.tags.filter((one) => one !== command.tag), command.tag].sort() };
    case "untag":
      return { tags: row.tags.filter((one) => one !== command.tag) };
    case "prioritize":
      return { priority: command.priority };
    case "snooze":
      return { status: "snoozed", snoozed_until: command.until };
    default:
      return { assignee: named(command.assignee) };
  }
};

const named = (id: string | null): ConversationRow["assignee"] => {
  const agent = id === "me" ? me.peek() : agentOf(id);
  return agent ? { id: agent.id, key: agent.key, name: agent.name } : null;
};

/** To all that are picked. What was done is picked no more. */
export const doToPicked = async (command: Command): Promise<void> => {
  const ids = [...picked.peek()];
  const left: string[] = [];
  let why = "";
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const found = await doTo(ids.slice(i, i + AT_ONCE), command);
    left.push(...found.left);
    why ||= found.why;
  }
  keepPicked(left);
  if (left.length) toast(t().bulkLeft(left.length, why), "bad");
  else toast(t().bulkDone(ids.length));
};

const doTo = async (ids: string[], command: Command): Promise<{ left: string[]; why: string }> => {
  const shown = ids.map((id) => guess(id, peekRow(id) ? changed(peekRow(id)!, command) : {}));
  stir();
  try {
    const { items } = await calls.bulk(ids, command, newKey());
    const by = new Map(items.map((one) => [one.id, one]));
    ids.forEach((id, i) => {
      const item = by.get(id);
      if (item?.conversation) putRow(item.conversation);
      if (item?.done) shown[i]!.taken(Boolean(item.conversation));
      else shown[i]!.undo();
      refreshDetail(id, true);
    });
    const refused = items.filter((one) => !one.done);
    return { left: refused.map((one) => one.id), why: reason(refused[0]) };
  } catch (error) {
    for (const one of shown) one.undo();
    return { left: ids, why: say(error) };
  } finally {
    stir();
  }
};

const reason = (item: BulkItem | undefined): string =>
  String(item?.problem?.["detail"] || item?.problem?.["title"] || "");
