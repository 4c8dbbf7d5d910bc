// What the screens of managers have in common.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { newKey, Refused, Unreachable } from "../api/http.ts";
import { IconButton } from "../parts/small.tsx";
import { say } from "../store/problems.ts";
import { number } from "../text/format.ts";
import { t } from "../text/words.ts";
import { drawer } from "../view/overlays.ts";

/** The bar of a screen; `back` leads to the list it came from. */
export const Bar = (props: { title: string; back?: () => void; children?: ComponentChildren }) => (
  <div class="bar">
    {props.back ? (
      <IconButton icon="back" label={t().backToList} onClick={props.back} />
    ) : (
      <IconButton
        icon="menu"
        label={t().channels}
        class="only-middle"
        onClick={() => (drawer.value = true)}
      />
    )}
    <h1 class="title grow cut">
      <bdi>{props.title}</bdi>
    </h1>
    {props.children}
  </div>
);

/** One thing at a time, under one key until there is an answer: a time-out and another press are one deed. */
export const useDeed = (): {
  busy: boolean;
  problem: string;
  run: (act: (key: string) => Promise<void>) => Promise<void>;
} => {
  const key = useRef(newKey());
  const [busy, be] = useState(false);
  const [problem, complain] = useState("");
  const run = async (act: (key: string) => Promise<void>): Promise<void> => {
    be(true);
    complain("");
    try {
      await act(key.current);
      key.current = newKey();
    } catch (error) {
      if (!(error instanceof Unreachable)) key.current = newKey();
      complain(sayAll(error));
    } finally {
      be(false);
    }
  };
  return { busy, problem, run };
};

/** With what is wrong of a text or a value, where the server says so. */
export const sayAll = (error: unknown): string => {
  const more = error instanceof Refused ? error.more : {};
  const said = [more["problem"], more["hint"]].filter((one) => typeof one === "string" && one);
  return [say(error), ...said].join(" ");
};

export const Wrong = ({ text }: { text: string }) =>
  text ? (
    <p class="bad-text" role="alert">
      {text}
    </p>
  ) : null;

/** How often each, as bars beside each other. The longest is the whole width. */
export const Bars = (props: {
  label: string;
  of: readonly (readonly [string, number])[];
  short?: boolean;
}) => {
  const most = Math.max(1, ...props.of.map(([, count]) => count));
  return (
    <table class={`bars ${props.short ? "short" : ""}`} aria-label={props.label}>
      <tbody>
        {props.of.map(([name, count]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="bars-bar" aria-hidden="true">
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect width={(count / most) * 100} height="8" />
              </svg>
            </td>
            <td class="figure">{number(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

export const Figure = ({ label, value }: { label: string; value: string }) => (
  <div class="big-figure">
    <dt class="soft small">{label}</dt>
    <dd>{value}</dd>
  </div>
);

/** What one of a few: a row of chips. */
export const Kinds = <T extends string>(props: {
  label: string;
  value: T;
  of: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) => (
  <div class="kinds" role="radiogroup" aria-label={props.label}>
    {props.of.map(([value, name]) => (
      <button
        type="button"
        key={value}
        role="radio"
        aria-checked={props.value === value}
        class="chip"
        onClick={() => props.onChange(value)}
      >
        {name}
      </button>
    ))}
  </div>
);
