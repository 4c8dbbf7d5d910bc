"""Managers of an inbox see its campaigns go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from casella.inbox.campaigns.model import CampaignView, view_of
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.queries.oversight import campaign_queries


def told(db: Connection, id: str, now: datetime) -> CampaignView:
    """The campaign as it is now, which its managers are told."""
    row = campaign_queries.one(db, id)
    assert row is not None, "it is held"
    view = view_of(row, campaign_queries.counts(db, [id])[id], now)
    tell(db, view, now)
    return view


def tell(db: Connection, view: CampaignView, now: datetime, state: str | None = None) -> None:
    """`state`: another than the view's, of one that is gone."""
    progress = view.progress
    payload: dict[str, JsonValue] = {
        "campaign_id": view.id, "inbox_id": view.inbox_id, "state": state or view.state,
        "planned": progress.planned, "left_out": progress.left_out, "queued": progress.queued,
        "canceled": progress.canceled, "pause_code": view.pause_code,
    }  # fmt: skip
    managers = campaign_queries.managers(db, view.inbox_id)
    feed.append(db, [FeedEvent("campaign.updated", view.inbox_id, payload, one) for one in managers], now)
