// A menu: a button, and what it opens.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon, type IconName } from "./icons.tsx";
import { Popover } from "./popover.tsx";

export interface Item {
  label: string;
  run: () => void;
  icon?: IconName;
  hint?: string;
  checked?: boolean;
  bad?: boolean;
}

/** Groups are drawn with a line between them. */
export const MenuList = ({
  label,
  groups,
  onDone,
}: {
  label: string;
  groups: Item[][];
  onDone: () => void;
}) => {
  const move = (event: KeyboardEvent): void => {
    const list = event.currentTarget as HTMLElement;
    const items = [...list.querySelectorAll<HTMLElement>("[role^=menuitem]")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    items[to % items.length]?.focus();
  };
  const first = (element: HTMLElement | null): void => {
    if (element && !element.contains(document.activeElement))
      (
        element.querySelector<HTMLElement>("[aria-checked=true]") ??
        element.querySelector<HTMLElement>("button")
      )?.focus();
  };
  return (
    <div role="menu" aria-label={label} class="menu" ref={first} onKeyDown={move}>
      {groups
        .filter((group) => group.length)
        .map((group, i) => (
          <div role="group" key={i} aria-label={label}>
            {group.map((item, at) => (
              <button
                type="button"
                key={item.label}
                role={item.checked === undefined ? "menuitem" : "menuitemradio"}
                aria-checked={item.checked}
                tabIndex={i === 0 && at === 0 ? 0 : -1}
                class={item.bad ? "bad" : ""}
                onClick={() => {
                  onDone();
                  item.run();
                }}
              >
                {item.icon && <Icon name={item.icon} />}
                <span class="grow">{item.label}</span>
                {item.hint && <kbd>{item.hint}</kbd>}
                {item.checked && <Icon name="check" />}
              </button>
            ))}
          </div>
        ))}
    </div>
  );
};

export const MenuButton = (props: {
  icon?: IconName;
  label: string;
  groups: () => Item[][];
  children?: ComponentChildren;
  hint?: string;
  class?: string;
  text?: string;
  marked?: boolean;
}) => {
  const [anchor, open] = useState<HTMLElement | null>(null);
  return (
    <>
      <button
        type="button"
        class={`${props.children ? "" : props.text ? "button" : "icon-button"} ${props.class ?? ""} ${props.marked ? "marked" : ""}`}
        title={props.hint ? `${props.label}  (${props.hint})` : props.label}
        aria-label={props.text ? undefined : props.label}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => open(anchor ? null : event.currentTarget)}
      >
        {props.icon && <Icon name={props.icon} />}
        {props.text}
        {props.children}
      </button>
      {anchor && (
        <Popover anchor={anchor} onClose={() => open(null)}>
          <MenuList label={props.label} groups={props.groups()} onDone={() => open(null)} />
        </Popover>
      )}
    </>
  );
};
