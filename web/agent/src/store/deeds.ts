// What an agent does to a conversation: shown at once, taken back with a reason when the server says no.
import * as calls from "../api/calls.ts";
import { Refused } from "../api/http.ts";
import type { ConversationRow } from "../api/types.ts";
import { t } from "../text/words.ts";
import { stir } from "./counts.ts";
import { say } from "./problems.ts";
import { guess, peekRow, putMine, putRow } from "./rows.ts";
import { toast } from "./say.ts";
import { agentOf, me, myId } from "./session.ts";
import { putDetail, refreshDetail } from "./threads.ts";

const queues = new Map<string, Promise<unknown>>();

/** One after the other for each conversation, so that two quick changes arrive in their order. */
const inTurn = <T>(id: string, act: () => Promise<T>): Promise<T> => {
  const before = queues.get(id) ?? Promise.resolve();
  const now = before.catch(() => {}).then(act);
  queues.set(
    id,
    now.catch(() => {}),
  );
  return now;
};

const act = async (
  id: string,
  change: Partial<ConversationRow>,
  ask: () => Promise<calls.Changed>,
  done = "",
): Promise<boolean> => {
  const shown = guess(id, change);
  stir(row(id)?.world);
  try {
    const detail = await inTurn(id, ask);
    if (detail) putDetail(detail);
    shown.taken(Boolean(detail));
    refreshDetail(id, true);
    if (done) toast(done);
    return true;
  } catch (error) {
    shown.undo();
    if (error instanceof Refused && error.code === "assignment_lost")
      toast(t().lostTo(String(error.more["assignee_name"] ?? "")), "bad");
    else toast(say(error), "bad");
    refreshDetail(id, true);
    return false;
  } finally {
    stir(row(id)?.world);
  }
};

const row = (id: string): ConversationRow | undefined => peekRow(id);

export const assign = (id: string, to: string | null): Promise<boolean> => {
  const expected = row(id)?.assignee?.id ?? null;
  const agent = to === myId() ? me.peek() : agentOf(to);
  const assignee = agent ? { id: agent.id, key: agent.key, name: agent.name } : null;
  const mine = row(id)?.mine;
  const change = mine && to === myId() ? { assignee, mine: { ...mine, with_me: true } } : { assignee };
  return act(id, change, () => calls.assign(id, to, expected));
};

/** How a row looks once it is closed. */
export const closing = (): Partial<ConversationRow> => {
  const now = new Date().toISOString();
  return { status: "closed", closed_at: now, turned_at: now, waiting_since: null };
};
export const reopening = (): Partial<ConversationRow> => ({
  status: "open",
  closed_at: null,
  archived_at: null,
  snoozed_until: null,
  turned_at: new Date().toISOString(),
});

export const close = (id: string): Promise<boolean> => act(id, closing(), () => calls.close(id));
export const reopen = (id: string): Promise<boolean> => act(id, reopening(), () => calls.reopen(id));

export const snooze = (id: string, until: Date): Promise<boolean> =>
  act(id, { status: "snoozed", snoozed_until: until.toISOString() }, () =>
    calls.snooze(id, until.toISOString()),
  );

export const archive = (id: string, on: boolean): Promise<boolean> =>
  act(id, { archived_at: on ? new Date().toISOString() : null }, () =>
    on ? calls.archive(id) : calls.unarchive(id),
  );

export const setTag = (id: string, tag: string, on: boolean): Promise<boolean> => {
  const tags = row(id)?.tags.filter((one) => one !== tag) ?? [];
  return act(id, { tags: on ? [...tags, tag].sort() : tags }, () =>
    on ? calls.tag(id, tag) : calls.untag(id, tag),
  );
};

export const prioritize = (id: string, priority: ConversationRow["priority"]): Promise<boolean> =>
  act(id, { priority }, () => calls.prioritize(id, priority));

export const toTeam = (id: string, team: string, name: string): Promise<boolean> =>
  act(id, {}, () => calls.team(id, team), t().handedTo(name));

export const toInbox = (id: string, inbox: string, name: string): Promise<boolean> =>
  act(id, {}, () => calls.move(id, inbox), t().movedTo(name));

/** I have seen what came in up to this message. */
export const read = (id: string, upTo: string | null): void => {
  const mine = row(id)?.mine;
  if (!mine || (mine.unread === 0 && !mine.mentioned)) return;
  putMine(id, { unread: 0, mentioned: false });
  stir(row(id)?.world);
  const known = marks.get(id);
  if (known) known.upTo = upTo;
  else mark(id, upTo);
};

const AGAIN = 3_000;
/** A mark that did not arrive: what it was before may be wrong by now, so the server is asked, as soon as it answers. */
const truth = async (id: string): Promise<void> => {
  try {
    for (const row of (await calls.list({ ids: [id], limit: 1 })).items) putRow(row);
  } catch (error) {
    if (!(error instanceof Refused)) setTimeout(() => void truth(id), AGAIN);
  }
};

const MARK_PAUSE = 5_000;
interface Mark {
  upTo: string | null;
  sent: string | null;
  timer: ReturnType<typeof setTimeout>;
}
const marks = new Map<string, Mark>();

/** At once; what comes in soon afterwards, and is read as it comes, in one go. */
const mark = (id: string, upTo: string | null): void => {
  inTurn(id, () => calls.read(id, upTo)).catch(() => void truth(id));
  const timer = setTimeout(() => {
    const later = marks.get(id);
    marks.delete(id);
    if (later && later.upTo !== upTo) mark(id, later.upTo);
    else if (row(id)?.mine.unread) void truth(id); // an answer from before the mark may have come after it
  }, MARK_PAUSE);
  marks.set(id, { upTo, sent: upTo, timer });
};

/** Before the page goes. */
export const markNow = (): void => {
  for (const [id, { upTo, sent, timer }] of marks) {
    clearTimeout(timer);
    if (upTo !== sent) calls.read(id, upTo).catch(() => {});
  }
  marks.clear();
};

export const unread = (id: string): void => {
  clearTimeout(marks.get(id)?.timer); // what was still to be marked as read is not read any more
  marks.delete(id);
  const mine = row(id)?.mine;
  if (!mine) return;
  putMine(id, { unread: Math.max(1, mine.unread) });
  inTurn(id, () => calls.unread(id)).catch((error) => {
    void truth(id);
    toast(say(error), "bad");
  });
  stir(row(id)?.world);
};
