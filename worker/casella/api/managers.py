"""What managers look after: why something was decided, how a message fared, channels that stand still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import orjson
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import Connection

from casella.api import models, paging
from casella.api.context import House
from casella.api.documentation import WRITE_ERRORS, errors
from casella.api.fields import ChannelId, ConversationId, CursorText, Limit, MessageId
from casella.api.once import OptionalOnce
from casella.api.security import Caller, Manager
from casella.inbox import overview, reading
from casella.inbox.settling import settle_in
from casella.store import message_queries
from casella.store.rows import TableRow

router = APIRouter(tags=["managers"])


class Decision(BaseModel):
    """What the rules decided, on what facts, and why: as it was stored."""

    id: str
    event: str
    cause_id: str = Field(description="The message or timer that was decided about.")
    rule_set: str = Field(description="Digest of the rules in use at that time.")
    at: datetime
    facts: JsonValue
    outcome: JsonValue


class DecisionPage(BaseModel):
    items: Sequence[Decision]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


@router.get("/conversations/{conversation_id}/decisions", response_model=DecisionPage, responses=errors(404))
def list_decisions(
    rooms: House, member: Caller, conversation_id: ConversationId, cursor: CursorText = None, limit: Limit = 25
) -> DecisionPage:
    """Which rules ran on which facts, what was done, what was skipped, who was passed over and why; newest first."""
    before = paging.id_place("d", cursor) if cursor is not None else None
    with rooms.store.read() as db:
        reading.require_conversation(db, member, conversation_id)
        rows = message_queries.decisions_of(db, conversation_id, before, limit + 1)
    following = paging.id_cursor("d", rows[limit - 1].id) if len(rows) > limit else None
    return DecisionPage(items=[_decision(row) for row in rows[:limit]], next=following)


def _decision(row: TableRow) -> Decision:
    return Decision(
        id=row.id,
        event=row.event,
        cause_id=row.cause_id,
        rule_set=row.rule_set,
        at=row.at,
        facts=orjson.loads(row.facts),
        outcome=orjson.loads(row.outcome),
    )


@router.get("/messages/{message_id}/attempts", response_model=list[models.Attempt], responses=errors(403, 404))
def list_attempts(rooms: House, member: Manager, message_id: MessageId) -> Sequence[TableRow]:
    """Every try to send a message, in order."""
    with rooms.store.read() as db:
        reading.read_message(db, member, message_id)
        return message_queries.attempts_of(db, message_id)


class Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verdict: Literal["sent", "send_again"] = Field(description="It did arrive; or it did not, and shall be sent again.")


@router.post(
    "/messages/{message_id}/resolve",
    response_model=models.Message,
    responses=errors(*WRITE_ERRORS),
)
def resolve_message(rooms: House, member: Caller, message_id: MessageId, body: Verdict, once: OptionalOnce) -> Response:
    """Decide about an `unconfirmed` message: nobody knows whether the provider took it, so it is never sent again by
    itself. Whoever decides second gets 409 `not_unconfirmed`."""

    def deed(db: Connection, at: datetime) -> models.Message:
        reading.read_message(db, member, message_id)
        settle_in(db, rooms, message_id, body.verdict, at)
        return models.Message.model_validate(reading.read_message(db, member, message_id))

    answer = once.do(200, deed)
    rooms.bell.deliveries()
    rooms.bell.feed()
    return answer


@router.get("/connections", response_model=list[models.Connection], responses=errors(403))
def list_connections(rooms: House, member: Manager) -> Sequence[overview.ConnectionView]:
    """The accounts at providers behind your channels, what is wrong with them, and how many raw webhooks wait for
    `casella replay`."""
    quarantined = {name: quarantine.reason for name, quarantine in rooms.host.quarantined.items()}
    with rooms.store.read() as db:
        return overview.connections(db, member, rooms.directory.current, quarantined)


@router.post("/channels/{channel_id}/resume", response_model=models.Channel, responses=errors(*WRITE_ERRORS))
def resume_channel(rooms: House, member: Manager, channel_id: ChannelId, once: OptionalOnce) -> Response:
    """Whatever stopped the channel has been repaired: send what waits, now."""

    def deed(db: Connection, _at: datetime) -> models.Channel:
        return models.Channel.model_validate(overview.resume_channel(db, rooms, member, channel_id))

    answer = once.do(200, deed)
    rooms.bell.deliveries()
    return answer
