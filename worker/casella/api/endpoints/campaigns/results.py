"""What became of a campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from casella.api.endpoints.campaigns.shapes import LeftOut
from casella.api.endpoints.models import Answer
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import CampaignId, CursorText, Limit
from casella.api.frame.rates import at_most
from casella.api.frame.security import Manager
from casella.inbox import campaigns

router = APIRouter(tags=["managers"], dependencies=[at_most("report")])


class CampaignReport(LeftOut):
    """Everybody is `planned`, `left_out`, `canceled` or `written` to."""

    id: str
    name: str
    state: campaigns.State
    meant: int
    planned: int = Field(description="It is not their turn yet.")
    canceled: int
    written: int
    waiting: int = Field(description="Their message is yet to leave, or nobody knows whether it has.")
    sent: int = Field(description="Their message has left; also those that arrived.")
    delivered: int = Field(description="It has arrived; also those that were read.")
    read: int
    failed: Mapping[str, int] = Field(description="How many messages, by reason.", examples=[{"send_rejected": 1}])
    replied: int = Field(description="Have written in the conversation since.")
    opted_out: int = Field(description="Have opted out since, of everything or of marketing.")


class Recipient(Answer):
    """One of its people, and what became of him."""

    contact_id: str
    name: str | None
    address: str | None
    country: str | None
    state: str = Field(
        description="planned, left_out, canceled; of who was written to the state of his message: queued, sending, "
        "sent, delivered, read, failed, unconfirmed, canceled."
    )
    reason: str | None = Field(description="Why he was left out, or why his message failed.")
    at: datetime
    conversation_id: str | None
    message_id: str | None
    replied_at: datetime | None
    opted_out_at: datetime | None


class RecipientPage(Answer):
    items: Sequence[Recipient]
    next: str | None


@router.get(
    "/campaigns/{campaign_id}/report", response_model=None,
    responses={
        **errors(403, 404, 429),
        200: {"model": CampaignReport, "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)  # fmt: skip
def report_campaign(
    rooms: House,
    member: Manager,
    campaign_id: CampaignId,
    format: Annotated[Literal["json", "csv"], Query(description="csv: everybody, one line each.")] = "json",
) -> Response:
    """What became of a campaign so far. As a table: of each of its people."""
    with rooms.store.read() as db:
        if format == "csv":
            headers = {
                "Content-Disposition": f'attachment; filename="campaign-{campaign_id}.csv"',
                "Cache-Control": "no-store",
            }
            written = campaigns.table(db, rooms, member, campaign_id)
            return Response(written, headers=headers, media_type="text/csv; charset=utf-8")
        found = campaigns.report(db, rooms, member, campaign_id, rooms.clock.now())
    answer = CampaignReport.model_validate(found)
    return Response(answer.model_dump_json(), media_type="application/json")


@router.get("/campaigns/{campaign_id}/recipients", response_model=RecipientPage, responses=errors(400, 403, 404, 429))
def list_recipients(
    rooms: House,
    member: Manager,
    campaign_id: CampaignId,
    state: Annotated[
        Literal["listed", "planned", "left_out", "queued", "canceled"] | None,
        Query(description="Only these; queued: who was written to."),
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> RecipientPage:
    """Its people, in the order in which they are written to."""
    behind = paging.number_place("recipients", cursor) if cursor is not None else 0
    with rooms.store.read() as db:
        found, place = campaigns.fates(db, rooms, member, campaign_id, behind, limit, state)
    following = paging.id_cursor("recipients", str(place)) if place is not None else None
    return RecipientPage(items=[Recipient.model_validate(one) for one in found], next=following)
