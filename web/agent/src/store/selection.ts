// Several rows of the list, picked to do one thing to all of them.
import { computed, signal } from "@preact/signals";
import { ids } from "./lists.ts";

/** Whether rows show a box to pick them, also before any is. */
export const picking = signal(false);
export const picked = signal<ReadonlySet<string>>(new Set());
export const pickedCount = computed(() => picked.value.size);

let last = "";

/** `through`: all from the one that was picked last up to this one. */
export const pick = (id: string, through = false): void => {
  const now = new Set(picked.peek());
  const on = !now.has(id);
  const all = ids.peek();
  const [from, to] = [all.indexOf(last), all.indexOf(id)];
  const these =
    through && from >= 0 && to >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
  for (const one of these)
    if (on) now.add(one);
    else now.delete(one);
  last = id;
  picked.value = now;
  picking.value = now.size > 0 || picking.peek();
};

export const pickAll = (): void => {
  picked.value = new Set(ids.peek());
  picking.value = true;
};

/** What is not done stays picked. */
export const keepPicked = (left: readonly string[]): void => {
  picked.value = new Set(left);
  picking.value = left.length > 0;
};

export const pickNone = (): void => {
  last = "";
  keepPicked([]);
};
