// The list of messages. Nodes are kept and changed in place, so that a screen reader hears each message once.
import { h, linked } from "./dom.ts";
import { saySize, sayTime, type TextKey } from "./texts.ts";
import type { ChatFile, Message, Outgoing } from "./types.ts";

export interface Speech {
  language: string;
  say(key: TextKey, values?: Record<string, string | number>): string;
}

export interface Shown {
  lines: Message[];
  outbox: Outgoing[];
  readAt: string;
  online: boolean;
}

interface Line {
  node: HTMLLIElement;
  bubble: HTMLElement;
  meta: HTMLElement;
  drawn: string;
  noted: string;
}

export class Lines {
  readonly node = h("ol");
  readonly #speech: Speech;
  readonly #retry: (clientId: string) => void;
  readonly #stale: () => void;
  readonly #grown: () => void;
  #known = new Map<string, Line>();

  constructor(speech: Speech, retry: (clientId: string) => void, stale: () => void, grown: () => void) {
    this.#speech = speech;
    this.#retry = retry;
    this.#stale = stale;
    this.#grown = grown;
  }

  show(shown: Shown): void {
    const wanted: HTMLLIElement[] = [];
    const kept = new Map<string, Line>();
    const keep = (key: string, mine: boolean): Line => {
      const line = this.#known.get(key) ?? this.#make(mine);
      kept.set(key, line);
      wanted.push(line.node);
      return line;
    };
    const newestMine = shown.lines.findLast((one) => one.direction === "in")?.id;
    for (const message of shown.lines) {
      const mine = message.direction === "in";
      const line = keep(keyOf(message), mine);
      this.#draw(line, message.text, message.files);
      this.#note(line, this.#metaOf(message, shown, message.id === newestMine));
    }
    for (const waiting of shown.outbox) {
      const line = keep(waiting.client_id, true);
      this.#draw(
        line,
        waiting.text,
        waiting.uploads.map((file) => ({ ...file, url: null })),
      );
      this.#noteWaiting(line, waiting, shown.online);
    }
    this.#known = kept;
    place(this.node, wanted);
  }

  /** Everything is drawn anew: the language has changed. */
  forget(): void {
    this.#known.clear();
    this.node.replaceChildren();
  }

  #make(mine: boolean): Line {
    const bubble = h("div", { class: "bubble", dir: "auto" });
    const meta = h("div", { class: "meta" });
    const node = h("li", { class: mine ? "line mine" : "line" }, bubble, meta);
    return { node, bubble, meta, drawn: "", noted: "" };
  }

  #draw(line: Line, text: string, files: ChatFile[]): void {
    const wanted = JSON.stringify([text, files.map((file) => [file.name, file.mime, Boolean(file.url)])]);
    if (line.drawn === wanted) return;
    line.drawn = wanted;
    line.bubble.replaceChildren(...linked(text), ...files.map((file) => this.#file(file)));
  }

  #file(file: ChatFile): HTMLElement {
    const { say, language } = this.#speech;
    const name = file.name ?? say("file");
    const size = file.size ? ` (${saySize(language, file.size)})` : "";
    if (!file.url) return h("div", {}, `${name}${size}`);
    const link = { href: file.url, target: "_blank", rel: "noopener noreferrer" };
    if (file.kind !== "image") return h("div", {}, h("a", link, `${name}${size}`));
    const onerror = () => {
      picture.replaceWith(name);
      this.#stale(); // its link has run out
    };
    const picture = h("img", {
      src: file.url,
      alt: say("image", { name }),
      loading: "lazy",
      onerror,
      onload: this.#grown,
    });
    return h("div", {}, h("a", link, picture));
  }

  #metaOf(message: Message, shown: Shown, isNewestMine: boolean): string {
    const { say, language } = this.#speech;
    const time = sayTime(language, message.at);
    if (message.direction === "out") return `${message.sender ?? say("us")} · ${time}`;
    if (!isNewestMine) return time;
    return `${time} · ${say(shown.readAt && message.at <= shown.readAt ? "read" : "sent")}`;
  }

  #note(line: Line, text: string): void {
    if (line.noted === text) return;
    line.noted = text;
    line.meta.className = "meta";
    line.meta.replaceChildren(text);
  }

  #noteWaiting(line: Line, waiting: Outgoing, online: boolean): void {
    const { say } = this.#speech;
    const wanted = waiting.failed ? "failed" : online ? "sending" : "waiting";
    if (line.noted === `~${wanted}`) return;
    line.noted = `~${wanted}`;
    line.meta.className = waiting.failed ? "meta bad" : "meta";
    const again = () => this.#retry(waiting.client_id);
    line.meta.replaceChildren(
      say(wanted),
      ...(waiting.failed ? [h("button", { type: "button", onclick: again }, say("retry"))] : []),
    );
  }
}

/** A message keeps its line from the moment it is written until the server's word of it comes. */
function keyOf(message: Message): string {
  if (message.direction === "out") return message.id;
  return message.external_id?.split("/").pop() ?? message.id;
}

/** The children in this order, moving only what is elsewhere. */
function place(parent: HTMLElement, wanted: HTMLElement[]): void {
  const keep = new Set<Node>(wanted);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, index) => {
    if (parent.childNodes[index] !== child) parent.insertBefore(child, parent.childNodes[index] ?? null);
  });
}
