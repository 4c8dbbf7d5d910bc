// Whom a campaign is for: contacts by what is known of them, or named one by one.
import { useId, useState } from "preact/hooks";
import * as calls from "../api/managing.ts";
import type { Campaign, FilterBody } from "../api/types.ts";
import { calledAs, numberOf, useContacts } from "../beside/who.tsx";
import { Switch } from "../own/fields.tsx";
import { spaced } from "../store/names.ts";
import { tags } from "../store/session.ts";
import { locale, all as t } from "../text/words.ts";
import { Chips, countries, languages, Picked } from "./picked.tsx";
import { m } from "./words.ts";

export interface Whom {
  filter: FilterBody | null;
  contacts: readonly { id: string; name: string }[];
}

const PAGES = 100;
/** As it was written down. Who was named by hand is asked for page by page. */
export const whomOf = async (draft: Campaign): Promise<Whom> => {
  const contacts: { id: string; name: string }[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < PAGES && draft.progress.listed; i++) {
    const page = await calls.recipients(draft.id, "listed", cursor, 100);
    for (const one of page.items)
      contacts.push({ id: one.contact_id, name: one.name || spaced(one.address ?? "") || m().contactWord });
    cursor = page.next;
    if (!cursor) break;
  }
  if (cursor) throw new Error("more than can be changed here"); // else saving would leave the rest out
  return { filter: draft.filter, contacts };
};

const written = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
/** `true`, `false` and numbers are meant as such; everything else is text. */
const read = (typed: string): string | number | boolean => {
  const text = typed.trim();
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) && String(Number(text)) === text ? Number(text) : text;
};

/** A filter without any condition is none. */
const emptied = (filter: FilterBody): FilterBody | null =>
  filter.everyone ||
  [filter.tags, filter.without_tags, filter.languages, filter.countries].some((one) => one?.length) ||
  Object.keys(filter.attributes ?? {}).length
    ? filter
    : null;

export const Audience = ({ value, onChange }: { value: Whom; onChange: (whom: Whom) => void }) => {
  const filter = value.filter ?? {};
  const put = (change: Partial<FilterBody>): void =>
    onChange({ ...value, filter: emptied({ ...filter, ...change }) });
  const all = tags.value.map((one) => ({ value: one, name: one }));
  return (
    <>
      <Switch
        label={m().everyone}
        hint={m().everyoneWhy}
        on={filter.everyone ?? false}
        onChange={(everyone) => put({ everyone })}
      />
      <Picked label={m().anyTag} chosen={filter.tags ?? []} of={all} onChange={(one) => put({ tags: one })} />
      <Picked
        label={m().noTag}
        chosen={filter.without_tags ?? []}
        of={all}
        onChange={(one) => put({ without_tags: one })}
      />
      <Picked
        label={m().anyLanguage}
        chosen={filter.languages ?? []}
        of={languages(locale.value)}
        onChange={(one) => put({ languages: one })}
      />
      <Picked
        label={m().anyCountry}
        chosen={filter.countries ?? []}
        of={countries(locale.value)}
        onChange={(one) => put({ countries: one })}
      />
      <Attributes of={filter.attributes ?? {}} onChange={(attributes) => put({ attributes })} />
      <ByHand of={value.contacts} onChange={(contacts) => onChange({ ...value, contacts })} />
    </>
  );
};

const Attributes = (props: {
  of: Record<string, unknown>;
  onChange: (of: Record<string, unknown>) => void;
}) => {
  const [name, nameIt] = useState("");
  const [value, write] = useState("");
  const add = (): void => {
    if (!name.trim() || !value.trim()) return;
    props.onChange({ ...props.of, [name.trim()]: read(value) });
    nameIt("");
    write("");
  };
  const enter = (event: KeyboardEvent): void => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // the form is not finished
    add();
  };
  return (
    <fieldset class="picked">
      <legend class="soft">{m().attributes}</legend>
      <div class="picked-row">
        <Chips
          label={m().attributes}
          of={Object.entries(props.of).map(([one, is]) => ({ value: one, name: `${one} = ${written(is)}` }))}
          onDrop={(one) =>
            props.onChange(Object.fromEntries(Object.entries(props.of).filter(([key]) => key !== one)))
          }
        />
        <input
          class="field short"
          aria-label={m().attributeName}
          placeholder={m().attributeName}
          value={name}
          onInput={(event) => nameIt(event.currentTarget.value)}
          onKeyDown={enter}
        />
        <input
          class="field short"
          aria-label={m().attributeValue}
          placeholder={m().attributeValue}
          value={value}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={enter}
        />
        <button type="button" class="button" disabled={!name.trim() || !value.trim()} onClick={add}>
          {m().addIt}
        </button>
      </div>
    </fieldset>
  );
};

const ByHand = (props: { of: Whom["contacts"]; onChange: (of: Whom["contacts"]) => void }) => {
  const [typed, type] = useState("");
  const found = useContacts(typed);
  const id = useId();
  const known = new Set(props.of.map((one) => one.id));
  return (
    <div class="picked">
      <label class="soft" for={id}>
        {m().byHand}
      </label>
      <div class="picked-row">
        <Chips
          label={m().byHand}
          of={props.of.map((one) => ({ value: one.id, name: one.name }))}
          onDrop={(one) => props.onChange(props.of.filter((contact) => contact.id !== one))}
        />
        <input
          id={id}
          class="field"
          type="search"
          placeholder={t().findContactHow}
          value={typed}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") event.preventDefault(); // the form is not finished
          }}
        />
      </div>
      {found?.items
        .filter((one) => !known.has(one.id))
        .slice(0, 5)
        .map((one) => (
          <button
            type="button"
            class="option"
            key={one.id}
            onClick={() => {
              props.onChange([...props.of, { id: one.id, name: calledAs(one) }]);
              type("");
            }}
          >
            <span class="grow cut">
              <bdi>{calledAs(one)}</bdi>
            </span>
            <span class="soft">{spaced(numberOf(one))}</span>
          </button>
        ))}
    </div>
  );
};
