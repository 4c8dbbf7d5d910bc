// One phone: its bubbles and its composer.
import { clockTime, say, translate } from "./words.js";
import { upload, write } from "./wire.js";

const TICKS = { sending: "○", queued: "○", accepted: "○", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "⚠", undelivered: "⚠" };
const LOST = new Set(["failed", "undelivered"]);

export class PhoneCard {
  constructor(number, onClose) {
    this.number = number;
    this.attached = [];
    this.bubbles = new Map();
    this.node = document.getElementById("phone-template").content.cloneNode(true).firstElementChild;
    translate(this.node);
    this.node.setAttribute("aria-label", say("phone", { number }));
    this.node.dataset.phone = number;
    this.find("h2").textContent = number;
    this.find(".avatar").textContent = number.slice(-2);
    this.list = this.find(".bubbles");
    this.list.setAttribute("aria-label", say("conversation", { number }));
    this.list.dataset.empty = say("empty");
    this.text = this.find("textarea");
    this.line = this.find("select");
    this.find(".close").addEventListener("click", () => onClose(number));
    this.listen();
  }

  find(selector) { return this.node.querySelector(selector); }

  listen() {
    this.find("form").addEventListener("submit", (event) => { event.preventDefault(); this.sendWritten(); });
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.sendWritten();
    });
    for (const button of this.node.querySelectorAll("[data-quick]"))
      button.addEventListener("click", () => this.send(button.dataset.quick, []));
    this.find("input[type=file]").addEventListener("change", (event) => this.attach(event.target));
  }

  setLines(lines) {
    const chosen = this.line.value;
    this.line.replaceChildren(...lines.map((line) => new Option(lineName(line), `${line.provider} ${line.address}`)));
    if (!lines.length) this.line.append(new Option(say("noLine"), ""));
    if ([...this.line.options].some((option) => option.value === chosen)) this.line.value = chosen;
  }

  async attach(input) {
    this.problem("");
    for (const file of input.files) {
      try {
        this.attached.push(await upload(file));
      } catch (error) {
        this.problem(say("notSent", { error: error.message }));
      }
    }
    input.value = "";
    this.showAttached();
  }

  showAttached() {
    const list = this.find(".attached");
    list.hidden = !this.attached.length;
    list.replaceChildren(...this.attached.map((file) => {
      const item = element("li", "");
      const remove = element("button", "", "✕");
      remove.type = "button";
      remove.setAttribute("aria-label", say("remove", { name: file.name }));
      remove.addEventListener("click", () => {
        this.attached = this.attached.filter((other) => other !== file);
        this.showAttached();
        this.text.focus();
      });
      item.append(element("span", "", file.name || file.content_type), remove);
      return item;
    }));
  }

  async sendWritten() {
    const [text, media] = [this.text.value, this.attached];
    if (!text.trim() && !media.length) return;
    this.text.value = "";
    this.attached = [];
    this.showAttached();
    if (await this.send(text, media)) return;
    this.text.value = text;
    this.attached = media;
    this.showAttached();
  }

  async send(text, media) {
    const [provider, to] = this.line.value.split(" ");
    this.problem("");
    try {
      await write(provider, this.number, to ?? "", text, media.map((file) => ({ id: file.id })));
      return true;
    } catch (error) {
      this.problem(say("notSent", { error: error.message }));
      return false;
    }
  }

  problem(text) { this.find(".composer .problem").textContent = text; }

  reset(lines, entries) {
    this.setLines(lines);
    this.list.replaceChildren();
    this.bubbles.clear();
    for (const entry of entries) this.show(entry);
    this.toEnd();
  }

  toEnd() { this.list.scrollTop = this.list.scrollHeight; }

  show(entry) {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80;
    const bubble = drawBubble(entry);
    const shown = this.bubbles.get(entry.id);
    if (shown) shown.replaceWith(bubble);
    else this.list.append(bubble);
    this.bubbles.set(entry.id, bubble);
    if (!atEnd) return;
    this.toEnd();
    for (const picture of bubble.querySelectorAll("img")) picture.addEventListener("load", () => this.toEnd());
  }
}

const PRODUCTS = {
  whatsapp: "WhatsApp", messenger: "Messenger", instagram: "Instagram", vonage: "Vonage", telnyx: "Telnyx", bandwidth: "Bandwidth",
};

function lineName(line) {
  return PRODUCTS[line.provider] ? `${PRODUCTS[line.provider]} ${line.address}` : line.address;
}

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function drawBubble(entry) {
  const bubble = element("li", `bubble ${entry.author}${LOST.has(entry.state) ? " lost" : ""}`);
  bubble.append(element("span", "unseen", `${say(entry.author === "customer" ? "you" : entry.author)}: `));
  for (const file of entry.media) bubble.append(drawMedia(file));
  if (entry.text) {
    const text = element("p", "text", entry.text);
    text.dir = "auto";
    bubble.append(text);
  }
  bubble.append(drawFoot(entry));
  return bubble;
}

function drawFoot(entry) {
  const foot = element("span", "foot");
  const time = element("time", "", clockTime(entry.at));
  time.dateTime = entry.at;
  foot.append(time, " ");
  if (!entry.state) return foot;
  const state = say(`state_${entry.state}`);
  const tick = element("span", "", TICKS[entry.state] ?? "");
  tick.setAttribute("aria-hidden", "true");
  foot.append(tick);
  if (entry.error) foot.append(" ", element("span", "problem", say("because", { state, error: entry.error })));
  else foot.append(element("span", "unseen", ` ${state}`));
  return foot;
}

function drawMedia(file) {
  const name = file.name || file.content_type;
  if (file.content_type.startsWith("image/")) {
    const picture = element("img");
    picture.src = file.url;
    picture.alt = say("picture", { name });
    return picture;
  }
  if (/^(audio|video)\//.test(file.content_type)) {
    const player = element(file.content_type.slice(0, 5));
    player.src = file.url;
    player.controls = true;
    player.setAttribute("aria-label", name);
    return player;
  }
  const link = element("a", "file", `📎 ${name}`);
  link.href = file.url;
  link.download = file.name;
  return link;
}
