// The service worker: it lets the page open without a network, and shows what is pushed.

const PATH = "/app/sw.js";

interface Policy {
  createScriptURL(path: string): string;
}
interface Types {
  createPolicy(name: string, rules: { createScriptURL: (path: string) => string }): Policy;
}
let policy: Policy | null = null;

/** A browser with Trusted Types takes a script's address from a policy alone; ours knows this one, and is made once. */
const address = (): string => {
  const types = (globalThis as { trustedTypes?: Types }).trustedTypes;
  policy ??= types?.createPolicy("casella-worker", { createScriptURL: () => PATH }) ?? null;
  return policy ? policy.createScriptURL(PATH) : PATH;
};

export const canWork = (): boolean => "serviceWorker" in navigator && isSecureContext;
export const register = (): Promise<ServiceWorkerRegistration> =>
  navigator.serviceWorker.register(address(), { scope: "/app/" });
