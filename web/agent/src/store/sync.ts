// One event stream for all tabs of this browser: one leads, the others listen to it.
import { effect, signal } from "@preact/signals";
import { readEvents, type StreamEvent } from "../../../shared/stream.ts";
import { Tabs, type Told } from "../../../shared/tabs.ts";
import { open, Refused } from "../api/http.ts";
import { type FeedEvent, take } from "./feed.ts";
import { flush, flushAlone } from "./outbox.ts";

export type Line = "live" | "connecting" | "offline";

export const line = signal<Line>("connecting");
const PATIENCE = 2_000;
/** It is away for long enough to be said. */
export const cutOff = signal(false);
let patience: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  const down = line.value !== "live";
  if (down) {
    patience ??= setTimeout(() => (cutOff.value = true), PATIENCE); // from the first moment, however often it tries
    return;
  }
  clearTimeout(patience);
  patience = undefined;
  cutOff.value = false;
});
/** When the next try will be made, in milliseconds of the clock. */
export const nextTry = signal(0);

const FIRST = 500;
const LAST = 30_000;

let cursor = "";
let tabs: Tabs | null = null;
let wake: () => void = () => {};
let cut: AbortController | null = null;
let onReset: () => void = () => {};

export const follow = (agent: string, from: string, reset: () => void): void => {
  stop();
  cursor = from;
  onReset = reset;
  tabs = new Tabs(`casella:${agent}`, hear);
  const mine = tabs;
  flushAlone((act) => mine.alone("outbox", act));
  mine.lead((signal) => lead(signal, mine));
  // A tab that does not lead is as live as the one that does, and is told when that changes.
  line.value = "live";
};

export const stop = (): void => {
  tabs?.leave();
  tabs = null;
  wake();
};

/** Now, instead of at the end of the pause. */
export const tryNow = (): void => wake();

export const followNetwork = (): void => {
  addEventListener("online", () => tryNow());
  // A stream that has no network any more says nothing for long; the browser knows at once.
  addEventListener("offline", () => cut?.abort());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) tryNow();
  });
};

const hear = (told: Told): void => {
  if (told.kind === "event" && told.data)
    accept({ id: told.id ?? "", name: told.name ?? "", data: told.data });
  else if (told.kind === "reload") onReset();
};

const accept = (event: StreamEvent): void => {
  if (event.id) cursor = event.id;
  if (event.name === "ready" || !event.data) return;
  if (event.name === "reset") {
    cursor = (JSON.parse(event.data) as { cursor: string }).cursor;
    onReset();
    return;
  }
  take(JSON.parse(event.data) as FeedEvent);
};

const lead = async (signal: AbortSignal, company: Tabs): Promise<void> => {
  let pause = FIRST;
  line.value = "connecting";
  while (!signal.aborted) {
    try {
      cut = new AbortController();
      const both = AbortSignal.any([signal, cut.signal]);
      const answer = await open("/events", { "Last-Event-ID": cursor }, both);
      line.value = "live";
      pause = FIRST;
      void flush();
      await readEvents(answer, (event) => {
        accept(event);
        if (event.data) company.tell({ kind: "event", id: event.id, name: event.name, data: event.data });
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && error.status === 401) {
        line.value = "offline";
        await new Promise<void>((go) => {
          wake = go;
        });
        continue;
      }
    }
    if (signal.aborted) return;
    line.value = "offline";
    const wait = pause * (0.5 + Math.random() / 2);
    nextTry.value = Date.now() + wait;
    await sleep(wait, signal);
    pause = Math.min(LAST, pause * 2);
    line.value = "connecting";
  }
};

const sleep = (wait: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    const timer = setTimeout(done, wait);
    wake = () => {
      clearTimeout(timer);
      done();
    };
    signal.addEventListener("abort", wake, { once: true });
  });
