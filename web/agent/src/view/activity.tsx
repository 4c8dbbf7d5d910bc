// What happened, in a sentence; what one did at once, in one.
import type { Activity } from "../api/types.ts";
import { myId } from "../store/session.ts";
import { coming } from "../text/format.ts";
import { t } from "../text/words.ts";

const named = (subject: Activity["after"]): string => subject?.name ?? subject?.id ?? "";

const whoOf = ({ by }: Activity): string =>
  by.kind === "rule"
    ? t().aRule(by.id ?? "")
    : by.kind === "system"
      ? t().theHouse(by.id ?? "")
      : by.id === myId()
        ? t().youSubject
        : (by.name ?? t().somebody);

const afterOf = (deed: Activity): string => {
  if (deed.what === "snoozed" && deed.after) return coming(deed.after.id);
  if (deed.what === "prioritized" && deed.after) return t().priority(deed.after.id as "low");
  return named(deed.after);
};

/** The subject once, then what it did. Being given to an agent's team goes without saying. */
export const sentence = (deeds: readonly Activity[]): string => {
  const assigned = deeds.some((one) => one.what === "assigned");
  const told = deeds.filter((one) => !(assigned && one.what === "team_changed"));
  const first = told[0] ?? deeds[0]!;
  const self = (deed: Activity): boolean => deed.by.kind === "agent" && deed.after?.id === deed.by.id;
  const you = first.by.kind === "agent" && first.by.id === myId();
  const did = told.map((deed) => t().did(deed.what, afterOf(deed), named(deed.before), self(deed), you));
  return `${whoOf(first)} ${did.join(", ")}`;
};

export const ActivityLine = ({ deeds }: { deeds: readonly Activity[] }) => (
  <span dir="auto">{sentence(deeds)}</span>
);
