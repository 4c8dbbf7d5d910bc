// What one has chosen for oneself (S-87): kept by the server, the same on every screen. What this browser shows before
// it knows who is there lies in store/settings.
import { batch, computed, signal } from "@preact/signals";
import * as calls from "../api/calls.ts";
import type { OwnSettings, PersonalSettings } from "../api/types.ts";
import { inPeace } from "./peace.ts";
import { say } from "./problems.ts";
import { toast } from "./say.ts";
import { inboxes, me } from "./session.ts";
import { density, enterSends, keysOn, language, theme } from "./settings.ts";

const own = signal<OwnSettings | null>(null);
export const chosen = computed<PersonalSettings>(() => own.value?.settings ?? {});
let newest: OwnSettings | null = null;
let asked = 0;

export const forgetOwn = (): void => {
  own.value = null;
  newest = null;
};

/** An older answer that comes later changes nothing, nor does any while one's own wishes are on their way. */
export const adopt = (told: OwnSettings): void => {
  if (!newest || told.version >= newest.version) newest = told;
  if (!asked) show(newest);
};

/** Who has never chosen anything sees what this browser was told. */
const show = (told: OwnSettings): void =>
  batch(() => {
    own.value = told;
    if (told.version) look(told.settings);
  });

const look = (settings: PersonalSettings): void => {
  language.value = settings.language ?? language.peek();
  theme.value = settings.theme ?? "system";
  density.value = settings.density ?? "comfortable";
  keysOn.value = settings.shortcuts === false ? "off" : "on";
  enterSends.value = settings.enter_sends === false ? "off" : "on";
};

const merged = (before: PersonalSettings, wish: PersonalSettings): PersonalSettings => ({
  ...before,
  ...wish,
  sounds: { ...before.sounds, ...wish.sounds },
  notifications: { ...before.notifications, ...wish.notifications },
  peace: { ...before.peace, ...wish.peace },
});

/** It is so at once, and taken back with the reason if the server says no. */
export const choose = async (wish: PersonalSettings): Promise<void> => {
  const before = own.peek();
  if (!before) return;
  const looked = { ...here(), language: language.peek() };
  // The first choice takes along what had been chosen in this browser, else the look would change with it.
  const whole = before.version ? wish : { ...here(), ...wish };
  show({ ...before, settings: merged(before.settings, whole), version: Math.max(1, before.version) });
  asked += 1;
  const kept = await calls.changeSettings(whole).catch((error) => {
    toast(say(error), "bad");
    batch(() => look(looked));
    return newest ?? before;
  });
  asked -= 1;
  if (own.peek()) adopt(kept); // nobody has signed out meanwhile
};

const here = (): PersonalSettings => ({
  theme: theme.peek(),
  density: density.peek(),
  shortcuts: keysOn.peek() === "on",
  enter_sends: enterSends.peek() === "on",
});

/** By one's switch, or by one's hours. */
export const leftInPeace = (): boolean =>
  me.peek()?.do_not_disturb === true ||
  inPeace(chosen.peek().peace, Date.now(), inboxes.peek()[0]?.timezone ?? "");
