// The list of messages. Nodes are kept and changed in place, so that a screen reader hears each message once.
import { quotableAs } from "./api.ts";
import { h, ICONS, icon, linked } from "./dom.ts";
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
  quoted(by: string): Message | undefined;
}

export interface Doing {
  retry(clientId: string): void;
  reply(message: Message): void;
  stale(): void;
  grown(): void;
}

interface Line {
  node: HTMLLIElement;
  bubble: HTMLElement;
  reply: HTMLButtonElement;
  meta: HTMLElement;
  drawn: string;
  noted: string;
}

const LONGEST_EXCERPT = 80;

export class Lines {
  readonly node = h("ol");
  readonly #speech: Speech;
  readonly #doing: Doing;
  #known = new Map<string, Line>();

  constructor(speech: Speech, doing: Doing) {
    this.#speech = speech;
    this.#doing = doing;
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
      this.#draw(line, message.text, message.files, quotedBy(message, shown));
      this.#drawReply(line, message);
      this.#note(line, this.#metaOf(message, shown, message.id === newestMine));
    }
    for (const waiting of shown.outbox) {
      const line = keep(waiting.client_id, true);
      this.#draw(
        line,
        waiting.text,
        waiting.uploads.map((file) => ({ ...file, url: null })),
        quotedBy(waiting, shown),
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
    const reply = h("button", { type: "button", class: "reply", hidden: true }, icon(ICONS.reply));
    const meta = h("div", { class: "meta" });
    // Its label repeats the message, which is read aloud already.
    const said = h("div", { class: "said" }, bubble, h("span", { "aria-live": "off" }, reply));
    const node = h("li", { class: mine ? "line mine" : "line", tabindex: -1 }, said, meta);
    return { node, bubble, reply, meta, drawn: "", noted: "" };
  }

  #draw(line: Line, text: string, files: ChatFile[], quoted: Message | undefined): void {
    const shown = files.map((file) => [file.name, file.mime, Boolean(file.url)]);
    const wanted = JSON.stringify([text, shown, quoted && [quoted.id, this.excerpt(quoted)]]);
    if (line.drawn === wanted) return;
    line.drawn = wanted;
    const quote = quoted ? [this.#quote(quoted)] : [];
    line.bubble.replaceChildren(...quote, ...linked(text), ...files.map((file) => this.#file(file)));
  }

  /** Only what the server knows can be replied to. */
  #drawReply({ reply }: Line, message: Message): void {
    reply.hidden = !quotableAs(message);
    const label = this.#speech.say("reply", { name: this.nameOf(message), text: this.excerpt(message) });
    if (reply.getAttribute("aria-label") === label) return;
    reply.setAttribute("aria-label", label);
    reply.onclick = () => this.#doing.reply(message);
  }

  /** What the message answers; pressing it goes there. */
  #quote(quoted: Message): HTMLElement {
    const name = this.nameOf(quoted);
    const text = this.excerpt(quoted);
    const jump = () => {
      const line = this.#known.get(keyOf(quoted));
      line?.node.scrollIntoView({ block: "nearest" });
      line?.node.focus();
    };
    return h(
      "button",
      {
        type: "button",
        class: "quote",
        dir: "auto",
        "aria-label": this.#speech.say("inReply", { name, text }),
        onclick: jump,
      },
      h("b", {}, name),
      text,
    );
  }

  nameOf(message: Message): string {
    const { say } = this.#speech;
    return message.direction === "in" ? say("you") : (message.sender ?? say("us"));
  }

  /** Its first words, or its file. */
  excerpt(message: Message): string {
    const words = message.text.trim().replace(/\s+/g, " ");
    const file = message.files[0];
    const text = words || (file ? (file.name ?? this.#speech.say("file")) : "");
    return text.length > LONGEST_EXCERPT ? `${[...text].slice(0, LONGEST_EXCERPT).join("")}…` : text;
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
      this.#doing.stale(); // its link has run out
    };
    const picture = h("img", {
      src: file.url,
      alt: say("image", { name }),
      loading: "lazy",
      onerror,
      onload: () => this.#doing.grown(),
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
    const again = () => this.#doing.retry(waiting.client_id);
    line.meta.replaceChildren(
      say(wanted),
      ...(waiting.failed ? [h("button", { type: "button", onclick: again }, say("retry"))] : []),
    );
  }
}

const quotedBy = (message: { reply_to: string | null }, shown: Shown): Message | undefined =>
  message.reply_to ? shown.quoted(message.reply_to) : undefined;

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
