// <casella-webchat>: what a page sees of the widget.

import { Tabs } from "../../shared/tabs.ts";
import { Api } from "./api.ts";
import { Chat } from "./chat.ts";
import { Memory } from "./storage.ts";
import { CSS } from "./styles.ts";
import { chooseLanguage } from "./texts.ts";
import type { Identity } from "./types.ts";
import { View } from "./view.ts";

let sheet: CSSStyleSheet | undefined;

/**
 * Attributes: `widget` (the channel's key), `server`, `lang`, `user-id` and `user-hmac` (a signed-in customer).
 * Events: `casella-open`, `casella-close`, `casella-unread` with `detail.count`.
 */
export class WebchatElement extends HTMLElement {
  static observedAttributes = ["lang", "user-id", "user-hmac"];
  #chat: Chat | null = null;
  #view: View | null = null;
  #memory: Memory | null = null;
  #root: ShadowRoot | null = null;
  #language = "en";
  #unread = 0;
  #later = false;
  readonly #watched = new AbortController();

  connectedCallback(): void {
    const server = this.getAttribute("server") ?? "";
    const widget = this.getAttribute("widget") ?? "";
    if (this.#chat || !server || !widget) return;
    this.#root ??= this.attachShadow({ mode: "open" });
    sheet ??= new CSSStyleSheet();
    sheet.replaceSync(CSS);
    this.#root.adoptedStyleSheets = [sheet];
    const memory = new Memory(server, widget);
    this.#memory = memory;
    this.#chat = new Chat(
      new Api(server, widget),
      memory,
      { changed: () => this.#draw(), arrived: () => this.#look() },
      () => this.#language,
      (hear) => new Tabs(memory.key, hear),
    );
    this.#chat.identify(this.#identity());
    this.#speak();
    this.#watch();
    if (this.#chat.known) this.#chat.start();
    if (memory.get().open) this.#show(false);
  }

  disconnectedCallback(): void {
    this.#watched.abort();
    this.#chat?.stop();
    this.#chat = null;
  }

  attributeChangedCallback(name: string): void {
    if (!this.#chat) return;
    if (name === "lang") this.#speak();
    else this.identify(this.#identity());
  }

  open(): void {
    if (!this.#view?.isOpen) this.#show(true);
  }

  close(): void {
    if (this.#view?.isOpen) this.#hide();
  }

  /** A customer has signed in at the website; null: he has signed out. */
  identify(identity: Identity | null): void {
    this.#chat?.identify(identity);
    if (this.#chat?.known) this.#chat.start();
  }

  /** This browser forgets the visitor and shows nothing of his conversation any more. */
  forget(): void {
    this.close();
    this.#chat?.forget();
  }

  #identity(): Identity | null {
    const user_id = this.getAttribute("user-id");
    const hmac = this.getAttribute("user-hmac");
    return user_id && hmac ? { user_id, hmac } : null;
  }

  #speak(): void {
    const said = this.getAttribute("lang") || this.parentElement?.closest("[lang]")?.getAttribute("lang");
    const wasOpen = this.#view?.isOpen ?? false;
    this.#language = chooseLanguage(said, ...(said ? [] : navigator.languages));
    if (!this.#chat || !this.#root) return;
    this.#view = new View(this.#root, this.#chat, this.#language, () =>
      this.#view?.isOpen ? this.#hide() : this.#show(true),
    );
    if (wasOpen) this.#view.open(false);
  }

  #show(focus: boolean): void {
    this.#chat?.start();
    this.#view?.open(focus);
    this.#memory?.set({ open: true });
    this.#look();
    this.dispatchEvent(new CustomEvent("casella-open"));
  }

  #hide(): void {
    this.#view?.close(true);
    this.#memory?.set({ open: false });
    this.dispatchEvent(new CustomEvent("casella-close"));
  }

  /** What is on the screen has been read. */
  #look(): void {
    if (this.#view?.isOpen && document.visibilityState === "visible") this.#chat?.see();
  }

  #watch(): void {
    const { signal } = this.#watched;
    document.addEventListener("visibilitychange", () => this.#look(), { signal });
    addEventListener("online", () => this.#chat?.poke(), { signal });
    addEventListener("storage", (event) => event.key === this.#memory?.key && this.#draw(), { signal });
  }

  /** Many changes at once are drawn once. */
  #draw(): void {
    if (this.#later) return;
    this.#later = true;
    queueMicrotask(() => {
      this.#later = false;
      this.#view?.draw();
      this.#look();
      const count = this.#chat?.unread ?? 0;
      if (count !== this.#unread)
        this.dispatchEvent(new CustomEvent("casella-unread", { detail: { count } }));
      this.#unread = count;
    });
  }
}
