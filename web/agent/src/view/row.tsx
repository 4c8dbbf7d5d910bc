// One conversation in the list: who, what, when, whose.
import { computed } from "@preact/signals";
import type { ConversationRow } from "../api/types.ts";
import { channelIcon, Icon } from "../parts/icons.tsx";
import { Avatar, Mini, now, Time } from "../parts/small.tsx";
import { assign } from "../store/deeds.ts";
import { hasDraft } from "../store/drafts.ts";
import { lettersOf, nameOf } from "../store/names.ts";
import { addressOf, go, place } from "../store/place.ts";
import { rowOf } from "../store/rows.ts";
import { pick } from "../store/selection.ts";
import { inboxOf, mayTake, me } from "../store/session.ts";
import { coming, short, waited } from "../text/format.ts";
import { t } from "../text/words.ts";
import { follow } from "./rail.tsx";

export interface RowProps {
  id: string;
  index: number;
  top: number;
  active: boolean;
  selected: boolean;
  /** Null: nobody picks rows now. */
  picked: boolean | null;
  gone: boolean;
  onFocus: (index: number) => void;
}

const ANY = "~";
/** The address of a row but for its id, written once for all of them. */
const rowAddress = computed(() =>
  addressOf({ ...place.value, screen: "inbox", message: "", conversation: ANY }),
);

export const Row = ({ id, index, top, active, selected, picked, gone, onFocus }: RowProps) => {
  const row = rowOf(id)?.value;
  if (!row) return null;
  const to = { screen: "inbox" as const, conversation: id };
  const state = `${selected ? "on" : ""} ${picked === null ? "" : picked ? "picked picking" : "picking"} ${row.mine.unread ? "unread" : ""} ${gone ? "leaving" : ""}`;
  return (
    <div
      class={`row ${state}`}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={picked ?? undefined}
      style={{ top: `${top}px` }}
      data-id={id}
    >
      <div role="gridcell" class="row-pick" aria-hidden={picked === null ? "true" : undefined}>
        <input
          type="checkbox"
          aria-label={t().pickOne(nameOf(row))}
          checked={picked ?? false}
          tabIndex={active && picked !== null ? 0 : -1}
          onFocus={() => onFocus(index)}
          onClick={(event) => pick(id, event.shiftKey)}
        />
      </div>
      <div role="gridcell" class="row-cell">
        <a
          class="row-link"
          href={rowAddress.value.replace(ANY, id)}
          tabIndex={active ? 0 : -1}
          aria-current={selected ? "true" : undefined}
          onFocus={() => onFocus(index)}
          onClick={(event) => follow(event, to)}
        >
          <Avatar name={lettersOf(row)} badge={channelIcon(row.channel.channel_type)} />
          <span class="row-text">
            <span class="row-line">
              <span class="row-name grow cut">
                <bdi>{nameOf(row)}</bdi>
              </span>
              {Status({ row })}
            </span>
            <span class="row-line row-second">
              {Snippet({ row })}
              {row.assignee && row.assignee.id !== me.value?.id && <Mini name={row.assignee.name} />}
              {row.mine.mentioned && (
                <span class="pill warn" title={t().mentionedYou}>
                  @
                </span>
              )}
              {row.mine.unread > 0 && (
                <span class="count">
                  {row.mine.unread > 99 ? "99+" : row.mine.unread}
                  <span class="aside"> {t().unreadWord}</span>
                </span>
              )}
            </span>
          </span>
        </a>
      </div>
      {canTake(row) && (
        <div role="gridcell" class="row-action">
          <button
            type="button"
            class="button small"
            tabIndex={active ? 0 : -1}
            onFocus={() => onFocus(index)}
            onClick={() => void assign(id, me.value!.id)}
          >
            {t().assignToMe}
          </button>
        </div>
      )}
    </div>
  );
};

const canTake = (row: ConversationRow): boolean =>
  row.status === "open" && mayTake(row) && (inboxOf(row.inbox.id)?.assignment_mode ?? false);

// What follows is called and not mounted: a part of its own for each would cost more than it shows.

/** One line of status: who waits comes before what is marked, and both before the hour. */
const Status = ({ row }: { row: ConversationRow }) => {
  const pill = mark(row);
  const waits = row.status === "open" && row.waiting_since ? now.value - Date.parse(row.waiting_since) : 0;
  const at = row.status === "closed" ? row.turned_at : (row.last_message_at ?? row.opened_at);
  return (
    <>
      {pill && <span class={`pill cut ${pill.tone}`}>{pill.text}</span>}
      {waits > 60_000 ? (
        <span
          class="pill wait"
          onPointerEnter={(event) => {
            event.currentTarget.title = t().waitsSince(coming(row.waiting_since!));
          }}
        >
          <span class="aside">{t().waits} </span>
          {waited(waits)}
        </span>
      ) : (
        <span class="when">
          <Time at={at}>{short(at, now.value)}</Time>
        </span>
      )}
    </>
  );
};

const mark = (row: ConversationRow): { text: string; tone: string } | null => {
  if (hasDraft(row.id)) return { text: t().draft, tone: "draft" };
  if (row.contact.opted_out) return { text: t().optedOut, tone: "" };
  if (row.status === "snoozed" && row.snoozed_until) return { text: coming(row.snoozed_until), tone: "" };
  if (row.priority === "urgent" || row.priority === "high")
    return { text: t().priority(row.priority), tone: "bad" };
  const tag = row.tags[0];
  if (tag) return { text: row.tags.length > 1 ? `${tag} +${row.tags.length - 1}` : tag, tone: "" };
  return null;
};

const Snippet = ({ row }: { row: ConversationRow }) => {
  const { last_message_text: text, last_message_kind: kind, last_message_direction: direction } = row;
  if (!row.message_count) return <span class="grow cut">{t().noMessageYet}</span>;
  const said = text || (kind ? t().kinds(kind) : "");
  const by = direction === "note" ? t().noteBy : "";
  return (
    <span class="grow cut" dir="auto">
      {direction === "out" && (
        <span class="row-by" title={t().answered}>
          <Icon name="reply" />
          <span class="aside">{t().answered} </span>
        </span>
      )}
      {by && `${by} `}
      {said}
    </span>
  );
};

export const openRow = (id: string): void => go({ screen: "inbox", conversation: id });
