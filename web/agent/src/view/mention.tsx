// "@": a colleague who sees this inbox.
import { Chooser } from "../parts/chooser.tsx";
import { Popover } from "../parts/popover.tsx";
import { agents, inboxOf, myId } from "../store/session.ts";
import { t } from "../text/words.ts";

export const MentionChooser = (props: {
  anchor: HTMLElement;
  inbox: string;
  onPick: (name: string) => void;
  onClose: () => void;
}) => {
  const members = new Set(inboxOf(props.inbox)?.member_ids ?? []);
  const people = agents.value.filter((one) => members.has(one.id) && one.id !== myId());
  return (
    <Popover anchor={props.anchor} onClose={props.onClose} class="chooser-box">
      <Chooser
        label={t().mention}
        options={people.map((one) => ({ id: one.name, label: one.name, icon: "person" }))}
        onPick={props.onPick}
      />
    </Popover>
  );
};
