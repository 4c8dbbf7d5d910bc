// Where the page begins.
import { computed, effect } from "@preact/signals";
import { render } from "preact";
import { speak } from "./api/http.ts";
import "./parts/loaded.tsx"; // two later chunks share it: here it is no file, and no request, of its own
import { followKeys } from "./keys/keys.ts";
import { whenIdle } from "./parts/idle.ts";
import { followAlerts } from "./store/alerts.ts";
import { comeBack } from "./store/away.ts";
import { begin } from "./store/begin.ts";
import { keepNothing } from "./store/disk.ts";
import { addressOf, followAddress, place } from "./store/place.ts";
import { pickNone } from "./store/selection.ts";
import { density, language, sharedComputer, theme } from "./store/settings.ts";
import { canWork, register } from "./store/worker.ts";
import { learn } from "./text/words.ts";
import { later } from "./view/lazily.tsx";
import { drawer, overlay, sideOpen } from "./view/overlays.ts";
import { Shell } from "./view/shell.tsx";

const root = document.documentElement;

effect(() => {
  root.dataset["theme"] = theme.value;
  root.dataset["density"] = density.value;
});
effect(() => {
  speak(language.value);
  void learn(language.value);
});
// What stood over one place does not stand over the next.
effect(() => {
  void place.value;
  overlay.value = null;
  drawer.value = false;
  sideOpen.value = false;
});
effect(() => void keepNothing(sharedComputer.value === "on"));
// What is picked in one list is not picked in the next.
const listShown = computed(() => addressOf({ ...place.value, conversation: "", message: "" }));
effect(() => {
  void listShown.value;
  pickNone();
});

comeBack();
followAddress();
followKeys();
followAlerts();
// Not awaited here: what is loaded later imports this file's chunk and would wait for it, and it for that.
void Promise.all([learn(language.peek()), begin()]).then(() => {
  render(<Shell />, document.getElementById("app")!);
  // What a first click may want is fetched when nobody waits for anything; failing, it is tried again by that click.
  setTimeout(() => whenIdle(() => void later().catch(() => {})), 2_000);
});
if (canWork() && location.protocol === "https:") register().catch(() => {});
