// Above the messages: who it is, who has it, and what can be done with it.
import type { ConversationRow } from "../api/types.ts";
import { channelIcon, Icon } from "../parts/icons.tsx";
import { type Item, MenuButton } from "../parts/menu.tsx";
import { Avatar, IconButton, Mini, now } from "../parts/small.tsx";
import { archive, assign, close, prioritize, reopen, toInbox, toTeam, unread } from "../store/deeds.ts";
import { lettersOf, nameOf } from "../store/names.ts";
import { go } from "../store/place.ts";
import { rowOf } from "../store/rows.ts";
import { inboxes, inboxOf, mayGive, mayReply, mayTake, me, start } from "../store/session.ts";
import { panel } from "../store/settings.ts";
import { cutOff } from "../store/sync.ts";
import type { Thread } from "../store/threads.ts";
import { coming, lasting } from "../text/format.ts";
import { t } from "../text/words.ts";
import { Anchored } from "./anchored.tsx";
import { overlay, sideOpen } from "./overlays.ts";

export const togglePanel = (): void => {
  if (matchMedia("(min-width: 1280px)").matches) panel.value = panel.peek() === "open" ? "shut" : "open";
  else sideOpen.value = !sideOpen.peek();
};

const Back = () => (
  <IconButton
    icon="back"
    label={t().backToList}
    class="only-phone"
    onClick={() => go({ conversation: "" })}
  />
);

export const Header = ({ id, thread }: { id: string; thread: Thread }) => {
  const row = rowOf(id)?.value;
  if (!row)
    return (
      <div class="bar conversation-bar">
        <Back />
        <h1 class="aside">{t().conversation}</h1>
      </div>
    );
  const together = row.world === "shared";
  const assigning = together && (inboxOf(row.inbox.id)?.assignment_mode ?? false);
  return (
    <header class="bar conversation-bar">
      <Back />
      <button type="button" class="who-button" onClick={togglePanel} title={t().aboutContact}>
        <Avatar name={lettersOf(row)} badge={channelIcon(row.channel.channel_type)} />
        <span class="grow">
          <h1 class="strong cut">
            <bdi>{nameOf(row)}</bdi>
          </h1>
          <span class="cut small soft header-sub">
            {row.contact.opted_out && <span class="pill bad">{t().optedOut}</span>}{" "}
            <Presence
              thread={thread}
              fallback={`${row.channel.name} · ${since(row.opened_at, row.closed_at)}`}
            />
          </span>
        </span>
      </button>
      {assigning && mayReply.value && row.status !== "closed" && <AssignButton id={id} />}
      {row.world === "history" && <span class="pill">{t().tab("history")}</span>}
      {mayReply.value && row.world !== "history" && (
        <>
          {together && row.status !== "closed" && (
            <Anchored
              kind="snooze"
              conversation={id}
              icon="clock"
              label={t().snooze}
              hint="s"
              class="hide-phone"
            />
          )}
          {row.status === "open" ? (
            <button
              type="button"
              class="button"
              title={`${t().closeIt}  (e)`}
              disabled={cutOff.value}
              onClick={() => void close(id)}
            >
              <Icon name="check" />
              <span class="where-wide">{t().closeIt}</span>
            </button>
          ) : (
            <button
              type="button"
              class="button"
              title={`${t().reopen}  (e)`}
              disabled={cutOff.value}
              onClick={() => void reopen(id)}
            >
              {row.status === "snoozed" ? t().wake : t().reopen}
            </button>
          )}
        </>
      )}
      <IconButton icon="panel" label={t().sidePanel} hint="i" class="hide-phone" onClick={togglePanel} />
      <MenuButton icon="more" label={t().more} groups={() => moreGroups(id)} />
    </header>
  );
};

const since = (opened: string, closed: string | null): string =>
  lasting((closed ? Date.parse(closed) : now.value) - Date.parse(opened));

const Presence = ({ thread, fallback }: { thread: Thread; fallback: string }) => {
  const present = thread.present.value.filter((one) => one.until > Date.now());
  const writes = present.find((one) => one.what === "typing");
  if (writes) return <span class="accent">{t().writing(writes.id === "contact" ? "" : writes.name)}</span>;
  const looks = present.filter((one) => one.what === "viewing").map((one) => one.name);
  if (looks.length) return <span class="warn-text">{t().alsoLooking(looks.join(", "))}</span>;
  return <>{fallback}</>;
};

/** A team member takes it himself; a manager gives it to anybody. */
const AssignButton = ({ id }: { id: string }) => {
  const row = rowOf(id)!.value;
  const mine = row.assignee?.id === me.value?.id;
  if (!mayGive(row)) {
    if (!mine && !mayTake(row)) return <Mini name={row.assignee?.name ?? ""} />;
    if (mine)
      return (
        <button
          type="button"
          class="button hide-phone"
          disabled={cutOff.value}
          onClick={() => void assign(id, null)}
          title={t().giveBack}
        >
          <Mini name={row.assignee!.name} />
          <span aria-hidden="true">{t().yours}</span>
        </button>
      );
    return (
      <button
        type="button"
        class="button hide-phone"
        title={`${t().assignToMe}  (a)`}
        disabled={cutOff.value}
        onClick={() => void assign(id, me.value!.id)}
      >
        {t().assignToMe}
      </button>
    );
  }
  return (
    <Anchored
      kind="assign"
      conversation={id}
      label={row.assignee ? t().assignedTo(row.assignee.name) : t().assign}
      hint="A"
      class="hide-phone"
    >
      {row.assignee ? (
        <>
          <Mini name={row.assignee.name} />
          <span aria-hidden="true" class="cut assignee-name">
            {row.assignee.name.split(" ")[0]}
          </span>
        </>
      ) : (
        t().assign
      )}
    </Anchored>
  );
};

const archiving = (row: ConversationRow): Item => ({
  label: row.archived_at ? t().unarchive : t().archive,
  icon: "archive",
  run: () => void archive(row.id, !row.archived_at),
});

/** Where nobody works together: on one's own numbers, and in what was written on one before it was shared. */
const ownDeeds = (row: ConversationRow): Item[] => [
  { label: t().aboutContact, icon: "panel", hint: "i", run: togglePanel },
  ...(row.world === "private" && mayReply.peek()
    ? [
        { label: t().markUnread, icon: "eye", hint: "u", run: () => unread(row.id) } as Item,
        ...(row.status === "closed" ? [archiving(row)] : []),
      ]
    : []),
];

const moreGroups = (id: string): Item[][] => {
  const row = rowOf(id)!.peek();
  if (row.world !== "shared") return [ownDeeds(row)];
  const assigning = inboxOf(row.inbox.id)?.assignment_mode ?? false;
  const ask = (kind: "assign" | "tag" | "snooze") => () => {
    overlay.value = { kind, conversation: id };
  };
  const doing: Item[] = [
    { label: t().markUnread, icon: "eye", hint: "u", run: () => unread(id) },
    ...(assigning && mayReply.peek() && row.status !== "closed"
      ? [
          ...(mayTake(row)
            ? [
                {
                  label: t().assignToMe,
                  icon: "person",
                  hint: "a",
                  run: () => void assign(id, me.peek()!.id),
                } as Item,
              ]
            : row.assignee?.id === me.peek()?.id
              ? [{ label: t().giveItBack, icon: "person", run: () => void assign(id, null) } as Item]
              : []),
          ...(mayGive(row)
            ? [{ label: t().assign, icon: "people", hint: "A", run: ask("assign") } as Item]
            : []),
        ]
      : []),
    { label: t().addTag, icon: "tag", hint: "t", run: ask("tag") },
    ...(row.status !== "closed"
      ? [{ label: t().snooze, icon: "clock", hint: "s", run: ask("snooze") } as Item]
      : []),
    ...(row.status === "closed" ? [archiving(row)] : []),
  ];
  const priorities = (["urgent", "high", "normal", "low"] as const).map(
    (one): Item => ({
      label: t().priority(one),
      checked: row.priority === one,
      run: () => void prioritize(id, one),
    }),
  );
  const teams = (start.peek()?.teams ?? []).map(
    (one): Item => ({
      label: t().handTo(one.name),
      icon: "people",
      run: () => void toTeam(id, one.id, one.name),
    }),
  );
  const others = inboxes.peek().filter((one) => one.id !== row.inbox.id);
  const moves = others.map(
    (one): Item => ({
      label: t().moveTo(one.name),
      icon: "inbox",
      run: () => void toInbox(id, one.id, one.name),
    }),
  );
  return mayReply.peek() ? [doing, priorities, row.status === "closed" ? [] : teams, moves] : [[doing[0]!]];
};

export const snoozeTimes = (): { label: string; until: Date }[] => {
  const at = (days: number, hour: number): Date => {
    const time = new Date();
    time.setDate(time.getDate() + days);
    time.setHours(hour, 0, 0, 0);
    return time;
  };
  const hours = (count: number): Date => new Date(Date.now() + count * 3_600_000);
  const toMonday = (8 - new Date().getDay()) % 7 || 7;
  const times = [hours(1), hours(3), at(0, 18), at(1, 9), at(toMonday, 9), at(7, 9)];
  const seen = new Set<string>();
  return times
    .filter((time) => time.getTime() > Date.now() + 600_000)
    .map((until) => ({ label: coming(until.toISOString()), until }))
    .filter(({ label }) => !seen.has(label) && seen.add(label));
};
