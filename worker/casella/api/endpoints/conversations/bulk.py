"""`/conversations/bulk`: the same done to many conversations, each by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.conversations.bulk_commands import Command, ReadAll
from casella.api.endpoints.conversations.conversation import rows_of
from casella.api.frame.context import ApiContext, Context
from casella.api.frame.documentation import errors
from casella.api.frame.fields import Id
from casella.api.frame.once import Once, OptionalOnce
from casella.api.frame.problems import described
from casella.api.frame.security import Caller
from casella.errors import CasellaError
from casella.inbox.reading import Member, lists

router = APIRouter(tags=["conversations"])
MOST = 200


class Bulk(BaseModel):
    """One command, and for which conversations."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[Sequence[Id], Field(min_length=1, max_length=MOST)] = Field(description="Of conversations.")
    command: Command = Field(examples=[{"do": "close"}])


class BulkItem(models.Answer):
    """What came of one conversation."""

    id: str
    done: bool
    conversation: models.ConversationRow | None = Field(
        description="As it is now; null: it is not yours to see, or no more."
    )
    problem: Mapping[str, JsonValue] | None = Field(
        description="Why it was not done: the problem that the single request would be answered with."
    )


class BulkAnswer(models.Answer):
    """In the order of the request; a conversation that is named twice is answered once."""

    items: Sequence[BulkItem]


@router.post("/conversations/bulk", response_model=BulkAnswer, responses=errors(400, 409, 413, 415))
def do_in_bulk(context: Context, member: Caller, request: Request, body: Bulk, once: OptionalOnce) -> BulkAnswer:
    """Do one thing to up to 200 conversations. Each is a deed of its own: what one is refused keeps no other from being
    done. Sent again with the same Idempotency-Key, only what was refused is tried again."""
    ids = list(dict.fromkeys(body.ids))
    refused: dict[str, Mapping[str, JsonValue]] = {}
    for conversation_id in sorted(ids):  # in one order: two who do it at once wait in one direction only
        try:
            _do(context, member, body, once, conversation_id)
        except CasellaError as error:
            if error.status == 500:
                raise
            refused[conversation_id] = described(request, error)
    context.rooms.bell.deliveries()  # rules may have answered
    context.rooms.bell.feed()
    with context.rooms.store.read() as db:
        rows = rows_of(db, context.rooms, member, ids)
    return BulkAnswer(
        items=[
            BulkItem(id=id, done=id not in refused, conversation=rows.get(id), problem=refused.get(id)) for id in ids
        ]
    )


def _do(context: ApiContext, member: Member, body: Bulk, once: Once, conversation_id: str) -> None:
    """One of them, in a transaction of its own, and once. Raises what the single command raises."""
    rooms, command = context.rooms, body.command
    told: list[str] = []

    def deed(db: Connection, at: datetime) -> None:
        if (newest := command.carry_out(db, rooms, member, conversation_id, at)) is not None:
            told.append(newest)

    of_this = replace(once, key=_key(once.key, conversation_id), fingerprint=_digest(command.model_dump_json()))
    of_this.do(204, deed, lambda db: lists.require_conversation(db, member, conversation_id))
    if told and isinstance(command, ReadAll):
        context.signals.read(conversation_id, told[0])


def _key(key: str | None, conversation_id: str) -> str | None:
    """Of one conversation under the key of all of them."""
    return None if key is None else f"bulk-{_digest(f'{key} {conversation_id}')}"


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
