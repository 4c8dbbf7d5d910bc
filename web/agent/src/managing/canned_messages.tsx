// Canned messages of an inbox: their texts, the phrase that fills them in, and for whom they are.
import { useState } from "preact/hooks";
import type { JsonValue, Setting, StartInbox } from "../api/types.ts";
import { Section, Switch } from "../own/fields.tsx";
import { all as t } from "../text/words.ts";
import { Changed } from "./changed.tsx";
import { leaf, type Put } from "./setting.ts";
import { m } from "./words.ts";

interface Canned {
  text: Record<string, string>;
  phrase?: string;
  inboxes?: string[];
  description?: string;
}

const read = (value: JsonValue): Canned => {
  const known = (value ?? {}) as Omit<Partial<Canned>, "text"> & { text?: string | Record<string, string> };
  const text = typeof known.text === "string" ? { en: known.text } : (known.text ?? {});
  return { ...known, text };
};

export const CannedMessages = (props: { of: readonly Setting[]; inbox: StartInbox; put: Put }) => {
  const [adding, add] = useState(false);
  return (
    <Section title={m().cannedTitle}>
      <p class="soft small">{m().cannedWhy}</p>
      {props.of.map((one) => (
        <One key={`${one.name}${JSON.stringify(one.value)}`} of={one} inbox={props.inbox} put={props.put} />
      ))}
      {adding ? (
        <Editor
          name={null}
          value={{ text: {}, inboxes: [props.inbox.key] }}
          inbox={props.inbox}
          onCancel={() => add(false)}
          onKeep={async (key, value) => {
            if (await props.put(`canned/${key}`, value)) add(false);
          }}
        />
      ) : (
        <button type="button" class="button" onClick={() => add(true)}>
          {m().newCanned}
        </button>
      )}
    </Section>
  );
};

const One = ({ of, inbox, put }: { of: Setting; inbox: StartInbox; put: Put }) => {
  const [editing, edit] = useState(false);
  const value = read(of.value ?? of.own);
  const gone = of.value === null;
  return (
    <div class="canned-one">
      <div class="recipient-head">
        <span class="strong cut">{gone ? <s>{leaf(of.name)}</s> : leaf(of.name)}</span>
        {value.phrase && <kbd>{value.phrase}</kbd>}
        <span class="grow soft small">{value.inboxes?.length ? "" : m().forAllInboxes}</span>
        {of.mine && !gone && !editing && (
          <>
            <button
              type="button"
              class="link small"
              aria-label={m().changeOf(leaf(of.name))}
              onClick={() => edit(true)}
            >
              {m().change}
            </button>
            <button
              type="button"
              class="link small"
              aria-label={m().drop(leaf(of.name))}
              onClick={() => void put(of.name, null)}
            >
              {m().remove}
            </button>
          </>
        )}
      </div>
      {editing ? (
        <Editor
          name={leaf(of.name)}
          value={value}
          inbox={inbox}
          onCancel={() => edit(false)}
          onKeep={async (_, changed) => {
            if (await put(of.name, changed)) edit(false);
          }}
        />
      ) : (
        !gone &&
        Object.entries(value.text).map(([language, text]) => (
          <p key={language} class="campaign-said" dir="auto">
            <span class="pill">{language}</span> {text}
          </p>
        ))
      )}
      <Changed of={of} put={put} />
      {!of.mine && <p class="soft small">{m().notYours}</p>}
    </div>
  );
};

const LANGUAGES = ["en", "it"];
const Editor = (props: {
  name: string | null;
  value: Canned;
  inbox: StartInbox;
  onCancel: () => void;
  onKeep: (key: string, value: JsonValue) => Promise<void>;
}) => {
  const [key, name] = useState(props.name ?? "");
  const [phrase, call] = useState(props.value.phrase ?? "");
  const [texts, write] = useState(props.value.text);
  const [everywhere, share] = useState(!props.value.inboxes?.length);
  const [busy, be] = useState(false);
  const languages = [
    ...new Set([...Object.keys(props.value.text), props.inbox.locale.split("-")[0]!, ...LANGUAGES]),
  ];
  const made = (): JsonValue => {
    const said = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim()));
    const inboxes = everywhere ? [] : props.value.inboxes?.length ? props.value.inboxes : [props.inbox.key];
    return {
      text: said,
      ...(phrase.trim() ? { phrase: phrase.trim() } : {}),
      ...(inboxes.length ? { inboxes } : {}),
      ...(props.value.description ? { description: props.value.description } : {}),
    };
  };
  return (
    <form
      class="form canned-form"
      onSubmit={async (event) => {
        event.preventDefault();
        be(true);
        await props.onKeep(key.trim(), made());
        be(false);
      }}
    >
      {props.name === null && (
        <label>
          <span>{m().keyWord}</span>
          <input
            class="field"
            required
            autofocus
            title={m().tagHint}
            pattern="[a-z0-9][a-z0-9_\-]*"
            value={key}
            onInput={(event) => name(event.currentTarget.value)}
          />
        </label>
      )}
      <label>
        <span>{m().phrase}</span>
        <input class="field" value={phrase} onInput={(event) => call(event.currentTarget.value)} />
      </label>
      {languages.map((one) => (
        <label key={one}>
          <span>{m().textIn(one)}</span>
          <textarea
            class="field"
            rows={3}
            dir="auto"
            value={texts[one] ?? ""}
            onInput={(event) => write({ ...texts, [one]: event.currentTarget.value })}
          />
        </label>
      ))}
      <Switch label={m().forAllInboxes} on={everywhere} onChange={share} />
      <div class="form-foot">
        <button type="button" class="button" onClick={props.onCancel}>
          {t().cancel}
        </button>
        <button
          type="submit"
          class="button primary"
          disabled={busy || !key.trim() || !Object.values(texts).some((one) => one.trim())}
        >
          {m().keep}
        </button>
      </div>
    </form>
  );
};
