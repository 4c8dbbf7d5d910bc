// What concerns me, the newest first.
import { useEffect } from "preact/hooks";
import type { Notice } from "../api/types.ts";
import { Icon, type IconName } from "../parts/icons.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { Nothing, Time } from "../parts/small.tsx";
import { loadNotices, markSeen, notices, noticesPhase, unseen } from "../store/notices.ts";
import { addressOf, place } from "../store/place.ts";
import { rowOf } from "../store/rows.ts";
import { inboxes, keyOf } from "../store/session.ts";
import { moment } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { follow } from "../view/rail.tsx";

const ICONS: Record<string, IconName> = {
  reassigned: "swap",
  returned: "back",
  unanswered: "people",
  rule: "rule",
  mentioned: "note",
  unconfirmed: "warn",
};

export const Notices = () => {
  useEffect(() => void loadNotices(), []);
  return (
    <>
      <div class="bar">
        <h1 class="title grow">{t().notices}</h1>
        {unseen.value > 0 && (
          <button type="button" class="button" onClick={() => markSeen(null)}>
            {t().allSeen}
          </button>
        )}
      </div>
      <div class="page-scroll">
        {noticesPhase.value === "error" && <ProblemBox error={null} retry={() => void loadNotices()} />}
        {noticesPhase.value === "ready" && !notices.value.length && (
          <Nothing icon="bell" title={t().noNotices}>
            <p class="soft">{t().noNoticesWhy}</p>
          </Nothing>
        )}
        <ul class="notice-list">
          {notices.value.map((one) => (
            <Line key={one.id} notice={one} />
          ))}
        </ul>
      </div>
    </>
  );
};

const text = (value: unknown): string => {
  if (typeof value === "string") return value;
  const by = value as { agent_name?: string; name?: string } | null;
  return by?.agent_name ?? by?.name ?? "";
};

const Line = ({ notice }: { notice: Notice }) => {
  const row = rowOf(notice.conversation_id)?.value;
  const to = {
    screen: "inbox" as const,
    inbox: (row && keyOf(row)) || place.value.inbox || (inboxes.value[0]?.key ?? ""),
    conversation: notice.conversation_id,
    message: notice.message_id ?? "",
  };
  return (
    <li>
      <a
        class={`notice ${notice.seen_at ? "" : "unread"}`}
        href={addressOf({ ...place.value, ...to })}
        onClick={(event) => {
          if (!notice.seen_at) markSeen([notice.id]);
          follow(event, to);
        }}
      >
        <span class="nothing-icon">
          <Icon name={ICONS[notice.what] ?? "bell"} />
        </span>
        <span class="grow" dir="auto">
          {t().notice(notice.what, text(notice.more["contact_name"]), text(notice.more["by"]))}
        </span>
        <span class="soft small">
          <Time at={notice.at}>{moment(notice.at)}</Time>
        </span>
        {!notice.seen_at && <span class="dot on" />}
      </a>
    </li>
  );
};
