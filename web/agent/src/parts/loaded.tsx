// What a part of the page asks for by itself: there, on its way, or not to be had, which it says where it would stand.
import { type Inputs, useEffect, useState } from "preact/hooks";
import { say } from "../store/problems.ts";
import { t } from "../text/words.ts";

export interface Loaded<T> {
  value: T | null;
  put: (value: T) => void;
  error: unknown;
  retry: () => void;
}

/** Asked again when one of `inputs` has changed; what was there before stays until then. `load` null: nothing is wanted. */
export const useLoaded = <T,>(load: (() => Promise<T>) | null, inputs: Inputs): Loaded<T> => {
  const [value, put] = useState<T | null>(null);
  const [error, fail] = useState<unknown>(null);
  const [turn, again] = useState(0);
  useEffect(() => {
    if (!load) return;
    let stale = false;
    load().then(
      (found) => {
        if (stale) return;
        put(found);
        fail(null);
      },
      (problem: unknown) => !stale && fail(problem),
    );
    return () => {
      stale = true;
    };
  }, [...inputs, load === null, turn]);
  return { value, put, error, retry: () => again(turn + 1) };
};

/** One line, so that the rest of a column stays in its place. */
export const NotLoaded = ({ of }: { of: Pick<Loaded<unknown>, "error" | "retry"> }) =>
  of.error ? (
    <p class="soft small" role="status">
      {t().notLoaded}: {say(of.error)}{" "}
      <button type="button" class="link small" onClick={of.retry}>
        {t().tryAgain}
      </button>
    </p>
  ) : null;
