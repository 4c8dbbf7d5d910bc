// What one chooses for oneself, and the one switch for new work.
import { leave } from "../store/begin.ts";
import { choose, chosen } from "../store/own.ts";
import { isManager, me } from "../store/session.ts";
import { density, enterSends, keysOn, sharedComputer, theme } from "../store/settings.ts";
import { all as t } from "../text/words.ts";
import { overlay } from "../view/overlays.ts";
import { managingLinks, RailLink } from "../view/rail.tsx";
import { setAvailable } from "../view/status.ts";
import { Alerts } from "./alerts.tsx";
import { Factor } from "./factor.tsx";
import { Choice, Section, Switch, Text } from "./fields.tsx";
import { PeaceTimes } from "./peace.tsx";

export const Settings = () => {
  const mine = me.value!;
  return (
    <>
      <div class="bar">
        <h1 class="title grow">{t().settings}</h1>
      </div>
      <div class="page-scroll settings">
        <section>
          <h2>{mine.name}</h2>
          <p class="soft">
            {mine.email} · {t().role(mine.role)}
          </p>
          <Switch label={t().takesWork} on={mine.available} onChange={setAvailable} hint={t().takesWorkWhy} />
        </section>
        {isManager.value && (
          <nav class="phone-links" aria-label={t().managing}>
            {managingLinks().map((one) => (
              <RailLink key={one.icon} {...one} />
            ))}
          </nav>
        )}
        <Colleagues />
        <Look />
        <Writing />
        <Alerts />
        <PeaceTimes />
        <Factor />
        <section>
          <Switch
            label={t().sharedComputer}
            on={sharedComputer.value === "on"}
            onChange={(on) => (sharedComputer.value = on ? "on" : "off")}
            hint={t().sharedComputerWhy}
          />
          <button type="button" class="button" onClick={() => void leave()}>
            {t().signOut}
          </button>
        </section>
      </div>
    </>
  );
};

const Colleagues = () => (
  <Section title={t().seenByColleagues}>
    <Text
      label={t().statusMessage}
      hint={t().statusMessageHint}
      value={chosen.value.status_message ?? ""}
      most={140}
      onChange={(status_message) => void choose({ status_message })}
    />
    <Text
      label={t().extensionWord}
      value={chosen.value.extension ?? ""}
      most={32}
      onChange={(extension) => void choose({ extension })}
    />
  </Section>
);

const Look = () => (
  <Section title={t().appearance}>
    <p class="soft">{t().everywhere}</p>
    <Choice
      label={t().languageWord}
      value={chosen.value.language ?? ""}
      of={[
        ["", t().asBrowser],
        ["en", "English"],
        ["it", "Italiano"],
      ]}
      onChange={(one) => void choose({ language: one || null })}
    />
    <Choice
      label={t().theme}
      value={theme.value}
      of={(["system", "light", "dark"] as const).map((one) => [one, t().themes(one)])}
      onChange={(one) => void choose({ theme: one })}
    />
    <Choice
      label={t().density}
      value={density.value}
      of={(["comfortable", "compact"] as const).map((one) => [one, t().densities(one)])}
      onChange={(one) => void choose({ density: one })}
    />
  </Section>
);

const Writing = () => (
  <Section title={t().writingWord}>
    <Switch
      label={t().enterSends}
      on={enterSends.value === "on"}
      onChange={(on) => void choose({ enter_sends: on })}
      hint={t().enterSendsWhy}
    />
    <Switch
      label={t().singleKeys}
      on={keysOn.value === "on"}
      onChange={(on) => void choose({ shortcuts: on })}
      hint={t().singleKeysWhy}
    />
    <button type="button" class="button" onClick={() => (overlay.value = { kind: "keys" })}>
      {t().keyboard}
    </button>
  </Section>
);
