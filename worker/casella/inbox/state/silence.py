"""Silences: a customer who waits for an answer, a conversation in which nobody writes. The rules say after how long
they want to hear of it (`conversation_waiting: 30m`, `conversation_idle: 3d`); a timer comes back then and looks.

Nobody writes while only rules do: what they send or note is no sign of life, and must not keep them awake for ever.

One timer per waiting and one per conversation for idleness, whatever the number of rules: when it comes too early it
waits on, when it fires it is armed for the next longer time that a rule has named. Times that are counted while office
hours are open have timers of their own, one each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from casella.inbox.house import Deskbook
from casella.inbox.state.entities import ConversationState
from casella.inbox.state.timers import Payload, Timer, TimerBook, arm
from casella.store.tables import messages

WAITING, IDLE = "waiting", "idle"
_SINCE = {WAITING: "waiting_since", IDLE: "last_message_at"}
_PEOPLE = ("contact", "agent", "other_client")
EVENT = {WAITING: "conversation_waiting", IDLE: "conversation_idle"}


def arm_silences(book: Deskbook, timers: TimerBook, conversation: ConversationState) -> None:
    """A message has come or gone: look again after the shortest times that rules have named."""
    for kind in (WAITING, IDLE):
        since = conversation.row[_SINCE[kind]]
        if isinstance(since, datetime) and (seconds := book.silences.get(kind)):
            timers.arm(silence_timer(kind, conversation.id, since, seconds[0]))
        if isinstance(since, datetime):
            for timer in open_timers(book, kind, conversation.id, since):
                timers.arm(timer)


def arm_idle(db: Connection, book: Deskbook, conversation_id: str, at: datetime) -> None:
    """Somebody of the house has written: silence counts from now, also where it has been noticed before."""
    if seconds := book.silences.get(IDLE):
        arm(db, [silence_timer(IDLE, conversation_id, at, seconds[0])])
    arm(db, list(open_timers(book, IDLE, conversation_id, at)))


def since_when(kind: str, db: Connection, conversation: ConversationState) -> object:
    """Since when the customer waits, or nobody has written, as stored."""
    if kind == IDLE and (written := last_written(db, conversation.id)) is not None:
        return written
    return conversation.row[_SINCE[kind]]


def last_written(db: Connection, conversation_id: str) -> datetime | None:
    """When a person last wrote in a conversation, in whatever direction."""
    said = messages.c.direction.in_(("in", "out")) & messages.c.sender_kind.in_(_PEOPLE)
    query = select(messages.c.shown_at).where(messages.c.conversation_id == conversation_id, said)
    return db.execute(query.order_by(messages.c.sequence.desc()).limit(1)).scalar_one_or_none()


def silence_timer(kind: str, conversation_id: str, since: datetime, seconds: int, done: int = 0) -> Timer:
    """Waiting begins anew with each `since`; idleness is one timer per conversation, which follows the last message.
    `done`: the longest time for which this silence has woken rules already."""
    payload: Payload = {"since": since.isoformat(), "seconds": seconds, "done": done}
    due_at = since + timedelta(seconds=seconds)
    if kind == WAITING:
        return Timer(kind, conversation_id, f"{since.isoformat()}/{seconds}", due_at, payload)
    return Timer(kind, conversation_id, "", due_at, payload, again=True)


def open_timers(book: Deskbook, kind: str, conversation_id: str, since: datetime) -> Iterator[Timer]:
    """One for each time that is counted in office hours; none where it will never be over. As with the others, waiting
    begins anew with each `since`, and idleness follows the last message."""
    for span in book.open_silences.get(kind, ()):
        if due_at := book.over_at(span, since):
            cause = f"{since.isoformat()}/{span}" if kind == WAITING else str(span)
            payload: Payload = {"since": since.isoformat(), "span": str(span)}
            yield Timer(kind, conversation_id, cause, due_at, payload, again=kind == IDLE)


def following(silences: Sequence[int], seconds: int) -> int | None:
    """The next longer time that a rule has named."""
    return next((longer for longer in silences if longer > seconds), None)
