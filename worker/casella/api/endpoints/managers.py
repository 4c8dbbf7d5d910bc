"""What managers look after: why something was decided, how a message fared, channels that stand still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ChannelId, MessageId
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller, Manager
from casella.inbox.reading import lists, overview
from casella.inbox.sending import settle_in
from casella.store.queries import message_queries
from casella.store.rows import TableRow

router = APIRouter(tags=["managers"])


@router.get("/messages/{message_id}/attempts", response_model=list[models.Attempt], responses=errors(403, 404))
def list_attempts(rooms: House, member: Manager, message_id: MessageId) -> Sequence[TableRow]:
    """Every try to send a message, in order."""
    with rooms.store.read() as db:
        lists.read_message(db, member, message_id)
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
        settle_in(db, rooms, message_id, body.verdict, at)
        return models.Message.model_validate(lists.read_message(db, member, message_id))

    answer = once.do(200, deed, lambda db: lists.require_message(db, member, message_id))
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

    answer = once.do(200, deed, lambda db: overview.require_channel(db, member, channel_id))
    rooms.bell.deliveries()
    return answer
