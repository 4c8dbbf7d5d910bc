// Whether this browser is told by push while no page is open. Kept where its service worker reaches it, too: a browser
// may change where it is reached by itself.
import { signal } from "@preact/signals";

export interface Device {
  agent: string;
  id: string;
}

const CACHE = "casella-device";
const NAME = "/app/device";
/** Then notifications are the service worker's. */
export const pushed = signal(false);

export const readDevice = async (agent: string): Promise<string | null> => {
  if (!("caches" in globalThis)) return null;
  const kept = await (await caches.open(CACHE)).match(NAME).catch(() => undefined);
  const device = kept ? ((await kept.json()) as Device) : null;
  const id = device?.agent === agent ? device.id : null;
  pushed.value = id !== null;
  return id;
};

export const keepDevice = async (device: Device | null): Promise<void> => {
  pushed.value = device !== null;
  if (!("caches" in globalThis)) return;
  const cache = await caches.open(CACHE);
  if (device) await cache.put(NAME, new Response(JSON.stringify(device)));
  else await cache.delete(NAME);
};
