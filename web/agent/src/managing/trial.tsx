// What would come of a draft: everything done but sending.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/managing.ts";
import type { Campaign, CampaignPreview } from "../api/types.ts";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";
import { spaced } from "../store/names.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { coming, number } from "../text/format.ts";
import { locale } from "../text/words.ts";
import { people } from "./campaign_parts.tsx";
import { Bars, Figure } from "./parts.tsx";
import { m } from "./words.ts";

/** A draft's people are counted anew for each that was saved. */
const version = (of: Campaign): string =>
  JSON.stringify([
    of.words,
    of.filter,
    of.channel_id,
    of.purpose,
    of.quiet_hours,
    of.per_minute,
    of.progress,
  ]);

export const Trial = ({ of }: { of: Campaign }) => {
  const trial = useLoaded(() => calls.trialOf(of.id), [version(of)]);
  const now = trial.value;
  const money = (costs: Record<string, number>): string =>
    Object.entries(costs)
      .map(([currency, sum]) =>
        new Intl.NumberFormat(locale.value, { style: "currency", currency }).format(sum),
      )
      .join(" + ");
  return (
    <>
      <section aria-label={m().wouldBe}>
        <h2>{m().wouldBe}</h2>
        <NotLoaded of={trial} />
        {!now && !trial.error && <p class="soft">{m().counting}</p>}
        {now && (
          <>
            {now.too_many && (
              <p class="bad-text" role="alert">
                {m().tooMany}
              </p>
            )}
            <dl class="big-figures">
              <Figure label={m().getIt} value={number(now.planned)} />
              <Figure label={m().leftOutWord} value={number(sum(now.left_out))} />
              <Figure label={m().parts} value={number(now.parts)} />
              {now.cost && Object.keys(now.cost).length > 0 && (
                <Figure label={m().cost} value={money(now.cost)} />
              )}
              {now.ends_at && <Figure label={m().wouldEnd} value={coming(now.ends_at)} />}
            </dl>
            {now.waiting > 0 && <p class="soft">{m().quietNow(people(now.waiting))}</p>}
            <LeftOut of={now.left_out} because={now.because} />
          </>
        )}
      </section>
      <Lines of={of} />
    </>
  );
};

export const sum = (of: Record<string, number>): number => Object.values(of).reduce((a, b) => a + b, 0);

/** A channel's own reasons are told as the server says them. */
const why = (code: string, because: Record<string, string>): string => {
  const known = m().because(code);
  return known === code.replaceAll("_", " ") ? (because[code] ?? known) : known;
};

export const LeftOut = (props: { of: Record<string, number>; because: Record<string, string> }) => {
  const { of, because } = props;
  const reasons = Object.entries(of).sort((a, b) => b[1] - a[1]);
  if (!reasons.length) return null;
  return (
    <>
      <h3 class="small-head">{m().leftOutBecause}</h3>
      <Bars label={m().leftOutBecause} of={reasons.map(([code, count]) => [why(code, because), count])} />
    </>
  );
};

const Lines = ({ of }: { of: Campaign }) => {
  const first = useLoaded(() => calls.previewOf(of.id, null), [version(of)]);
  const [page, put] = useState<CampaignPreview | null>(null);
  useEffect(() => put(first.value), [first.value]);
  const more = async (): Promise<void> => {
    if (!page?.next) return;
    try {
      const next = await calls.previewOf(of.id, page.next);
      put({ ...next, items: [...page.items, ...next.items] });
    } catch (error) {
      toast(say(error), "bad");
    }
  };
  if (first.error && !page) return <NotLoaded of={first} />;
  if (!page) return null;
  return (
    <section aria-label={m().whoReads}>
      <h2>{m().whoReads}</h2>
      {!page.items.length && <p class="soft">{m().nobody}</p>}
      <ul class="recipients">
        {page.items.map((one) => (
          <li key={`${one.contact_id}${one.address}`}>
            <p class="recipient-head">
              <bdi class="strong cut">{one.name || spaced(one.address ?? "") || m().contactWord}</bdi>
              {one.name && <span class="soft cut">{spaced(one.address ?? "")}</span>}
              {one.reason && <span class="pill wait">{m().because(one.reason)}</span>}
            </p>
            {one.text && (
              <p class="campaign-said" dir="auto">
                {one.text}
              </p>
            )}
          </li>
        ))}
      </ul>
      {page.next && (
        <button type="button" class="button centered" onClick={() => void more()}>
          {m().showMore}
        </button>
      )}
    </section>
  );
};
