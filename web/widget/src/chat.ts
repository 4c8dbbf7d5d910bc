// The conversation as this page knows it, and everything that keeps it true: sessions, the stream, what waits to be
// sent. Knows no DOM; the view is told by `changed`.

import { readEvents, type StreamEvent } from "../../shared/stream.ts";
import type { Company, Told } from "../../shared/tabs.ts";
import { type Asking, clientIdOf, Refused } from "./api.ts";
import type { Memory } from "./storage.ts";
import type {
  Identity,
  Message,
  Outgoing,
  Profile,
  Session,
  Transcript,
  Uploaded,
  WidgetConfig,
} from "./types.ts";

export type Link = "idle" | "connecting" | "online" | "offline" | "refused";

export interface Hooks {
  changed(): void;
  arrived(message: Message): void;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const TYPING_EVERY = 4_000;
const TYPING_LASTS = 8_000;

export class Chat {
  link: Link = "idle";
  config: WidgetConfig | null = null;
  session: Session | null = null;
  older: string | null = null;
  readAt = "";
  typing = false;
  loaded = false;
  readonly messages = new Map<string, Message>();

  readonly #api: Asking;
  readonly #memory: Memory;
  readonly #hooks: Hooks;
  readonly #company: Company;
  readonly #language: () => string;
  #identity: Identity | null = null;
  #started = false;
  #leading = false;
  #cursor = "";
  #expires = 0;
  #delivered = "";
  #typed = 0;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #flushing = false;
  #again = false;
  #flushPause = FIRST_PAUSE;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #beginning: Promise<void> | null = null;
  #wake: () => void = () => {};
  #stream: AbortController | null = null;

  constructor(
    api: Asking,
    memory: Memory,
    hooks: Hooks,
    language: () => string,
    company: (hear: (told: Told) => void) => Company,
  ) {
    this.#api = api;
    this.#memory = memory;
    this.#hooks = hooks;
    this.#language = language;
    this.#company = company((told) => this.#hear(told));
  }

  get outbox(): Outgoing[] {
    return this.#memory.get().outbox;
  }

  get profile(): Profile | null {
    return this.#memory.get().profile;
  }

  set profile(profile: Profile | null) {
    this.#memory.set({ profile });
    this.#hooks.changed();
  }

  /** In the order everybody sees: by time, then by id. */
  get lines(): Message[] {
    return [...this.messages.values()].sort((a, b) => compare(a.at, b.at) || compare(a.id, b.id));
  }

  get unread(): number {
    const { seen } = this.#memory.get();
    return this.lines.filter((one) => one.direction === "out" && one.at > seen).length;
  }

  /** Whether this browser has been here before: then it listens although nobody has opened the widget yet. */
  get known(): boolean {
    const { resume, known, outbox } = this.#memory.get();
    return Boolean(resume || outbox.length || (known && this.#identity));
  }

  identify(identity: Identity | null): void {
    const changed = identity?.user_id !== this.#identity?.user_id;
    if (changed && this.#identity) this.#end(null);
    this.#identity = identity;
    if (changed && this.#started) this.restart();
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#company.lead((signal) => this.#lead(signal));
    void this.#begin();
  }

  stop(): void {
    this.#company.leave();
    clearTimeout(this.#flushTimer);
    this.#stream?.abort();
  }

  /** Another person: nothing of the last one stays on the page. */
  restart(): void {
    this.messages.clear();
    this.session = null;
    this.older = null;
    this.readAt = this.#cursor = this.#delivered = "";
    this.loaded = false;
    this.#stream?.abort();
    this.#hooks.changed();
    this.poke();
    if (!this.#leading) void this.#begin();
  }

  /** The visitor leaves this browser for good: his conversation stays with the business, nothing of it here, and what
   * somebody may have copied of this browser's storage opens nothing any more. */
  forget(): void {
    this.#end(this.#memory.get().resume);
    this.#memory.forget();
    this.#identity = null;
    this.#company.tell({ kind: "forget" });
    this.restart();
  }

  /** The message that is quoted so, whether by its id or by its name. */
  quoted(by: string): Message | undefined {
    return this.messages.get(by) ?? [...this.messages.values()].find((one) => one.external_id === by);
  }

  /** The transcript anew: the links of its files have run out. */
  refresh(): void {
    void this.#reload();
  }

  /** Something has changed for the better (the network is back): try at once. */
  poke(): void {
    this.#wake();
    if (this.#started && this.outbox.some((one) => !one.failed)) void this.flush();
  }

  async send(text: string, uploads: Uploaded[], replyTo: string | null = null): Promise<void> {
    const client_id = crypto.randomUUID();
    const at = new Date().toISOString();
    this.#memory.add({ client_id, text, uploads, reply_to: replyTo, at });
    this.#hooks.changed();
    this.#company.tell({ kind: "outbox" });
    await this.flush();
  }

  retry(clientId: string): void {
    this.#memory.mark(clientId, false);
    this.#hooks.changed();
    this.poke();
  }

  async upload(file: File): Promise<Uploaded> {
    return this.#api.upload(await this.#token(), file);
  }

  async loadOlder(): Promise<void> {
    if (!this.older) return;
    const page = await this.#api.transcript(await this.#token(), this.older);
    this.older = page.older;
    this.#take(page.messages);
    this.#hooks.changed();
  }

  /** The visitor is typing; said once in a while. */
  type(): void {
    if (this.link !== "online" || !this.messages.size || Date.now() - this.#typed < TYPING_EVERY) return;
    this.#typed = Date.now();
    this.#token()
      .then((token) => this.#api.typing(token))
      .catch(() => {});
  }

  /** Everything here has been seen by the visitor. */
  see(): void {
    const newest = this.lines.findLast((one) => one.direction === "out");
    if (!newest || newest.at <= this.#memory.get().seen) return;
    this.#memory.set({ seen: newest.at });
    this.#receipt("read", newest.at);
    this.#hooks.changed();
  }

  /** Sends what waits, in order, one tab at a time. A message keeps its id, so that a repetition is none. */
  async flush(): Promise<void> {
    if (this.#flushing) {
      this.#again = true;
      return;
    }
    this.#flushing = true;
    try {
      do {
        this.#again = false;
        await this.#company.alone("outbox", () => this.#flushAll());
      } while (this.#again);
      this.#flushPause = FIRST_PAUSE;
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.#expires = 0;
      else if (!(error instanceof Refused)) this.#setLink("offline");
      const wish = error instanceof Refused ? error.retryAfter * 1000 : 0;
      this.#flushLater(Math.max(wish, this.#flushPause));
      this.#flushPause = Math.min(LONGEST_PAUSE, this.#flushPause * 2);
    } finally {
      this.#flushing = false;
    }
  }

  /** The stream may be well while a message cannot be sent: each has patience of its own. */
  #flushLater(pause: number): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = setTimeout(() => void this.flush(), pause * (0.5 + Math.random() / 2));
  }

  async #flushAll(): Promise<void> {
    for (;;) {
      const next = this.outbox.find((one) => !one.failed);
      if (!next) return;
      try {
        await this.#api.write(await this.#token(), next, this.profile ?? {}, this.#language());
        this.#accepted(next);
        this.#setLink("online");
      } catch (error) {
        if (!(error instanceof Refused) || error.passing || error.status === 401) throw error;
        this.#memory.mark(next.client_id, true);
        this.#hooks.changed();
      }
    }
  }

  /** Shown as the visitor's own at once; the stream brings the server's word of it. */
  #accepted(sent: Outgoing): void {
    if (this.outbox.some((one) => one.client_id === sent.client_id)) {
      const id = `~${sent.client_id}`;
      const files = sent.uploads.map(({ kind, mime, name, size }) => ({ kind, mime, name, size, url: null }));
      if (![...this.messages.values()].some((one) => clientIdOf(one) === sent.client_id))
        this.messages.set(id, {
          id,
          external_id: `/${sent.client_id}`,
          direction: "in",
          kind: "text",
          text: sent.text,
          sender: null,
          at: sortable(new Date().toISOString()),
          state: "received",
          reply_to: sent.reply_to,
          files,
        });
      this.#memory.drop(sent.client_id);
    }
    this.#hooks.changed();
  }

  async #lead(signal: AbortSignal): Promise<void> {
    this.#leading = true;
    signal.addEventListener("abort", () => this.#wake());
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      try {
        await this.#begin();
        if (this.link === "refused") return;
        await this.#listen(() => {
          pause = FIRST_PAUSE;
        });
        pause = FIRST_PAUSE;
      } catch (error) {
        if (error instanceof Refused && error.status === 401) this.#expires = 0;
        if (error instanceof Refused && error.retryAfter) pause = error.retryAfter * 1000;
      }
      if (signal.aborted) return;
      this.#setLink(this.link === "refused" ? "refused" : "offline");
      await this.#sleep(pause * (0.5 + Math.random() / 2));
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }

  /** A session and the transcript, then what waits is sent. */
  #begin(): Promise<void> {
    this.#beginning ??= this.#beginOnce().finally(() => {
      this.#beginning = null;
    });
    return this.#beginning;
  }

  async #beginOnce(): Promise<void> {
    if (!this.loaded) this.#setLink("connecting");
    try {
      const token = await this.#token();
      if (!this.loaded) this.#read(await this.#api.transcript(token));
      this.#setLink("online");
      void this.flush();
    } catch (error) {
      const final = error instanceof Refused && error.status === 403;
      this.#setLink(final ? "refused" : "offline");
      if (!final) throw error;
    }
  }

  async #token(): Promise<string> {
    if (!this.session || Date.now() > this.#expires)
      await this.#company.alone("session", () => this.#renew());
    return this.session?.token ?? "";
  }

  async #renew(): Promise<void> {
    const { resume } = this.#memory.get();
    const session = await this.#api.session(resume, this.#identity, this.#language());
    if (session.is_new && resume) {
      this.messages.clear(); // the old credential does not count any more
      this.loaded = false;
    }
    this.session = session;
    this.config = session.widget;
    this.#expires = Date.now() + (session.expires_in - 30) * 1000;
    this.#memory.set(session.resume ? { resume: session.resume, known: true } : { known: true });
    this.#hooks.changed();
  }

  #read(page: Transcript): void {
    this.loaded = true;
    this.older = page.older;
    this.#cursor = page.cursor;
    this.readAt = page.read_at ? sortable(page.read_at) : "";
    this.#take(page.messages);
    this.#acknowledge();
    this.#hooks.changed();
  }

  async #listen(alive: () => void): Promise<void> {
    this.#stream = new AbortController();
    const response = await this.#api.events(await this.#token(), this.#cursor, this.#stream.signal);
    this.#setLink("online");
    alive();
    void this.flush();
    await readEvents(response, (event) => {
      this.#apply(event, true);
      this.#company.tell({ kind: event.name === "reset" ? "reload" : "event", ...event });
    });
  }

  #hear(told: Told): void {
    if (told.kind === "event" && this.loaded)
      this.#apply({ id: told.id ?? "", name: told.name ?? "", data: told.data ?? "" }, false);
    else if (told.kind === "outbox") void this.flush().then(() => this.#hooks.changed());
    else if (told.kind === "reload") void this.#reload();
    else if (told.kind === "forget") this.restart();
  }

  #apply(event: StreamEvent, leading: boolean): void {
    if (event.id) this.#cursor = event.id;
    if (event.name === "message") {
      const message: Message = JSON.parse(event.data);
      const isNew = !this.messages.has(message.id);
      this.#take([message]);
      if (message.direction === "out" && isNew) {
        this.#setTyping(false);
        this.#hooks.arrived(message);
        if (leading) this.#acknowledge();
      }
    } else if (event.name === "typing") this.#setTyping(true);
    else if (event.name === "read") this.readAt = sortable(JSON.parse(event.data).read_at);
    else if (event.name === "reset") void this.#reload();
    if (event.name) this.#hooks.changed();
  }

  async #reload(): Promise<void> {
    this.loaded = false;
    try {
      this.#read(await this.#api.transcript(await this.#token()));
    } catch {
      this.#stream?.abort(); // beginning anew reads it again
    }
  }

  #take(messages: Message[]): void {
    for (const message of messages) {
      message.at = sortable(message.at);
      const clientId = clientIdOf(message);
      if (clientId) {
        this.messages.delete(`~${clientId}`);
        this.#memory.drop(clientId);
      }
      this.messages.set(message.id, message);
    }
  }

  #acknowledge(): void {
    const newest = this.lines.findLast((one) => one.direction === "out" && one.state === "sent");
    if (!newest || newest.at <= this.#delivered) return;
    this.#delivered = newest.at;
    this.#receipt("delivered", newest.at);
  }

  #receipt(state: "delivered" | "read", until: string): void {
    this.#token()
      .then((token) => this.#api.seen(token, state, until))
      .catch(() => {});
  }

  /** The server takes the tokens of this browser no more. */
  #end(resume: string | null): void {
    const token = this.session?.token ?? null;
    if (token || resume) this.#api.end(token, resume).catch(() => {});
  }

  #setTyping(typing: boolean): void {
    clearTimeout(this.#typingTimer);
    this.typing = typing;
    if (typing)
      this.#typingTimer = setTimeout(() => {
        this.typing = false;
        this.#hooks.changed();
      }, TYPING_LASTS);
  }

  #setLink(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    this.#hooks.changed();
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Times of the server with six digits behind the point, so that comparing texts is comparing times. */
const sortable = (at: string): string =>
  at.replace(/(?:\.(\d+))?(?:Z|\+00:00)$/, (_, digits = "") => `.${digits.padEnd(6, "0")}Z`);
