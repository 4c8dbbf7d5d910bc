// A customer has written: a sound, the title, a notification of the browser. Never while one wants to be left in peace.
import { effect, signal } from "@preact/signals";
import { t } from "../text/words.ts";
import { chatName, chatUnread } from "./chats.ts";
import { unreadEverywhere } from "./counts.ts";
import { onIncoming, onSaid } from "./feed.ts";
import { go, type Place } from "./place.ts";
import { me, myId } from "./session.ts";
import { sounds } from "./settings.ts";

const supported = (): boolean => "Notification" in globalThis;
export const notificationsOn = signal(false);

const kept = (): boolean => {
  try {
    return localStorage.getItem("casella.alerts") === "on";
  } catch {
    return false;
  }
};

export const askNotifications = async (on: boolean): Promise<void> => {
  const granted = on && supported() && (await Notification.requestPermission()) === "granted";
  notificationsOn.value = granted;
  try {
    localStorage.setItem("casella.alerts", granted ? "on" : "off");
  } catch {
    // It holds until the page is left.
  }
};

let audio: AudioContext | null = null;
const ring = (): void => {
  audio ??= new AudioContext();
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.connect(volume).connect(audio.destination);
  tone.frequency.setValueAtTime(660, audio.currentTime);
  tone.frequency.setValueAtTime(880, audio.currentTime + 0.09);
  volume.gain.setValueAtTime(0.05, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.3);
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

const alert = (id: string, title: string, text: string, to: Partial<Place>): void => {
  if (me.peek()?.do_not_disturb) return;
  // A tab that nobody has touched may not sound, and must not keep another from it.
  if (sounds.peek() === "on" && (navigator.userActivation?.hasBeenActive ?? true)) once(id, ring);
  once(`${id}:note`, () => {
    if (!notificationsOn.peek() || !document.hidden) return;
    const shown = new Notification(title, {
      body: text.slice(0, 140),
      tag: to.conversation ?? to.chat ?? "",
    });
    shown.onclick = () => {
      focus();
      go(to);
      shown.close();
    };
  });
};

export const followAlerts = (): void => {
  notificationsOn.value = kept() && supported() && Notification.permission === "granted";
  effect(() => {
    const unread = unreadEverywhere.value + chatUnread.value;
    document.title = unread ? `(${unread}) Casella` : "Casella";
  });
  onIncoming((conversation, message) => {
    const mine = conversation.assignee === null || conversation.assignee.id === myId();
    if (!mine) return;
    alert(message.id, conversation.contact.display_name, message.text || t().kinds(message.kind), {
      screen: "inbox",
      conversation: conversation.id,
    });
  });
  onSaid((chat, said) =>
    alert(said.id, `${said.sender.name} · ${chatName(chat)}`, said.text, { screen: "chats", chat: chat.id }),
  );
};
