// When one is left in peace: now, for a while, every week.
import type { Peace } from "../api/types.ts";
import { IconButton } from "../parts/small.tsx";
import { choose, chosen } from "../store/own.ts";
import { DAYS } from "../store/peace.ts";
import { me } from "../store/session.ts";
import { coming, weekday } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { setQuiet } from "../view/status.ts";
import { Section, Switch } from "./fields.tsx";

type QuietHours = NonNullable<Peace["hours"]>[number];

const HOUR = 60 * 60_000;
const EVENINGS: QuietHours = { days: [...DAYS], begins: "19:00", ends: "08:00" };
const MOST = 14;

const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const PeaceTimes = () => {
  const peace = chosen.value.peace ?? {};
  const hours = peace.hours ?? [];
  const put = (next: QuietHours[]): void =>
    void choose({ peace: { hours: next, timezone: peace.timezone ?? here() } });
  return (
    <Section title={t().peace}>
      <p class="soft">{t().peaceWhy}</p>
      <Switch label={t().quiet} on={me.value!.do_not_disturb} onChange={setQuiet} hint={t().quietWhy} />
      <ForNow until={peace.until ?? null} />
      <div class="setting">
        <div class="grow">
          {t().quietHours}
          {peace.timezone && hours.length > 0 && (
            <span class="soft small block">{t().zoneOfHours(peace.timezone.replaceAll("_", " "))}</span>
          )}
        </div>
        {hours.length < MOST && (
          <button type="button" class="button" onClick={() => put([...hours, EVENINGS])}>
            {t().addHours}
          </button>
        )}
      </div>
      {hours.map((one, i) => (
        <Hours
          key={i}
          number={i + 1}
          of={one}
          onChange={(next) => put(hours.map((other, j) => (j === i ? next : other)))}
          onRemove={() => put(hours.filter((_, j) => j !== i))}
        />
      ))}
    </Section>
  );
};

const ForNow = ({ until }: { until: string | null }) => {
  const runs = until !== null && Date.parse(until) > Date.now();
  const set = (at: Date | null): void => void choose({ peace: { until: at?.toISOString() ?? null } });
  const morning = (): Date => {
    const at = new Date();
    at.setDate(at.getDate() + 1);
    at.setHours(8, 0, 0, 0);
    return at;
  };
  return (
    <div class="setting">
      <div class="grow" role="status">
        {t().forNow}
        {runs && <span class="soft small block">{t().peaceUntil(coming(until))}</span>}
      </div>
      {runs ? (
        <button type="button" class="button" onClick={() => set(null)}>
          {t().endIt}
        </button>
      ) : (
        <>
          <button type="button" class="button" onClick={() => set(new Date(Date.now() + HOUR))}>
            {t().forAnHour}
          </button>
          <button type="button" class="button" onClick={() => set(morning())}>
            {t().untilMorning}
          </button>
        </>
      )}
    </div>
  );
};

const Hours = (props: {
  number: number;
  of: QuietHours;
  onChange: (next: QuietHours) => void;
  onRemove: () => void;
}) => {
  const { days, begins, ends } = props.of;
  const turn = (day: QuietHours["days"][number]): void => {
    const next = DAYS.filter((one) => (one === day ? !days.includes(one) : days.includes(one)));
    if (next.length) props.onChange({ ...props.of, days: next });
  };
  return (
    <fieldset class="hours">
      <legend class="aside">{t().hoursOf(props.number)}</legend>
      <div class="hours-days">
        {DAYS.map((day, i) => (
          <button
            type="button"
            key={day}
            class="day"
            aria-pressed={days.includes(day)}
            aria-label={weekday(i, "long")}
            onClick={() => turn(day)}
          >
            {weekday(i, "short")}
          </button>
        ))}
      </div>
      <Moment
        label={t().hoursFrom}
        value={begins}
        onChange={(at) => props.onChange({ ...props.of, begins: at })}
      />
      <Moment label={t().hoursTo} value={ends} onChange={(at) => props.onChange({ ...props.of, ends: at })} />
      <span class="soft small grow">{begins === ends ? t().wholeDay : begins > ends ? t().nextDay : ""}</span>
      <IconButton icon="close" label={t().removeHours} onClick={props.onRemove} />
    </fieldset>
  );
};

const Moment = (props: { label: string; value: string; onChange: (at: string) => void }) => (
  <label>
    <span class="soft">{props.label}</span>
    <input
      class="field"
      type="time"
      required
      value={props.value}
      onChange={(event) => {
        if (/^\d\d:\d\d$/.test(event.currentTarget.value)) props.onChange(event.currentTarget.value);
      }}
    />
  </label>
);
