// One campaign: what it says to whom; while it is a draft what would come of it, afterwards what has.
import { useState } from "preact/hooks";
import { Refused } from "../api/http.ts";
import * as calls from "../api/managing.ts";
import type { Campaign } from "../api/types.ts";
import { Dialog } from "../parts/dialog.tsx";
import { useLoaded } from "../parts/loaded.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { Nothing } from "../parts/small.tsx";
import { go } from "../store/place.ts";
import { agentOf, channelOf, inboxOf } from "../store/session.ts";
import { coming, moment, number } from "../text/format.ts";
import { locale, all as t } from "../text/words.ts";
import { CampaignForm } from "./campaign_form.tsx";
import { StatePill, useTold } from "./campaign_parts.tsx";
import { Bar, useDeed, Wrong } from "./parts.tsx";
import { countries, languages } from "./picked.tsx";
import { Report } from "./report.tsx";
import { Trial } from "./trial.tsx";
import { m } from "./words.ts";

const back = (): void => go({ item: "" });

export const OneCampaign = ({ id }: { id: string }) => {
  const told = useTold();
  const found = useLoaded(() => calls.campaign(id), [id, told]);
  const [editing, edit] = useState(false);
  const now = found.value;
  if (now?.state === "draft" && editing)
    return (
      <CampaignForm
        draft={now}
        onDone={(made) => {
          if (made) found.put(made);
          edit(false);
        }}
      />
    );
  const gone = found.error instanceof Refused && found.error.status === 404;
  return (
    <>
      <Bar title={now?.name ?? t().campaigns} back={back}>
        {now && !gone && <StatePill of={now} />}
      </Bar>
      <div class="page-scroll settings">
        {gone ? (
          <Nothing icon="send" title={m().campaignGone}>
            <button type="button" class="button" onClick={back}>
              {m().toCampaigns}
            </button>
          </Nothing>
        ) : found.error && !now ? (
          <ProblemBox error={found.error} retry={found.retry} />
        ) : now ? (
          <>
            <Deeds of={now} onChange={found.put} onEdit={() => edit(true)} />
            {now.state === "draft" ? <Trial of={now} /> : <Report of={now} told={told} />}
            <Said of={now} />
          </>
        ) : null}
      </div>
    </>
  );
};

interface DeedsOf {
  of: Campaign;
  onChange: (now: Campaign) => void;
  onEdit: () => void;
}

const Deeds = ({ of, onChange, onEdit }: DeedsOf) => {
  const [asking, ask] = useState<"schedule" | "cancel" | "drop" | null>(null);
  const deed = useDeed();
  const turn = (how: "pause" | "resume" | "cancel"): void =>
    void deed.run(async () => {
      onChange(await calls.turn(of.id, how));
      ask(null);
    });
  const over = of.state === "done" || of.state === "canceled";
  return (
    <section aria-label={m().whatNow}>
      <p class="soft">{standing(of)}</p>
      {of.pause_text && of.pause_code !== "by_hand" && <p class="bad-text">{of.pause_text}</p>}
      <div class="deeds">
        {of.state === "draft" && (
          <>
            <button type="button" class="button primary" onClick={() => ask("schedule")}>
              {m().send}
            </button>
            <button type="button" class="button" onClick={onEdit}>
              {m().change}
            </button>
            <button type="button" class="button" onClick={() => ask("drop")}>
              {m().throwAway}
            </button>
          </>
        )}
        {of.state === "paused" && (
          <button type="button" class="button primary" disabled={deed.busy} onClick={() => turn("resume")}>
            {t().resume}
          </button>
        )}
        {(of.state === "sending" || of.state === "scheduled" || of.state === "gathering") && (
          <button type="button" class="button" disabled={deed.busy} onClick={() => turn("pause")}>
            {m().pause}
          </button>
        )}
        {of.state !== "draft" && !over && (
          <button type="button" class="button" onClick={() => ask("cancel")}>
            {m().end}
          </button>
        )}
      </div>
      {!asking && <Wrong text={deed.problem} />}
      {asking === "schedule" && <Schedule of={of} onClose={() => ask(null)} onDone={onChange} />}
      {asking === "cancel" && (
        <Dialog title={m().endIt} onClose={() => ask(null)}>
          <p>{m().endWhy(of.progress.planned + of.progress.listed)}</p>
          <Wrong text={deed.problem} />
          <div class="form-foot">
            <button type="button" class="button" onClick={() => ask(null)}>
              {t().cancel}
            </button>
            <button type="button" class="button primary" disabled={deed.busy} onClick={() => turn("cancel")}>
              {m().end}
            </button>
          </div>
        </Dialog>
      )}
      {asking === "drop" && (
        <Dialog title={m().throwIt} onClose={() => ask(null)}>
          <p>{m().throwWhy}</p>
          <Wrong text={deed.problem} />
          <div class="form-foot">
            <button type="button" class="button" onClick={() => ask(null)}>
              {t().cancel}
            </button>
            <button
              type="button"
              class="button primary"
              disabled={deed.busy}
              onClick={() =>
                void deed.run(async () => {
                  await calls.dropCampaign(of.id);
                  go({ item: "" }, true);
                })
              }
            >
              {m().throwAway}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
};

const standing = (of: Campaign): string => {
  const by = agentOf(of.scheduled_by ?? of.created_by)?.name ?? "";
  const at = of.scheduled_at ?? of.created_at;
  const begun = of.scheduled_at ? m().scheduledBy(by, moment(at)) : m().writtenBy(by, moment(at));
  if (of.state === "scheduled" && of.starts_at) return `${begun} ${m().beginsAt(coming(of.starts_at))}`;
  if (of.state === "sending" && of.waits_until) return `${begun} ${m().quietUntil(coming(of.waits_until))}`;
  return of.ended_at ? `${begun} ${m().endedAt(moment(of.ended_at))}` : begun;
};

const Schedule = (props: { of: Campaign; onClose: () => void; onDone: (now: Campaign) => void }) => {
  const [later, choose] = useState(false);
  const [at, write] = useState("");
  const deed = useDeed();
  return (
    <Dialog title={m().sendIt(props.of.name)} onClose={props.onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void deed.run(async (key) => {
            const starts = later ? new Date(at).toISOString() : null;
            props.onDone(await calls.schedule(props.of.id, starts, key));
            props.onClose();
          });
        }}
      >
        <div class="kinds" role="radiogroup" aria-label={m().when}>
          {[false, true].map((one) => (
            <button
              type="button"
              key={String(one)}
              role="radio"
              aria-checked={later === one}
              class="chip"
              onClick={() => choose(one)}
            >
              {one ? m().atATime : m().atOnce}
            </button>
          ))}
        </div>
        {later && (
          <label>
            <span>{m().beginsWhen}</span>
            <input
              class="field"
              type="datetime-local"
              required
              value={at}
              onInput={(event) => write(event.currentTarget.value)}
            />
          </label>
        )}
        <p class="soft">{m().sendWhy}</p>
        <Wrong text={deed.problem} />
        <div class="form-foot">
          <button type="button" class="button" onClick={props.onClose}>
            {t().cancel}
          </button>
          <button type="submit" class="button primary" disabled={deed.busy || (later && !at)}>
            {later ? m().plan : m().sendNow}
          </button>
        </div>
      </form>
    </Dialog>
  );
};

const Said = ({ of }: { of: Campaign }) => {
  const template = of.words.template as { name?: string; language?: string } | null;
  return (
    <section aria-label={m().whatItSays}>
      <h2>{m().whatItSays}</h2>
      {of.words.text !== null && (
        <p class="campaign-said" dir="auto">
          {of.words.text}
        </p>
      )}
      {of.words.canned !== null && <p>{m().cannedNamed(of.words.canned)}</p>}
      {template && <p>{m().templateNamed(template.name ?? "", template.language ?? "")}</p>}
      <dl class="facts">
        <dt>{t().channelWord}</dt>
        <dd>{[inboxOf(of.inbox_id)?.name, channelOf(of.channel_id)?.name].filter(Boolean).join(" · ")}</dd>
        <dt>{m().forWhom}</dt>
        <dd>{forWhom(of).join(" · ")}</dd>
        <dt>{m().purpose}</dt>
        <dd>
          {m().purposeNamed(of.purpose)}
          {of.reason && <span class="soft"> · {of.reason}</span>}
        </dd>
        <dt>{m().quiet}</dt>
        <dd>
          {of.quiet_hours
            ? m().quietFrom(of.quiet_hours.start ?? "", of.quiet_hours.end ?? "")
            : m().atAnyHour}
        </dd>
        <dt>{m().rate}</dt>
        <dd>{m().perMinute(number(of.per_minute))}</dd>
      </dl>
    </section>
  );
};

const forWhom = ({ filter, progress, state }: Campaign): string[] => {
  const names = (of: readonly { value: string; name: string }[], chosen: readonly string[] = []): string =>
    chosen.map((value) => of.find((one) => one.value === value)?.name ?? value).join(", ");
  const named = state === "draft" ? progress.listed : 0;
  return [
    filter?.everyone ? m().everyone : "",
    filter?.tags?.length ? m().withTags(filter.tags.join(", ")) : "",
    filter?.without_tags?.length ? m().withoutTags(filter.without_tags.join(", ")) : "",
    names(languages(locale.value), filter?.languages),
    names(countries(locale.value), filter?.countries),
    ...Object.entries(filter?.attributes ?? {}).map(([name, value]) => `${name} = ${String(value)}`),
    named ? m().namedByHand(named) : filter ? "" : m().chosenByHand,
  ].filter(Boolean);
};
