// Finding messages by their words; a number finds whoever has it.
import { useEffect, useRef, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Contact, ConversationRow, SearchHit } from "../api/types.ts";
import { calledAs, numberOf, useContacts } from "../beside/who.tsx";
import { channelIcon } from "../parts/icons.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { Avatar, Nothing, Time } from "../parts/small.tsx";
import { lettersOf, nameOf, spaced } from "../store/names.ts";
import { addressOf, go, place } from "../store/place.ts";
import { putRow, rowOf } from "../store/rows.ts";
import { keyOf } from "../store/session.ts";
import { moment } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { overlay } from "../view/overlays.ts";
import { follow } from "../view/rail.tsx";

const PAUSE = 250;

export const Search = () => {
  const typed = place.value.q;
  const input = useRef<HTMLInputElement>(null);
  const [hits, put] = useState<readonly SearchHit[] | null>(null);
  const [next, further] = useState<string | null>(null);
  const [problem, complain] = useState<unknown>(null);
  const [, turn] = useState(0);
  const people = useContacts(typed, true);
  const fetchPage = async (q: string, cursor: string | null, before: readonly SearchHit[]): Promise<void> => {
    try {
      const page = await calls.search(q, cursor);
      const unknown = [...new Set(page.items.map((one) => one.conversation_id))].filter((id) => !rowOf(id));
      for (const one of page.items) if (unknown.includes(one.conversation_id)) putRow(one.conversation);
      if (place.peek().q.trim() !== q) return;
      put([...before, ...page.items]);
      further(page.next);
      complain(null);
    } catch (error) {
      complain(error);
    }
  };
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    const q = typed.trim();
    if (!q) return put(null);
    const timer = setTimeout(() => void fetchPage(q, null, []), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <>
      <h1 class="aside">{t().search}</h1>
      <div class="bar">
        <input
          ref={input}
          class="field grow"
          type="search"
          aria-label={t().search}
          placeholder={t().searchFor}
          value={typed}
          onInput={(event) => go({ q: event.currentTarget.value }, true)}
        />
      </div>
      <div class="page-scroll">
        {problem ? <ProblemBox error={problem} retry={() => turn((n) => n + 1)} /> : null}
        {people && people.items.length > 0 && (
          <section class="people-found" aria-label={typed.trim() ? t().contacts : t().favourites}>
            <h2 class="rail-head">{typed.trim() ? t().contacts : t().favourites}</h2>
            {people.items.slice(0, 8).map((one) => (
              <Person key={one.id} contact={one} />
            ))}
          </section>
        )}
        {people?.unknown_number && (
          <button
            type="button"
            class="hit"
            onClick={() => (overlay.value = { kind: "create", to: people.unknown_number! })}
          >
            <Avatar name="" />
            <span class="grow">
              {spaced(people.unknown_number)} <span class="soft block">{t().unknownNumber}</span>
            </span>
          </button>
        )}
        {!typed.trim() && !people?.items.length && (
          <Nothing icon="find" title={t().searchFor}>
            <p class="soft">{t().searchHow}</p>
          </Nothing>
        )}
        {hits && typed.trim() && !hits.length && !people?.items.length && !people?.unknown_number && (
          <Nothing icon="find" title={t().nothingFound}>
            <p class="soft">{t().searchHow}</p>
          </Nothing>
        )}
        <ul class="hits" aria-label={t().found}>
          {typed.trim() && hits?.map((hit) => <Hit key={hit.message.id} hit={hit} words={typed} />)}
        </ul>
        {next && (
          <button
            type="button"
            class="button centered"
            onClick={() => void fetchPage(typed.trim(), next, hits ?? [])}
          >
            {t().more}
          </button>
        )}
      </div>
    </>
  );
};

/** Leads to what was written last with him; where there is nothing yet, to a first message. */
const Person = ({ contact }: { contact: Contact }) => {
  const open = async (): Promise<void> => {
    const last = (await calls.history(contact.id, contact.private ? "private" : "shared").catch(() => null))
      ?.items[0];
    if (last) {
      putRow(last);
      go({
        screen: "inbox",
        inbox: keyOf(last),
        channel: "",
        conversation: last.id,
        q: "",
        tab: last.world === "history" ? last.world : last.status,
      });
    } else overlay.value = { kind: "create", to: numberOf(contact) };
  };
  return (
    <button type="button" class="hit" onClick={() => void open()}>
      <Avatar name={contact.name ?? ""} />
      <span class="grow">
        <span class="strong cut">
          <bdi>{calledAs(contact)}</bdi>
        </span>
        <span class="soft cut">{contact.addresses.map((one) => spaced(one.address)).join(" · ")}</span>
      </span>
    </button>
  );
};

const Hit = ({ hit, words }: { hit: SearchHit; words: string }) => {
  const row: ConversationRow | undefined = rowOf(hit.conversation_id)?.value;
  if (!row) return null;
  const to = {
    screen: "inbox" as const,
    inbox: keyOf(row),
    channel: "",
    conversation: hit.conversation_id,
    message: hit.message.id,
    q: "",
    tab: row.world === "history" ? row.world : row.status,
  };
  return (
    <li>
      <a class="hit" href={addressOf({ ...place.value, ...to })} onClick={(event) => follow(event, to)}>
        <Avatar name={lettersOf(row)} badge={channelIcon(row.channel.channel_type)} />
        <span class="grow">
          <span class="row-line">
            <span class="grow cut strong">
              <bdi>{nameOf(row)}</bdi>
            </span>
            <span class="soft small">
              <Time at={hit.message.received_at}>{moment(hit.message.received_at)}</Time>
            </span>
          </span>
          <span class="hit-text soft" dir="auto">
            {hit.message.direction === "out"
              ? `${t().answered} `
              : hit.message.direction === "note"
                ? `${t().noteBy} `
                : ""}
            <Marked text={hit.message.text} words={words} />
          </span>
        </span>
      </a>
    </li>
  );
};

const Marked = ({ text, words }: { text: string; words: string }) => {
  const wanted = words
    .trim()
    .split(/\s+/)
    .map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("|");
  if (!wanted) return <>{text}</>;
  const parts = text.split(new RegExp(`(${wanted})`, "giu"));
  return <>{parts.map((part, i) => (i % 2 ? <mark key={i}>{part}</mark> : part))}</>;
};
