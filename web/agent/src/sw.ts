// Makes the page installable and lets it open without a network: it keeps the shell, and nothing that anybody wrote.
const CACHE = "casella-shell";
const scope = self as unknown as ServiceWorkerGlobalScopeLike;

interface ServiceWorkerGlobalScopeLike {
  addEventListener(kind: "install" | "activate" | "fetch", hear: (event: WorkerEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}
interface WorkerEvent extends Event {
  request: Request;
  waitUntil(done: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !url.pathname.startsWith("/app/")) return;
  event.respondWith(answer(event.request, url));
});

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
