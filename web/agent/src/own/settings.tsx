// How this browser shows the page, and the one switch for new work.
import type { Signal } from "@preact/signals";
import { askNotifications, notificationsOn } from "../store/alerts.ts";
import { leave } from "../store/begin.ts";
import { me } from "../store/session.ts";
import { density, enterSends, keysOn, language, sharedComputer, sounds, theme } from "../store/settings.ts";
import { all as t } from "../text/words.ts";
import { overlay } from "../view/overlays.ts";
import { setAvailable, setQuiet } from "../view/status.ts";
import { Factor } from "./factor.tsx";

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
          <Switch label={t().quiet} on={mine.do_not_disturb} onChange={setQuiet} hint={t().quietWhy} />
        </section>
        <section>
          <h2>{t().appearance}</h2>
          <Choice
            label={t().languageWord}
            value={language}
            of={[
              ["en", "English"],
              ["it", "Italiano"],
            ]}
          />
          <Choice
            label={t().theme}
            value={theme}
            of={[
              ["system", t().themes("system")],
              ["light", t().themes("light")],
              ["dark", t().themes("dark")],
            ]}
          />
          <Choice
            label={t().density}
            value={density}
            of={[
              ["roomy", t().densities("roomy")],
              ["dense", t().densities("dense")],
            ]}
          />
        </section>
        <section>
          <h2>{t().writingWord}</h2>
          <Switch
            label={t().enterSends}
            on={enterSends.value === "on"}
            onChange={(on) => (enterSends.value = on ? "on" : "off")}
            hint={t().enterSendsWhy}
          />
          <Switch
            label={t().singleKeys}
            on={keysOn.value === "on"}
            onChange={(on) => (keysOn.value = on ? "on" : "off")}
            hint={t().singleKeysWhy}
          />
          <button type="button" class="button" onClick={() => (overlay.value = { kind: "keys" })}>
            {t().keyboard}
          </button>
        </section>
        <section>
          <h2>{t().alerts}</h2>
          <Switch
            label={t().soundsWord}
            on={sounds.value === "on"}
            onChange={(on) => (sounds.value = on ? "on" : "off")}
            hint={t().soundsWhy}
          />
          <Switch
            label={t().notificationsWord}
            on={notificationsOn.value}
            onChange={(on) => void askNotifications(on)}
            hint={t().notificationsWhy}
          />
        </section>
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

const Switch = (props: { label: string; hint: string; on: boolean; onChange: (on: boolean) => void }) => (
  <label class="setting">
    <span class="grow">
      {props.label}
      <span class="soft small block">{props.hint}</span>
    </span>
    <input
      type="checkbox"
      role="switch"
      checked={props.on}
      onChange={(event) => props.onChange(event.currentTarget.checked)}
    />
  </label>
);

const Choice = <T extends string>(props: { label: string; value: Signal<T>; of: [T, string][] }) => (
  <label class="setting">
    <span class="grow">{props.label}</span>
    <select
      class="field"
      value={props.value.value}
      onChange={(event) => (props.value.value = event.currentTarget.value as T)}
    >
      {props.of.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  </label>
);
