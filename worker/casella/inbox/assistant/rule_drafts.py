"""Drafts that rules ask for (`draft`). A rule only leaves a row behind; a worker asks the assistant later, beside
everything else, and the agents are told when the draft is there. It is never sent by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from casella.errors import CasellaError
from casella.ids import new_id
from casella.inbox.assistant.asking import AnswerView, Prepared, prepare, propose
from casella.inbox.assistant.errors import AssistantUnavailable
from casella.inbox.assistant.task import Asker, Wish
from casella.inbox.house import Rooms
from casella.inbox.views import conversation_views, tell
from casella.store.feed import ConversationEvent, JsonValue
from casella.store.queries import draft_queries
from casella.store.rows import TableRow

_log = structlog.get_logger("casella.assistant")
_LEASE = timedelta(minutes=5)
"""Longer than any time limit the desk can set, with every provider tried."""
_MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class DraftView:
    """`state`: waiting, ready or failed (`error_code` says why)."""

    id: int
    rule: str
    instruction: str
    state: str
    error_code: str | None
    offline: bool
    proposals: Sequence[Mapping[str, object]]
    at: datetime


def request_draft(
    db: Connection, *, conversation_id: str, cause_id: str, rule: str, action: int, instruction: str, at: datetime
) -> bool:
    """What the action `draft` of a rule does: ask for a draft, in the rule's own transaction. The conversation's row
    must be there already. False when this action has asked for this cause before."""
    return draft_queries.add(
        db,
        {
            "conversation_id": conversation_id,
            "cause_id": cause_id,
            "rule": rule,
            "action": action,
            "instruction": instruction,
            "due_at": at,
            "proposals": [],
            "at": at,
        },
    )


def write_due_draft(rooms: Rooms) -> int:
    """Claim one draft that waits and have it written. Returns 1 if there was one. For a worker's thread of its own."""
    token = new_id()
    with rooms.store.write() as db:
        row = draft_queries.claim(db, token, rooms.clock.now(), _LEASE)
    if row is None:
        return 0
    try:
        answer = asyncio.run(_write(rooms, row))
        values: dict[str, object] = {"state": "ready", "proposals": [asdict(one) for one in answer.proposals]}
        values["offline"] = answer.offline
    except AssistantUnavailable as error:
        values = _later(rooms, row, error)
    except CasellaError as error:  # off, no consent, no budget, nothing to go on: trying again changes nothing
        values = {"state": "failed", "error_code": error.reason}
    _settle(rooms, row, token, values)
    return 1


def _later(rooms: Rooms, row: TableRow, error: AssistantUnavailable) -> dict[str, object]:
    if row.attempts >= _MOST_ATTEMPTS:
        return {"state": "failed", "error_code": error.reason}
    wait = timedelta(seconds=max(float(error.extra.get("retry_after") or 0), 10.0 * row.attempts))
    return {"due_at": rooms.clock.now() + wait, "error_code": error.reason}


async def _write(rooms: Rooms, row: TableRow) -> AnswerView:
    wish = Wish("generate", intent=row.instruction) if row.instruction else Wish("suggest", count=1)
    prepared = await asyncio.to_thread(_prepared, rooms, row, wish)
    try:
        async with aclosing(propose(rooms, prepared, stream=False)) as items:
            async for item in items:
                if isinstance(item, AnswerView):
                    return item
        raise AssistantUnavailable
    finally:
        await rooms.assistant.close()  # connections belong to this event loop, which ends here


def _prepared(rooms: Rooms, row: TableRow, wish: Wish) -> Prepared:
    with rooms.store.read() as db:
        [view] = conversation_views(db, [row.conversation_id])
    return prepare(rooms, row.conversation_id, view.inbox.id, wish, Asker(rule=row.rule))


def _settle(rooms: Rooms, row: TableRow, token: str, values: Mapping[str, object]) -> None:
    with rooms.store.write() as db:
        if draft_queries.finish(db, row.id, token, values) and "state" in values:
            payload: dict[str, JsonValue] = {"draft_id": row.id, "state": str(values["state"])}
            event = ConversationEvent("assistant.draft", row.conversation_id, payload)
            tell(rooms, db, [event], rooms.clock.now())
    _log.info("draft", state=values.get("state", "waiting"), reason=values.get("error_code"))
    rooms.bell.feed()


def list_drafts(db: Connection, conversation_id: str, limit: int) -> list[DraftView]:
    """Whether the conversation may be seen was asked before."""
    return [
        DraftView(row.id, row.rule, row.instruction, row.state, row.error_code, row.offline, row.proposals, row.at)
        for row in draft_queries.of_conversation(db, conversation_id, limit)
    ]
