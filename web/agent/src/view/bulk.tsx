// What can be done to the rows that are picked.
import { type Item, MenuButton } from "../parts/menu.tsx";
import { IconButton } from "../parts/small.tsx";
import { type Command, doToPicked } from "../store/bulk.ts";
import { ids } from "../store/lists.ts";
import { OWN, place } from "../store/place.ts";
import { pickAll, pickedCount, picking, pickNone } from "../store/selection.ts";
import { agents, inbox, isManager, tags } from "../store/session.ts";
import { number } from "../text/format.ts";
import { t } from "../text/words.ts";
import { snoozeTimes } from "./header.tsx";

const run = (command: Command) => (): void => void doToPicked(command);
/** On one's own numbers there is nobody to work with. */
const alone = (): boolean => place.value.inbox === OWN;
const PRIORITIES = ["urgent", "high", "normal", "low"] as const;

const people = (): Item[][] => {
  const members = new Set(inbox.peek()?.member_ids ?? []);
  const others = agents.peek().filter((one) => members.has(one.id) && one.may_reply);
  return [
    [{ label: t().assignToMe, icon: "person", run: run({ do: "assign", assignee: "me" }) }],
    isManager.peek()
      ? [
          { label: t().nobody, icon: "close", run: run({ do: "assign", assignee: null }) },
          ...others.map((one): Item => ({ label: one.name, run: run({ do: "assign", assignee: one.id }) })),
        ]
      : [],
  ];
};

const byTag = (): Item[][] => [
  tags.peek().map((tag): Item => ({ label: tag, icon: "tag", run: run({ do: "tag", tag }) })),
  tags.peek().map((tag): Item => ({ label: t().withoutTag(tag), run: run({ do: "untag", tag }) })),
];

const times = (): Item[][] => [
  snoozeTimes().map(
    (one): Item => ({
      label: one.label,
      icon: "clock",
      run: run({ do: "snooze", until: one.until.toISOString() }),
    }),
  ),
];

const others = (): Item[][] => [
  [
    { label: t().markRead, icon: "check", run: run({ do: "read" }) },
    { label: t().markUnread, icon: "bell", run: run({ do: "unread" }) },
  ],
  (alone() ? [] : PRIORITIES).map(
    (priority): Item => ({
      label: t().priority(priority),
      icon: "flag",
      run: run({ do: "prioritize", priority }),
    }),
  ),
  place.peek().tab === "closed"
    ? [
        place.peek().show === "archived"
          ? { label: t().unarchive, run: run({ do: "unarchive" }) }
          : { label: t().archive, run: run({ do: "archive" }) },
      ]
    : [],
];

export const Bulk = () => {
  if (!picking.value) return null;
  const { tab } = place.value;
  const count = pickedCount.value;
  const some = count > 0;
  return (
    <div class="bulk" role="toolbar" aria-label={t().doToPicked}>
      <IconButton icon="close" label={t().pickNone} hint="Esc" onClick={pickNone} />
      <span class="strong" role="status">
        <span aria-hidden="true">{number(count)}</span>
        <span class="aside"> {t().pickedCount(count)}</span>
      </span>
      {count < ids.value.length && (
        <button type="button" class="link small" onClick={pickAll}>
          {t().pickAll}
        </button>
      )}
      <span class="grow" />
      {some && (
        <>
          <IconButton
            icon="check"
            label={tab === "open" ? t().closeIt : t().reopen}
            hint="e"
            onClick={run({ do: tab === "open" ? "close" : "reopen" })}
          />
          {inbox.value?.assignment_mode && <MenuButton icon="person" label={t().assign} groups={people} />}
          {tab === "open" && !alone() && <MenuButton icon="clock" label={t().snooze} groups={times} />}
          {tags.value.length > 0 && !alone() && <MenuButton icon="tag" label={t().addTag} groups={byTag} />}
          <MenuButton icon="more" label={t().moreForPicked} groups={others} />
        </>
      )}
    </div>
  );
};
