// The desk's tags: which there are, a new one, one taken away.
import { useState } from "preact/hooks";
import type { Setting } from "../api/types.ts";
import { Section } from "../own/fields.tsx";
import { Changed } from "./changed.tsx";
import { Chips } from "./picked.tsx";
import { leaf, type Put } from "./setting.ts";
import { m } from "./words.ts";

export const TagList = ({ of, put }: { of: readonly Setting[]; put: Put }) => {
  const [name, write] = useState("");
  const there = of.filter((one) => one.value !== null);
  const gone = of.filter((one) => one.value === null);
  return (
    <Section title={m().tagsWord}>
      <p class="soft small">{m().tagsWhy}</p>
      <Chips
        label={m().tagsWord}
        of={there.map((one) => ({ value: one.name, name: leaf(one.name) }))}
        onDrop={(one) => void put(one, null)}
      />
      {gone.map((one) => (
        <p key={one.name}>
          <s>{leaf(one.name)}</s> <Changed of={one} put={put} />
        </p>
      ))}
      <form
        class="add-line"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await put(`tags/${name.trim()}`, true)) write("");
        }}
      >
        <input
          class="field"
          required
          pattern="[a-z0-9][a-z0-9_\-]*"
          title={m().tagHint}
          aria-label={m().newTag}
          placeholder={m().newTag}
          value={name}
          onInput={(event) => write(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={!name.trim()}>
          {m().addIt}
        </button>
      </form>
    </Section>
  );
};
