// The server, as the widget asks it. The token goes in a header, never in an address.
import type { Identity, Message, Outgoing, Profile, Session, Transcript, Uploaded } from "./types.ts";

/** The server answered, and said no. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number;
  constructor(status: number, code: string, retryAfter: number) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

export interface Asking {
  session(resume: string | null, identity: Identity | null, language: string): Promise<Session>;
  end(token: string | null, resume: string | null): Promise<void>;
  transcript(token: string, before?: string): Promise<Transcript>;
  write(token: string, message: Outgoing, profile: Profile, language: string): Promise<void>;
  upload(token: string, file: File): Promise<Uploaded>;
  typing(token: string): Promise<void>;
  seen(token: string, state: "delivered" | "read", until: string): Promise<void>;
  events(token: string, after: string, signal: AbortSignal): Promise<Response>;
}

const PATIENCE = 20_000;

export class Api implements Asking {
  readonly #base: string;
  constructor(server: string, widget: string) {
    this.#base = `${server}/channels/webchat/${encodeURIComponent(widget)}/`;
  }

  session(resume: string | null, identity: Identity | null, language: string): Promise<Session> {
    return this.#json("session", null, { resume, identity, language });
  }

  /** Also while the page is being left. */
  async end(token: string | null, resume: string | null): Promise<void> {
    await this.#json("session/end", token, { resume }, { keepalive: true });
  }

  async transcript(token: string, before?: string): Promise<Transcript> {
    const query = before ? `?before=${encodeURIComponent(before)}` : "";
    return (await this.#ask(`messages${query}`, token, {})).json();
  }

  async write(token: string, message: Outgoing, profile: Profile, language: string): Promise<void> {
    await this.#json("messages", token, {
      client_id: message.client_id,
      text: message.text,
      uploads: message.uploads.map((file) => file.upload),
      reply_to: message.reply_to,
      profile,
      page_url: location.href.split("#")[0]?.slice(0, 2000),
      page_title: document.title.slice(0, 300),
      referrer: document.referrer.slice(0, 2000),
      language,
    });
  }

  async upload(token: string, file: File): Promise<Uploaded> {
    const headers = {
      "content-type": file.type || "application/octet-stream",
      "x-file-name": encodeURIComponent(file.name),
    };
    return (await this.#ask("uploads", token, { method: "POST", headers, body: file }, 120_000)).json();
  }

  async typing(token: string): Promise<void> {
    await this.#ask("typing", token, { method: "POST" });
  }

  async seen(token: string, state: "delivered" | "read", until: string): Promise<void> {
    await this.#json("receipts", token, { state, until });
  }

  events(token: string, after: string, signal: AbortSignal): Promise<Response> {
    const headers = { accept: "text/event-stream", "last-event-id": after };
    return this.#ask("events", token, { headers, signal }, 0);
  }

  async #json<T>(path: string, token: string | null, body: unknown, more: RequestInit = {}): Promise<T> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body), ...more };
    const response = await this.#ask(path, token, init);
    return response.status === 204 ? (undefined as T) : response.json();
  }

  async #ask(path: string, token: string | null, init: RequestInit, patience = PATIENCE): Promise<Response> {
    const headers = { ...init.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const signal = init.signal ?? AbortSignal.timeout(patience);
    const response = await fetch(this.#base + path, {
      ...init,
      headers,
      signal,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new Refused(
      response.status,
      problem.code ?? "error",
      Number(response.headers.get("retry-after")) || 0,
    );
  }
}

/** How a message is named by whoever quotes it. None while the server has not given its word of it. */
export const quotableAs = (message: Message): string | null => {
  if (message.id.startsWith("~")) return null;
  return message.direction === "in" ? message.external_id : message.id;
};

/** This browser's own id of one of the visitor's messages. */
export const clientIdOf = (message: Message): string | null =>
  message.direction === "in" ? (message.external_id?.split("/").pop() ?? null) : null;
