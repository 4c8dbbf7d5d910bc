// Makes the page installable and lets it open without a network: it keeps the shell, and nothing that anybody wrote.
// Shows what is pushed while no page is looked at, and leads to it.
import type { Device } from "./store/device.ts";

const CACHE = "casella-shell";
const API = "/api/v1/me/push";
const scope = self as unknown as Scope;

interface Window {
  visibilityState: string;
  focus(): Promise<Window>;
  postMessage(message: unknown): void;
}
interface Scope {
  addEventListener(kind: string, hear: (event: WorkerEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(which: { type: "window"; includeUncontrolled: boolean }): Promise<Window[]>;
    openWindow(path: string): Promise<unknown>;
  };
  registration: ServiceWorkerRegistration;
}
interface WorkerEvent extends Event {
  request: Request;
  data: { json(): unknown } | null;
  notification: Notification;
  waitUntil(done: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}
interface Told {
  title: string;
  body: string;
  conversation_id?: string;
  chat_id?: string;
  notice_id?: string;
}

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !url.pathname.startsWith("/app/")) return;
  event.respondWith(answer(event.request, url));
});
scope.addEventListener("push", (event) => event.waitUntil(show(event.data)));
scope.addEventListener("notificationclick", (event) => event.waitUntil(lead(event.notification)));
scope.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribeAgain()));

/** What is named by its content comes from the cache; the page itself from the network, and from the cache without one. */
async function answer(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(CACHE);
  const asset = url.pathname.startsWith("/app/assets/");
  const name = asset ? request : new Request("/app/");
  if (asset) {
    const kept = await cache.match(name);
    if (kept) return kept;
  }
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(name, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(name);
    if (kept) return kept;
    throw error;
  }
}

const pages = (): Promise<Window[]> => scope.clients.matchAll({ type: "window", includeUncontrolled: true });

/** A page that is looked at tells it itself. Safari takes the permission away from who shows nothing. */
async function show(data: WorkerEvent["data"]): Promise<void> {
  const strict = /^(?!.*(Chrom|Android)).*Safari/.test(navigator.userAgent);
  if (!strict && (await pages()).some((one) => one.visibilityState === "visible")) return;
  let told: Told = { title: "Casella", body: "" };
  try {
    told = { ...told, ...(data?.json() as Told) };
  } catch {
    // Not ours, or cut off: something has come, and where it leads is the beginning.
  }
  const { conversation_id, chat_id, notice_id } = told;
  const path = conversation_id
    ? `i/c/${conversation_id}`
    : chat_id
      ? `chats/${chat_id}`
      : notice_id
        ? "notices"
        : "";
  const how = {
    body: told.body,
    tag: conversation_id ?? chat_id ?? notice_id ?? "",
    renotify: Boolean(conversation_id ?? chat_id ?? notice_id),
    data: { path: `/app/${path}` },
  };
  await scope.registration.showNotification(told.title, how);
}

/** In a page that is open, else in a new one. */
async function lead(notification: Notification): Promise<void> {
  notification.close();
  const { path } = notification.data as { path: string };
  const open = await pages();
  const page = open.find((one) => one.visibilityState === "visible") ?? open[0];
  if (!page) {
    await scope.clients.openWindow(path);
    return;
  }
  page.postMessage({ open: path });
  await page.focus().catch(() => {}); // a browser may think that nobody has asked for it
}

/** The browser is reached elsewhere from now on. */
async function subscribeAgain(): Promise<void> {
  const cache = await caches.open("casella-device");
  const kept = await cache.match("/app/device");
  if (!kept) return;
  const { agent } = (await kept.json()) as Device;
  const asked = await fetch(`${API}/key`);
  if (!asked.ok) return;
  const { public_key } = (await asked.json()) as { public_key: string };
  const made = await scope.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: public_key,
  });
  const taken = await fetch(`${API}/devices`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Casella-Request": "page" },
    body: JSON.stringify(made.toJSON()),
  });
  if (!taken.ok) return;
  const { id } = (await taken.json()) as { id: string };
  await cache.put("/app/device", new Response(JSON.stringify({ agent, id } satisfies Device)));
}
