// Beginning a conversation: on which channel, to whom, and the first message.
import { useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { newKey, Refused } from "../api/http.ts";
import type { Channel } from "../api/types.ts";
import { calledAs, numberOf, useContacts } from "../beside/who.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { myTeams } from "../store/chats.ts";
import { spaced } from "../store/names.ts";
import { go, OWN, place } from "../store/place.ts";
import { say } from "../store/problems.ts";
import {
  agents,
  channelOf,
  channels,
  channel as here,
  inbox,
  inboxes,
  inboxOf,
  mayReply,
  numbers,
} from "../store/session.ts";
import { all as t } from "../text/words.ts";
import { WithPeople, WithTeam } from "./new_chat.tsx";

const key = { now: newKey() };

type Kind = "conversation" | "text_message" | "direct_chat" | "team_chat";

/** S-10, S-71: what can be begun here; what is not in the plan, or nobody has, is absent. */
const kinds = (): Kind[] => [
  ...(mayReply.value && inboxes.value.some((one) => one.creates.includes("conversation"))
    ? (["conversation"] as const)
    : []),
  ...(numbers.value.length ? (["text_message"] as const) : []),
  ...(agents.value.length > 1 ? (["direct_chat"] as const) : []),
  ...(myTeams.value.length ? (["team_chat"] as const) : []),
];

const creates = (one: Channel): boolean => inboxOf(one.inbox_id)?.creates.includes("conversation") ?? false;

interface Given {
  onClose: () => void;
  to?: string;
  channel?: string;
}

export const Create = (given: Given) => {
  const offered = kinds();
  const { screen, inbox: where, chats } = place.peek();
  const asked: Kind =
    given.to || given.channel
      ? "conversation"
      : screen === "chats"
        ? chats === "team"
          ? "team_chat"
          : "direct_chat"
        : where === OWN
          ? "text_message"
          : "conversation";
  const [chosen, choose] = useState<Kind>(offered.includes(asked) ? asked : (offered[0] ?? "conversation"));
  return (
    <Dialog title={t().beginning(chosen)} onClose={given.onClose}>
      {offered.length > 1 && (
        <div class="kinds" role="radiogroup" aria-label={t().beginWhat}>
          {offered.map((one) => (
            <button
              type="button"
              key={one}
              role="radio"
              aria-checked={chosen === one}
              class="chip"
              onClick={() => choose(one)}
            >
              {t().beginKind(one)}
            </button>
          ))}
        </div>
      )}
      {chosen === "direct_chat" ? (
        <WithPeople onClose={given.onClose} />
      ) : chosen === "team_chat" ? (
        <WithTeam onClose={given.onClose} />
      ) : (
        <Begin key={chosen} own={chosen === "text_message"} {...given} />
      )}
    </Dialog>
  );
};

const Begin = ({ onClose, to, channel, own }: Given & { own: boolean }) => {
  const mine = own ? numbers.value : channels.value.filter((one) => creates(one));
  const first =
    mine.find((one) => one.key === channel) ??
    mine.find((one) => one.id === here.value?.id) ??
    mine.find((one) => one.inbox_id === inbox.value?.id && one.capabilities?.business_may_start) ??
    mine[0];
  const [chosen, choose] = useState(first?.id ?? "");
  const [address, write] = useState(to ?? "");
  const [text, say_] = useState("");
  const [problem, complain] = useState<{
    text: string;
    other: { id: string; type: string; address: string } | null;
  } | null>(null);
  const [busy, be] = useState(false);
  const through = channelOf(chosen);
  const found = useContacts(/\p{L}/u.test(address) ? address : "");
  const cannot = through?.capabilities?.business_may_start === false;
  const send = async (id: string, who: string): Promise<void> => {
    be(true);
    complain(null);
    try {
      const begun = await calls.begin({ channel: id, to: who, contact: null, text }, key.now);
      key.now = newKey();
      onClose();
      const its = inboxOf(channelOf(id)?.inbox_id ?? "");
      go({
        screen: "inbox",
        inbox: its?.key ?? "",
        channel: "",
        tab: "open",
        conversation: begun.conversation_id,
      });
    } catch (error) {
      const more = error instanceof Refused ? error.more : {};
      const other =
        typeof more["alternative_channel_id"] === "string"
          ? {
              id: more["alternative_channel_id"],
              type: String(more["alternative_channel_type"]),
              address: String(more["alternative_address"]),
            }
          : null;
      key.now = newKey();
      complain({ text: say(error), other });
    } finally {
      be(false);
    }
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void send(chosen, address.trim());
      }}
    >
      <label>
        <span>{own ? t().ownNumber : t().channelWord}</span>
        <select class="field" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          {mine.map((one) => (
            <option key={one.id} value={one.id}>
              {own ? one.name : `${inboxOf(one.inbox_id)?.name ?? ""} · ${one.name}`}
            </option>
          ))}
        </select>
      </label>
      {own && <p class="soft small">{t().ownNumberWhy}</p>}
      {cannot && <p class="blocked">{t().onlyContactBegins(through?.name ?? "")}</p>}
      <label>
        <span>{t().to}</span>
        <input
          class="field"
          required
          autocomplete="off"
          spellcheck={false}
          placeholder="+39 333 123 4567"
          autofocus
          value={address}
          onInput={(event) => write(event.currentTarget.value)}
        />
      </label>
      {found?.items.slice(0, 5).map((one) => (
        <button
          type="button"
          class="option"
          key={one.id}
          onClick={() => write(numberOf(one))}
          disabled={!numberOf(one)}
        >
          <span class="grow cut">{calledAs(one)}</span>
          <span class="soft">{spaced(numberOf(one))}</span>
        </button>
      ))}
      <label>
        <span>{t().firstMessage}</span>
        <textarea
          class="field"
          required
          rows={4}
          dir="auto"
          value={text}
          onInput={(event) => say_(event.currentTarget.value)}
        />
      </label>
      {problem && (
        <p class="bad-text" role="alert">
          {problem.text}{" "}
          {problem.other && (
            <button
              type="button"
              class="link"
              onClick={() => void send(problem.other!.id, problem.other!.address)}
            >
              {t().bySms(problem.other.type)}
            </button>
          )}
        </p>
      )}
      <div class="form-foot">
        <button type="button" class="button" onClick={onClose}>
          {t().cancel}
        </button>
        <button type="submit" class="button primary" disabled={busy || !text.trim() || !address.trim()}>
          {t().send}
        </button>
      </div>
    </form>
  );
};
