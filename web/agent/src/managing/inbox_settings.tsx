// What an inbox's managers change without the desk's folder; what the folder says, and who changed it.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/managing.ts";
import type { Setting, StartInbox } from "../api/types.ts";
import { Section } from "../own/fields.tsx";
import { useLoaded } from "../parts/loaded.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { go, place } from "../store/place.ts";
import { toast } from "../store/say.ts";
import { inboxes } from "../store/session.ts";
import { all as t } from "../text/words.ts";
import { CannedMessages } from "./canned_messages.tsx";
import { Changed } from "./changed.tsx";
import { Dates } from "./dates.tsx";
import { Bar, sayAll } from "./parts.tsx";
import { leaf, type Put } from "./setting.ts";
import { SwitchSetting } from "./switches.tsx";
import { TagList } from "./tag_list.tsx";
import { m } from "./words.ts";

export const InboxSettings = () => {
  const inbox = inboxes.value.find((one) => one.key === place.value.item) ?? inboxes.value[0];
  return (
    <>
      <Bar title={t().inboxSettings}>
        {inboxes.value.length > 1 && inbox && (
          <select
            class="field bar-choice"
            aria-label={m().ofInbox}
            value={inbox.key}
            onChange={(event) => go({ item: event.currentTarget.value }, true)}
          >
            {inboxes.value.map((one) => (
              <option key={one.key} value={one.key}>
                {one.name}
              </option>
            ))}
          </select>
        )}
      </Bar>
      {inbox && <OfInbox key={inbox.id} inbox={inbox} />}
    </>
  );
};

const OfInbox = ({ inbox }: { inbox: StartInbox }) => {
  const found = useLoaded(() => calls.settingsOf(inbox.id), [inbox]); // another when the desk is another
  const [made, note] = useState<readonly Setting[]>([]);
  useEffect(() => note([]), [found.value]);
  const settings = merged(found.value ?? [], made);
  const put: Put = async (name, value) => {
    try {
      const now =
        value === undefined
          ? await calls.putBack(inbox.id, name)
          : await calls.changeSetting(inbox.id, name, value);
      note((before) => [...before.filter((one) => one.name !== name), now]);
      return true;
    } catch (error) {
      toast(sayAll(error), "bad");
      note((before) => [...before]); // what was typed or switched is as it was
      return false;
    }
  };
  const of = (kind: Setting["kind"]): Setting[] => settings.filter((one) => one.kind === kind);
  const byHand = settings.filter((one) => one.changed_by !== null);
  if (found.error && !found.value) return <ProblemBox error={found.error} retry={found.retry} />;
  if (!found.value) return <div class="page-scroll" />;
  return (
    <div class="page-scroll settings">
      <Section title={m().changedTitle}>
        <p class="soft">{m().overridesWhy}</p>
        <p>{byHand.length ? m().changedHere(byHand.length) : m().nothingChanged}</p>
        {byHand.length > 0 && (
          <ul class="overrides" aria-label={m().changedByHand}>
            {byHand.map((one) => (
              <li key={one.name}>
                <span class="grow">{m().settingNamed(one.kind, leaf(one.name))}</span>
                <Changed of={one} put={put} />
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={m().switches}>
        {of("switch").map((one) => (
          <SwitchSetting key={`${one.name}${JSON.stringify(one.value)}`} of={one} put={put} />
        ))}
      </Section>
      <Dates of={of("exception")} put={put} />
      <CannedMessages of={of("canned")} inbox={inbox} put={put} />
      <TagList of={of("tag")} put={put} />
    </div>
  );
};

/** What was changed since they were asked for, each at its place; what is new comes last. */
const merged = (before: readonly Setting[], made: readonly Setting[]): Setting[] => {
  const fresh = new Map(made.map((one) => [one.name, one]));
  const known = new Set(before.map((one) => one.name));
  return [
    ...before.map((one) => fresh.get(one.name) ?? one),
    ...made.filter((one) => !known.has(one.name)),
  ].filter((one) => one.value !== null || one.own !== null);
};
