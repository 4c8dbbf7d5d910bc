// What is asked before the first message.
import { h } from "./dom.ts";
import type { Speech } from "./lines.ts";
import type { PreChatField, Profile } from "./types.ts";

const KINDS = {
  name: { type: "text", autocomplete: "name", maxlength: 200 },
  email: { type: "email", autocomplete: "email", maxlength: 200 },
  phone: { type: "tel", autocomplete: "tel", maxlength: 50 },
};

export class Intro {
  readonly node: HTMLFormElement;

  constructor(speech: Speech, fields: PreChatField[], done: (profile: Profile) => void) {
    const { say } = speech;
    const inputs = fields.map(({ name, required }) => ({
      name,
      node: h("input", { ...KINDS[name], required }),
      required,
    }));
    this.node = h(
      "form",
      {
        class: "intro",
        onsubmit: (event: Event) => {
          event.preventDefault();
          const given = inputs
            .map(({ name, node }) => [name, node.value.trim()])
            .filter(([, value]) => value);
          done(Object.fromEntries(given));
        },
      },
      h("p", { dir: "auto" }, say("intro")),
      ...inputs.map(({ name, node, required }) =>
        h("label", {}, h("span", {}, required ? say(name) : `${say(name)} (${say("optional")})`), node),
      ),
      h("button", { type: "submit", class: "start accent" }, say("start")),
    );
  }

  focus(): void {
    this.node.querySelector("input")?.focus();
  }
}
