// What outlives the page: a small key-value store in IndexedDB, or in memory on a shared computer.
const NAME = "casella";
const STORES = ["drafts", "outbox"] as const;
export type StoreName = (typeof STORES)[number];

let opened: Promise<IDBDatabase | null> | null = null;
let memoryOnly = false;

/** From now on nothing is kept, and what was kept goes. */
export const keepNothing = (on: boolean): void => {
  memoryOnly = on;
  if (on) void clear();
};

const database = (): Promise<IDBDatabase | null> => {
  opened ??= new Promise((settle) => {
    if (!("indexedDB" in globalThis)) return settle(null);
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const name of STORES) asked.result.createObjectStore(name);
    };
    asked.onsuccess = () => settle(asked.result);
    asked.onerror = () => settle(null);
    asked.onblocked = () => settle(null);
  });
  return opened;
};

const done = <T>(asked: IDBRequest): Promise<T> =>
  new Promise((settle, fail) => {
    asked.onsuccess = () => settle(asked.result);
    asked.onerror = () => fail(asked.error);
  });

export const write = async (name: StoreName, key: string, value: unknown): Promise<void> => {
  const db = memoryOnly ? null : await database();
  if (!db) return;
  const store = db.transaction(name, "readwrite").objectStore(name);
  await done<unknown>(value === null ? store.delete(key) : store.put(value, key)).catch(() => {});
};

export const readAll = async <T>(name: StoreName, beginning: string): Promise<[string, T][]> => {
  const db = memoryOnly ? null : await database();
  if (!db) return [];
  const store = db.transaction(name, "readonly").objectStore(name);
  const range = IDBKeyRange.bound(beginning, `${beginning}\uffff`);
  try {
    const [keys, values] = await Promise.all([
      done<IDBValidKey[]>(store.getAllKeys(range)),
      done<T[]>(store.getAll(range)),
    ]);
    return keys.map((key, i) => [String(key), values[i]!]);
  } catch {
    return [];
  }
};

export const clear = async (): Promise<void> => {
  const db = await database();
  if (!db) return;
  for (const name of STORES)
    await done(db.transaction(name, "readwrite").objectStore(name).clear()).catch(() => {});
};
