// What a person is told when something did not work.
import { Refused, Unreachable } from "../api/http.ts";
import { t } from "../text/words.ts";

export const say = (error: unknown): string => {
  if (error instanceof Refused) return error.detail || error.title || t().failed;
  if (error instanceof Unreachable) return t().unreachable;
  return t().failed;
};

export const requestOf = (error: unknown): string => (error instanceof Refused ? error.requestId : "");
