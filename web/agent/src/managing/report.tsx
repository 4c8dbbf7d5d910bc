// What has become of a campaign: in all, and of each of its people.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/managing.ts";
import type { Campaign, Recipient, RecipientPage } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";
import { Time } from "../parts/small.tsx";
import { spaced } from "../store/names.ts";
import { addressOf, type Place, place } from "../store/place.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { inboxOf } from "../store/session.ts";
import { moment, number } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { follow } from "../view/rail.tsx";
import { Bars, Figure, Kinds } from "./parts.tsx";
import { LeftOut, sum } from "./trial.tsx";
import { m } from "./words.ts";

const STATES = ["", "queued", "planned", "left_out", "canceled"] as const;

export const Report = ({ of, told }: { of: Campaign; told: number }) => {
  const found = useLoaded(() => calls.reportOf(of.id), [of.id, told]);
  const now = found.value;
  const done = now ? now.written + sum(now.left_out) + now.canceled : 0;
  return (
    <>
      <section aria-label={m().became}>
        <h2>{m().became}</h2>
        <NotLoaded of={found} />
        {now && (
          <>
            <progress
              class="campaign-progress"
              max={Math.max(1, now.meant)}
              value={done}
              aria-label={m().howFarIs}
            />
            <dl class="big-figures">
              <Figure label={m().meant} value={number(now.meant)} />
              <Figure label={m().written} value={number(now.written)} />
              <Figure label={m().delivered} value={number(now.delivered)} />
              <Figure label={m().readWord} value={number(now.read)} />
              <Figure label={m().replied} value={number(now.replied)} />
              <Figure label={m().optedOutSince} value={number(now.opted_out)} />
            </dl>
            <Bars
              label={m().became}
              of={[
                [m().notYet, now.planned],
                [m().waiting, now.waiting],
                [m().sent, now.sent],
                [m().failed, sum(now.failed)],
                [m().leftOutWord, sum(now.left_out)],
                [m().canceledWord, now.canceled],
              ]}
            />
            {sum(now.failed) > 0 && (
              <>
                <h3 class="small-head">{m().failedBecause}</h3>
                <Bars
                  label={m().failedBecause}
                  of={Object.entries(now.failed).map(([code, count]) => [m().because(code), count])}
                />
              </>
            )}
            <LeftOut of={now.left_out} because={now.because} />
            <p>
              <a class="link icon-link" href={calls.tableOf(of.id)} download>
                <Icon name="file" /> {m().asTable}
              </a>
            </p>
          </>
        )}
      </section>
      <People of={of} told={told} />
    </>
  );
};

const People = ({ of, told }: { of: Campaign; told: number }) => {
  const [state, choose] = useState<(typeof STATES)[number]>("");
  const first = useLoaded(() => calls.recipients(of.id, state || null, null), [of.id, state, told]);
  const [page, put] = useState<RecipientPage | null>(null);
  useEffect(() => put(first.value), [first.value]);
  const more = async (): Promise<void> => {
    if (!page?.next) return;
    try {
      const next = await calls.recipients(of.id, state || null, page.next);
      put({ ...next, items: [...page.items, ...next.items] });
    } catch (error) {
      toast(say(error), "bad");
    }
  };
  return (
    <section aria-label={m().itsPeople}>
      <h2>{m().itsPeople}</h2>
      <Kinds
        label={t().filter}
        value={state}
        of={STATES.map((one) => [one, one ? m().fateMany(one) : t().show("all")])}
        onChange={choose}
      />
      <NotLoaded of={first} />
      {page && !page.items.length && <p class="soft">{m().nobody}</p>}
      <ul class="recipients">
        {page?.items.map((one) => (
          <Fate key={`${one.contact_id}${one.address}`} inbox={of.inbox_id} of={one} />
        ))}
      </ul>
      {page?.next && (
        <button type="button" class="button centered" onClick={() => void more()}>
          {m().showMore}
        </button>
      )}
    </section>
  );
};

const BAD = ["failed", "left_out", "canceled", "unconfirmed"];
const Fate = ({ of, inbox }: { of: Recipient; inbox: string }) => {
  const name = of.name || spaced(of.address ?? "") || m().contactWord;
  const to: Partial<Place> | null = of.conversation_id
    ? { screen: "inbox", inbox: inboxOf(inbox)?.key ?? "", channel: "", conversation: of.conversation_id }
    : null;
  return (
    <li class="recipient-head">
      {to ? (
        <a
          class="link grow cut"
          href={addressOf({ ...place.value, ...to })}
          onClick={(event) => follow(event, to)}
        >
          <bdi>{name}</bdi>
        </a>
      ) : (
        <bdi class="grow cut">{name}</bdi>
      )}
      {of.replied_at && <span class="pill">{m().repliedWord}</span>}
      {of.opted_out_at && <span class="pill wait">{m().optedOutWord}</span>}
      <span class={`pill ${BAD.includes(of.state) ? "wait" : ""}`}>
        {of.reason ? m().because(of.reason) : m().fate(of.state)}
      </span>
      <span class="soft small">
        <Time at={of.at}>{moment(of.at)}</Time>
      </span>
    </li>
  );
};
