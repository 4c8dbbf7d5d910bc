// Whether the contact may be written to, since when, and the switch.
import { useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { ConversationRow, Ledger } from "../api/types.ts";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";
import { nameOf } from "../store/names.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { channelOf, mayReply } from "../store/session.ts";
import { refreshDetail } from "../store/threads.ts";
import { short } from "../text/format.ts";
import { all as t } from "../text/words.ts";

export const Consent = ({ row }: { row: ConversationRow }) => {
  const [busy, be] = useState(false);
  const needed = channelOf(row.channel.id)?.capabilities?.consent_required ?? false;
  const loaded = useLoaded<Ledger>(needed ? () => calls.ledger(row.id) : null, [
    row.id,
    row.contact.opted_out,
  ]);
  if (!needed) return null;
  const turn = async (): Promise<void> => {
    be(true);
    const out = !row.contact.opted_out;
    try {
      await (out ? calls.optOut(row.id, t().optOutReason) : calls.optIn(row.id, t().optInReason));
      toast(out ? t().nowOptedOut(nameOf(row)) : t().nowOptedIn(nameOf(row)));
    } catch (error) {
      toast(say(error), "bad");
    } finally {
      be(false);
      refreshDetail(row.id, true);
    }
  };
  const last = loaded.value?.entries.at(0);
  return (
    <section class="side-section">
      <h3>
        {t().consent}
        {mayReply.value && (
          <button type="button" class="link small" disabled={busy} onClick={() => void turn()}>
            {row.contact.opted_out ? t().optIn : t().optOut}
          </button>
        )}
      </h3>
      <p class={row.contact.opted_out ? "bad-text" : "soft"}>
        {row.contact.opted_out ? t().mayNotBeWritten : t().mayBeWritten}
        {last && ` · ${short(last.at)}`}
      </p>
      <NotLoaded of={loaded} />
      {last && <p class="soft small break">{last.evidence}</p>}
    </section>
  );
};
