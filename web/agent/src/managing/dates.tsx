// Single dates on which an inbox's office hours are others.
import { useState } from "preact/hooks";
import type { Setting } from "../api/types.ts";
import { Section } from "../own/fields.tsx";
import { IconButton } from "../parts/small.tsx";
import { dateOnly } from "../text/format.ts";
import { Changed, valueSaid } from "./changed.tsx";
import { leaf, type Put } from "./setting.ts";
import { m } from "./words.ts";

export const Dates = ({ of, put }: { of: readonly Setting[]; put: Put }) => {
  const [day, choose] = useState("");
  const [hours, write] = useState("");
  const [busy, be] = useState(false);
  const sorted = [...of].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Section title={m().dates}>
      <p class="soft small">{m().datesWhy}</p>
      <ul class="overrides">
        {sorted.map((one) => (
          <li key={one.name}>
            <span>{dateOnly(leaf(one.name))}</span>
            <span class={`grow ${one.value === null ? "soft" : ""}`}>{valueSaid(one.value)}</span>
            <Changed of={one} put={put} />
            {one.mine && one.value !== null && (
              <IconButton
                icon="close"
                label={m().drop(dateOnly(leaf(one.name)))}
                onClick={() => void put(one.name, null)}
              />
            )}
          </li>
        ))}
      </ul>
      <form
        class="add-line"
        onSubmit={async (event) => {
          event.preventDefault();
          be(true);
          if (await put(`exceptions/${day}`, hours.trim() || "closed")) {
            choose("");
            write("");
          }
          be(false);
        }}
      >
        <input
          class="field"
          type="date"
          required
          aria-label={m().date}
          value={day}
          onInput={(event) => choose(event.currentTarget.value)}
        />
        <input
          class="field"
          aria-label={m().openFromTo}
          placeholder={m().openHint}
          value={hours}
          onInput={(event) => write(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={busy || !day}>
          {m().addIt}
        </button>
      </form>
    </Section>
  );
};
