// Where the visitor writes and attaches.
import { h, ICONS, icon } from "./dom.ts";
import type { Speech } from "./lines.ts";
import { saySize } from "./texts.ts";
import type { Uploaded } from "./types.ts";

export interface Sending {
  send(text: string, uploads: Uploaded[], replyTo: string | null): void;
  upload(file: File): Promise<Uploaded>;
  type(): void;
}

interface Chip {
  node: HTMLElement;
  file: File;
  done: Uploaded | null;
}

export class Composer {
  readonly node: HTMLFormElement;
  readonly field: HTMLTextAreaElement;
  readonly #picker: HTMLInputElement;
  readonly #clip: HTMLButtonElement;
  readonly #submit: HTMLButtonElement;
  readonly #list = h("ul", { class: "chips" });
  readonly #problem = h("p", { class: "problem", role: "alert" });
  readonly #speech: Speech;
  readonly #sending: Sending;
  readonly #quote: HTMLElement;
  readonly #quoteText = h("span", { id: "quote", dir: "auto" });
  #replyTo: string | null = null;
  #chips: Chip[] = [];
  #limits = { count: 0, bytes: 0 };
  #longest = 10_000;

  constructor(speech: Speech, sending: Sending) {
    const { say } = speech;
    this.#speech = speech;
    this.#sending = sending;
    const words = { placeholder: say("message"), "aria-label": say("message") };
    this.field = h("textarea", { rows: 1, dir: "auto", ...words, oninput: () => this.#typed() });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#send();
      }
    });
    this.#quote = h(
      "div",
      { class: "chip quoting", hidden: true },
      this.#quoteText,
      h(
        "button",
        { type: "button", "aria-label": say("unquote"), onclick: () => this.#unquote() },
        icon(ICONS.close),
      ),
    );
    this.#picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.#picked() });
    this.#clip = h(
      "button",
      { type: "button", class: "tool", "aria-label": say("attach"), onclick: () => this.#picker.click() },
      icon(ICONS.clip),
    );
    this.#clip.hidden = true; // until the server has said what it takes
    this.#submit = h(
      "button",
      { type: "submit", class: "tool accent", "aria-label": say("send") },
      icon(ICONS.send),
    );
    const row = h("div", { class: "row" }, this.#clip, this.#picker, this.field, this.#submit);
    this.node = h(
      "form",
      { onsubmit: (event: Event) => this.#submitted(event) },
      this.#problem,
      this.#quote,
      this.#list,
      row,
    );
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#replyTo === null) return;
      event.stopPropagation(); // it takes back the quote first, and only then closes the chat
      this.#unquote();
    });
    this.node.addEventListener("paste", (event) => this.#pasted(event));
  }

  limit(limits: { count: number; bytes: number }, longest: number): void {
    this.#limits = limits;
    this.#longest = longest;
    this.#clip.hidden = limits.count === 0;
  }

  /** How what the next message replies to is named. */
  get replyTo(): string | null {
    return this.#replyTo;
  }

  /** What the next message replies to: its name, and how to say it. */
  quote(quoted: { name: string; saying: string } | null): void {
    this.#replyTo = quoted?.name ?? null;
    this.#quoteText.textContent = quoted?.saying ?? "";
    this.#quote.hidden = !quoted;
    if (quoted) this.field.setAttribute("aria-describedby", "quote");
    else this.field.removeAttribute("aria-describedby");
  }

  #unquote(): void {
    this.quote(null);
    this.field.focus();
  }

  #typed(): void {
    this.#problem.textContent = "";
    if (this.field.value.trim()) this.#sending.type();
  }

  #submitted(event: Event): void {
    event.preventDefault();
    this.#send();
  }

  #send(): void {
    const text = this.field.value.trim();
    if (this.#chips.some((chip) => !chip.done)) return;
    if (!text && !this.#chips.length) return;
    if (text.length > this.#longest) {
      this.#problem.textContent = this.#speech.say("tooLong");
      return;
    }
    this.#sending.send(
      text,
      this.#chips.map((chip) => chip.done as Uploaded),
      this.#replyTo,
    );
    this.field.value = "";
    this.#unquote();
    this.#chips = [];
    this.#list.replaceChildren();
    this.#ready();
  }

  #pasted(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !this.#limits.count) return;
    event.preventDefault();
    this.#add(files);
  }

  #picked(): void {
    this.#add([...(this.#picker.files ?? [])]);
    this.#picker.value = "";
  }

  #add(files: File[]): void {
    const { say, language } = this.#speech;
    this.#problem.textContent = "";
    for (const file of files) {
      if (this.#chips.length >= this.#limits.count) {
        this.#problem.textContent = say("tooMany", { count: this.#limits.count });
        return;
      }
      if (file.size > this.#limits.bytes) {
        this.#problem.textContent = say("tooBig", {
          name: file.name,
          size: saySize(language, this.#limits.bytes),
        });
        continue;
      }
      void this.#upload(file);
    }
  }

  async #upload(file: File): Promise<void> {
    const { say } = this.#speech;
    const label = h("span", {}, say("uploading", { name: file.name }));
    const remove = h(
      "button",
      { type: "button", "aria-label": say("remove", { name: file.name }), onclick: () => this.#remove(chip) },
      icon(ICONS.close),
    );
    const chip: Chip = { node: h("li", { class: "chip" }, label, remove), file, done: null };
    this.#chips.push(chip);
    this.#list.append(chip.node);
    this.#ready();
    try {
      chip.done = await this.#sending.upload(file);
      label.textContent = file.name;
    } catch {
      this.#remove(chip);
      this.#problem.textContent = say("uploadFailed", { name: file.name });
    }
    this.#ready();
  }

  #remove(chip: Chip): void {
    this.#chips = this.#chips.filter((one) => one !== chip);
    chip.node.remove();
    this.#ready();
    this.field.focus();
  }

  #ready(): void {
    this.#submit.disabled = this.#chips.some((chip) => !chip.done);
  }
}
