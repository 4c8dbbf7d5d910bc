// A key for every action, and what teaches them: the palette and the list of keys are made of this.
import { doToPicked } from "../store/bulk.ts";
import { assign, close, reopen, unread } from "../store/deeds.ts";
import { ids } from "../store/lists.ts";
import { conversationId, go, place, WHO } from "../store/place.ts";
import { peekRow, rowOf } from "../store/rows.ts";
import { pick, pickedCount, pickNone } from "../store/selection.ts";
import { isManager, me, myId } from "../store/session.ts";
import { language, theme } from "../store/settings.ts";
import { t } from "../text/words.ts";
import { togglePanel } from "../view/header.tsx";
import { chooseTab, chooseWho } from "../view/list_head.tsx";
import { overlay, sideOpen } from "../view/overlays.ts";
import { setAvailable } from "../view/status.ts";
import { focusComposer, theList } from "./reach.ts";

export interface Action {
  id: string;
  keys: string; // as typed: "j", "Shift+a", "g o"
  shown: string;
  label: string;
  group: "list" | "conversation" | "page";
  run: () => void;
  writes?: true; // leads to a text: what is typed behind the key belongs there
}

const open = (): string => conversationId.peek();
const beside = (by: number): void => {
  const at = ids.peek().indexOf(open());
  const id = ids.peek()[at < 0 ? 0 : at + by];
  if (id) go({ screen: "inbox", conversation: id });
};
const here = (act: (id: string) => void) => (): void => {
  if (open()) act(open());
};
const ask = (kind: "assign" | "tag" | "snooze") =>
  here((id) => {
    overlay.value = { kind, conversation: id };
  });

/** While rows are picked, keys mean them. */
const ofPicked = (): Action[] => [
  {
    id: "pick-none",
    keys: "Escape",
    shown: "Esc",
    label: t().pickNone,
    group: "list",
    run: pickNone,
  },
  {
    id: "pick-close",
    keys: "e",
    shown: "e",
    label: `${t().doToPicked}: ${place.value.tab === "open" ? t().closeIt : t().reopen}`,
    group: "list",
    run: () => void doToPicked({ do: place.peek().tab === "open" ? "close" : "reopen" }),
  },
  {
    id: "pick-mine",
    keys: "a",
    shown: "a",
    label: `${t().doToPicked}: ${t().assignToMe}`,
    group: "list",
    run: () => void doToPicked({ do: "assign", assignee: "me" }),
  },
  {
    id: "pick-unread",
    keys: "u",
    shown: "u",
    label: `${t().doToPicked}: ${t().markUnread}`,
    group: "list",
    run: () => void doToPicked({ do: "unread" }),
  },
];

const inList = (): Action[] => [
  { id: "down", keys: "j", shown: "j  ↓", label: t().keyDown, group: "list", run: () => theList()?.move(1) },
  { id: "up", keys: "k", shown: "k  ↑", label: t().keyUp, group: "list", run: () => theList()?.move(-1) },
  { id: "next", keys: "]", shown: "]", label: t().keyNext, group: "list", run: () => beside(1) },
  { id: "previous", keys: "[", shown: "[", label: t().keyPrevious, group: "list", run: () => beside(-1) },
  {
    id: "pick",
    keys: "x",
    shown: "x",
    label: t().pickMany,
    group: "list",
    run: () => {
      const id = theList()?.at();
      if (id) pick(id);
    },
  },
  ...WHO.map(
    (who, i): Action => ({
      id: `who-${who}`,
      keys: String(i + 1),
      shown: String(i + 1),
      label: `${t().whose}: ${t().who(who)}`,
      group: "list",
      run: () => chooseWho(who),
    }),
  ),
  {
    id: "tab-open",
    keys: "g o",
    shown: "g o",
    label: t().tab("open"),
    group: "list",
    run: () => chooseTab("open"),
  },
  {
    id: "tab-snoozed",
    keys: "g s",
    shown: "g s",
    label: t().tab("snoozed"),
    group: "list",
    run: () => chooseTab("snoozed"),
  },
  {
    id: "tab-closed",
    keys: "g c",
    shown: "g c",
    label: t().tab("closed"),
    group: "list",
    run: () => chooseTab("closed"),
  },
];

const inConversation = (): Action[] => [
  {
    id: "reply",
    keys: "r",
    shown: "r",
    label: t().kind("reply"),
    group: "conversation",
    writes: true,
    run: () => focusComposer("reply"),
  },
  {
    id: "note",
    keys: "n",
    shown: "n",
    label: t().kind("note"),
    group: "conversation",
    writes: true,
    run: () => focusComposer("note"),
  },
  {
    id: "mine",
    keys: "a",
    shown: "a",
    label: t().assignToMe,
    group: "conversation",
    run: here((id) => void assign(id, myId())),
  },
  ...(isManager.value
    ? [
        {
          id: "assign",
          keys: "Shift+a",
          shown: "⇧ a",
          label: t().assign,
          group: "conversation",
          run: ask("assign"),
          writes: true,
        } as Action,
      ]
    : []),
  {
    id: "close",
    keys: "e",
    shown: "e",
    label: `${t().closeIt} / ${t().reopen}`,
    group: "conversation",
    run: here((id) => void (peekRow(id)?.status === "open" ? close(id) : reopen(id))),
  },
  { id: "unread", keys: "u", shown: "u", label: t().markUnread, group: "conversation", run: here(unread) },
  { id: "snooze", keys: "s", shown: "s", label: t().snooze, group: "conversation", run: ask("snooze") },
  {
    id: "tag",
    keys: "t",
    shown: "t",
    label: t().addTag,
    group: "conversation",
    run: ask("tag"),
    writes: true,
  },
  { id: "panel", keys: "i", shown: "i", label: t().sidePanel, group: "conversation", run: togglePanel },
  {
    id: "history",
    keys: "h",
    shown: "h",
    label: t().history,
    group: "conversation",
    run: () => document.getElementById("history")?.scrollIntoView({ block: "start" }),
  },
  {
    id: "back",
    keys: "Escape",
    shown: "Esc",
    label: t().backToList,
    group: "conversation",
    run: () => {
      if (sideOpen.peek()) sideOpen.value = false;
      else if (open()) go({ conversation: "" });
    },
  },
];

const onPage = (): Action[] => [
  {
    id: "create",
    keys: "c",
    shown: "c",
    label: t().newConversation,
    group: "page",
    run: () => (overlay.value = { kind: "create" }),
    writes: true,
  },
  {
    id: "search",
    keys: "/",
    shown: "/",
    label: t().search,
    group: "page",
    run: () => go({ screen: "search", conversation: "" }),
    writes: true,
  },
  {
    id: "notices",
    keys: "g n",
    shown: "g n",
    label: t().notices,
    group: "page",
    run: () => go({ screen: "notices", conversation: "" }),
  },
  {
    id: "direct-chats",
    keys: "g d",
    shown: "g d",
    label: t().chatsOf("direct"),
    group: "page",
    run: () => go({ screen: "chats", chat: "", chats: "direct" }),
  },
  {
    id: "team-chats",
    keys: "g t",
    shown: "g t",
    label: t().chatsOf("team"),
    group: "page",
    run: () => go({ screen: "chats", chat: "", chats: "team" }),
  },
  {
    id: "keys",
    keys: "?",
    shown: "?",
    label: t().keyboard,
    group: "page",
    run: () => (overlay.value = { kind: "keys" }),
  },
  {
    id: "palette",
    keys: "Mod+k",
    shown: "Ctrl/⌘ K",
    label: t().palette,
    group: "page",
    run: () => (overlay.value = { kind: "palette" }),
  },
];

/** Without a key of their own: found by name. */
const unkeyed = (): Action[] => [
  {
    id: "settings",
    keys: "",
    shown: "",
    label: t().settings,
    group: "page",
    run: () => go({ screen: "me", conversation: "" }),
  },
  {
    id: "available",
    keys: "",
    shown: "",
    label: me.value?.available ? t().goAway : t().takesWork,
    group: "page",
    run: () => setAvailable(!me.peek()?.available),
  },
  {
    id: "theme",
    keys: "",
    shown: "",
    label: `${t().theme}: ${t().themes(theme.value === "dark" ? "light" : "dark")}`,
    group: "page",
    run: () => (theme.value = theme.peek() === "dark" ? "light" : "dark"),
  },
  {
    id: "language",
    keys: "",
    shown: "",
    label: language.value === "en" ? "Italiano" : "English",
    group: "page",
    run: () => (language.value = language.peek() === "en" ? "it" : "en"),
  },
];

/** What is done together with colleagues: not with what is one's own, and nothing at all with what is past. */
const TOGETHER = ["note", "mine", "assign", "snooze", "tag"];
const fitting = (all: Action[]): Action[] => {
  const world = rowOf(conversationId.value)?.value.world ?? "shared";
  const not =
    world === "shared" ? [] : world === "private" ? TOGETHER : [...TOGETHER, "reply", "close", "unread"];
  return all.filter((one) => !not.includes(one.id));
};

export const actions = (): Action[] => {
  const inbox = place.value.screen === "inbox";
  return [
    ...(inbox && pickedCount.value ? ofPicked() : []),
    ...(inbox ? inList() : []),
    ...(inbox && conversationId.value ? fitting(inConversation()) : []),
    ...onPage(),
    ...unkeyed(),
  ];
};
export const taught = (): Action[] => [...inList(), ...inConversation(), ...onPage()];
