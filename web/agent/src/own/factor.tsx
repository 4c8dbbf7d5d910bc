// A second factor of one's own: set up, its recovery codes, and taken away again.
import { useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { FactorBegun, SecondFactor } from "../api/types.ts";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { changeMe } from "../store/session.ts";
import { dateOnly } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { pathOf, qr } from "./qr.ts";

type Doing = "" | "setting_up" | "renewing" | "removing";
const QUIET = 4;

export const Factor = () => {
  const loaded = useLoaded<SecondFactor>(calls.factor, []);
  const [doing, act] = useState<Doing>("");
  const [codes, show] = useState<readonly string[]>([]);
  const found = loaded.value;
  const done = (recovery: readonly string[]): void => {
    act("");
    show(recovery);
    loaded.retry();
  };
  const removed = (): void => {
    changeMe({ second_factor: false });
    done([]);
  };
  return (
    <section aria-label={t().factor}>
      <h2>{t().factor}</h2>
      <NotLoaded of={loaded} />
      {found && <p class="soft">{stateOf(found)}</p>}
      {codes.length > 0 && <Recovery codes={codes} onDone={() => show([])} />}
      {found && !doing && !codes.length && (
        <div class="factor-row">
          {found.active_since ? (
            <>
              <button type="button" class="button" onClick={() => act("renewing")}>
                {t().renewCodes}
              </button>
              <button type="button" class="button" onClick={() => act("removing")}>
                {t().removeFactor}
              </button>
            </>
          ) : (
            <button type="button" class="button" onClick={() => act("setting_up")}>
              {t().setUp}
            </button>
          )}
        </div>
      )}
      {doing === "setting_up" && <SetUp onDone={done} onCancel={() => act("")} />}
      {doing === "renewing" && (
        <WithCode
          why={t().renewWhy}
          label={t().renewCodes}
          onCode={async (code) => done((await calls.renewCodes(code)).recovery_codes)}
          onCancel={() => act("")}
        />
      )}
      {doing === "removing" && (
        <WithCode
          why={found?.required ? t().removeWhyNeeded : t().removeWhy}
          label={t().removeFactor}
          onCode={async (code) => {
            await calls.removeFactor(code);
            removed();
          }}
          onCancel={() => act("")}
        />
      )}
    </section>
  );
};

const stateOf = (found: SecondFactor): string =>
  found.active_since
    ? `${t().factorOn(dateOnly(found.active_since))} ${t().codesLeft(found.recovery_codes_left)}`
    : `${t().factorOff} ${found.required ? t().factorNeeded : ""}`;

export const SetUp = (props: { onDone: (codes: readonly string[]) => void; onCancel?: () => void }) => {
  const loaded = useLoaded<FactorBegun>(calls.beginFactor, []);
  const begun = loaded.value;
  if (!begun) return <NotLoaded of={loaded} />;
  return (
    <>
      <p class="factor-form">{t().scanIt}</p>
      <Picture of={begun.uri} />
      <p class="factor-row">
        <span class="soft">{t().theKey}</span>
        <code class="selectable break">{begun.secret.match(/.{1,4}/g)?.join(" ")}</code>
        <button type="button" class="link small" onClick={() => void copy(begun.secret)}>
          {t().copyKey}
        </button>
      </p>
      <p class="soft small">{t().keyHow}</p>
      <WithCode
        why=""
        label={t().factorConfirm}
        onCode={async (code) => {
          const { recovery_codes } = await calls.confirmFactor(code);
          changeMe({ second_factor: true });
          props.onDone(recovery_codes);
        }}
        {...(props.onCancel ? { onCancel: props.onCancel } : {})}
      />
    </>
  );
};

const Picture = ({ of }: { of: string }) => {
  const grid = qr(of);
  if (!grid) return null;
  const size = grid.length + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`${-QUIET} ${-QUIET} ${size} ${size}`} role="img" aria-label={t().qrOf}>
      <path d={pathOf(grid)} />
    </svg>
  );
};

const WithCode = (props: {
  why: string;
  label: string;
  onCode: (code: string) => Promise<void>;
  onCancel?: () => void;
}) => {
  const [problem, complain] = useState("");
  const [busy, be] = useState(false);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget as HTMLFormElement).get("code")).trim();
    be(true);
    complain("");
    try {
      await props.onCode(code);
    } catch (error) {
      complain(say(error));
      be(false);
    }
  };
  return (
    <form class="factor-form" onSubmit={(event) => void send(event)}>
      {props.why && <p>{props.why}</p>}
      <label>
        <span class="soft">{t().code}</span>
        <input class="field" name="code" required autofocus autocomplete="one-time-code" spellcheck={false} />
      </label>
      {problem && (
        <p class="bad-text" role="alert">
          {problem}
        </p>
      )}
      <div class="factor-row">
        <button type="submit" class="button primary" disabled={busy}>
          {props.label}
        </button>
        {props.onCancel && (
          <button type="button" class="button" onClick={props.onCancel}>
            {t().cancel}
          </button>
        )}
      </div>
    </form>
  );
};

/** A page that was not fetched safely, or a browser that refuses, has no clipboard: what is shown can be selected. */
const copy = async (text: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(text);
    toast(t().copied);
  } catch {
    toast(t().notCopied, "bad");
  }
};

/** They are shown this once. */
export const Recovery = ({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) => (
  <div class="factor-form" role="status">
    <p>{t().recoveryWhy}</p>
    <pre class="recovery selectable">{codes.join("\n")}</pre>
    <div class="factor-row">
      <button type="button" class="button" onClick={() => void copy(codes.join("\n"))}>
        {t().copy}
      </button>
      <button type="button" class="button primary" onClick={onDone}>
        {t().keptThem}
      </button>
    </div>
  </div>
);
