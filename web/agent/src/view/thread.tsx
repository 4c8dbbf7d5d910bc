// Messages, notes and what happened, in one order; what is above loads when it is reached, and nothing jumps.
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Activity, Message } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { whenIdle } from "../parts/idle.ts";
import { Time } from "../parts/small.tsx";
import { outbox } from "../store/outbox.ts";
import { place } from "../store/place.ts";
import { loadNewer, loadOlder, type Thread, toNewest } from "../store/threads.ts";
import { clock, day } from "../text/format.ts";
import { t } from "../text/words.ts";
import { ActivityLine } from "./activity.tsx";
import { MessageView, Pending } from "./message.tsx";

const NEAR_TOP = 400;
const AT_END = 60;
const UNDER_TOP = 40;
/** How many messages are laid out at once: what a screen holds. As many again follow whenever the browser is idle, up to
 * ROOM; and ROOM more each time the top comes near. */
const SCREEN = 14;
const ROOM = 50;
const MOST = 300;

type Line =
  | { kind: "day"; key: string; at: string }
  | { kind: "new"; key: string }
  | { kind: "message"; key: string; message: Message; follows: boolean }
  | { kind: "activity"; key: string; deeds: readonly Activity[] };

/** Everything in one order, with a line wherever a day begins, and one before what is new. */
const linesOf = (
  messages: readonly Message[],
  activity: readonly Activity[],
  firstUnread: string,
  whole: boolean,
): Line[] => {
  const since = messages[0]?.received_at ?? "";
  const deeds = activity.filter((one) => whole || one.at >= since);
  const lines: Line[] = [];
  let [i, today, before] = [0, "", null as Message | null];
  const dayOf = (at: string): void => {
    const its = new Date(at).toDateString();
    if (its === today) return;
    today = its;
    before = null;
    lines.push({ kind: "day", key: `day-${its}`, at });
  };
  const deedsUntil = (at: string): void => {
    for (; i < deeds.length && deeds[i]!.at < at; i += 1) {
      dayOf(deeds[i]!.at);
      const last = lines.at(-1);
      if (last?.kind === "activity" && oneDeed(last.deeds[0]!, deeds[i]!))
        lines[lines.length - 1] = { ...last, deeds: [...last.deeds, deeds[i]!] };
      else lines.push({ kind: "activity", key: `a-${deeds[i]!.id}`, deeds: [deeds[i]!] });
      before = null;
    }
  };
  for (const message of messages) {
    deedsUntil(message.received_at);
    dayOf(message.received_at);
    if (message.id === firstUnread) {
      lines.push({ kind: "new", key: "new" });
      before = null;
    }
    lines.push({
      kind: "message",
      key: message.id,
      message,
      follows: before !== null && oneVoice(before, message),
    });
    before = message;
  }
  deedsUntil("9");
  return lines;
};

/** What one rule or one person did at one moment is told in one line. */
const oneDeed = (a: Activity, b: Activity): boolean =>
  a.by.kind === b.by.kind && a.by.id === b.by.id && Date.parse(b.at) - Date.parse(a.at) < 2_000;

const oneVoice = (a: Message, b: Message): boolean =>
  a.direction === b.direction &&
  a.sender.id === b.sender.id &&
  Date.parse(b.received_at) - Date.parse(a.received_at) < 180_000;

/** The newest of them, and enough for what is wanted to be among them. */
const whereToBegin = (messages: readonly Message[], wanted: string): number => {
  const last = Math.max(0, messages.length - SCREEN);
  const i = wanted ? messages.findIndex((one) => one.id === wanted) : -1;
  return i < 0 ? last : Math.max(0, Math.min(last, i - 10));
};

export const ThreadView = ({ thread }: { thread: Thread }) => {
  const box = useRef<HTMLDivElement>(null);
  const end = useRef(true);
  const anchor = useRef<{ id: string; top: number } | null>(null);
  const all = thread.messages.value;
  const first = useRef("");
  const kept = useRef(new Map<string, { message: Message; follows: boolean; node: VNode }>());
  /** When the oldest came that is laid out at once. */
  const since = useRef("");
  const [, layOut] = useState(0);
  let from = all.findIndex((one) => one.id === first.current);
  if (from < 0) {
    from = whereToBegin(all, place.peek().message || thread.firstUnread.peek());
    first.current = all[from]?.id ?? "";
    since.current = all[from]?.received_at ?? "";
  }
  const messages = from > 0 ? all.slice(from) : all;
  const lines = linesOf(
    messages,
    thread.activity.value,
    thread.firstUnread.value,
    thread.older.value === null && from === 0,
  );
  const pending = outbox.value.filter((one) => one.conversation === thread.id);
  const hidden = new Set(pending.flatMap((one) => (one.message ? [one.message] : [])));

  /** What has not changed is not even compared. */
  const drawn = (line: Line): VNode => {
    if (line.kind !== "message") return <OneLine key={line.key} line={line} />;
    const { message, follows } = line;
    const known = kept.current.get(line.key);
    if (known && known.message === message && known.follows === follows) return known.node;
    const late = message.received_at < since.current;
    const node = (
      <MessageView key={line.key} message={message} thread={thread} follows={follows} late={late} />
    );
    kept.current.set(line.key, { message, follows, node });
    return node;
  };
  if (kept.current.size > 2 * MOST) kept.current.clear();

  /** What stands at the top now is to stay there. */
  const mark = (): void => {
    anchor.current = null;
    if (end.current) return; // nothing is measured where nothing is to be kept
    const element = box.current!;
    const top = element.getBoundingClientRect().top + UNDER_TOP;
    for (const one of element.querySelectorAll<HTMLElement>(".message")) {
      const its = one.getBoundingClientRect();
      if (its.bottom <= top) continue;
      anchor.current = { id: one.id, top: its.top };
      return;
    }
  };
  /** Whatever has become of what is above it: come, or laid out as high as it is. */
  const keep = (): void => {
    const element = box.current!;
    const its = anchor.current && document.getElementById(anchor.current.id);
    if (end.current) element.scrollTop = element.scrollHeight;
    else if (its) {
      const by = its.getBoundingClientRect().top - anchor.current!.top;
      if (Math.abs(by) >= 1) element.scrollTop += by;
    }
  };
  useLayoutEffect(() => {
    const element = box.current!;
    const wanted = place.peek().message;
    const target = wanted
      ? element.querySelector<HTMLElement>(`#m-${wanted}`)
      : element.querySelector<HTMLElement>(".new-line");
    if (target && (wanted || target.offsetTop < element.scrollHeight - element.clientHeight)) {
      target.scrollIntoView({ block: "center" });
      if (wanted) target.classList.add("found");
      end.current = false;
    } else element.scrollTop = element.scrollHeight;
    mark();
    const seen = new ResizeObserver(keep);
    seen.observe(element);
    for (const child of element.children) seen.observe(child);
    return () => seen.disconnect();
  }, []);
  useLayoutEffect(keep, [lines.length, pending.length, lines.at(-1)?.key]);
  useEffect(() => {
    if (pending.length) end.current = true;
  }, [pending.length]);

  const layOutAbove = (count: number): void => {
    const known = thread.messages.peek();
    const at = known.findIndex((one) => one.id === first.current);
    if (at <= 0) return;
    first.current = known[Math.max(0, at - count)]!.id;
    layOut((before) => before + 1);
  };
  /** What is known above is laid out; without any, it is asked for. */
  const above = async (): Promise<void> => {
    if (from === 0) {
      if (!thread.older.peek()) return;
      await loadOlder(thread);
    }
    layOutAbove(ROOM);
  };
  const laidOut = all.length - from;
  useEffect(() => {
    if (from > 0 && laidOut < ROOM) return whenIdle(() => layOutAbove(SCREEN));
  }, [from, laidOut]);
  // Somebody who stays with one customer for a day holds no more than the newest of it.
  const tooMany = all.length > MOST;
  useEffect(() => {
    if (tooMany && end.current && thread.newer.peek() === null) void toNewest(thread);
  }, [tooMany]);

  const newest = (): void => {
    end.current = true;
    anchor.current = null;
    void toNewest(thread);
  };
  const scrolled = (): void => {
    const element = box.current!;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    end.current = left < AT_END && thread.newer.peek() === null;
    mark();
    if (element.scrollTop < NEAR_TOP && !thread.loading) void above();
    if (left < NEAR_TOP && thread.newer.peek() && !thread.loading) void loadNewer(thread);
  };
  return (
    <div class="thread-box">
      <div
        class="thread"
        ref={box}
        role="log"
        aria-live="off"
        aria-label={t().messages}
        tabIndex={0}
        onScroll={scrolled}
      >
        <div class="thread-lines">
          {thread.older.value && <p class="soft small center">{t().olderComing}</p>}
          {lines.map((line) => (hidden.has(line.key) ? null : drawn(line)))}
          {pending.map((entry) => (
            <Pending key={entry.key} entry={entry} />
          ))}
          {!lines.length && !pending.length && <p class="soft center">{t().noMessageYet}</p>}
        </div>
      </div>
      {thread.newer.value && (
        <button type="button" class="pill-button at-end" onClick={newest}>
          {t().toNewest}
        </button>
      )}
    </div>
  );
};

const OneLine = ({ line }: { line: Exclude<Line, { kind: "message" }> }) => {
  switch (line.kind) {
    case "day":
      return (
        <h2 class="day">
          <Time at={line.at}>{day(line.at)}</Time>
        </h2>
      );
    case "new":
      return (
        <p class="new-line">
          <span>{t().newMessages}</span>
        </p>
      );
    default:
      return (
        <p class="deed">
          <Icon name={line.deeds[0]!.by.kind === "rule" ? "rule" : "person"} />
          <ActivityLine deeds={line.deeds} /> <Time at={line.deeds[0]!.at}>{clock(line.deeds[0]!.at)}</Time>
        </p>
      );
  }
};
