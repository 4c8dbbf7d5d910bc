// The switches of an inbox: on and off, what of the plan it uses, when a closed conversation goes on.
import { useState } from "preact/hooks";
import type { Setting } from "../api/types.ts";
import { Choice, Switch } from "../own/fields.tsx";
import { Changed } from "./changed.tsx";
import { Kinds } from "./parts.tsx";
import type { Put } from "./setting.ts";
import { m } from "./words.ts";

const FEATURES = ["assign", "assistant", "campaigns", "canned", "survey"];

export const SwitchSetting = ({ of, put }: { of: Setting; put: Put }) => (
  <fieldset class="plain" disabled={!of.mine}>
    {typeof of.value === "boolean" ? (
      <Switch
        label={m().switchNamed(of.name)}
        hint={m().switchWhy(of.name)}
        on={of.value}
        onChange={(on) => void put(of.name, on)}
      />
    ) : Array.isArray(of.value) ? (
      <Features of={of} put={put} />
    ) : (
      <Reopening of={of} put={put} />
    )}
    <Changed of={of} put={put} />
  </fieldset>
);

const Features = ({ of, put }: { of: Setting; put: Put }) => {
  const chosen = of.value as readonly string[];
  return (
    <div class="setting" role="group" aria-label={m().switchNamed(of.name)}>
      <div class="grow">
        {m().switchNamed(of.name)}
        <span class="soft small block">{m().switchWhy(of.name)}</span>
      </div>
      <div class="checks">
        {FEATURES.map((one) => (
          <label key={one}>
            <input
              type="checkbox"
              checked={chosen.includes(one)}
              onChange={(event) => {
                const on = event.currentTarget.checked;
                void put(
                  of.name,
                  FEATURES.filter((each) => (each === one ? on : chosen.includes(each))),
                );
              }}
            />
            {m().feature(one)}
          </label>
        ))}
      </div>
    </div>
  );
};

const UNITS = { m: "m", h: "h", d: "d" } as const;
type Reopen = "never" | "always" | "within";
const Reopening = ({ of, put }: { of: Setting; put: Put }) => {
  const value = String(of.value);
  const now: Reopen = value === "never" || value === "always" ? value : "within";
  const [asked, ask] = useState<Reopen>(now);
  const parts = /^(\d+)([mhd])$/.exec(value);
  const [count, say] = useState(parts?.[1] ?? "7");
  const [unit, choose] = useState<keyof typeof UNITS>((parts?.[2] as keyof typeof UNITS) ?? "d");
  const within = (number: string, of_: keyof typeof UNITS): void => {
    if (/^\d+$/.test(number) && Number(number) > 0) void put(of.name, `${Number(number)}${of_}`);
  };
  return (
    <>
      <Choice
        label={m().switchNamed(of.name)}
        value={asked}
        of={(["never", "always", "within"] as const).map((one) => [one, m().reopening(one)])}
        onChange={(one) => {
          ask(one);
          if (one === "within") within(count, unit);
          else void put(of.name, one);
        }}
      />
      {asked === "within" && (
        <div class="setting">
          <input
            class="field short"
            type="number"
            min={1}
            aria-label={m().howLong}
            value={count}
            onChange={(event) => {
              say(event.currentTarget.value);
              within(event.currentTarget.value, unit);
            }}
          />
          <Kinds
            label={m().unit}
            value={unit}
            of={(["m", "h", "d"] as const).map((one) => [one, m().units(one)])}
            onChange={(one) => {
              choose(one);
              within(count, one);
            }}
          />
        </div>
      )}
    </>
  );
};
