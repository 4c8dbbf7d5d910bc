"""Asking the assistant, from beginning to end: may it be asked, is there budget, what may be used; every request is
written down before it leaves; what came of it is kept for feedback. Nothing here sends anything to anybody.

Database work is synchronous and short; nobody holds a connection while a provider writes, so that its slowness or
failure delays no message.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import anyio
import anyio.to_thread
from sqlalchemy import Connection

from casella.desk.parts.assistant import AssistantBudget
from casella.ids import new_id
from casella.inbox.assistant.errors import AssistantOff, AssistantUnavailable, BudgetSpent, ConsentMissing
from casella.inbox.assistant.task import Asker, Wish, build_task
from casella.inbox.assistant.views import AnswerView, ProposalView, Used, answer_view
from casella.inbox.house import Deskbook, InboxEntry, Rooms, Setup
from casella.store.queries import assistant_queries
from casella_assistant import Answer, AssistantError, Delta, Failed, Sending, Task, generic

__all__ = ["AnswerView", "Delta", "Prepared", "ProposalView", "Used", "prepare", "propose"]
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that is needed to ask. `ends_in`: seconds until `day`, and with it the budget, is over."""

    conversation_id: str
    inbox: InboxEntry
    asker: Asker
    wish: Wish
    task: Task
    setup: Setup
    day: str
    ends_in: int


def setup_of(db: Connection, rooms: Rooms) -> Setup:
    """The assistant as the newest desk has it."""
    return rooms.assistant.setup(db, rooms.desk.current, rooms.host, rooms.sealer, rooms.clock)


def require_enabled(db: Connection, book: Deskbook, setup: Setup, inbox_key: str) -> None:
    """Raises NotAllowed where the inbox's plan or face has no assistant, AssistantOff, or ConsentMissing."""
    book.require_feature(inbox_key, "assistant")
    if not setup.part.enabled:
        raise AssistantOff
    own = setup.part.inboxes.get(inbox_key)
    if own is not None and not own.enabled:
        raise AssistantOff("The assistant is switched off in this inbox.", code="assistant_off_here")
    consent = assistant_queries.newest_consent(db)
    if consent is None or consent.state != ACCEPTED:
        raise ConsentMissing


def prepare(rooms: Rooms, conversation_id: str, inbox_id: str, wish: Wish, asker: Asker) -> Prepared:
    """Whether the conversation may be seen was asked before. Raises AssistantOff, ConsentMissing and Invalid."""
    now = rooms.clock.now()
    inbox = rooms.directory.current.inboxes[inbox_id]
    with rooms.store.read() as db:
        setup = setup_of(db, rooms)
        require_enabled(db, rooms.desk.current, setup, inbox.key)
        task = build_task(db, rooms, setup, conversation_id, wish, asker)
    return Prepared(conversation_id, inbox, asker, wish, task, setup, *today(rooms, now))


def budgets(setup: Setup, inbox: InboxEntry, asker: Asker) -> list[tuple[str, str, AssistantBudget]]:
    """(scope, id, budget) of whatever counts this request."""
    own = setup.part.inboxes.get(inbox.key)
    found = [("inbox", inbox.id, own.budget if own and own.budget else setup.part.inbox_budget)]
    if asker.agent_id is not None:
        found.append(("agent", asker.agent_id, setup.part.agent_budget))
    return found


def today(rooms: Rooms, now: datetime) -> tuple[str, int]:
    """The date in the desk's time zone, and how many seconds of it are left."""
    desk = rooms.desk.current.desk
    local = now.astimezone(ZoneInfo(desk.parts.timezone if desk else "UTC"))
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), local.tzinfo)
    return local.date().isoformat(), max(1, int((midnight - local).total_seconds()))


async def propose(rooms: Rooms, prepared: Prepared, *, stream: bool) -> AsyncGenerator[Delta | AnswerView, None]:
    """Deltas while it is written, then the answer, its proposals kept for feedback. Raises BudgetSpent before anything
    has left or was shown, AssistantUnavailable. Closing it ends the provider's call."""
    record = _Record(rooms, prepared)
    question: asyncio.Task[str] | None = None
    setup, task = prepared.setup, prepared.task
    ask = rooms.assistant.assistant.ask(
        task, setup.order(prepared.inbox.key), setup.prompts, stream=stream, seconds=setup.part.time_limit
    )
    try:
        async with aclosing(ask) as items:
            async for item in items:
                match item:
                    case Sending():
                        # It takes as long as the disk takes to write down what leaves.
                        question = question or asyncio.create_task(asyncio.to_thread(_question, task))
                        await anyio.to_thread.run_sync(record.begin, item)
                    case Failed():
                        await anyio.to_thread.run_sync(record.end, item.code)
                    case Delta():
                        if not record.counted:
                            await anyio.to_thread.run_sync(record.count)
                        yield item
                    case Answer():
                        asked = await (question or asyncio.to_thread(_question, task))
                        yield await anyio.to_thread.run_sync(record.keep, item, asked)
    except AssistantError as error:
        await anyio.to_thread.run_sync(record.end, error.code)
        reason = error.__cause__.code if isinstance(error.__cause__, AssistantError) else error.code
        wait = max(1, round(error.retry_after or 10))
        raise AssistantUnavailable(reason=reason, retry_after=wait) from error
    finally:
        with anyio.CancelScope(shield=True):
            if record.open:
                await anyio.to_thread.run_sync(record.abandon)
            await rooms.assistant.tidy()


class _Record:
    """The rows of one request: what left, what came back, what it cost."""

    def __init__(self, rooms: Rooms, prepared: Prepared) -> None:
        self._rooms, self._prepared = rooms, prepared
        self._open: str | None = None
        self.counted = False

    @property
    def open(self) -> bool:
        """Something has left, and nothing is written down yet of what came of it."""
        return self._open is not None

    def count(self) -> None:
        """What is answered in the house counts, too."""
        with self._rooms.store.write() as db:
            self._take(db)

    def _take(self, db: Connection) -> None:
        """Of the budget, once, however many providers are tried. In the transaction that writes down what leaves: a
        commit of its own would be a fifth of what the agent waits for. Raises BudgetSpent."""
        prepared = self._prepared
        for scope, scope_id, budget in () if self.counted else budgets(prepared.setup, prepared.inbox, prepared.asker):
            room = (budget.requests, budget.tokens)
            if not assistant_queries.take_request(db, scope, scope_id, prepared.day, *room):
                raise BudgetSpent(scope=scope, retry_after=prepared.ends_in)
        self.counted = True

    def begin(self, sending: Sending) -> None:
        """Before it leaves."""
        prepared, now = self._prepared, self._rooms.clock.now()
        request_id = new_id()
        with self._rooms.store.write() as db:
            self._take(db)
            assistant_queries.add_request(
                db,
                {
                    "id": request_id,
                    "conversation_id": prepared.conversation_id,
                    "inbox_id": prepared.inbox.id,
                    "agent_id": prepared.asker.agent_id,
                    "rule": prepared.asker.rule,
                    "kind": prepared.wish.kind,
                    "provider": sending.provider,
                    "model": sending.model,
                    "prompt": sending.prompt,
                    "sent": [{"role": one.role, "content": one.content} for one in sending.messages],
                    "message_ids": [turn.id for turn in prepared.task.turns],
                    "source_ids": [source.id for source in prepared.task.sources],
                    "masked": dict(sending.masked),
                    "outcome": "open",
                    "at": now,
                },
            )
        self._open = request_id

    def end(self, outcome: str) -> None:
        request_id, self._open = self._open, None
        if request_id is not None:
            with self._rooms.store.write() as db:
                assistant_queries.finish_request(db, request_id, outcome, 0, 0)

    def abandon(self) -> None:
        """Nobody listens any more. It has left, so it stays on record."""
        self.end("canceled")

    def keep(self, answer: Answer, question: str) -> AnswerView:
        """Its tokens count, its proposals wait for feedback."""
        rooms, prepared = self._rooms, self._prepared
        ids = [new_id() for _ in answer.proposals]
        rows = _rows(prepared, answer, question, ids, rooms.clock.now())
        request_id, self._open = self._open, None
        usage = answer.usage
        with rooms.store.write() as db:
            self._take(db)
            if request_id is not None:
                assistant_queries.finish_request(
                    db, request_id, "answered", usage.prompt_tokens, usage.completion_tokens
                )
            counted = [one[:2] for one in budgets(prepared.setup, prepared.inbox, prepared.asker)]
            if usage.total:
                assistant_queries.add_tokens(db, counted, prepared.day, usage.total)
            assistant_queries.add_proposals(db, rows)
        return answer_view(answer, ids)


def _question(task: Task) -> str:
    """What the customer asked, without personal values: by it an accepted answer is found again."""
    asked = " ".join(turn.text for turn in task.turns if turn.author == "customer")[-1_000:]
    return generic(asked, task.region, task.sensitive)


def _rows(
    prepared: Prepared, answer: Answer, question: str, ids: Sequence[str], at: datetime
) -> list[Mapping[str, object]]:
    task = prepared.task
    return [
        {
            "id": id,
            "conversation_id": prepared.conversation_id,
            "inbox_id": prepared.inbox.id,
            "agent_id": prepared.asker.agent_id,
            "kind": answer.kind,
            "provider": answer.provider,
            "tone": task.tone.key if task.tone else None,
            "language": answer.language,
            "question": question,
            "text": proposal.text,
            "cites": list(proposal.cites),
            "at": at,
        }
        for id, proposal in zip(ids, answer.proposals, strict=True)
    ]
