// What was before, and why the conversation is where it is.
import { useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { ConversationRow, DecisionPage } from "../api/types.ts";
import { channelIcon, Icon } from "../parts/icons.tsx";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";
import { now, Time } from "../parts/small.tsx";
import { spaced } from "../store/names.ts";
import { addressOf, place } from "../store/place.ts";
import { hasHistory, inboxes, keyOf } from "../store/session.ts";
import { lasting, short } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { follow } from "../view/rail.tsx";
import { Why } from "./why.tsx";

export const Happened = ({ row }: { row: ConversationRow }) => (
  <section class="side-section">
    <h3>{t().conversation}</h3>
    <dl>
      <div>
        <dt>{t().inboxWord}</dt>
        <dd class="cut">
          <bdi>{row.world === "private" ? t().ownNumbers : row.inbox.name}</bdi>
        </dd>
      </div>
      <div>
        <dt>{t().channelWord}</dt>
        <dd class="break">
          <bdi>{row.channel.name}</bdi>{" "}
          <span class="soft whole">
            {row.channel.address !== row.channel.name ? spaced(row.channel.address) : ""}
          </span>
        </dd>
      </div>
      <div>
        <dt>{t().typeWord}</dt>
        <dd>{t().channelType(row.channel.channel_type)}</dd>
      </div>
      <div>
        <dt>{t().durationWord}</dt>
        <dd>
          {lasting((row.closed_at ? Date.parse(row.closed_at) : now.value) - Date.parse(row.opened_at))}
        </dd>
      </div>
      {row.team && (
        <div>
          <dt>{t().teamWord}</dt>
          <dd>
            <bdi>{row.team.name}</bdi>
          </dd>
        </div>
      )}
      {row.priority !== "normal" && (
        <div>
          <dt>{t().priorityWord}</dt>
          <dd>{t().priority(row.priority)}</dd>
        </div>
      )}
    </dl>
  </section>
);

/** All of one contact's, with what was written on a number before it came into an inbox. */
const historyOf = async (row: ConversationRow): Promise<{ items: ConversationRow[] }> => {
  if (row.world === "private") return calls.history(row.contact.id, row.world);
  const past = inboxes.peek().some((one) => hasHistory(one.id));
  const [now, before] = await Promise.all([
    calls.history(row.contact.id),
    past ? calls.history(row.contact.id, "history") : { items: [] },
  ]);
  return { items: [...now.items, ...before.items] };
};

export const History = ({ row }: { row: ConversationRow }) => {
  const [all, showAll] = useState(false);
  const loaded = useLoaded(() => historyOf(row), [row.contact.id]);
  const found = loaded.value?.items.filter((one) => one.id !== row.id);
  if (!found) return <NotLoaded of={loaded} />;
  const shown = all ? found : found.slice(0, 4);
  return (
    <section class="side-section" id="history">
      <h3>
        {t().history}
        {found.length > 4 && !all && (
          <button type="button" class="link small" onClick={() => showAll(true)}>
            {t().allOf(found.length)}
          </button>
        )}
      </h3>
      {found.length === 0 && <p class="soft">{t().noHistory}</p>}
      {shown.map((one) => {
        const to = { screen: "inbox" as const, inbox: keyOf(one), channel: "", conversation: one.id };
        return (
          <a
            class="history-line"
            key={one.id}
            href={addressOf({ ...place.value, ...to })}
            onClick={(event) => follow(event, to)}
          >
            <Icon name={channelIcon(one.channel.channel_type)} />
            <span class="grow cut" dir="auto">
              {one.subject ?? one.last_message_text ?? t().noMessageYet}
            </span>
            <span class="soft small">
              <Time at={one.turned_at}>{short(one.turned_at)}</Time>
            </span>
          </a>
        );
      })}
    </section>
  );
};

export const WhySection = ({ id, version }: { id: string; version: number }) => {
  const loaded = useLoaded<DecisionPage>(() => calls.decisions(id), [id, version]);
  const page = loaded.value;
  if (!page) return <NotLoaded of={loaded} />;
  return (
    <section class="side-section" id="why">
      <h3>{t().why}</h3>
      <Why page={page} />
    </section>
  );
};
