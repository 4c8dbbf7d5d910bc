// What customers answered: numbers, thumbs, words.
import { useEffect, useState } from "preact/hooks";
import * as asked from "../api/calls.ts";
import * as calls from "../api/managing.ts";
import type { ConversationRow, SurveyAnswer, SurveyFigures } from "../api/types.ts";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";
import { Nothing, Time } from "../parts/small.tsx";
import { nameOf } from "../store/names.ts";
import { addressOf, place } from "../store/place.ts";
import { inboxes, keyOf } from "../store/session.ts";
import { moment, number } from "../text/format.ts";
import { locale, all as t } from "../text/words.ts";
import { follow } from "../view/rail.tsx";
import { Bar, Bars, Figure, Kinds } from "./parts.tsx";
import { m } from "./words.ts";

const DAYS = ["7", "30", "90"] as const;
type Days = (typeof DAYS)[number];
const DAY = 86_400_000;
const written = (at: number): string => new Date(at).toLocaleDateString("sv-SE"); // as the API writes dates

export const Surveys = () => {
  const [days, choose] = useState<Days>("30");
  const [inbox, narrow] = useState("");
  const found = useLoaded(() => {
    const today = Date.now();
    return calls.surveyReport({
      first: written(today - (Number(days) - 1) * DAY),
      last: written(today),
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      inbox: inbox || null,
    });
  }, [days, inbox]);
  const now = found.value;
  return (
    <>
      <Bar title={t().surveysWord}>
        {inboxes.value.length > 1 && (
          <select
            class="field bar-choice"
            aria-label={m().ofInbox}
            value={inbox}
            onChange={(event) => narrow(event.currentTarget.value)}
          >
            <option value="">{m().allInboxes}</option>
            {inboxes.value.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        )}
      </Bar>
      <div class="page-scroll settings">
        <section aria-label={m().period}>
          <Kinds
            label={m().period}
            value={days}
            of={DAYS.map((one) => [one, m().lastDays(Number(one))])}
            onChange={choose}
          />
          <NotLoaded of={found} />
        </section>
        {now && !now.surveys.length && (
          <Nothing icon="vote" title={m().noSurveys}>
            <p class="soft">{m().noSurveysWhy}</p>
          </Nothing>
        )}
        {now?.surveys.map((one) => (
          <Results key={one.survey} of={one} />
        ))}
        {now && now.newest.length > 0 && <Answers of={now.newest} surveys={now.surveys} />}
      </div>
    </>
  );
};

const decimal = (value: number): string =>
  new Intl.NumberFormat(locale.value, { minimumFractionDigits: 1, maximumFractionDigits: 2 }).format(value);
const share = (part: number, whole: number): string =>
  new Intl.NumberFormat(locale.value, { style: "percent" }).format(whole ? part / whole : 0);

/** What is asked for; of a survey that the desk does not have any more it shows in the answers. */
const kindOf = (of: SurveyFigures): SurveyFigures["kind"] =>
  of.kind ?? (Object.keys(of.scores).length ? "scale" : "text");

const Results = ({ of }: { of: SurveyFigures }) => {
  const kind = kindOf(of);
  const count = (score: number): number => of.scores[String(score)] ?? 0;
  const given = Object.keys(of.scores).map(Number);
  const lowest = Math.min(of.lowest ?? given[0] ?? 0, ...given);
  const highest = Math.max(of.highest ?? given.at(-1) ?? 0, ...given);
  const scale = Array.from({ length: highest - lowest + 1 }, (_, i) => highest - i);
  return (
    <section aria-label={of.question ?? of.survey}>
      <h2>
        <bdi>{of.question ?? of.survey}</bdi>
      </h2>
      <dl class="big-figures">
        <Figure label={m().asked} value={number(of.sent)} />
        <Figure label={m().answered} value={number(of.answered)} />
        {kind === "scale" && of.mean !== null && (
          <Figure label={m().mean} value={m().outOf(decimal(of.mean), highest)} />
        )}
        {kind === "thumbs" && of.answered > 0 && (
          <Figure label={m().up} value={share(count(1), count(0) + count(1))} />
        )}
      </dl>
      {kind === "scale" && of.answered > 0 && (
        <Bars short label={m().scores} of={scale.map((one) => [String(one), count(one)])} />
      )}
      {kind === "thumbs" && of.answered > 0 && (
        <Bars
          label={m().scores}
          of={[
            [`👍 ${m().up}`, count(1)],
            [`👎 ${m().down}`, count(0)],
          ]}
        />
      )}
      {kind === "text" && <p class="soft">{m().inWords}</p>}
    </section>
  );
};

const Answers = ({ of, surveys }: { of: readonly SurveyAnswer[]; surveys: readonly SurveyFigures[] }) => {
  const [rows, put] = useState<ReadonlyMap<string, ConversationRow>>(new Map());
  const ids = [...new Set(of.map((one) => one.conversation_id))].slice(0, 100);
  useEffect(() => {
    asked.list({ ids, limit: 100, status: "all" }).then(
      (page) => put(new Map(page.items.map((one) => [one.id, one]))),
      () => {}, // without names they are as good
    );
  }, [ids.join()]);
  return (
    <section aria-label={m().newest}>
      <h2>{m().newest}</h2>
      <ul class="recipients">
        {of.map((one) => (
          <Answer
            key={one.conversation_id + one.survey}
            of={one}
            survey={surveys.find((each) => each.survey === one.survey) ?? null}
            row={rows.get(one.conversation_id) ?? null}
          />
        ))}
      </ul>
    </section>
  );
};

const Answer = (props: { of: SurveyAnswer; survey: SurveyFigures | null; row: ConversationRow | null }) => {
  const { of, survey, row } = props;
  const to = {
    screen: "inbox" as const,
    inbox: row ? keyOf(row) : "",
    channel: "",
    conversation: of.conversation_id,
  };
  return (
    <li>
      <p class="recipient-head">
        <a
          class="link cut"
          href={addressOf({ ...place.value, ...to })}
          onClick={(event) => follow(event, to)}
        >
          <bdi>{row ? nameOf(row) : t().conversation}</bdi>
        </a>
        <span class="soft grow cut">{survey?.question ?? of.survey}</span>
        {of.score !== null && <span class="pill">{scored(of.score, survey)}</span>}
        <span class="soft small">
          <Time at={of.answered_at}>{moment(of.answered_at)}</Time>
        </span>
      </p>
      {of.comment && (
        <p class="campaign-said" dir="auto">
          {of.comment}
        </p>
      )}
    </li>
  );
};

const scored = (score: number, survey: SurveyFigures | null): string =>
  survey?.kind === "thumbs"
    ? score
      ? `👍 ${m().up}`
      : `👎 ${m().down}`
    : `${score}/${survey?.highest ?? "–"}`;
