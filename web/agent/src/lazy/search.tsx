// Finding messages by their words; a number finds whoever has it.
import { useEffect, useRef, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { ConversationRow, SearchHit } from "../api/types.ts";
import { channelIcon } from "../parts/icons.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { Avatar, Nothing, Time } from "../parts/small.tsx";
import { lettersOf, nameOf } from "../store/names.ts";
import { addressOf, go, place } from "../store/place.ts";
import { putRow, rowOf } from "../store/rows.ts";
import { moment } from "../text/format.ts";
import { t } from "../text/words.ts";
import { follow } from "../view/rail.tsx";

const PAUSE = 250;

export const Search = () => {
  const typed = place.value.q;
  const input = useRef<HTMLInputElement>(null);
  const [hits, put] = useState<readonly SearchHit[] | null>(null);
  const [next, further] = useState<string | null>(null);
  const [problem, complain] = useState<unknown>(null);
  const [, turn] = useState(0);
  const fetchPage = async (q: string, cursor: string | null, before: readonly SearchHit[]): Promise<void> => {
    try {
      const page = await calls.search(q, cursor);
      const unknown = [...new Set(page.items.map((one) => one.conversation_id))].filter((id) => !rowOf(id));
      if (unknown.length) (await calls.list({ ids: unknown, limit: 100 })).items.forEach(putRow);
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
        {!typed.trim() && (
          <Nothing icon="find" title={t().searchFor}>
            <p class="soft">{t().searchHow}</p>
          </Nothing>
        )}
        {hits && typed.trim() && !hits.length && (
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

const Hit = ({ hit, words }: { hit: SearchHit; words: string }) => {
  const row: ConversationRow | undefined = rowOf(hit.conversation_id)?.value;
  if (!row) return null;
  const to = {
    screen: "inbox" as const,
    inbox: row.inbox.key,
    channel: "",
    conversation: hit.conversation_id,
    message: hit.message.id,
    q: "",
    tab: row.status,
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
