// The chat that is open: who is in it, what was said, and where one says something.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Chat, ChatMessage } from "../api/types.ts";
import { isComposing } from "../keys/ime.ts";
import { insertAt } from "../keys/insert.ts";
import { Icon } from "../parts/icons.tsx";
import { linked } from "../parts/linked.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { Avatar, IconButton, Nothing, Time } from "../parts/small.tsx";
import {
  type ChatThread,
  chatName,
  chatOf,
  loadChat,
  loadOlderSaid,
  readSaid,
  threadOfChat,
} from "../store/chats.ts";
import { change, clearDraft, draftOf } from "../store/drafts.ts";
import { discard, type Entry, outbox, queue } from "../store/outbox.ts";
import { go } from "../store/place.ts";
import { myId } from "../store/session.ts";
import { enterSends } from "../store/settings.ts";
import { line } from "../store/sync.ts";
import { clock, day } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { LazyEmoji } from "../view/lazily.tsx";
import { Refusal } from "../view/refusal.tsx";
import { Slowly } from "../view/slowly.tsx";

const NEAR_TOP = 300;
const AT_END = 60;
const phone = matchMedia("(pointer: coarse) and (max-width: 767px)");

export const ChatColumn = ({ id }: { id: string }) => {
  const thread = threadOfChat(id);
  const chat = chatOf(id);
  useEffect(() => {
    void loadChat(id);
  }, [id]);
  if (thread.phase.value === "gone")
    return (
      <Nothing icon="eye" title={t().chatGone}>
        <p class="soft">{t().chatGoneWhy}</p>
        <button type="button" class="button" onClick={() => go({ chat: "" })}>
          {t().backToList}
        </button>
      </Nothing>
    );
  return (
    <>
      <Head chat={chat} />
      {thread.phase.value === "ready" ? (
        <Said thread={thread} />
      ) : thread.phase.value === "error" ? (
        <ProblemBox error={thread.error.value} retry={() => void loadChat(id)} />
      ) : (
        <Slowly>
          <div class="thread-skeleton" aria-hidden="true">
            <i />
            <i class="mine" />
          </div>
        </Slowly>
      )}
      {chat && <Write id={id} name={chatName(chat)} />}
    </>
  );
};

export const ChatPicture = ({ chat }: { chat: Chat }) =>
  chat.team || chat.people.length > 2 ? (
    <span class="avatar" aria-hidden="true">
      <Icon name="people" />
    </span>
  ) : (
    <Avatar name={chatName(chat)} />
  );

const Head = ({ chat }: { chat: Chat | undefined }) => (
  <header class="bar conversation-bar">
    <IconButton icon="back" label={t().backToList} class="only-phone" onClick={() => go({ chat: "" })} />
    {chat && (
      <>
        <ChatPicture chat={chat} />
        <span class="grow chat-head">
          <h1 class="strong cut">
            <bdi>{chatName(chat)}</bdi>
          </h1>
          <span class="cut small soft" title={chat.people.map((one) => one.name).join(", ")}>
            {chat.team ? chat.people.map((one) => one.name).join(", ") : t().onlyThese(chat.people.length)}
          </span>
        </span>
      </>
    )}
  </header>
);

const dayOf = (at: string): string => new Date(at).toDateString();

const Said = ({ thread }: { thread: ChatThread }) => {
  const box = useRef<HTMLDivElement>(null);
  const end = useRef(true);
  const above = useRef<number | null>(null);
  const said = thread.said.value;
  const pending = outbox.value.filter((one) => one.conversation === thread.id && one.kind === "chat");
  const hidden = new Set(pending.flatMap((one) => (one.message ? [one.message] : [])));
  useEffect(() => {
    const see = (): void => {
      if (!document.hidden) readSaid(thread.id);
    };
    see();
    document.addEventListener("visibilitychange", see);
    return () => document.removeEventListener("visibilitychange", see);
  }, [said.length, chatOf(thread.id)?.unread]);
  useEffect(() => {
    if (pending.length) end.current = true;
  }, [pending.length]);
  useLayoutEffect(() => {
    const element = box.current!;
    // What came above pushes down what is looked at; it stays where it was.
    if (end.current) element.scrollTop = element.scrollHeight;
    else if (above.current !== null) element.scrollTop = element.scrollHeight - above.current;
    above.current = null;
  }, [said.length, pending.length]);
  // Messages are laid out when they come near: the end moves on while one stands at it.
  useEffect(() => {
    const element = box.current!;
    const seen = new ResizeObserver(() => {
      if (end.current) element.scrollTop = element.scrollHeight;
    });
    seen.observe(element);
    for (const child of element.children) seen.observe(child);
    return () => seen.disconnect();
  }, []);
  const scrolled = async (): Promise<void> => {
    const element = box.current!;
    end.current = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END;
    if (element.scrollTop > NEAR_TOP || thread.loading || !thread.older.peek()) return;
    above.current = element.scrollHeight - element.scrollTop;
    await loadOlderSaid(thread);
  };
  return (
    <div class="thread-box">
      <div
        class="thread"
        ref={box}
        role="log"
        aria-live="off"
        aria-label={t().messages}
        tabIndex={0}
        onScroll={() => void scrolled()}
      >
        <div class="thread-lines">
          {thread.older.value && <p class="soft small center">{t().olderComing}</p>}
          {said.map((one, i) =>
            hidden.has(one.id) ? null : (
              <OneSaid key={one.id} said={one} before={said[i - 1]} isNew={one.id === thread.firstUnread} />
            ),
          )}
          {pending.map((entry) => (
            <Waiting key={entry.key} entry={entry} />
          ))}
          {!said.length && !pending.length && <p class="soft center">{t().nothingSaid}</p>}
        </div>
      </div>
    </div>
  );
};

const OneSaid = (props: { said: ChatMessage; before: ChatMessage | undefined; isNew: boolean }) => {
  const { said, before } = props;
  const mine = said.sender.id === myId();
  const sameDay = before !== undefined && dayOf(before.at) === dayOf(said.at);
  const follows =
    sameDay &&
    !props.isNew &&
    before.sender.id === said.sender.id &&
    Date.parse(said.at) - Date.parse(before.at) < 180_000;
  return (
    <>
      {!sameDay && (
        <h2 class="day">
          <Time at={said.at}>{day(said.at)}</Time>
        </h2>
      )}
      {props.isNew && (
        <p class="new-line">
          <span>{t().newMessages}</span>
        </p>
      )}
      <article
        class={`message ${mine ? "mine" : "theirs"} ${follows ? "follows" : ""}`}
        aria-label={mine ? t().youName : said.sender.name}
      >
        <div class="bubble">{linked(said.text)}</div>
        <footer class="foot">
          {!mine && !follows && <bdi>{said.sender.name}</bdi>}
          <Time at={said.at}>{clock(said.at)}</Time>
        </footer>
      </article>
    </>
  );
};

const Waiting = ({ entry }: { entry: Entry }) => {
  const edit = (): void => {
    const found = discard(entry.key);
    if (!found) return;
    const begun = draftOf(entry.conversation, "chat").peek().text;
    change(entry.conversation, "chat", { text: [found.text, begun].filter(Boolean).join("\n") });
  };
  return (
    <article class={`message mine ${entry.refusal ? "bad" : "pending"}`} aria-label={t().youName}>
      <div class="bubble">{linked(entry.text)}</div>
      <footer class="foot">
        {entry.state === "refused" && entry.refusal ? (
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

const Write = ({ id, name }: { id: string; name: string }) => {
  const box = useRef<HTMLTextAreaElement>(null);
  const begun = draftOf(id, "chat").value;
  const ready = begun.text.trim() !== "";
  useEffect(() => {
    if (!phone.matches) box.current?.focus();
  }, [id]);
  const send = (): void => {
    const text = draftOf(id, "chat").peek().text.trim();
    if (!text) return;
    queue({ conversation: id, kind: "chat", text, attachments: [], mentions: [] });
    clearDraft(id, "chat");
    box.current?.focus();
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      box.current?.blur();
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    const modified = event.ctrlKey || event.metaKey;
    if (!modified && (enterSends.value === "off" || phone.matches)) return;
    event.preventDefault();
    if (!event.repeat) send();
  };
  return (
    <form
      class="composer"
      aria-label={t().write}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={box}
        class="composer-box"
        dir="auto"
        rows={2}
        maxLength={65_536}
        aria-label={t().writeTo(name)}
        placeholder={t().writeTo(name)}
        value={begun.text}
        enterkeyhint={phone.matches ? "enter" : "send"}
        onInput={(event) => change(id, "chat", { text: event.currentTarget.value })}
        onKeyDown={press}
      />
      <div class="composer-tools">
        <LazyEmoji onPick={(text) => box.current && insertAt(box.current, text)} />
        <span class="grow" />
        <button type="submit" class="button primary" disabled={!ready}>
          {t().send}
        </button>
      </div>
    </form>
  );
};
