// Being told on this device: asked of the browser, registered at the server, and given back.
import * as calls from "../api/calls.ts";
import { notificationsOn, notifyHere } from "../store/alerts.ts";
import { keepDevice, readDevice } from "../store/device.ts";
import { myId } from "../store/session.ts";
import { canWork, register } from "../store/worker.ts";
import { all as t } from "../text/words.ts";

/** `page`: only while a page is open in the background, because the browser takes nothing else. */
export type State = "off" | "push" | "page" | "denied" | "unsupported";

const subscription = async (): Promise<PushSubscription | null> => {
  if (!canWork()) return null;
  const worker = await navigator.serviceWorker.getRegistration("/app/");
  return (await worker?.pushManager?.getSubscription()) ?? null;
};

/** What is so here, and which of one's devices this is. */
export const look = async (known: readonly string[]): Promise<{ state: State; id: string | null }> => {
  if (!("Notification" in globalThis)) return { state: "unsupported", id: null };
  if (Notification.permission === "denied") return { state: "denied", id: null };
  const id = await readDevice(myId());
  const isPushed = id !== null && known.includes(id) && (await subscription()) !== null;
  if (id !== null && !isPushed) await keepDevice(null); // it was removed on another screen, or by the browser
  if (isPushed) return { state: "push", id };
  return { state: notificationsOn.peek() ? "page" : "off", id: null };
};

/** Only ever by a press: browsers ask then, and remember a no. */
export const begin = async (): Promise<void> => {
  if ((await Notification.requestPermission()) !== "granted") return;
  notifyHere(true);
  if (!canWork()) return;
  const made = await subscribe();
  if (!made) return;
  const { endpoint = "", keys, expirationTime = null } = made.toJSON();
  const { p256dh = "", auth = "" } = keys ?? {};
  const device = await calls.addDevice({ endpoint, keys: { p256dh, auth }, expirationTime, label: called() });
  await keepDevice({ agent: myId(), id: device.id });
};

/** Null where the browser has no push service, or will not use it. */
const subscribe = async (): Promise<PushSubscription | null> => {
  const { public_key } = await calls.pushKey();
  try {
    const worker = await register();
    await navigator.serviceWorker.ready;
    if (!worker.pushManager) return null;
    const how = { userVisibleOnly: true, applicationServerKey: public_key };
    try {
      return await worker.pushManager.subscribe(how);
    } catch {
      // It was subscribed for another house at this address.
      await (await worker.pushManager.getSubscription())?.unsubscribe();
      return await worker.pushManager.subscribe(how);
    }
  } catch {
    return null;
  }
};

export const end = async (id: string | null): Promise<void> => {
  notifyHere(false);
  if (id) await calls.dropDevice(id);
  await keepDevice(null);
  await (await subscription())?.unsubscribe().catch(() => {});
};

const BROWSERS = [
  [/Edg/, "Edge"],
  [/OPR/, "Opera"],
  [/Firefox|FxiOS/, "Firefox"],
  [/SamsungBrowser/, "Samsung Internet"],
  [/Chrom|CriOS/, "Chrome"],
  [/Safari/, "Safari"],
] as const;
const SYSTEMS = [
  [/Android/, "Android"],
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Windows/, "Windows"],
  [/Mac OS/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
] as const;

/** What one will know it by in the list of one's devices. */
const called = (): string => {
  const first = (of: readonly (readonly [RegExp, string])[]): string =>
    of.find(([sign]) => sign.test(navigator.userAgent))?.[1] ?? "";
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)];
  return browser && system ? t().browserOn(browser, system) : browser || system;
};

/** Where a page may notify only after it was put on the home screen. */
export const needsHomeScreen = (): boolean =>
  /iPhone|iPad/.test(navigator.userAgent) && !("Notification" in globalThis);
