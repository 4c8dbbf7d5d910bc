// Somebody has written, or something concerns one: a sound, the title, a notification of the browser; as one has chosen,
// and never while one wants to be left in peace.
import { effect, signal } from "@preact/signals";
import type { Notifications } from "../api/types.ts";
import { t } from "../text/words.ts";
import { chatName, chatUnread } from "./chats.ts";
import { unreadEverywhere } from "./counts.ts";
import { pushed, readDevice } from "./device.ts";
import { onIncoming, onNotice, onSaid } from "./feed.ts";
import { chosen, leftInPeace } from "./own.ts";
import { go, type Place, place, readPlace } from "./place.ts";
import { me, myId } from "./session.ts";

export type Kind = "messages" | "new_conversations" | "notices" | "chats";

const supported = (): boolean => "Notification" in globalThis;
/** By the page itself, where nothing can be pushed. */
export const notificationsOn = signal(false);

const kept = (): boolean => {
  try {
    return localStorage.getItem("casella.alerts") === "on";
  } catch {
    return false;
  }
};

export const notifyHere = (on: boolean): void => {
  notificationsOn.value = on && supported() && Notification.permission === "granted";
  try {
    localStorage.setItem("casella.alerts", notificationsOn.value ? "on" : "off");
  } catch {
    // It holds until the page is left.
  }
};

let audio: AudioContext | null = null;
export const ring = (volume: number): void => {
  audio ??= new AudioContext();
  const [tone, loud] = [audio.createOscillator(), audio.createGain()];
  tone.connect(loud).connect(audio.destination);
  tone.frequency.setValueAtTime(660, audio.currentTime);
  tone.frequency.setValueAtTime(880, audio.currentTime + 0.09);
  loud.gain.setValueAtTime(Math.max(0.001, 0.07 * (volume / 100)), audio.currentTime);
  loud.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.3);
  tone.start();
  tone.stop(audio.currentTime + 0.3);
};

/** Of several tabs one rings: whoever gets the lock first. */
const once = (id: string, act: () => void): void => {
  if (!navigator.locks) {
    act();
    return;
  }
  void navigator.locks.request(`casella:ring:${id}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    act();
    await new Promise((done) => setTimeout(done, 3_000));
  });
};

const alert = (kind: Kind, id: string, title: string, text: string, to: Partial<Place>): void => {
  if (leftInPeace()) return;
  const { sounds, notifications } = chosen.peek();
  const volume = sounds?.volume ?? 0;
  // A tab that nobody has touched may not sound, and must not keep another from it.
  if (sounds?.[kind] && volume && (navigator.userActivation?.hasBeenActive ?? true))
    once(id, () => ring(volume));
  if (notifications?.enabled && notifications[kind] && !pushed.peek())
    once(`${id}:note`, () => show(kind, notifications, title, text, to));
};

const show = (kind: Kind, how: Notifications, title: string, text: string, to: Partial<Place>): void => {
  if (!notificationsOn.peek() || !document.hidden) return;
  const shown = new Notification(how.preview ? title : t().told(kind), {
    body: how.preview ? text.slice(0, 140) : "",
    tag: to.conversation ?? to.chat ?? "",
  });
  shown.onclick = () => {
    focus();
    go(to);
    shown.close();
  };
};

export const followAlerts = (): void => {
  notificationsOn.value = kept() && supported() && Notification.permission === "granted";
  effect(() => {
    if (me.value) void readDevice(me.value.id);
  });
  effect(() => {
    const unread = unreadEverywhere.value + chatUnread.value;
    document.title = unread ? `(${unread}) Casella` : "Casella";
  });
  onIncoming((conversation, message) => {
    const { assignee, world, contact, id } = conversation;
    if (assignee && assignee.id !== myId()) return;
    const kind = assignee || world === "private" ? "messages" : "new_conversations";
    const to = { screen: "inbox" as const, conversation: id };
    alert(kind, message.id, contact.display_name, message.text || t().kinds(message.kind), to);
  });
  onSaid((chat, said) => {
    const to = { screen: "chats" as const, chat: chat.id };
    alert("chats", said.id, `${said.sender.name} · ${chatName(chat)}`, said.text, to);
  });
  onNotice((id, text, conversation) =>
    alert(
      "notices",
      id,
      t().notices,
      text,
      conversation ? { screen: "inbox", conversation } : { screen: "notices" },
    ),
  );
  // A notification of the service worker was pressed.
  navigator.serviceWorker?.addEventListener("message", (event: MessageEvent<{ open?: string }>) => {
    if (!event.data.open) return;
    const { screen, conversation, chat } = readPlace(new URL(event.data.open, location.href));
    go({ ...place.peek(), screen, conversation, chat, message: "" });
  });
};
