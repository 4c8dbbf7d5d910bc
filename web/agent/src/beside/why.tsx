// Why a conversation is where it is: rule by rule, agent by agent, as the rules saw it.
import type { DecisionPage, Run } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { Time } from "../parts/small.tsx";
import { moment } from "../text/format.ts";
import { all as t } from "../text/words.ts";

export const Why = ({ page }: { page: DecisionPage }) => {
  if (!page.items.length && !page.waiting) return <p class="soft">{t().noDecisions}</p>;
  return (
    <>
      {page.waiting && (
        <div class="why-run">
          <p>{t().waitsIn(page.waiting.team, page.waiting.ahead)}</p>
          <ul>
            {page.waiting.passed_over.map((one) => (
              <li key={one.agent_id} class="soft">
                {one.agent}: {one.text}
              </li>
            ))}
          </ul>
        </div>
      )}
      {page.items.map((one) => (
        <details class="why-run" key={one.id}>
          <summary>
            <span class="grow">{headline(one.run)}</span>
            <span class="soft small">
              <Time at={one.at}>{moment(one.at)}</Time>
            </span>
          </summary>
          <RunDetails run={one.run} />
        </details>
      ))}
    </>
  );
};

const headline = (run: Run): string => {
  const fired = run.rules
    .filter((one) => one.outcome === "matched" || one.outcome === "fired")
    .map((one) => one.name);
  return fired.length ? fired.map((one) => `“${one}”`).join(", ") : t().noRuleMatched;
};

const RunDetails = ({ run }: { run: Run }) => {
  const reached = run.rules.filter((one) => one.outcome !== "not_reached");
  const missed = run.rules.length - reached.length;
  return (
    <>
      {run.problem && <p class="bad-text">{run.problem}</p>}
      <ul class="why-list">
        {reached.map((rule) => (
          <li key={rule.name}>
            <span class={`why-mark ${rule.outcome}`}>
              <Icon name={rule.outcome === "matched" || rule.outcome === "fired" ? "check" : "close"} />
            </span>
            <div class="grow">
              <p>“{rule.name}”</p>
              <p class="soft small">{t().outcome(rule.outcome)}</p>
              {rule.reasons.map((reason) => (
                <p class="soft small" key={reason}>
                  {reason}
                </p>
              ))}
            </div>
          </li>
        ))}
      </ul>
      {missed > 0 && <p class="soft small">{t().notReached(missed)}</p>}
      {run.others > 0 && <p class="soft small">{t().otherRules(run.others)}</p>}
      {run.assignments.map((choice, i) => (
        <div key={i}>
          <p>{choice.agent ? t().chosen(choice.agent) : t().nobodyFree}</p>
          {choice.passed_over.map((one) => (
            <p class="soft small" key={one.agent_id}>
              {one.agent}: {one.text}
            </p>
          ))}
        </div>
      ))}
      {run.actions.map((action) => (
        <p class="soft small" key={action.rule + action.action}>
          {action.action}: {action.text ?? action.result ?? (action.done ? t().done : (action.reason ?? ""))}
        </p>
      ))}
    </>
  );
};
