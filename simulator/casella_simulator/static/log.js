// The provider's log: every webhook it sent and how it was answered.
import { element } from "./phone.js";
import { clockTime, say } from "./words.js";

const KEPT = 200;

export class Log {
  constructor(list, empty) {
    this.list = list;
    this.empty = empty;
    this.seen = new Set();
  }

  clear() {
    this.list.replaceChildren();
    this.seen.clear();
    this.empty.hidden = false;
  }

  add(delivery) {
    if (this.seen.has(delivery.number)) return;
    this.seen.add(delivery.number);
    this.empty.hidden = true;
    this.list.prepend(draw(delivery));
    while (this.list.children.length > KEPT) this.list.lastElementChild.remove();
  }
}

function draw(delivery) {
  const item = element("li");
  const details = element("details");
  const summary = element("summary");
  const good = delivery.status !== null && delivery.status < 300;
  summary.append(
    element("time", "", clockTime(delivery.at, true)),
    element("span", "what", describe(delivery)),
    element("span", good ? "good" : "bad", delivery.status === null ? say("noAnswer") : String(delivery.status)),
  );
  details.append(summary, drawForm(delivery));
  item.append(details);
  return item;
}

function describe(delivery) {
  const state = delivery.form.MessageStatus;
  const parts = [say(`kind_${delivery.kind}`) + (state ? ` ${say(`state_${state}`)}` : ""), delivery.phone];
  if (delivery.attempt > 1) parts.push(say("attempt", { n: delivery.attempt }));
  if (delivery.copy > 1) parts.push(say("copy", { n: delivery.copy }));
  if (delivery.fallback) parts.push(say("fallback"));
  if (!delivery.well_signed) parts.push(say("badSignature"));
  return parts.join(" · ");
}

function drawForm(delivery) {
  const list = element("dl");
  const row = (name, value) => list.append(element("dt", "", name), element("dd", "", value));
  row(delivery.method, delivery.url);
  row(say("answered"), `${delivery.status ?? say("noAnswer")} · ${say("took", { ms: Math.round(delivery.elapsed_ms) })}`);
  if (delivery.error) row(say("error"), delivery.error);
  for (const [name, value] of Object.entries(delivery.form)) row(name, value);
  return list;
}
