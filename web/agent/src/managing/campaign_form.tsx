// A campaign as it is written down: what it says, to whom, how.
import { useRef, useState } from "preact/hooks";
import * as calls from "../api/managing.ts";
import type { Campaign, CampaignBody, Channel } from "../api/types.ts";
import { Section, Switch } from "../own/fields.tsx";
import { useLoaded } from "../parts/loaded.tsx";
import { Nothing } from "../parts/small.tsx";
import { go } from "../store/place.ts";
import { channels, inboxOf } from "../store/session.ts";
import { all as t } from "../text/words.ts";
import { Audience, type Whom, whomOf } from "./audience.tsx";
import { Bar, Kinds, useDeed, Wrong } from "./parts.tsx";
import { TemplateFields, type Written, writtenOf } from "./template_fields.tsx";
import { m } from "./words.ts";

type Way = "text" | "canned" | "template";
const VARIABLES = ["contact.first_name", "contact.name", "contact.phone", "inbox.name"] as const;

/** A campaign leaves by a channel on which one may begin, of an inbox that has campaigns in its plan. */
const fit = (one: Channel): boolean =>
  Boolean(one.capabilities?.business_may_start) &&
  (inboxOf(one.inbox_id)?.features.includes("campaigns") ?? false);
/** Where the contact's window is over, only a template leaves. */
const ways = (one: Channel | undefined): Way[] =>
  one?.capabilities?.message_templates
    ? one.capabilities.reply_window === null
      ? ["text", "canned", "template"]
      : ["template"]
    : ["text", "canned"];

export const CampaignForm = ({
  draft,
  onDone,
}: {
  draft: Campaign | null;
  onDone: (made: Campaign | null) => void;
}) => {
  const possible = channels.value.filter(fit);
  const listed = useLoaded(draft ? () => whomOf(draft) : null, [draft?.id]);
  const ready = draft ? listed.value : { filter: null, contacts: [] };
  const back = (): void => (draft ? onDone(null) : go({ item: "" }));
  return (
    <>
      <Bar title={draft ? m().changing(draft.name) : m().newCampaign} back={back} />
      <div class="page-scroll settings">
        {!possible.length && !draft ? (
          <Nothing icon="send" title={m().noChannelFits}>
            <p class="soft">{m().noChannelFitsWhy}</p>
          </Nothing>
        ) : listed.error ? (
          <Wrong text={t().notLoaded} />
        ) : ready ? (
          <Fields draft={draft} possible={possible} whom={ready} onDone={onDone} back={back} />
        ) : null}
      </div>
    </>
  );
};

interface FieldsOf {
  draft: Campaign | null;
  possible: readonly Channel[];
  whom: Whom;
  onDone: (made: Campaign | null) => void;
  back: () => void;
}

const Fields = ({ draft, possible, whom: first, onDone, back }: FieldsOf) => {
  const [name, nameIt] = useState(draft?.name ?? "");
  const [channel, choose] = useState(draft?.channel_id ?? possible[0]?.id ?? "");
  const through = channels.value.find((one) => one.id === channel);
  const offered = ways(through);
  const was: Way = draft?.words.template ? "template" : draft?.words.canned ? "canned" : "text";
  const [wanted, want] = useState<Way>(was);
  const way = offered.includes(wanted) ? wanted : offered[0]!;
  const [text, write] = useState(draft?.words.text ?? "");
  const [canned, pick] = useState(draft?.words.canned ?? "");
  const [template, fill] = useState<Written>(writtenOf(draft?.words.template ?? null));
  const [whom, mean] = useState<Whom>(first);
  const [purpose, intend] = useState<"marketing" | "service">(draft?.purpose ?? "marketing");
  const [reason, explain] = useState(draft?.reason ?? "");
  const [anyHour, ignore] = useState(draft ? draft.quiet_hours === null : false);
  const [start, from] = useState(draft?.quiet_hours?.start ?? "20:00");
  const [end, until] = useState(draft?.quiet_hours?.end ?? "08:00");
  const [rate, hurry] = useState(String(draft?.per_minute ?? 300));
  const deed = useDeed();
  const body = (): CampaignBody => ({
    name: name.trim(),
    channel,
    ...(way === "text" ? { text } : way === "canned" ? { canned } : { template }),
    filter: whom.filter,
    contact_ids: whom.contacts.map((one) => one.id),
    purpose,
    reason: purpose === "service" ? reason.trim() : null,
    quiet_hours: anyHour && purpose === "service" ? null : { start, end },
    per_minute: Number(rate),
  });
  return (
    <form
      class="form campaign-form"
      onSubmit={(event) => {
        event.preventDefault();
        void deed.run(async (key) => onDone(await calls.keepCampaign(draft?.id ?? "", body(), key)));
      }}
    >
      <Section title={m().whatItSays}>
        <label>
          <span>{m().nameWord}</span>
          <input
            class="field"
            required
            maxLength={200}
            dir="auto"
            value={name}
            placeholder={m().nameHint}
            onInput={(event) => nameIt(event.currentTarget.value)}
          />
        </label>
        <label>
          <span>{t().channelWord}</span>
          <select class="field" value={channel} onChange={(event) => choose(event.currentTarget.value)}>
            {possible.map((one) => (
              <option key={one.id} value={one.id}>
                {inboxOf(one.inbox_id)?.name} · {one.name}
              </option>
            ))}
          </select>
        </label>
        {offered.length > 1 && (
          <Kinds
            label={m().whatItSays}
            value={way}
            of={offered.map((one) => [one, m().way(one)])}
            onChange={want}
          />
        )}
        {way === "text" && <Words text={text} onInput={write} />}
        {way === "canned" && through && (
          <CannedField inbox={through.inbox_id} value={canned} onChange={pick} />
        )}
        {way === "template" && <TemplateFields channel={channel} value={template} onChange={fill} />}
      </Section>
      <Section title={m().forWhom}>
        <Audience value={whom} onChange={mean} />
      </Section>
      <Section title={m().how}>
        <Kinds
          label={m().purpose}
          value={purpose}
          of={(["marketing", "service"] as const).map((one) => [one, m().purposeNamed(one)])}
          onChange={intend}
        />
        <p class="soft small">{m().purposeWhy(purpose)}</p>
        {purpose === "service" && (
          <>
            <label>
              <span>{m().reason}</span>
              <input
                class="field"
                required
                dir="auto"
                value={reason}
                onInput={(event) => explain(event.currentTarget.value)}
              />
            </label>
            <Switch label={m().atAnyHour} on={anyHour} onChange={ignore} />
          </>
        )}
        {!(anyHour && purpose === "service") && (
          <div class="hours">
            <span class="soft">{m().quiet}</span>
            <Quarter label={t().hoursFrom} value={start} onChange={from} />
            <Quarter label={t().hoursTo} value={end} onChange={until} />
          </div>
        )}
        <label>
          <span>{m().rateMost}</span>
          <input
            class="field short"
            type="number"
            required
            min={1}
            max={6000}
            value={rate}
            onInput={(event) => hurry(event.currentTarget.value)}
          />
        </label>
      </Section>
      <section>
        <Wrong text={deed.problem} />
        <div class="form-foot">
          <button type="button" class="button" onClick={back}>
            {t().cancel}
          </button>
          <button
            type="submit"
            class="button primary"
            disabled={deed.busy || (way === "template" && !template.name)}
          >
            {m().keepDraft}
          </button>
        </div>
      </section>
    </form>
  );
};

const Words = ({ text, onInput }: { text: string; onInput: (text: string) => void }) => {
  const box = useRef<HTMLTextAreaElement>(null);
  return (
    <>
      <label>
        <span>{m().textWord}</span>
        <textarea
          ref={box}
          class="field"
          rows={5}
          required
          dir="auto"
          value={text}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      </label>
      <div class="kinds" role="group" aria-label={m().fillIn}>
        {VARIABLES.map((one) => (
          <button
            type="button"
            key={one}
            class="button small"
            onClick={() => {
              const at = box.current!;
              const word = one === "contact.phone" || one === "inbox.name" ? one : `${one} | default('')`;
              at.setRangeText(`{{ ${word} }}`, at.selectionStart, at.selectionEnd, "end");
              at.focus();
              onInput(at.value);
            }}
          >
            {m().variable(one)}
          </button>
        ))}
      </div>
      <p class="soft small">{m().variablesWhy}</p>
    </>
  );
};

const CannedField = (props: { inbox: string; value: string; onChange: (key: string) => void }) => {
  const found = useLoaded(() => calls.settingsOf(props.inbox), [props.inbox]);
  const keys = (found.value ?? [])
    .filter((one) => one.kind === "canned" && one.value !== null)
    .map((one) => one.name.replace("canned/", ""));
  return (
    <label>
      <span>{m().cannedWord}</span>
      <select
        class="field"
        required
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <option value="">{m().choose}</option>
        {keys.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
};

const QUARTERS = Array.from(
  { length: 96 },
  (_, i) => `${String(i >> 2).padStart(2, "0")}:${String((i % 4) * 15).padStart(2, "0")}`,
);
const Quarter = (props: { label: string; value: string; onChange: (value: string) => void }) => (
  <label>
    {props.label}
    <select class="field" value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
      {QUARTERS.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  </label>
);
