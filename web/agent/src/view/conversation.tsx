// The conversation that is open: its head, its messages, and where one answers.
import { useEffect } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { ConversationRow } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { Fence, ProblemBox } from "../parts/problem.tsx";
import { Nothing } from "../parts/small.tsx";
import { read } from "../store/deeds.ts";
import { draftOf } from "../store/drafts.ts";
import { conversationId, go, place } from "../store/place.ts";
import { peekRow, rowOf } from "../store/rows.ts";
import { channelOf, mayReply } from "../store/session.ts";
import { loadThread, type Thread, threadOf } from "../store/threads.ts";
import { moment } from "../text/format.ts";
import { t } from "../text/words.ts";
import { Composer } from "./composer.tsx";
import { Header } from "./header.tsx";
import { Slowly } from "./slowly.tsx";
import { ThreadView } from "./thread.tsx";

const LOOKING = 15_000;

export const ConversationColumn = () => {
  const id = conversationId.value;
  return (
    <section class="col conversation" aria-label={t().conversation}>
      {id ? (
        <Fence name="conversation" key={id}>
          <Open id={id} />
        </Fence>
      ) : (
        <Nothing icon="inbox" title={t().nothingOpen}>
          <p class="soft">{t().nothingOpenWhy}</p>
        </Nothing>
      )}
    </section>
  );
};

const Open = ({ id }: { id: string }) => {
  const thread = threadOf(id);
  useEffect(() => {
    void loadThread(id, place.peek().message);
  }, [id]);
  useRead(thread);
  useLooking(id);
  if (thread.phase.value === "gone" || thread.phase.value === "error")
    return (
      <>
        <Header id={id} thread={thread} />
        {thread.phase.value === "gone" ? (
          <Gone id={id} />
        ) : (
          <ProblemBox error={thread.error.value} retry={() => void loadThread(id)} />
        )}
      </>
    );
  const ready = thread.phase.value === "ready";
  const row = rowOf(id)?.value;
  const past = row?.world === "history";
  return (
    <>
      <Header id={id} thread={thread} />
      {past && <Past row={row} />}
      {ready ? (
        <ThreadView key={id} thread={thread} />
      ) : (
        <Slowly>
          <ThreadSkeleton />
        </Slowly>
      )}
      {ready &&
        (past ? (
          <p class="only-reading soft">{t().onlyThePast}</p>
        ) : mayReply.value ? (
          <Composer key={id} thread={thread} />
        ) : (
          <p class="only-reading soft">{t().onlyReading}</p>
        ))}
    </>
  );
};

/** S-43: why this is read and not gone on with. */
const Past = ({ row }: { row: ConversationRow }) => {
  const joined = channelOf(row.channel.id)?.joined_at;
  return (
    <p class="past small">
      <Icon name="archive" />
      <span>{t().beforeItJoined(row.channel.name, row.inbox.name, joined ? moment(joined) : "")}</span>
    </p>
  );
};

/** What is shown while the page is looked at counts as read; what comes in while it is not, does not. */
const useRead = (thread: Thread): void => {
  const messages = thread.messages.value;
  const unread = rowOf(thread.id)?.value.mine.unread ?? 0;
  const ready = thread.phase.value === "ready" && thread.newer.value === null;
  useEffect(() => {
    if (!ready) return;
    const see = (): void => {
      if (document.hidden) return;
      const last = thread.messages.peek().findLast((one) => one.direction === "in");
      const mine = peekRow(thread.id)?.mine;
      if (mine && (mine.unread > 0 || mine.mentioned)) read(thread.id, last?.id ?? null);
    };
    see();
    document.addEventListener("visibilitychange", see);
    return () => document.removeEventListener("visibilitychange", see);
  }, [ready, messages.length]);
  void unread;
};

/** Colleagues see that somebody is here, so that two do not answer at once. */
const useLooking = (id: string): void => {
  useEffect(() => {
    const say = (): void => {
      // Nobody else looks at what is one's own.
      if (!document.hidden && peekRow(id)?.world === "shared") calls.viewing(id).catch(() => {});
    };
    const first = setTimeout(say, 1_000);
    const timer = setInterval(say, LOOKING);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [id]);
};

const ThreadSkeleton = () => (
  <div class="thread-skeleton" aria-hidden="true">
    <i />
    <i class="mine" />
    <i />
  </div>
);

const Gone = ({ id }: { id: string }) => {
  const draft = draftOf(id, "reply").value.text;
  return (
    <Nothing icon="eye" title={t().gone}>
      <p class="soft">{t().goneWhy}</p>
      {draft && (
        <button type="button" class="button" onClick={() => void navigator.clipboard?.writeText(draft)}>
          {t().copyDraft}
        </button>
      )}
      <button type="button" class="button" onClick={() => go({ conversation: "" })}>
        {t().backToList}
      </button>
    </Nothing>
  );
};
