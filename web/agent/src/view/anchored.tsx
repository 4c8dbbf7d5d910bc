// Choosers of a conversation (whom, which tag, until when), opened by their button or by a key.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Chooser, type Option } from "../parts/chooser.tsx";
import { Icon, type IconName } from "../parts/icons.tsx";
import { Popover } from "../parts/popover.tsx";
import { assign, setTag, snooze } from "../store/deeds.ts";
import { rowOf } from "../store/rows.ts";
import { agents, inboxOf, me, tags } from "../store/session.ts";
import { cutOff } from "../store/sync.ts";
import { t } from "../text/words.ts";
import { snoozeTimes } from "./header.tsx";
import { overlay } from "./overlays.ts";

type Kind = "assign" | "tag" | "snooze";

export const Anchored = (props: {
  kind: Kind;
  conversation: string;
  label: string;
  icon?: IconName;
  hint?: string;
  class?: string;
  children?: ComponentChildren;
}) => {
  const button = useRef<HTMLButtonElement>(null);
  const now = overlay.value;
  const open = now?.kind === props.kind && now.conversation === props.conversation;
  return (
    <button
      type="button"
      ref={button}
      class={`${props.children ? "button" : "icon-button"} ${props.class ?? ""}`}
      title={props.hint ? `${props.label}  (${props.hint})` : props.label}
      aria-label={props.label}
      aria-haspopup="listbox"
      aria-expanded={open}
      data-anchor={props.kind}
      disabled={cutOff.value}
      onClick={() => (overlay.value = open ? null : { kind: props.kind, conversation: props.conversation })}
    >
      {props.icon && <Icon name={props.icon} />}
      {props.children}
    </button>
  );
};

/** The chooser itself, beside the button that is there, else beside the head of the conversation. */
export const AnchoredChooser = () => {
  const now = overlay.value;
  if (!now || !("conversation" in now) || now.kind === "canned") return null;
  const buttons = [...document.querySelectorAll<HTMLElement>(`[data-anchor=${now.kind}]`)];
  const anchor =
    buttons.find((one) => one.offsetParent !== null) ??
    document.querySelector<HTMLElement>(".conversation-bar .icon-button:last-of-type");
  if (!anchor) return null;
  const done = (): void => {
    overlay.value = null;
  };
  return (
    <Popover anchor={anchor} onClose={done} class="chooser-box" key={now.kind}>
      <OneOf kind={now.kind} conversation={now.conversation} done={done} />
    </Popover>
  );
};

const OneOf = ({ kind, conversation, done }: { kind: Kind; conversation: string; done: () => void }) => {
  const row = rowOf(conversation)?.value;
  if (!row) return null;
  if (kind === "snooze") {
    const times = snoozeTimes();
    const options = times.map((one, i): Option => ({ id: String(i), label: one.label, icon: "clock" }));
    const pick = (id: string): void => {
      done();
      void snooze(conversation, times[Number(id)]!.until);
    };
    return <Chooser label={t().snoozeUntil} options={options} onPick={pick} />;
  }
  if (kind === "tag") {
    const options = tags.value.map(
      (one): Option => ({ id: one, label: one, icon: "tag", checked: row.tags.includes(one) }),
    );
    return (
      <Chooser
        label={t().addTag}
        options={options}
        onPick={(tag) => void setTag(conversation, tag, !row.tags.includes(tag))}
      />
    );
  }
  const members = new Set(inboxOf(row.inbox.id)?.member_ids ?? []);
  const people = agents.value
    .filter((one) => members.has(one.id) && one.may_reply)
    .map(
      (one): Option => ({
        id: one.id,
        label: one.id === me.value?.id ? t().meNamed(one.name) : one.name,
        detail: [
          one.available ? (one.do_not_disturb ? t().quiet : t().availableWord) : t().away,
          one.status_message,
          one.extension && `☎ ${one.extension}`,
        ]
          .filter(Boolean)
          .join(" · "),
        icon: "person",
        checked: one.id === row.assignee?.id,
      }),
    );
  const options = row.assignee ? [{ id: "", label: t().nobody, icon: "close" as const }, ...people] : people;
  const pick = (id: string): void => {
    done();
    void assign(conversation, id || null);
  };
  return <Chooser label={t().assignTo} options={options} onPick={pick} />;
};
