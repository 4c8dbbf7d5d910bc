// Several tabs of one site share one connection: one of them leads, the others listen to it.

export interface Told {
  kind: "event" | "reload" | "outbox" | "forget";
  id?: string;
  name?: string;
  data?: string;
}

export interface Company {
  /** Runs `lead` while this tab leads; the signal says when to stop. */
  lead(lead: (signal: AbortSignal) => Promise<void>): void;
  /** One tab at a time does this kind of thing. */
  alone<T>(what: string, act: () => Promise<T>): Promise<T>;
  tell(told: Told): void;
  leave(): void;
}

export class Tabs implements Company {
  readonly #name: string;
  readonly #channel: BroadcastChannel | null;
  readonly #leaving = new AbortController();

  constructor(name: string, hear: (told: Told) => void) {
    this.#name = name;
    this.#channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(name) : null;
    if (this.#channel) this.#channel.onmessage = (event: MessageEvent<Told>) => hear(event.data);
  }

  lead(lead: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#leaving;
    const run = () => lead(signal);
    // Without locks (an insecure page) every tab leads; the server gives each its own stream.
    const asked = locks()?.request(`${this.#name}:lead`, { signal }, run) ?? run();
    asked.catch(() => {});
  }

  async alone<T>(what: string, act: () => Promise<T>): Promise<T> {
    return (await (locks()?.request(`${this.#name}:${what}`, act) ?? act())) as T;
  }

  tell(told: Told): void {
    this.#channel?.postMessage(told);
  }

  leave(): void {
    this.#leaving.abort();
    this.#channel?.close();
  }
}

const locks = (): LockManager | undefined => globalThis.navigator?.locks;
