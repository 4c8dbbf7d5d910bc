"""Lulls: a customer who waits for an answer, a conversation in which nobody writes. The rules say after how long they
want to hear of it (`conversation_waiting: 30m`, `conversation_idle: 3d`); a timer comes back then and looks.

One timer per waiting and one per conversation for idleness, whatever the number of rules: when it comes too early it
waits on, when it fires it is armed for the next longer time that a rule has named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from casella.inbox.deskbook import Deskbook
from casella.inbox.entities import ConversationState
from casella.inbox.timers import Payload, Timer, TimerBook

WAITING, IDLE = "waiting", "idle"
SINCE = {WAITING: "waiting_since", IDLE: "last_message_at"}
EVENT = {WAITING: "conversation_waiting", IDLE: "conversation_idle"}


def arm_lulls(book: Deskbook, timers: TimerBook, conversation: ConversationState) -> None:
    """A message has come or gone: look again after the shortest times that rules have named."""
    for kind in (WAITING, IDLE):
        since = conversation.row[SINCE[kind]]
        if isinstance(since, datetime) and (seconds := book.lulls.get(kind)):
            timers.arm(lull_timer(kind, conversation.id, since, seconds[0]))


def lull_timer(kind: str, conversation_id: str, since: datetime, seconds: int) -> Timer:
    """Waiting begins anew with each `since`; idleness is one timer per conversation, which follows the last message."""
    payload: Payload = {"since": since.isoformat(), "seconds": seconds}
    due_at = since + timedelta(seconds=seconds)
    if kind == WAITING:
        return Timer(kind, conversation_id, f"{since.isoformat()}/{seconds}", due_at, payload)
    return Timer(kind, conversation_id, "", due_at, payload, again=True)


def following(lulls: Sequence[int], seconds: int) -> int | None:
    """The next longer time that a rule has named."""
    return next((longer for longer in lulls if longer > seconds), None)
