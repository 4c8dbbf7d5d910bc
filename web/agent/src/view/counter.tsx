// How long it is, in how many parts it goes, at what cost: asked of the server, which counts as the channel does.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Attachment, MessagePreview } from "../api/types.ts";
import { number } from "../text/format.ts";
import { locale, t } from "../text/words.ts";

const PAUSE = 300;

export const Counter = (props: { conversation: string; text: string; files: readonly Attachment[] }) => {
  const [found, put] = useState<MessagePreview | null>(null);
  const files = props.files.map((one) => one.id).join();
  useEffect(() => {
    if (!props.text.trim() && !files) return put(null);
    let stale = false;
    const timer = setTimeout(async () => {
      const body = { text: props.text, attachment_ids: props.files.map((one) => one.id), reply_to: null };
      const answer = await calls.preview(props.conversation, body).catch(() => null);
      if (!stale) put(answer);
    }, PAUSE);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [props.text, files, props.conversation]);
  if (!found) return null;
  if (!found.can_send.allowed)
    return (
      <span class="bad-text small" role="status">
        {found.can_send.text}
      </span>
    );
  const left = found.characters_left;
  const tight = left !== null && left < 80;
  const parts = found.segments ?? 1;
  if (!tight && parts < 2 && !found.cost) return null;
  return (
    <span class={`small ${left !== null && left < 0 ? "bad-text" : "soft"}`} role="status">
      {[
        parts > 1 ? t().parts(parts) : "",
        tight ? t().left(number(left)) : "",
        found.cost ? money(found.cost.amount, found.cost.currency) : "",
      ]
        .filter(Boolean)
        .join(" · ")}
    </span>
  );
};

const money = (amount: string, currency: string): string =>
  new Intl.NumberFormat(locale.value, { style: "currency", currency, maximumFractionDigits: 4 }).format(
    Number(amount),
  );
