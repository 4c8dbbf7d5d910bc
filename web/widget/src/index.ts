// <script async src="https://inbox.example/channels/webchat/widget.js" data-widget="shop"></script>
import { WebchatElement } from "./element.ts";

const NAME = "casella-webchat";
const script = document.currentScript as HTMLScriptElement | null;

if (!customElements.get(NAME)) customElements.define(NAME, WebchatElement);

/** The script's own `data-` attributes become those of the element it puts into the page. */
function embed(from: HTMLScriptElement): void {
  const element = document.createElement(NAME);
  const { widget, lang, userId, userHmac, server } = from.dataset;
  const wanted = {
    server: server ?? new URL(from.src).origin,
    widget,
    lang,
    "user-id": userId,
    "user-hmac": userHmac,
  };
  for (const [name, value] of Object.entries(wanted)) if (value) element.setAttribute(name, value);
  document.body.append(element);
}

if (script?.dataset.widget) {
  if (document.body) embed(script);
  else addEventListener("DOMContentLoaded", () => embed(script));
}
