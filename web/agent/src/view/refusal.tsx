// Why it was not sent, until when, and what instead.

import { Icon } from "../parts/icons.tsx";
import type { Kind } from "../store/drafts.ts";
import type { Thread } from "../store/threads.ts";
import { coming } from "../text/format.ts";
import { t } from "../text/words.ts";

export const Refusal = (props: {
  refusal: { code: string; text: string; until: string | null; instead: string | null };
  conversation: string;
  text: string;
  onEdit: () => void;
  onDrop: () => void;
}) => (
  <span class="state bad" role="alert">
    <Icon name="warn" />
    <span>
      {props.refusal.text}
      {props.refusal.until && ` ${t().until(coming(props.refusal.until))}`}
      {props.refusal.instead && ` ${props.refusal.instead}`}
    </span>
    <button type="button" class="link" onClick={props.onEdit}>
      {t().edit}
    </button>
    <button type="button" class="link" onClick={props.onDrop}>
      {t().discard}
    </button>
  </span>
);

/** Until when one may answer freely, where the channel knows such a time. */
export const Window = ({ thread, kind }: { thread: Thread; kind: Kind }) => {
  const detail = thread.detail.value;
  if (kind === "note") return <span class="soft small">{t().onlyColleagues}</span>;
  if (!detail?.window_closes_at || !detail.can_send.allowed) return null;
  return <span class="soft small cut">{t().freeUntil(coming(detail.window_closes_at))}</span>;
};

export const Blocked = ({ thread }: { thread: Thread }) => {
  const { can_send: gate } = thread.detail.value!;
  return (
    <p class="blocked" role="note">
      {gate.text}
      {gate.until && ` ${t().until(coming(gate.until))}`}
      {gate.instead && ` ${gate.instead}`}
    </p>
  );
};
