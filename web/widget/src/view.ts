// The launcher and the panel.
import { quotableAs } from "./api.ts";
import type { Chat } from "./chat.ts";
import { Composer } from "./composer.ts";
import { h, ICONS, icon } from "./dom.ts";
import { Intro } from "./intro.ts";
import { Lines, type Speech } from "./lines.ts";
import { say, sayWhen, type TextKey } from "./texts.ts";
import type { Message } from "./types.ts";

const NEAR_END = 80;

export class View {
  readonly launcher: HTMLButtonElement;
  readonly panel: HTMLElement;
  readonly #chat: Chat;
  readonly #speech: Speech;
  readonly #lines: Lines;
  readonly #composer: Composer;
  readonly #badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
  readonly #title = h("h2", { id: "title", dir: "auto" });
  readonly #close: HTMLButtonElement;
  readonly #notice = h("p", { class: "notice", role: "status", dir: "auto" });
  readonly #greeting = h("p", { class: "greeting", dir: "auto" });
  readonly #older: HTMLButtonElement;
  readonly #log: HTMLElement;
  readonly #typing = h("p", { class: "typing", role: "status", dir: "auto" });
  #intro: Intro | null = null;
  #stale = 0;
  #pinned = true;

  constructor(root: ShadowRoot, chat: Chat, language: string, toggle: () => void) {
    this.#chat = chat;
    const speak = (key: TextKey, values?: Record<string, string | number>) => say(language, key, values);
    this.#speech = { language, say: speak };
    this.#lines = new Lines(this.#speech, {
      retry: (id) => chat.retry(id),
      reply: (message) => this.#reply(message),
      stale: () => this.#refresh(),
      grown: () => this.#pinned && this.#toEnd(),
    });
    this.#composer = new Composer(this.#speech, {
      send: (text, uploads, replyTo) => void chat.send(text, uploads, replyTo),
      upload: (file) => chat.upload(file),
      type: () => chat.type(),
    });
    this.#older = h(
      "button",
      { type: "button", class: "older", hidden: true, onclick: () => this.#loadOlder() },
      speak("older"),
    );
    this.#log = h(
      "div",
      { class: "scroll", role: "log", tabindex: 0, "aria-label": speak("log"), "aria-live": "polite" },
      this.#older,
      this.#greeting,
      this.#lines.node,
    );
    this.#log.addEventListener("scroll", () => {
      this.#pinned = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < NEAR_END;
    });
    this.#close = h(
      "button",
      { type: "button", "aria-label": speak("close"), onclick: toggle },
      icon(ICONS.close),
    );
    this.panel = h(
      "section",
      { class: "panel", role: "dialog", "aria-labelledby": "title", hidden: true, lang: language },
      h("header", { class: "accent" }, this.#title, this.#close),
      this.#notice,
      this.#log,
      this.#typing,
      this.#composer.node,
    );
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") toggle();
    });
    this.launcher = h(
      "button",
      { type: "button", class: "launcher accent", "aria-expanded": "false", lang: language, onclick: toggle },
      icon(ICONS.chat),
      this.#badge,
    );
    root.replaceChildren(this.panel, this.launcher);
    this.draw();
  }

  get isOpen(): boolean {
    return !this.panel.hidden;
  }

  open(focus: boolean): void {
    this.panel.hidden = false;
    this.launcher.setAttribute("aria-expanded", "true");
    this.draw();
    this.#pinned = true;
    this.#toEnd();
    if (focus) (this.#intro ?? this.#composer.field).focus();
  }

  close(focus: boolean): void {
    this.panel.hidden = true;
    this.launcher.setAttribute("aria-expanded", "false");
    this.draw();
    if (focus) this.launcher.focus();
  }

  /** Everything as the chat has it now. */
  draw(): void {
    const { say } = this.#speech;
    const { config, link } = this.#chat;
    this.#drawLauncher();
    if (!this.isOpen) return;
    this.#title.textContent = config?.texts.title ?? say("title");
    set(this.#greeting, config?.texts.greeting ?? say("greeting"));
    set(this.#notice, this.#noticeText());
    this.#notice.hidden = !this.#notice.textContent;
    set(this.#typing, this.#chat.typing ? say("typing") : "");
    if (config) this.#composer.limit(config.attachments, config.longest_text);
    this.#older.hidden = !this.#chat.older;
    this.#lines.show({
      lines: this.#chat.lines,
      outbox: this.#chat.outbox,
      readAt: this.#chat.readAt,
      online: link === "online",
      quoted: (by) => this.#chat.quoted(by),
    });
    const quoting = this.#composer.replyTo;
    if (quoting && !this.#chat.quoted(quoting)) this.#composer.quote(null); // another person's page now
    this.#drawIntro();
    if (this.#pinned) this.#toEnd();
  }

  #drawLauncher(): void {
    const { say } = this.#speech;
    const count = this.#chat.unread;
    const unread = count === 1 ? say("unreadOne") : say("unread", { count });
    const label = this.isOpen ? say("close") : count ? `${say("open")}, ${unread}` : say("open");
    if (this.launcher.getAttribute("aria-label") !== label) this.launcher.setAttribute("aria-label", label);
    set(this.#badge, count > 99 ? "99+" : String(count));
    this.#badge.hidden = !count || this.isOpen;
  }

  /** The questions stand in the place of the conversation until they are answered. */
  #drawIntro(): void {
    const { config, messages, outbox, profile, session } = this.#chat;
    const asks = Boolean(
      config?.pre_chat.length &&
        !profile &&
        !messages.size &&
        !outbox.length &&
        session?.visitor === "visitor",
    );
    if (asks === Boolean(this.#intro)) return;
    if (asks && config) {
      const hadFocus = this.#hasFocus(this.#composer.field);
      this.#intro = new Intro(this.#speech, config.pre_chat, (profile) => {
        this.#chat.profile = profile;
        this.#composer.field.focus();
      });
      this.#log.after(this.#intro.node);
      if (hadFocus) this.#intro.focus();
    } else {
      this.#intro?.node.remove();
      this.#intro = null;
    }
    this.#log.hidden = this.#composer.node.hidden = this.#typing.hidden = asks;
  }

  #noticeText(): string {
    const { config, link, loaded } = this.#chat;
    const { say, language } = this.#speech;
    if (link === "refused") return say("refused");
    if (link === "offline") return say("offline");
    if (link === "connecting" && !loaded) return say("connecting");
    if (!config?.opening || config.opening.is_open) return "";
    if (config.texts.away) return config.texts.away;
    const next = config.opening.next_open;
    return next ? say("awayUntil", { time: sayWhen(language, next) }) : say("away");
  }

  async #loadOlder(): Promise<void> {
    const { scrollHeight, scrollTop } = this.#log;
    this.#log.setAttribute("aria-live", "off"); // what is old is no news
    await this.#chat.loadOlder().catch(() => {});
    this.#log.scrollTop = scrollTop + this.#log.scrollHeight - scrollHeight;
    if (this.#older.hidden) this.#log.focus();
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  #reply(message: Message): void {
    const name = quotableAs(message);
    if (!name) return;
    const words = { name: this.#lines.nameOf(message), text: this.#lines.excerpt(message) };
    this.#composer.quote({ name, saying: this.#speech.say("reply", words) });
    this.#composer.field.focus();
    if (this.#pinned) this.#toEnd(); // there is less room now
  }

  #refresh(): void {
    if (Date.now() - this.#stale < 60_000) return;
    this.#stale = Date.now();
    this.#chat.refresh();
  }

  #toEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #hasFocus(node: HTMLElement): boolean {
    return (node.getRootNode() as ShadowRoot).activeElement === node;
  }
}

/** Only what has changed is written: a status that is written again is read aloud again. */
function set(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
