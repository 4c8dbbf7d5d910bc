// For managers: the desk in use and its mistakes, what the rules do, channels that stand still.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Connection, DeskInUse, RuleCount } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { Avatar, Time } from "../parts/small.tsx";
import { spaced } from "../store/names.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { agents, channels } from "../store/session.ts";
import { moment, number } from "../text/format.ts";
import { all as t } from "../text/words.ts";

interface Seen {
  desk: DeskInUse;
  rules: readonly RuleCount[];
  connections: readonly Connection[];
}

export const Desk = () => {
  const [seen, put] = useState<Seen | null>(null);
  const [problem, complain] = useState<unknown>(null);
  const load = async (): Promise<void> => {
    try {
      const [desk, rules, connections] = await Promise.all([
        calls.desk(),
        calls.rules(7),
        calls.connections(),
      ]);
      put({ desk, rules, connections });
      complain(null);
    } catch (error) {
      complain(error);
    }
  };
  useEffect(() => void load(), []);
  return (
    <>
      <div class="bar">
        <h1 class="title grow">{t().deskAndRules}</h1>
        {seen && <span class="soft">{t().deskVersion(seen.desk.version, seen.desk.rules)}</span>}
      </div>
      <div class="page-scroll settings">
        {problem ? <ProblemBox error={problem} retry={() => void load()} /> : null}
        {seen?.desk.failures.map((one) => (
          <section class="failure" key={one.folder} role="alert">
            <h2>
              <Icon name="warn" /> {t().deskMistaken}
            </h2>
            <p class="soft small">
              {one.folder} · <Time at={one.at}>{moment(one.at)}</Time>
            </p>
            {one.problems.map((line) => (
              <pre key={line}>{line}</pre>
            ))}
          </section>
        ))}
        {seen && <Rules rules={seen.rules} />}
        <Channels onChange={load} connections={seen?.connections ?? []} />
        <People />
      </div>
    </>
  );
};

const Rules = ({ rules }: { rules: readonly RuleCount[] }) => (
  <section>
    <h2>{t().rulesThisWeek}</h2>
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{t().ruleWord}</th>
          <th scope="col" class="figure">
            {t().fired}
          </th>
          <th scope="col" class="figure">
            {t().lastTime}
          </th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr key={rule.name} class={rule.enabled ? "" : "soft"}>
            <td>
              <bdi>{rule.name}</bdi>
              {rule.watches && <span class="pill">{t().onlyWatches}</span>}
              {!rule.enabled && <span class="pill">{t().off}</span>}
            </td>
            <td class="figure">{number(rule.watches ? rule.would_have_fired : rule.fired)}</td>
            <td class="figure soft">
              {rule.last_at ? <Time at={rule.last_at}>{moment(rule.last_at)}</Time> : "–"}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const Channels = ({
  onChange,
  connections,
}: {
  onChange: () => Promise<void>;
  connections: readonly Connection[];
}) => {
  const resume = async (id: string): Promise<void> => {
    try {
      await calls.resume(id);
      toast(t().done);
      await onChange();
    } catch (error) {
      toast(say(error), "bad");
    }
  };
  const problems = new Map(connections.map((one) => [one.key, one]));
  return (
    <section>
      <h2>{t().channels}</h2>
      <table class="table">
        <tbody>
          {channels.value.map((one) => {
            const connection = problems.get(one.connection);
            const bad =
              one.paused_text ??
              connection?.problem ??
              (one.registration?.blocks ? one.registration.text : "");
            return (
              <tr key={one.id}>
                <td>
                  <bdi>{one.name}</bdi> <span class="soft">{spaced(one.address)}</span>
                </td>
                <td class={bad ? "bad-text" : "soft"}>
                  {bad || t().works}
                  {connection && connection.kept_webhooks > 0 && ` · ${t().kept(connection.kept_webhooks)}`}
                </td>
                <td class="figure">
                  {one.paused_code && (
                    <button type="button" class="button" onClick={() => void resume(one.id)}>
                      {t().resume}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
};

const People = () => (
  <section>
    <h2>{t().people}</h2>
    <ul class="people">
      {agents.value.map((one) => (
        <li key={one.id}>
          <Avatar name={one.name} size="s" />
          <span class="grow cut">
            <bdi>{one.name}</bdi> <span class="soft">{t().role(one.role)}</span>
          </span>
          <span class={`dot ${one.available ? (one.do_not_disturb ? "quiet" : "on") : ""}`} />
          <span class="soft">
            {one.available ? (one.do_not_disturb ? t().quiet : t().availableWord) : t().away}
          </span>
        </li>
      ))}
    </ul>
  </section>
);
