// What all that changes an inbox's settings is given.
import type { JsonValue } from "../api/types.ts";

/** How one is changed: `value` undefined puts the desk's own back. Says whether it was taken. */
export type Put = (name: string, value: JsonValue | undefined) => Promise<boolean>;

/** A setting's name without its kind. */
export const leaf = (name: string): string => name.slice(name.indexOf("/") + 1);
