// One message: whose, what, and how it fared, in words.
import * as calls from "../api/calls.ts";
import type { Message } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { linked } from "../parts/linked.tsx";
import { change, draftOf } from "../store/drafts.ts";
import { discard, type Entry } from "../store/outbox.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { myId } from "../store/session.ts";
import { line } from "../store/sync.ts";
import { putMessage, type Thread } from "../store/threads.ts";
import { clock } from "../text/format.ts";
import { t } from "../text/words.ts";
import { AttachmentView } from "./attachment.tsx";
import { Refusal } from "./refusal.tsx";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** `late`: it was laid out above of what is looked at; the browser need not lay it out before it is near. */
export const MessageView = ({
  message,
  thread,
  follows,
  late,
}: {
  message: Message;
  thread: Thread;
  follows: boolean;
  late: boolean;
}) => {
  const way = message.direction === "note" ? "note" : message.direction === "out" ? "mine" : "theirs";
  const bad = message.state === "failed" || message.state === "unconfirmed";
  const quoted = message.reply_to
    ? thread.messages.peek().find((one) => one.id === message.reply_to)
    : undefined;
  return (
    <article
      id={`m-${message.id}`}
      class={`message ${way} ${bad ? "bad" : ""} ${follows ? "follows" : ""} ${late ? "late" : ""}`}
      aria-label={labelOf(message, thread)}
    >
      <div class="bubble">
        {message.direction === "note" && <span class="note-word">{t().note} · </span>}
        {quoted && (
          <blockquote class="cut" dir="auto">
            {quoted.text || t().kinds(quoted.kind)}
          </blockquote>
        )}
        {message.attachments.map((one) => (
          <AttachmentView key={one.id} attachment={one} />
        ))}
        {body(message)}
      </div>
      {foot(message, thread)}
    </article>
  );
};

const labelOf = (message: Message, thread: Thread): string =>
  message.direction === "in"
    ? (thread.detail.peek()?.contact.display_name ?? t().customer)
    : message.direction === "note"
      ? t().note
      : senderName(message);

// What follows are parts of one component: there are hundreds of messages, and each component costs.
const body = (message: Message) => {
  const { details } = message;
  const place = details["latitude"] !== undefined;
  if (details["deleted"]) return <em class="soft">{t().deleted}</em>;
  if (place)
    return (
      <>
        <Icon name="flag" /> {text(details["name"]) || t().kinds("location")}{" "}
        <span class="soft">{`${details["latitude"]}, ${details["longitude"]}`}</span>
      </>
    );
  if (!message.text && !message.attachments.length) return <em class="soft">{t().kinds(message.kind)}</em>;
  return linked(message.text);
};

const senderName = (message: Message): string =>
  message.sender.kind === "agent"
    ? message.sender.id === myId()
      ? t().youName
      : (message.sender.name ?? "")
    : message.sender.kind === "rule"
      ? t().ruleNamed(message.sender.name ?? message.sender.id ?? "")
      : message.sender.kind === "other_client"
        ? t().otherProgram
        : (message.sender.name ?? "");

const foot = (message: Message, thread: Thread) => {
  const reactions = Object.values((message.details["reactions"] ?? {}) as Record<string, string>).filter(
    Boolean,
  );
  const parts = message.direction === "in" ? [] : [senderName(message)].filter(Boolean);
  return (
    <footer class="foot">
      {reactions.length > 0 && <span class="reactions">{reactions.join(" ")}</span>}
      {parts.map((part) => (
        <bdi key={part}>{part}</bdi>
      ))}
      <time dateTime={message.received_at}>{clock(message.received_at)}</time>
      {Boolean(message.details["edited"]) && <span>{t().edited}</span>}
      {message.direction === "out" && state(message, thread)}
    </footer>
  );
};

const state = (message: Message, thread: Thread) => {
  const act = (ask: () => Promise<Message>) => async () => {
    try {
      putMessage(thread.id, await ask());
    } catch (error) {
      toast(say(error), "bad");
    }
  };
  switch (message.state) {
    case "failed":
      return (
        <span class="state bad">
          <Icon name="warn" />
          {t().failedBecause(message.error?.text ?? "")}
          {message.error?.retryable && !message.details["retried_as"] && (
            <button type="button" class="link" onClick={act(() => calls.retry(message.id))}>
              {t().sendAgain}
            </button>
          )}
        </span>
      );
    case "unconfirmed":
      return (
        <span class="state bad">
          <Icon name="warn" />
          {t().unconfirmed}
          <button type="button" class="link" onClick={act(() => calls.resolve(message.id, "sent"))}>
            {t().itArrived}
          </button>
          <button type="button" class="link" onClick={act(() => calls.resolve(message.id, "send_again"))}>
            {t().sendAgain}
          </button>
        </span>
      );
    case "queued":
      return (
        <span class="state">
          {t().state("queued")}
          <button type="button" class="link" onClick={act(() => calls.withdraw(message.id))}>
            {t().withdraw}
          </button>
        </span>
      );
    default:
      return <span class={`state ${message.state}`}>{t().state(message.state)}</span>;
  }
};

/** Not yet with the server, or refused by it. */
export const Pending = ({ entry }: { entry: Entry }) => {
  const edit = (): void => {
    const found = discard(entry.key);
    if (!found) return;
    const draft = draftOf(entry.conversation, entry.kind).peek();
    const joined = [found.text, draft.text].filter(Boolean).join("\n");
    change(entry.conversation, entry.kind, {
      text: joined,
      attachments: [...found.attachments, ...draft.attachments],
    });
  };
  const refused = entry.state === "refused";
  return (
    <article
      class={`message ${entry.kind === "note" ? "note" : "mine"} ${refused ? "bad" : "pending"}`}
      aria-label={t().youName}
    >
      <div class="bubble">
        {entry.kind === "note" && <span class="note-word">{t().note} · </span>}
        {entry.attachments.map((one) => (
          <AttachmentView key={one.id} attachment={one} />
        ))}
        {linked(entry.text)}
      </div>
      <footer class="foot">
        {refused && entry.refusal ? (
          <Refusal
            refusal={entry.refusal}
            conversation={entry.conversation}
            text={entry.text}
            onEdit={edit}
            onDrop={() => void discard(entry.key)}
          />
        ) : (
          <span class="state">{line.value === "live" ? t().state("sending") : t().waitsForNet}</span>
        )}
      </footer>
    </article>
  );
};
