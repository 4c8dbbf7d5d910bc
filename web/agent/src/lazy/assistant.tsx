// The Message Assistant: which messages it may read, what it proposes, from what. It fills the box and never sends.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Answer, Proposal, State } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { IconButton } from "../parts/small.tsx";
import { say } from "../store/problems.ts";
import { isManager } from "../store/session.ts";
import { clock } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import type { AssistantProps } from "../view/lazily.tsx";

type What = "suggest" | "generate" | "rewrite";

export const Assistant = ({ thread, draft, onTake, onClose }: AssistantProps) => {
  const [state, know] = useState<State | null>(null);
  const [what, choose] = useState<What>(draft.trim() ? "rewrite" : "suggest");
  const [tone, setTone] = useState("");
  const [intent, say_] = useState("");
  const [how, setHow] = useState("grammar");
  const [excluded, exclude] = useState<ReadonlySet<string>>(new Set());
  const [answer, put] = useState<Answer | null>(null);
  const [problem, complain] = useState("");
  const [busy, be] = useState(false);
  useEffect(() => {
    calls.assistant().then(know, (error) => complain(say(error)));
  }, []);
  const inbox = state?.inboxes.find((one) => one.id === thread.detail.peek()?.inbox.id);
  const tones = state?.tones ?? [];
  const messages = thread.messages.value.filter((one) => one.direction !== "note" && one.text).slice(-12);
  const ask = async (): Promise<void> => {
    be(true);
    complain("");
    const exclude = [...excluded];
    const bodies = {
      suggest: { exclude, count: 3, ...(tone ? { tone } : {}) },
      generate: { exclude, intent, tone: tone || tones[0] },
      rewrite: {
        draft,
        how,
        ...(how === "tone" ? { tone: tone || tones[0] } : {}),
        ...(how === "translate" ? { language: thread.detail.peek()?.contact ? "it" : "en" } : {}),
      },
    };
    try {
      put(await calls.propose(thread.id, what, bodies[what]));
    } catch (error) {
      complain(say(error));
    } finally {
      be(false);
    }
  };
  const accept = async (): Promise<void> => {
    try {
      await calls.acceptTerms(state?.terms ?? "");
      know(await calls.assistant());
    } catch (error) {
      complain(say(error));
    }
  };
  const take = (proposal: Proposal): void => {
    calls.feedback(thread.id, proposal.id, "accepted").catch(() => {});
    onTake(proposal.text);
  };
  const off = inbox && (!inbox.enabled || inbox.reason);
  return (
    <section class="assistant" aria-label={t().assistant}>
      <div class="assistant-head">
        <div class="composer-tabs" role="radiogroup" aria-label={t().assistant}>
          {(["suggest", "generate", "rewrite"] as const).map((one) => (
            <button
              type="button"
              role="radio"
              key={one}
              aria-checked={what === one}
              disabled={one === "rewrite" && !draft.trim()}
              onClick={() => {
                choose(one);
                put(null);
              }}
            >
              {t().assist(one)}
            </button>
          ))}
        </div>
        <span class="grow" />
        <IconButton icon="close" label={t().close} onClick={onClose} />
      </div>
      {off ? (
        <div class="assistant-ask">
          <p class="soft grow">{t().assistantOff}</p>
          {isManager.value && inbox.reason === "assistant_no_consent" && (
            <button type="button" class="button" onClick={() => void accept()}>
              {t().acceptTerms(state?.terms ?? "")}
            </button>
          )}
        </div>
      ) : (
        <>
          {what === "generate" && (
            <input
              class="field"
              aria-label={t().intent}
              placeholder={t().intent}
              value={intent}
              onInput={(event) => say_(event.currentTarget.value)}
            />
          )}
          {what !== "rewrite" && (
            <details class="assistant-uses">
              <summary>{t().mayRead(messages.filter((one) => !excluded.has(one.id)).length)}</summary>
              <ul>
                {messages.map((one) => (
                  <li key={one.id}>
                    <label>
                      <input
                        type="checkbox"
                        checked={!excluded.has(one.id)}
                        onChange={(event) => {
                          const now = new Set(excluded);
                          if (event.currentTarget.checked) now.delete(one.id);
                          else now.add(one.id);
                          exclude(now);
                        }}
                      />
                      <span class="cut" dir="auto">
                        {one.direction === "out" ? `${t().youWrote} ` : ""}
                        {one.text}
                      </span>
                      <span class="soft small">{clock(one.received_at)}</span>
                    </label>
                  </li>
                ))}
              </ul>
            </details>
          )}
          <div class="assistant-ask">
            {what === "rewrite" && (
              <select
                class="field"
                aria-label={t().howRewrite}
                value={how}
                onChange={(event) => setHow(event.currentTarget.value)}
              >
                {(["grammar", "shorter", "longer", "tone"] as const).map((one) => (
                  <option key={one} value={one}>
                    {t().how(one)}
                  </option>
                ))}
              </select>
            )}
            {(what !== "rewrite" || how === "tone") && tones.length > 0 && (
              <select
                class="field"
                aria-label={t().tone}
                value={tone}
                onChange={(event) => setTone(event.currentTarget.value)}
              >
                {what === "suggest" && <option value="">{t().anyTone}</option>}
                {tones.map((one) => (
                  <option key={one} value={one}>
                    {t().toneNamed(one)}
                  </option>
                ))}
              </select>
            )}
            <button
              type="button"
              class="button primary"
              disabled={busy || (what === "generate" && !intent.trim())}
              onClick={() => void ask()}
            >
              <Icon name="spark" />
              {busy ? t().thinking : t().propose}
            </button>
          </div>
        </>
      )}
      {problem && (
        <p class="bad-text" role="alert">
          {problem}
        </p>
      )}
      <div aria-live="polite">
        {answer?.proposals.map((one) => (
          <article class="proposal" key={one.id}>
            <p dir="auto">{one.text}</p>
            {one.flags.map((flag) => (
              <p class="warn-text small" key={flag.code + flag.excerpt}>
                <Icon name="warn" /> {t().flag(flag.code, flag.excerpt)}
              </p>
            ))}
            <div class="proposal-foot">
              <span class="soft small grow">{sources(one)}</span>
              <button type="button" class="button" onClick={() => take(one)}>
                {t().useIt}
              </button>
            </div>
          </article>
        ))}
        {answer?.flags.map((flag) => (
          <p class="warn-text small" key={flag.code + flag.excerpt}>
            <Icon name="warn" /> {t().flag(flag.code, flag.excerpt)}
          </p>
        ))}
        {answer && (
          <p class="soft small">
            {answer.notice || t().usedMessages(answer.used.messages.length, answer.model)}
          </p>
        )}
      </div>
    </section>
  );
};

const sources = (one: Proposal): string =>
  [
    one.canned.length ? t().fromCanned(one.canned.join(", ")) : "",
    one.answers.length ? t().fromAnswers(one.answers.length) : "",
  ]
    .filter(Boolean)
    .join(" · ");
