// What the browser remembers between pages: who the visitor is, what waits to be sent, what was seen.
import type { Outgoing, Profile } from "./types.ts";

interface Kept {
  resume: string | null;
  known: boolean;
  profile: Profile | null;
  outbox: Outgoing[];
  seen: string;
  open: boolean;
}

const EMPTY: Kept = { resume: null, known: false, profile: null, outbox: [], seen: "", open: false };

type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** One entry in localStorage, shared by the tabs of a site. Where there is none, it lasts as long as the page. */
export class Memory {
  readonly key: string;
  readonly #shelf: Shelf | null;
  #fallback: Kept = EMPTY;

  constructor(server: string, widget: string, shelf: Shelf | null = localShelf()) {
    this.key = `casella:${server}:${widget}`;
    this.#shelf = shelf;
  }

  get(): Kept {
    try {
      const found = this.#shelf?.getItem(this.key);
      return found ? { ...EMPTY, ...JSON.parse(found) } : this.#fallback;
    } catch {
      return this.#fallback;
    }
  }

  set(changes: Partial<Kept>): void {
    const next = { ...this.get(), ...changes };
    this.#fallback = next;
    try {
      this.#shelf?.setItem(this.key, JSON.stringify(next));
    } catch {
      // full, or forbidden: this page remembers by itself
    }
  }

  forget(): void {
    this.#fallback = EMPTY;
    try {
      this.#shelf?.removeItem(this.key);
    } catch {
      // forbidden: nothing was kept
    }
  }

  add(message: Outgoing): void {
    this.set({ outbox: [...this.get().outbox, message] });
  }

  drop(clientId: string): void {
    const { outbox } = this.get();
    if (outbox.some((one) => one.client_id === clientId))
      this.set({ outbox: outbox.filter((one) => one.client_id !== clientId) });
  }

  mark(clientId: string, failed: boolean): void {
    this.set({
      outbox: this.get().outbox.map((one) => (one.client_id === clientId ? { ...one, failed } : one)),
    });
  }
}

function localShelf(): Shelf | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // the browser forbids it
  }
}
