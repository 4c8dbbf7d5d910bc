// What stands over the page, one at a time.
import { signal } from "@preact/signals";

export type Overlay =
  | { kind: "create"; to?: string; channel?: string }
  | { kind: "palette" }
  | { kind: "keys" }
  | { kind: "assign" | "tag" | "snooze" | "canned"; conversation: string }
  | null;

export const overlay = signal<Overlay>(null);
/** Which column the phone shows besides what the address says. */
export const drawer = signal(false);
export const sideOpen = signal(false);
