// A customer has written: a sound, the title, a notification of the browser. Never while one wants to be left in peace.
import { effect, signal } from "@preact/signals";
import { t } from "../text/words.ts";
import { unreadEverywhere } from "./counts.ts";
import { onIncoming } from "./feed.ts";
import { go } from "./place.ts";
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

export const followAlerts = (): void => {
  notificationsOn.value = kept() && supported() && Notification.permission === "granted";
  effect(() => {
    const unread = unreadEverywhere.value;
    document.title = unread ? `(${unread}) Casella` : "Casella";
  });
  onIncoming((conversation, message) => {
    if (me.peek()?.do_not_disturb) return;
    const mine = conversation.assignee === null || conversation.assignee.id === myId();
    if (!mine) return;
    once(message.id, () => {
      if (sounds.peek() === "on") ring();
      if (!notificationsOn.peek() || !document.hidden) return;
      const shown = new Notification(conversation.contact.display_name, {
        body: message.text.slice(0, 140) || t().kinds(message.kind),
        tag: conversation.id,
      });
      shown.onclick = () => {
        focus();
        go({ screen: "inbox", conversation: conversation.id });
        shown.close();
      };
    });
  });
};
