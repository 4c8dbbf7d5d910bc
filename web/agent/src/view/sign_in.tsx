// Signing in: as a page of its own, and as a dialog over the page when a session has ended in mid-work.
import { useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icons.tsx";
import { begin, signIn } from "../store/begin.ts";
import { say } from "../store/problems.ts";
import { expired, me, startError } from "../store/session.ts";
import { language } from "../store/settings.ts";
import { t } from "../text/words.ts";

const Form = ({ email }: { email: string }) => {
  const [problem, complain] = useState("");
  const [busy, be] = useState(false);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    be(true);
    complain("");
    try {
      await signIn(String(given.get("email")), String(given.get("password")));
    } catch (error) {
      complain(say(error));
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

export const SignIn = () => (
  <main class="sign-in">
    <div class="sign-in-box">
      <span class="mark big">
        <Icon name="inbox" />
      </span>
      <h1>Casella</h1>
      <p class="soft">{t().signInWhy}</p>
      <Form email="" />
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
      <Form email={me.value?.email ?? ""} />
    </Dialog>
  );
};

export const NotStarted = ({ role }: { role: boolean }) => (
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
