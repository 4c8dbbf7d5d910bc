// Direct chats and those of my teams: the list, and the one that is open beside it.
import type { Chat } from "../api/types.ts";
import { IconButton, Nothing, now, Time } from "../parts/small.tsx";
import { chatName, chats, chatsNext, moreChats, unreadChats } from "../store/chats.ts";
import { addressOf, type ChatKind, go, place } from "../store/place.ts";
import { number, short } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { drawer, overlay } from "../view/overlays.ts";
import { follow } from "../view/rail.tsx";
import { ChatColumn, ChatPicture } from "./chat.tsx";

const KINDS: readonly ChatKind[] = ["all", "direct", "team"];
const create = (): void => {
  overlay.value = { kind: "create" };
};

export const Chats = () => (
  <>
    <section class="col list" aria-label={t().yourChats}>
      <div class="bar list-bar">
        <IconButton
          icon="menu"
          label={t().channels}
          class="only-middle"
          onClick={() => (drawer.value = true)}
        />
        <h1 class="title grow cut">{t().chatsOf(place.value.chats)}</h1>
        <IconButton icon="plus" label={t().newChat} hint="c" onClick={create} />
      </div>
      <Kinds />
      <List />
    </section>
    <section class="col conversation" aria-label={t().conversation}>
      {place.value.chat ? (
        <ChatColumn key={place.value.chat} id={place.value.chat} />
      ) : (
        <Nothing icon="chat" title={t().noChatOpen}>
          <p class="soft">{t().noChatOpenWhy}</p>
        </Nothing>
      )}
    </section>
  </>
);

const Kinds = () => (
  <div class="whose" role="radiogroup" aria-label={t().filter}>
    {KINDS.map((kind) => {
      const unread = kind === "all" ? 0 : unreadChats[kind].value;
      return (
        <button
          type="button"
          key={kind}
          role="radio"
          aria-checked={place.value.chats === kind}
          class="chip"
          onClick={() => go({ chats: kind }, true)}
        >
          {kind === "all" ? t().show("all") : t().chatsOf(kind)}
          {unread > 0 && <span class="chip-count">{number(unread)}</span>}
        </button>
      );
    })}
  </div>
);

const List = () => {
  const kind = place.value.chats;
  const shown = chats.value.filter((one) => kind === "all" || one.kind === kind);
  if (!shown.length && chatsNext.value === null)
    return (
      <Nothing icon="chat" title={t().noChats}>
        <p class="soft">{t().noChatsWhy}</p>
        <button type="button" class="button" onClick={create}>
          {t().newChat}
        </button>
      </Nothing>
    );
  return (
    <div class="chat-list">
      <ul aria-label={t().chatsOf(kind)}>
        {shown.map((one) => (
          <Line key={one.id} chat={one} />
        ))}
      </ul>
      {chatsNext.value !== null && (
        <button type="button" class="button centered" onClick={() => void moreChats()}>
          {t().olderChats}
        </button>
      )}
    </div>
  );
};

const Line = ({ chat }: { chat: Chat }) => {
  const to = { screen: "chats" as const, chat: chat.id };
  const on = place.value.chat === chat.id;
  return (
    <li>
      <a
        class={`row-link chat-line ${on ? "on" : ""} ${chat.unread ? "unread" : ""}`}
        href={addressOf({ ...place.value, ...to })}
        aria-current={on ? "page" : undefined}
        onClick={(event) => follow(event, to)}
      >
        <ChatPicture chat={chat} />
        <span class="row-text">
          <span class="row-line">
            <span class="row-name grow cut">
              <bdi>{chatName(chat)}</bdi>
            </span>
            <span class="when">
              <Time at={chat.turned_at}>{short(chat.turned_at, now.value)}</Time>
            </span>
          </span>
          <span class="row-line row-second">
            <span class="grow cut" dir="auto">
              {chat.last_message_text ?? t().nothingSaid}
            </span>
            {chat.unread > 0 && (
              <span class="count">
                {chat.unread > 99 ? "99+" : chat.unread}
                <span class="aside"> {t().unreadWord}</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  );
};
