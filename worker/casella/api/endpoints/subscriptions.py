"""`/subscriptions`: other systems that are told what happens, and the log of what they were told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints.models import Answer
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import CursorText, Id, LetterId, Limit, Line, SubscriptionId
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Admin, Manager
from casella.inbox import subscriptions

router = APIRouter(tags=["managers"])
Kind = Literal[
    "message.created", "message.updated", "conversation.updated", "contact.updated", "contact.consent", "agent.updated",
    "channel.paused",
]  # fmt: skip
Url = Annotated[str, Field(min_length=1, max_length=2000, json_schema_extra={"pattern": r"^https?://[!-~]+$"})]
Kinds = Annotated[Sequence[Kind], Field(max_length=20, description="Of events; none: all that can be subscribed to.")]
Inboxes = Annotated[Sequence[Id], Field(max_length=200, description="None: every shared inbox.")]


class Subscription(Answer):
    """`failing_since`: since when no letter has arrived. `paused_until`: nothing is tried before."""

    id: str
    url: str
    description: str
    kinds: Sequence[str]
    inboxes: Sequence[str]
    state: Literal["active", "off"]
    off_reason: str | None
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    created_at: datetime


class NewSubscription(Subscription):
    """`secret` is shown this once: letters are signed with it."""

    secret: str = Field(examples=["whsec_…"])


class SubscriptionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Url = Field(description="An https address.", examples=["https://crm.example/casella"])
    description: Line = ""
    kinds: Kinds = ()
    inboxes: Inboxes = ()


class SubscriptionChange(BaseModel):
    """What is absent stays as it is."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    description: Line | None = None
    kinds: Kinds | None = None
    inboxes: Inboxes | None = None
    active: bool | None = Field(None, description="Switched on again, it goes on where it was.")


class Letter(Answer):
    """`body`: what the other system was told, word by word; `id` is its `webhook-id`."""

    id: str
    kind: str
    inbox_id: str | None
    conversation_id: str | None
    body: str
    state: Literal["queued", "done", "failed"]
    attempts: int
    due_at: datetime
    status: int | None = Field(description="What the other system answered last.")
    error: str | None
    created_at: datetime
    ended_at: datetime | None


class LetterPage(Answer):
    items: Sequence[Letter]
    next: str | None


@router.get("/subscriptions", response_model=list[Subscription], responses=errors(403))
def list_subscriptions(rooms: House, member: Manager) -> list[subscriptions.SubscriptionView]:
    """Who is told, of what, and whether it arrives. For managers; admins change them."""
    with rooms.store.read() as db:
        return subscriptions.list_subscriptions(db)


@router.post("/subscriptions", response_model=NewSubscription, status_code=201, responses=errors(*WRITE_ERRORS))
def subscribe(rooms: House, admin: Admin, body: SubscriptionBody, once: OptionalOnce) -> Response:
    """Let another system hear what happens from now on. The `secret` is shown this once, and to whoever repeats the
    request with the same Idempotency-Key. For admins."""
    wish = subscriptions.Wish(body.url, body.description, body.kinds, body.inboxes)

    def deed(db: Connection, at: datetime) -> NewSubscription:
        view, secret = subscriptions.subscribe(db, rooms, admin, wish, at)
        return NewSubscription(**Subscription.model_validate(view).model_dump(), secret=secret)

    answer = once.do(201, deed, None, is_secret=True)
    rooms.bell.feed()
    return answer


@router.patch("/subscriptions/{subscription_id}", response_model=Subscription, responses=errors(*WRITE_ERRORS))
def change_subscription(
    rooms: House, admin: Admin, subscription_id: SubscriptionId, body: SubscriptionChange, once: OptionalOnce
) -> Response:
    """Change it, or switch it off and on. For admins."""
    wish = subscriptions.Wish(body.url, body.description, body.kinds, body.inboxes, body.active)

    def deed(db: Connection, at: datetime) -> Subscription:
        return Subscription.model_validate(subscriptions.change(db, rooms, subscription_id, wish, at))

    answer = once.do(200, deed, None)
    rooms.bell.feed()
    return answer


@router.post("/subscriptions/{subscription_id}/secret", response_model=NewSubscription, responses=errors(*WRITE_ERRORS))
def renew_subscription_secret(
    rooms: House, admin: Admin, subscription_id: SubscriptionId, once: OptionalOnce
) -> Response:
    """Another secret, shown this once; the old one counts no more. For admins."""

    def deed(db: Connection, at: datetime) -> NewSubscription:
        view, secret = subscriptions.renew_secret(db, rooms, subscription_id, at)
        return NewSubscription(**Subscription.model_validate(view).model_dump(), secret=secret)

    answer = once.do(200, deed, None, is_secret=True)
    rooms.bell.feed()
    return answer


@router.delete("/subscriptions/{subscription_id}", status_code=204, responses=errors(403, 404))
def end_subscription(rooms: House, admin: Admin, subscription_id: SubscriptionId) -> Response:
    """End it, with the log of its letters. For admins."""
    with rooms.store.write() as db:
        subscriptions.end(db, subscription_id, rooms.clock.now())
    rooms.bell.feed()
    return Response(status_code=204)


@router.get("/subscriptions/{subscription_id}/letters", response_model=LetterPage, responses=errors(400, 403, 404))
def list_letters(
    rooms: House,
    member: Manager,
    subscription_id: SubscriptionId,
    state: Annotated[Literal["queued", "done", "failed"] | None, Query(description="Only these.")] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> LetterPage:
    """What it was told in the last seven days, the newest first, of the conversations that you see."""
    behind = int(paging.id_place("letters", cursor)) if cursor is not None else None
    with rooms.store.read() as db:
        found = subscriptions.list_letters(db, member, subscription_id, state, behind, limit + 1)
    following = paging.id_cursor("letters", str(found[limit - 1].position)) if len(found) > limit else None
    return LetterPage(items=[Letter.model_validate(one) for one in found[:limit]], next=following)


@router.post("/subscription-letters/{letter_id}/retry", response_model=Letter, responses=errors(*WRITE_ERRORS))
def send_letter_again(rooms: House, member: Manager, letter_id: LetterId, once: OptionalOnce) -> Response:
    """Send a letter once more that has arrived or was given up, under the same id. 409 `not_failed` while it is on its
    way, `subscription_off` where nothing leaves."""

    def deed(db: Connection, at: datetime) -> Letter:
        return Letter.model_validate(subscriptions.send_again(db, member, letter_id, at))

    return once.do(200, deed, lambda db: subscriptions.require_letter(db, member, letter_id))
