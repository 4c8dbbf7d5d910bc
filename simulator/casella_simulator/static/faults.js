// The panel of faults, bound to /_sim/faults.
import { element } from "./phone.js";
import { setFaults } from "./wire.js";
import { say } from "./words.js";

const FIELDS = {
  send: [["latency_ms", "span"], ["throttle_per_second", "optional"], ["error_before", "share"], ["error_after", "share"],
    ["cut_before", "share"], ["cut_after", "share"], ["timeout_after", "share"], ["refuse", "codes", 21211]],
  carrier: [["undelivered", "codes", 30003], ["failed", "codes", 30008]],
  receipts: [["receipt_delay_ms", "span"], ["receipts_missing", "share"], ["receipts_late", "share"],
    ["receipts_reordered", "share"], ["receipts_first", "share"], ["receipts_copies", "count", 1]],
  webhooks: [["webhook_delay_ms", "span"], ["webhook_copies", "count", 1], ["copies_apart_ms", "span"], ["bad_signature", "share"]],
  media: [["media_delay_ms", "span"], ["media_missing_first", "count", 0], ["media_bytes", "optional"], ["media_type", "words"]],
};
const PRESETS = {
  none: {},
  slow: { latency_ms: [400, 2500], receipt_delay_ms: [1000, 6000], webhook_delay_ms: [200, 1500] },
  bad: { latency_ms: [100, 900], error_before: 0.1, cut_after: 0.05, undelivered: { 30003: 0.1 }, receipts_missing: 0.1, webhook_copies: 2 },
  chaos: { latency_ms: [0, 1500], throttle_per_second: 2, error_before: 0.15, error_after: 0.1, cut_before: 0.1, cut_after: 0.1,
    undelivered: { 30007: 0.15 }, receipts_reordered: 0.3, receipts_first: 0.3, receipts_copies: 3, webhook_copies: 3, media_missing_first: 2 },
};

export class FaultsPanel {
  constructor(form, badge) {
    this.form = form;
    this.badge = badge;
    this.inputs = new Map();
    this.general = {};
    this.own = {};
    this.told = 0;
    this.build();
  }

  build() {
    const target = element("label", "fault", say("target"));
    this.target = element("select");
    this.target.setAttribute("aria-label", say("target"));
    this.target.addEventListener("change", () => this.fill());
    target.append(this.target);
    const presets = element("div", "presets");
    for (const [name, faults] of Object.entries(PRESETS)) {
      const button = element("button", "", say(`preset_${name}`));
      button.type = "button";
      button.addEventListener("click", () => this.put(faults));
      presets.append(button);
    }
    this.form.append(target, presets, ...Object.entries(FIELDS).map(([group, fields]) => this.drawGroup(group, fields)));
    this.form.addEventListener("change", (event) => { if (event.target !== this.target) this.put(this.read()); });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.setPhones([]);
  }

  drawGroup(group, fields) {
    const set = element("fieldset");
    set.append(element("legend", "", say(`group_${group}`)));
    for (const [name, kind, start] of fields) set.append(this.drawField(name, kind, start));
    return set;
  }

  drawField(name, kind, start) {
    const row = element("div", "fault");
    const label = element("label", "", say(name));
    row.append(label);
    const input = CONTROLS[kind](row, name, start);
    label.htmlFor = row.querySelector("input").id = `fault-${name}`;
    this.inputs.set(name, input);
    return row;
  }

  setPhones(numbers) {
    const chosen = this.target.value;
    this.target.replaceChildren(new Option(say("everybody"), ""), ...numbers.map((number) => new Option(number, number)));
    if (numbers.includes(chosen)) this.target.value = chosen;
  }

  show({ faults, phones }) {
    this.told += 1;
    this.general = faults;
    this.own = phones;
    this.fill();
  }

  fill() {
    const shown = { ...this.general, ...this.own[this.target.value] };
    for (const [name, input] of this.inputs) input.set(shown[name]);
    const active = [...this.inputs.values()].filter((input) => input.active()).length;
    this.badge.hidden = !active;
    this.badge.textContent = say("active", { n: active });
  }

  read() {
    const faults = {};
    for (const [name, input] of this.inputs) faults[name] = input.get();
    return faults;
  }

  async put(faults) {
    const phone = this.target.value;
    const kept = { seed: this.general.seed ?? 0, ...faults };
    // For one phone only what differs from everybody's faults overrides them.
    const changed = Object.entries(faults).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(this.general[name]));
    const told = this.told;
    try {
      const now = await setFaults(phone ? Object.fromEntries(changed) : kept, phone);
      if (told === this.told) this.show(now); // else what was told meanwhile is newer, or the same
    } catch (error) {
      this.badge.hidden = false;
      this.badge.textContent = error.message;
    }
  }
}

function numberInput(min, step = "any") {
  const input = element("input");
  Object.assign(input, { type: "number", min, step });
  return input;
}

function slider(row) {
  const [input, output] = [element("input"), element("output")];
  Object.assign(input, { type: "range", min: 0, max: 100, step: 1 });
  const show = () => { output.textContent = `${input.value} %`; };
  input.addEventListener("input", show);
  row.append(input, output);
  return { input, get: () => Number(input.value) / 100, set: (share) => { input.value = Math.round(share * 100); show(); } };
}

const CONTROLS = {
  share(row) {
    const { get, set } = slider(row);
    return { get, set, active: () => get() > 0 };
  },
  span(row, name) {
    const [low, high] = [numberInput(0), numberInput(0)];
    low.placeholder = say("from");
    high.setAttribute("aria-label", `${say(name)}, ${say("to")}`);
    const pair = element("span", "pair");
    pair.append(low, "–", high);
    row.append(pair);
    return {
      get: () => [Number(low.value), Math.max(Number(low.value), Number(high.value))],
      set: ([from, to]) => { low.value = from; high.value = to; },
      active: () => Number(high.value) > 0,
    };
  },
  count(row, name, start) {
    const input = numberInput(start, 1);
    row.append(input);
    return { get: () => Number(input.value), set: (value) => { input.value = value; }, active: () => Number(input.value) > start };
  },
  optional(row) {
    const input = numberInput(1);
    row.append(input);
    return { get: () => (input.value ? Number(input.value) : null), set: (value) => { input.value = value ?? ""; }, active: () => input.value !== "" };
  },
  words(row) {
    const input = element("input");
    Object.assign(input, { type: "text", placeholder: "text/html" });
    row.append(input);
    return { get: () => input.value.trim() || null, set: (value) => { input.value = value ?? ""; }, active: () => input.value !== "" };
  },
  codes(row, name, start) {
    const code = numberInput(1, 1);
    code.value = start;
    code.setAttribute("aria-label", say(name));
    const share = slider(row);
    share.input.setAttribute("aria-label", say(name));
    row.querySelector("label").append(" ");
    row.insertBefore(code, share.input);
    row.classList.add("with-code");
    return {
      get: () => (share.get() ? { [code.value]: share.get() } : {}),
      set: (shares) => {
        const [first] = Object.entries(shares ?? {});
        if (first) code.value = first[0];
        share.set(first ? first[1] : 0);
      },
      active: () => share.get() > 0,
    };
  },
};
