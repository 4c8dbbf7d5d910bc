// What happened, in a sentence.
import type { Activity } from "../api/types.ts";
import { myId } from "../store/session.ts";
import { coming } from "../text/format.ts";
import { t } from "../text/words.ts";

const named = (subject: Activity["after"]): string => subject?.name ?? subject?.id ?? "";

export const sentence = (activity: Activity): string => {
  const { by } = activity;
  const who =
    by.kind === "rule"
      ? t().aRule(by.id ?? "")
      : by.kind === "system"
        ? t().theHouse(by.id ?? "")
        : by.id === myId()
          ? t().youSubject
          : (by.name ?? t().somebody);
  const after =
    activity.what === "snoozed" && activity.after
      ? coming(activity.after.id)
      : activity.what === "prioritized" && activity.after
        ? t().priority(activity.after.id as "low")
        : named(activity.after);
  const self = by.kind === "agent" && activity.after?.id === by.id;
  return t().did(activity.what, who, after, named(activity.before), self);
};

export const ActivityLine = ({ activity }: { activity: Activity }) => (
  <span dir="auto">{sentence(activity)}</span>
);
