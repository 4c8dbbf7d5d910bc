// The page: which phones are open, and what the event stream brings them.
import { FaultsPanel } from "./faults.js";
import { Log } from "./log.js";
import { PhoneCard } from "./phone.js";
import { addPhone, loadState } from "./wire.js";
import { language, say, translate } from "./words.js";

const OPEN_AT_ONCE = 3;
const byId = (id) => document.getElementById(id);
const cards = new Map();
const known = new Map();
let lines = [];

document.documentElement.lang = language;
document.title = say("title");
translate(document.body);
const faults = new FaultsPanel(byId("faults"), byId("faults-active"));
const log = new Log(byId("log"), byId("log-empty"));

function open(number) {
  if (cards.has(number)) return cards.get(number);
  const card = new PhoneCard(number, (closing) => { close(closing); byId("new-phone").focus(); });
  card.reset(lines, known.get(number)?.values() ?? []);
  cards.set(number, card);
  byId("phones").append(card.node);
  card.toEnd();
  listClosed();
  return card;
}

function close(number) {
  cards.get(number).node.remove();
  cards.delete(number);
  listClosed();
}

function listClosed() {
  const closed = [...known.keys()].filter((number) => !cards.has(number));
  const select = byId("closed-phones");
  select.parentElement.hidden = !closed.length;
  select.replaceChildren(new Option("", ""), ...closed.map((number) => new Option(number, number)));
  faults.setPhones([...known.keys()]);
}

function meet(number) {
  if (!known.has(number)) {
    known.set(number, new Map());
    if (cards.size < OPEN_AT_ONCE) open(number);
    else listClosed();
  }
  return known.get(number);
}

function showEntry(entry) {
  meet(entry.phone).set(entry.id, entry);
  cards.get(entry.phone)?.show(entry);
}

async function reload() {
  const state = await loadState();
  lines = state.lines;
  known.clear();
  for (const phone of state.phones) known.set(phone.number, new Map(phone.entries.map((entry) => [entry.id, entry])));
  for (const [number, card] of cards) {
    if (!known.has(number)) close(number);
    else card.reset(lines, known.get(number).values());
  }
  for (const number of known.keys()) if (cards.size < OPEN_AT_ONCE) open(number);
  listClosed();
  faults.show(state.faults);
  log.clear();
  state.deliveries.forEach((delivery) => log.add(delivery));
}

// One after the other: what arrives while everything is loaded again must not be overwritten by it.
let last = Promise.resolve();
function inTurn(act) {
  last = last.then(act).catch((error) => { byId("connection").textContent = error.message; });
}

function listen() {
  const stream = new EventSource("/_sim/events");
  const on = (name, act) => stream.addEventListener(name, (event) => inTurn(() => act(JSON.parse(event.data))));
  on("reload", reload);
  on("entry", showEntry);
  on("delivery", (delivery) => log.add(delivery));
  on("faults", (state) => faults.show(state));
  on("phone", ({ number }) => { meet(number); listClosed(); });
  stream.addEventListener("open", () => { byId("connection").textContent = say("connected"); });
  stream.addEventListener("error", () => { byId("connection").textContent = say("disconnected"); });
}

function randomNumber() {
  return `+1202555${String(100 + Math.floor(Math.random() * 100)).padStart(4, "0")}`;
}

const dialog = byId("new-phone-dialog");
byId("new-phone").addEventListener("click", () => {
  byId("new-number").value = randomNumber();
  dialog.returnValue = "";
  dialog.showModal();
  byId("new-number").select();
});
byId("new-phone-cancel").addEventListener("click", () => dialog.close("cancel"));
dialog.querySelector("form").addEventListener("submit", async () => {
  const number = byId("new-number").value.trim();
  await addPhone(number);
  meet(number);
  open(number).text.focus();
});
byId("closed-phones").addEventListener("change", (event) => { if (event.target.value) open(event.target.value).text.focus(); });
listen();
