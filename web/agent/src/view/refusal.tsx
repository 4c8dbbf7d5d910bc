// Why it was not sent, until when, and what instead.

import { Icon } from "../parts/icons.tsx";
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
