// The one switch for new work, and what else belongs to oneself.
import * as calls from "../api/calls.ts";
import type { Item } from "../parts/menu.tsx";
import { leave } from "../store/begin.ts";
import { go } from "../store/place.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { changeMe, me } from "../store/session.ts";
import { t } from "../text/words.ts";
import { overlay } from "./overlays.ts";

const change = async (available: boolean, quiet: boolean): Promise<void> => {
  const before = me.peek();
  if (!before) return;
  changeMe({ available, do_not_disturb: quiet });
  try {
    changeMe(await calls.available(available, quiet));
  } catch (error) {
    changeMe({ available: before.available, do_not_disturb: before.do_not_disturb });
    toast(say(error), "bad");
  }
};

export const setAvailable = (on: boolean): void => void change(on, me.peek()?.do_not_disturb ?? false);
export const setQuiet = (on: boolean): void => void change(me.peek()?.available ?? true, on);

export const statusGroups = (): Item[][] => {
  const mine = me.peek()!;
  return [
    [
      {
        label: t().availableWord,
        checked: mine.available && !mine.do_not_disturb,
        run: () => void change(true, false),
      },
      {
        label: t().quiet,
        checked: mine.available && mine.do_not_disturb,
        run: () => void change(true, true),
      },
      { label: t().away, checked: !mine.available, run: () => void change(false, false) },
    ],
    [
      { label: t().settings, icon: "gear", run: () => go({ screen: "me", conversation: "" }) },
      { label: t().keyboard, icon: "keys", hint: "?", run: () => (overlay.value = { kind: "keys" }) },
    ],
    [{ label: t().signOut, icon: "leave", run: () => void leave() }],
  ];
};
