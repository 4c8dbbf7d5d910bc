// One message to many contacts: the list of campaigns, and the one that is open.
import { useState } from "preact/hooks";
import * as calls from "../api/managing.ts";
import type { Campaign } from "../api/types.ts";
import { channelIcon, Icon } from "../parts/icons.tsx";
import { useLoaded } from "../parts/loaded.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { Nothing } from "../parts/small.tsx";
import { addressOf, go, place } from "../store/place.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { channelOf, inboxes, inboxOf } from "../store/session.ts";
import { coming, moment } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { follow } from "../view/rail.tsx";
import { OneCampaign } from "./campaign.tsx";
import { CampaignForm } from "./campaign_form.tsx";
import { StatePill, useTold } from "./campaign_parts.tsx";
import { Bar } from "./parts.tsx";
import { m } from "./words.ts";

export const Campaigns = () => {
  const { item } = place.value;
  if (item === "new")
    return <CampaignForm draft={null} onDone={(made) => go({ item: made?.id ?? "" }, true)} />;
  return item ? <OneCampaign key={item} id={item} /> : <List />;
};

const List = () => {
  const told = useTold();
  const first = useLoaded(() => calls.campaigns(null), [told]);
  const [more, further] = useState<{ items: Campaign[]; next: string | null } | null>(null);
  const next = more ? more.next : (first.value?.next ?? null);
  const known = new Set(first.value?.items.map((one) => one.id));
  const items = [...(first.value?.items ?? []), ...(more?.items ?? []).filter((one) => !known.has(one.id))];
  const load = async (): Promise<void> => {
    try {
      const page = await calls.campaigns(next);
      further({ items: [...(more?.items ?? []), ...page.items], next: page.next });
    } catch (error) {
      toast(say(error), "bad");
    }
  };
  const mayBegin = inboxes.value.some((one) => one.features.includes("campaigns"));
  const create = (
    <button type="button" class="button primary" onClick={() => go({ item: "new" })}>
      <Icon name="plus" />
      {m().newCampaign}
    </button>
  );
  return (
    <>
      <Bar title={t().campaigns}>{mayBegin && items.length > 0 && create}</Bar>
      <div class="page-scroll">
        {first.error && !first.value ? <ProblemBox error={first.error} retry={first.retry} /> : null}
        {first.value && !items.length && (
          <Nothing icon="send" title={m().noCampaigns}>
            <p class="soft">{m().noCampaignsWhy}</p>
            {mayBegin && create}
          </Nothing>
        )}
        {items.length > 0 && (
          <ul class="campaigns" aria-label={t().campaigns}>
            {items.map((one) => (
              <Line key={one.id} of={one} />
            ))}
          </ul>
        )}
        {next && (
          <button type="button" class="button centered" onClick={() => void load()}>
            {m().older}
          </button>
        )}
      </div>
    </>
  );
};

const Line = ({ of }: { of: Campaign }) => {
  const to = { item: of.id };
  const channel = channelOf(of.channel_id);
  return (
    <li>
      <a
        class="campaign-line"
        href={addressOf({ ...place.value, ...to })}
        onClick={(event) => follow(event, to)}
      >
        <span class="campaign-icon">
          <Icon name={channelIcon(channel?.channel_type ?? "")} />
        </span>
        <span class="grow campaign-text">
          <span class="strong cut">
            <bdi>{of.name}</bdi>
          </span>
          <span class="soft cut">
            {[inboxOf(of.inbox_id)?.name, channel?.name, howFar(of)].filter(Boolean).join(" · ")}
          </span>
        </span>
        <StatePill of={of} />
        <span class="soft small campaign-time">{when(of)}</span>
      </a>
    </li>
  );
};

const howFar = (of: Campaign): string => {
  const { planned, queued, canceled, listed } = of.progress;
  const all = planned + queued + canceled + listed;
  if (!all) return "";
  return m().writtenOf(queued, all);
};

const when = (of: Campaign): string => {
  if (of.state === "scheduled" && of.starts_at) return coming(of.starts_at);
  return moment(of.ended_at ?? of.scheduled_at ?? of.created_at);
};
