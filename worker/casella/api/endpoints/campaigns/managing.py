"""Writing a campaign down, looking at what would come of it, beginning, stopping and ending it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from casella.api.endpoints.campaigns.shapes import (
    Campaign,
    CampaignBody,
    CampaignPage,
    CampaignPreview,
    CampaignTrial,
    PreviewLine,
    ScheduleBody,
)
from casella.api.frame import paging
from casella.api.frame.context import Context, House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import CampaignId, CursorText, Limit, Line
from casella.api.frame.once import Once, OptionalOnce, RequiredOnce
from casella.api.frame.rates import at_most
from casella.api.frame.security import Manager
from casella.inbox import campaigns
from casella.inbox.house import Rooms, guest_client
from casella.inbox.reading import Member

router = APIRouter(tags=["managers"])
Command = Callable[[Connection, datetime], campaigns.CampaignView]


@router.get("/campaigns", response_model=CampaignPage, responses=errors(400, 403))
def list_campaigns(
    rooms: House,
    member: Manager,
    inbox: Annotated[Line | None, Query(description="Id or key of an inbox.")] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> CampaignPage:
    """Of the inboxes you manage, the newest first."""
    behind = paging.id_place("campaigns", cursor) if cursor is not None else None
    known = rooms.directory.current.inboxes.values()
    wanted = [entry.id for entry in known if inbox in (entry.id, entry.key)] if inbox is not None else None
    with rooms.store.read() as db:
        found = campaigns.list_campaigns(db, member, wanted, behind, limit + 1, rooms.clock.now())
    following = paging.id_cursor("campaigns", found[limit - 1].id) if len(found) > limit else None
    return CampaignPage(items=[Campaign.of(one) for one in found[:limit]], next=following)


@router.post("/campaigns", response_model=Campaign, status_code=201, responses=errors(*WRITE_ERRORS))
def create_campaign(rooms: House, member: Manager, body: CampaignBody, once: OptionalOnce) -> Response:
    """Write a campaign down. Nothing is sent before it is scheduled. 403 `feature_not_in_plan` where campaigns are not
    in the inbox's plan; 422 with a code of its own for what could not be sent."""

    def sight_again(db: Connection, answered: str) -> None:
        campaigns.require(db, member, Campaign.model_validate_json(answered).id)

    wish = body.read()

    def deed(db: Connection, at: datetime) -> Campaign:
        return Campaign.of(campaigns.create(db, rooms, member, wish, at))

    answer = once.do(201, deed, None, sight_again=sight_again)
    rooms.bell.feed()
    return answer


@router.get("/campaigns/{campaign_id}", response_model=Campaign, responses=errors(403, 404))
def read_campaign(rooms: House, member: Manager, campaign_id: CampaignId) -> Campaign:
    """One, and how far it is."""
    with rooms.store.read() as db:
        return Campaign.of(campaigns.find(db, member, campaign_id, rooms.clock.now()))


@router.put("/campaigns/{campaign_id}", response_model=Campaign, responses=errors(*WRITE_ERRORS))
def change_campaign(
    rooms: House, member: Manager, campaign_id: CampaignId, body: CampaignBody, once: OptionalOnce
) -> Response:
    """Another draft in its place. 409 `not_draft` once it is scheduled."""
    wish = body.read()
    return _command(
        rooms, member, campaign_id, once, lambda db, at: campaigns.change(db, rooms, member, campaign_id, wish, at)
    )


@router.delete("/campaigns/{campaign_id}", status_code=204, responses=errors(403, 404, 409))
def remove_campaign(rooms: House, member: Manager, campaign_id: CampaignId, once: OptionalOnce) -> Response:
    """Throw a draft away."""

    def deed(db: Connection, at: datetime) -> None:
        campaigns.remove(db, rooms, member, campaign_id, at)

    answer = once.do(204, deed, None)
    rooms.bell.feed()
    return answer


@router.get(
    "/campaigns/{campaign_id}/preview", response_model=CampaignPreview, responses=errors(400, 403, 404, 409, 429),
    dependencies=[at_most("report")],
)  # fmt: skip
def preview_campaign(
    rooms: House, member: Manager, campaign_id: CampaignId, cursor: CursorText = None, limit: Limit = 50
) -> CampaignPreview:
    """How many a draft is for, who, what each would read, and who is left out for which reason. Who may be written to
    is asked again when he is."""
    behind = paging.number_place("campaign preview", cursor) if cursor is not None else 0
    with rooms.store.read() as db:
        found = campaigns.preview(db, rooms, member, campaign_id, behind, limit, rooms.clock.now())
    following = None if found.is_last else paging.id_cursor("campaign preview", str(behind + limit))
    lines = [PreviewLine.model_validate(one) for one in found.lines]
    return CampaignPreview(
        planned=found.planned, left_out=found.left_out, too_many=found.too_many, items=lines, next=following
    )


@router.get(
    "/campaigns/{campaign_id}/dry-run", response_model=CampaignTrial, responses=errors(403, 404, 409, 429),
    dependencies=[at_most("report")],
)  # fmt: skip
def try_campaign(rooms: House, member: Manager, campaign_id: CampaignId) -> CampaignTrial:
    """Do everything with a draft but send it: fill and measure every text, count its costs, and how long it takes."""
    with rooms.store.read() as db:
        found = campaigns.dry_run(db, rooms, member, campaign_id, rooms.clock.now())
    return CampaignTrial.model_validate(found)


@router.post("/campaigns/{campaign_id}/schedule", response_model=Campaign, responses=errors(*WRITE_ERRORS))
async def schedule_campaign(
    context: Context, rooms: House, member: Manager, campaign_id: CampaignId, body: ScheduleBody, once: RequiredOnce
) -> Response:
    """Begin it, now or at a time: from now on it cannot be changed. Whom it is for is written down at once; who has
    opted out until it is his turn is not written to. 422 `template_not_approved` for a template that the provider does
    not take."""

    def act() -> Response:
        with guest_client() as http:
            campaigns.check_template(rooms, member, campaign_id, http)
        return _command(
            rooms, member, campaign_id, once,
            lambda db, at: campaigns.schedule(db, rooms, member, campaign_id, body.starts_at, at),
        )  # fmt: skip

    return await context.pools.providers.run(member.id, act)


@router.post("/campaigns/{campaign_id}/pause", response_model=Campaign, responses=errors(*WRITE_ERRORS))
def pause_campaign(rooms: House, member: Manager, campaign_id: CampaignId, once: OptionalOnce) -> Response:
    """Nothing more leaves but what is on its way to the provider."""
    return _command(
        rooms, member, campaign_id, once, lambda db, at: campaigns.pause(db, rooms, member, campaign_id, at)
    )


@router.post("/campaigns/{campaign_id}/resume", response_model=Campaign, responses=errors(*WRITE_ERRORS))
def resume_campaign(rooms: House, member: Manager, campaign_id: CampaignId, once: OptionalOnce) -> Response:
    """Go on with who has not been written to. 409 `channel_paused` while its channel stands still."""
    return _command(
        rooms, member, campaign_id, once, lambda db, at: campaigns.resume(db, rooms, member, campaign_id, at)
    )


@router.post("/campaigns/{campaign_id}/cancel", response_model=Campaign, responses=errors(*WRITE_ERRORS))
def cancel_campaign(rooms: House, member: Manager, campaign_id: CampaignId, once: OptionalOnce) -> Response:
    """End it: whoever has not been written to never is."""
    return _command(
        rooms, member, campaign_id, once, lambda db, at: campaigns.cancel(db, rooms, member, campaign_id, at)
    )


def _command(rooms: Rooms, member: Member, campaign_id: str, once: Once, act: Command) -> Response:
    def deed(db: Connection, at: datetime) -> Campaign:
        return Campaign.of(act(db, at))

    answer = once.do(200, deed, lambda db: campaigns.require(db, member, campaign_id))
    rooms.bell.feed()
    rooms.bell.deliveries()
    return answer
