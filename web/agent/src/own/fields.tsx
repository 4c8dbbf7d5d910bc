// The kinds of things that are set.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export const Switch = (props: {
  label: string;
  hint?: string;
  on: boolean;
  onChange: (on: boolean) => void;
}) => {
  const id = useId();
  return (
    <div class="setting">
      <div class="grow">
        <label for={id}>{props.label}</label>
        {props.hint && (
          <span class="soft small block" id={`${id}-why`}>
            {props.hint}
          </span>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        aria-describedby={props.hint ? `${id}-why` : undefined}
        role="switch"
        checked={props.on}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
    </div>
  );
};

const Labelled = (props: { id: string; label: string; children: ComponentChildren }) => (
  <div class="setting">
    <label class="grow" for={props.id}>
      {props.label}
    </label>
    {props.children}
  </div>
);

export const Choice = <T extends string>(props: {
  label: string;
  value: T;
  of: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) => {
  const id = useId();
  return (
    <Labelled id={id} label={props.label}>
      <select
        id={id}
        class="field"
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value as T)}
      >
        {props.of.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </Labelled>
  );
};

/** A line of text, kept when it is left or Enter is pressed. */
export const Text = (props: {
  label: string;
  value: string;
  most: number;
  hint?: string;
  onChange: (value: string) => void;
}) => {
  const id = useId();
  return (
    <Labelled id={id} label={props.label}>
      <input
        id={id}
        class="field"
        dir="auto"
        maxLength={props.most}
        placeholder={props.hint ?? ""}
        defaultValue={props.value}
        key={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value.trim())}
      />
    </Labelled>
  );
};

export const Section = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
);
