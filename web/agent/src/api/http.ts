// One way to the server: JSON, problems as errors, patience with an end, a key for every write.
import type { Problem } from "./types.ts";

const BASE = "/api/v1";
const PATIENCE = 20_000;

/** The server answered, and said no. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
  readonly retryAfter: number;
  readonly more: Record<string, unknown>;
  constructor(status: number, problem: Partial<Problem> & Record<string, unknown>, retryAfter: number) {
    super(problem.detail || problem.title || `${status}`);
    this.status = status;
    this.code = problem.code ?? "unknown";
    this.title = problem.title ?? "";
    this.detail = problem.detail ?? "";
    this.requestId = problem.request_id ?? "";
    this.retryAfter = retryAfter;
    this.more = problem;
  }
  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

/** Nobody answered. */
export class Unreachable extends Error {}

let language = "";
let signedOut: () => void = () => {};

export const speak = (wanted: string): void => {
  language = wanted;
};
/** Called when the session has ended, whichever request finds out. */
export const onSignedOut = (hear: () => void): void => {
  signedOut = hear;
};

export type Query = Record<string, string | number | boolean | null | undefined | readonly string[]>;

export const withQuery = (path: string, query: Query = {}): string => {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) asked.append(name, one);
    else if (value !== null && value !== undefined) asked.append(name, String(value));
  }
  return asked.size ? `${path}?${asked}` : path;
};

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  json(fetchIt(withQuery(path, query), signal ? { signal } : {}));

export const send = <T>(
  method: string,
  path: string,
  body?: unknown,
  key: string | null = newKey(),
  keepalive = false,
): Promise<T> =>
  json(
    fetchIt(path, {
      method,
      keepalive,
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...keyed(key) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );

export const post = <T>(path: string, body?: unknown, key?: string | null): Promise<T> =>
  send("POST", path, body, key);

export const upload = <T>(path: string, form: FormData, key: string): Promise<T> =>
  json(fetchIt(path, { method: "POST", body: form, headers: keyed(key) }, 180_000));

export const open = (path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> =>
  fetchIt(path, { headers, signal }, 0);

export const newKey = (): string =>
  globalThis.crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");

const keyed = (key: string | null): Record<string, string> =>
  key ? { "X-Casella-Request": "page", "Idempotency-Key": key } : { "X-Casella-Request": "page" };

async function json<T>(answering: Promise<Response>): Promise<T> {
  const answer = await answering;
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function fetchIt(path: string, init: RequestInit, patience = PATIENCE): Promise<Response> {
  const limit = patience ? AbortSignal.timeout(patience) : null;
  const signals = [init.signal, limit].filter((one): one is AbortSignal => Boolean(one));
  let answer: Response;
  try {
    answer = await fetch(BASE + path, {
      ...init,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        ...(init.headers as Record<string, string>),
        ...(language ? { "Accept-Language": language } : {}),
      },
      ...(signals.length ? { signal: AbortSignal.any(signals) } : {}),
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Unreachable("unreachable");
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  const refused = new Refused(answer.status, problem, Number(answer.headers.get("Retry-After")) || 0);
  if (answer.status === 401 && !path.startsWith("/session")) signedOut();
  throw refused;
}
