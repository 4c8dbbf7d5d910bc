// Small parts that many views show.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { bytes, full, initials } from "../text/format.ts";
import { Icon, type IconName } from "./icons.tsx";

/** The minute it is, for everything that says how long ago. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 20_000);

export const Avatar = (props: {
  name: string;
  kind?: "contact" | "agent";
  badge?: IconName;
  size?: "s" | "l";
}) => {
  const letters = initials(props.name);
  return (
    <span class={`avatar ${props.size ?? ""}`} aria-hidden="true">
      {letters ? <bdi>{letters}</bdi> : <Icon name="person" />}
      {props.badge && (
        <i>
          <Icon name={props.badge} />
        </i>
      )}
    </span>
  );
};

export const Mini = ({ name }: { name: string }) => (
  <span class="mini" title={name}>
    <span aria-hidden="true">{initials(name)}</span>
    <span class="aside">{name}</span>
  </span>
);

/** The time in full is written when somebody points at it: hundreds of them stand on a page, and one listens for all. */
export const Time = ({ at, children }: { at: string; children: ComponentChildren }) => (
  <time dateTime={at}>{children}</time>
);
addEventListener("pointerover", ({ target }) => {
  const time = target instanceof Element ? target.closest("time") : null;
  if (time) time.title = full(time.dateTime);
});

export const IconButton = (props: {
  icon: IconName;
  label: string;
  onClick: (event: MouseEvent) => void;
  hint?: string;
  class?: string;
  pressed?: boolean;
  disabled?: boolean;
  expanded?: boolean;
}) => (
  <button
    type="button"
    class={`icon-button ${props.class ?? ""}`}
    title={props.hint ? `${props.label}  (${props.hint})` : props.label}
    aria-label={props.label}
    aria-pressed={props.pressed}
    aria-expanded={props.expanded}
    disabled={props.disabled}
    onClick={props.onClick}
  >
    <Icon name={props.icon} />
  </button>
);

export const Size = ({ of }: { of: number | null }) =>
  of === null ? null : <span class="soft">{bytes(of)}</span>;

/** What is said where there is nothing: why, and what to do. */
export const Nothing = (props: { icon: IconName; title: string; children?: ComponentChildren }) => (
  <div class="nothing">
    <span class="nothing-icon">
      <Icon name={props.icon} />
    </span>
    <p class="strong">{props.title}</p>
    {props.children}
  </div>
);
