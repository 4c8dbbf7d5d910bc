// Signing in: as a page of its own, and as a dialog over the page when a session has ended in mid-work.
import { useEffect, useState } from "preact/hooks";
import { waysIn } from "../api/calls.ts";
import { Refused } from "../api/http.ts";
import type { WaysIn } from "../api/types.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icons.tsx";
import { goAway } from "../store/away.ts";
import { begin, finishSignIn, signIn } from "../store/begin.ts";
import { say } from "../store/problems.ts";
import { expired, me, startError } from "../store/session.ts";
import { language } from "../store/settings.ts";
import { t } from "../text/words.ts";
import { laterOwn, useLazy } from "./lazily.tsx";

const Code = ({ label }: { label: string }) => (
  <label>
    <span>{label}</span>
    <input
      class="field"
      name="code"
      autocomplete="one-time-code"
      autocapitalize="off"
      maxLength={40}
      required
      spellcheck={false}
      ref={(field) => field?.focus()}
    />
  </label>
);

const Form = ({ email }: { email: string }) => {
  const [problem, complain] = useState("");
  const [coded, ask] = useState(false);
  const [busy, be] = useState(false);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    be(true);
    complain("");
    try {
      await signIn(
        String(given.get("email")),
        String(given.get("password")),
        String(given.get("code") ?? ""),
      );
    } catch (error) {
      if (error instanceof Refused && error.code === "second_factor_needed") ask(true);
      else complain(say(error));
      be(false);
    }
  };
  return (
    <form class="sign-in-form" onSubmit={send}>
      <label>
        <span>{t().email}</span>
        <input
          class="field"
          name="email"
          type="email"
          autocomplete="username"
          required
          defaultValue={email}
          spellcheck={false}
        />
      </label>
      <label>
        <span>{t().password}</span>
        <input class="field" name="password" type="password" autocomplete="current-password" required />
      </label>
      {coded && <Code label={t().code} />}
      {problem && (
        <p class="bad-text" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="button primary wide" disabled={busy}>
        {busy ? t().signingIn : t().signIn}
      </button>
    </form>
  );
};

/** The provider has let somebody in; the code of his app is what is left. */
const CodeForm = ({ again }: { again: () => void }) => {
  const [problem, complain] = useState("");
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    complain("");
    try {
      await finishSignIn(String(given.get("code")));
    } catch (error) {
      complain(say(error));
      if (error instanceof Refused && error.code === "sign_in_stale") again();
    }
  };
  return (
    <form class="sign-in-form" onSubmit={send}>
      <Code label={t().code} />
      {problem && (
        <p class="bad-text" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="button primary wide">
        {t().signIn}
      </button>
    </form>
  );
};

const BY_PASSWORD: WaysIn = { password: true, provider: null, code_needed: false, problem: null };

/** Whatever ways of signing in this house has. */
const Ways = ({ email }: { email: string }) => {
  const [ways, know] = useState<WaysIn | null>(null);
  const ask = (): void => void waysIn().then(know, () => know(BY_PASSWORD));
  useEffect(ask, []);
  if (!ways) return null;
  return (
    <>
      {ways.problem && (
        <p class="bad-text" role="alert">
          {ways.problem.detail}
        </p>
      )}
      {ways.code_needed && <CodeForm again={ask} />}
      {ways.provider && (
        <a
          class={`button wide${ways.password || ways.code_needed ? "" : " primary"}`}
          href={ways.provider.path}
          onClick={goAway}
        >
          {t().signInBy(ways.provider.name)}
        </a>
      )}
      {ways.password && !ways.code_needed && <Form email={email} />}
    </>
  );
};

export const SignIn = () => (
  <main class="sign-in">
    <div class="sign-in-box">
      <span class="mark big">
        <Icon name="inbox" />
      </span>
      <h1>Casella</h1>
      <p class="soft">{t().signInWhy}</p>
      <Ways email="" />
      <p class="languages">
        {(["en", "it"] as const).map((one) => (
          <button
            type="button"
            class="link"
            key={one}
            lang={one}
            aria-pressed={language.value === one}
            onClick={() => (language.value = one)}
          >
            {one === "en" ? "English" : "Italiano"}
          </button>
        ))}
      </p>
    </div>
  </main>
);

export const SignInAgain = () => {
  if (!expired.value) return null;
  return (
    <Dialog title={t().sessionEnded} onClose={null}>
      <p class="soft">{t().sessionEndedWhy}</p>
      <Ways email={me.value?.email ?? ""} />
    </Dialog>
  );
};

/** Who needs a second factor and has none sets it up before anything else. */
const SetUp = () => {
  const View = useLazy<Record<string, never>>(async () => (await laterOwn()).SetUpFirst);
  return <main class="sign-in">{View && <View />}</main>;
};

export const NotStarted = ({ role }: { role: boolean }) =>
  startError.value instanceof Refused && startError.value.code === "second_factor_setup" ? (
    <SetUp />
  ) : (
    <Stopped role={role} />
  );

const Stopped = ({ role }: { role: boolean }) => (
  <main class="sign-in">
    <div class="sign-in-box" role="alert">
      <span class="mark big">
        <Icon name={role ? "person" : "warn"} />
      </span>
      <h1>{role ? t().noRole : t().notLoaded}</h1>
      <p class="soft">{say(startError.value)}</p>
      <button type="button" class="button primary" onClick={() => void begin()}>
        {t().tryAgain}
      </button>
    </div>
  </main>
);
