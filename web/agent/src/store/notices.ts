// What concerns me: kept by the server, told as it happens.
import { batch, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { Notice } from "../api/types.ts";

export const notices = signal<readonly Notice[]>([]);
export const unseen = signal(0);
export const noticesPhase = signal<"loading" | "ready" | "error">("loading");

export const loadNotices = async (): Promise<void> => {
  try {
    const page = await calls.notices();
    batch(() => {
      notices.value = page.items;
      unseen.value = page.unseen;
      noticesPhase.value = "ready";
    });
  } catch {
    if (noticesPhase.peek() === "loading") noticesPhase.value = "error";
  }
};

export const markSeen = (ids: string[] | null): void => {
  const now = new Date().toISOString();
  batch(() => {
    notices.value = notices
      .peek()
      .map((one) => (ids === null || ids.includes(one.id) ? { ...one, seen_at: one.seen_at ?? now } : one));
    unseen.value = ids === null ? 0 : Math.max(0, unseen.peek() - ids.length);
  });
  calls.seen(ids).catch(() => void loadNotices());
};

export const seenElsewhere = (ids: readonly string[] | null): void => {
  const now = new Date().toISOString();
  notices.value = notices
    .peek()
    .map((one) => (ids === null || ids.includes(one.id) ? { ...one, seen_at: one.seen_at ?? now } : one));
  void loadNotices();
};
