"""A campaign's life by hand: begun, stopped for a while, gone on with, ended."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
from sqlalchemy import Connection, select

from casella.errors import Conflict
from casella.inbox.campaigns.drafting import held, require
from casella.inbox.campaigns.model import BadCampaign, CampaignView, NotDraft, Words, channel_of
from casella.inbox.campaigns.queueing import cancel_waiting, hold_waiting, let_go_waiting
from casella.inbox.campaigns.telling import told
from casella.inbox.campaigns.wording import check_words
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.sending import Way, judge_writer, templates
from casella.store.queries.oversight import campaign_queries
from casella.store.rows import TableRow
from casella.store.tables import channels

_FARTHEST = timedelta(days=366)
MARKETING = "marketing"


class NotSending(Conflict):
    """This campaign is not being sent; look at its state."""

    code = "campaign_not_active"


class NotPaused(Conflict):
    """This campaign is not paused; look at its state."""

    code = "campaign_not_paused"


class CampaignOver(Conflict):
    """This campaign has ended."""

    code = "campaign_over"


class ChannelStandsStill(Conflict):
    """The channel stands still; a manager resumes it first."""

    code = "channel_paused"


def check_template(rooms: Rooms, member: Member, id: str, http: httpx.Client) -> None:
    """Whether the provider takes the draft's template now. Asked while no transaction is open. Raises BadCampaign,
    NotFound, ProviderSilent, PluginFailed."""
    with rooms.store.read() as db:
        row = require(db, member, id)
    words = Words.of(row.words)
    if words.template is None or row.state != "draft":
        return
    name, language = words.template["name"], words.template["language"]
    found = [
        one
        for one in templates.of_channel(rooms, member, row.channel_id, http)
        if (one.name, one.language) == (name, language)
    ]
    if not any(one.state == "approved" for one in found):
        raise BadCampaign("The provider has not approved this template.", code="template_not_approved")
    if row.purpose != MARKETING and any(one.category.lower() == MARKETING for one in found):
        raise BadCampaign("This is a marketing template; its campaign is marketing, too.", code="template_is_marketing")


def schedule(
    db: Connection, rooms: Rooms, member: Member, id: str, starts_at: datetime | None, at: datetime
) -> CampaignView:
    """Its people are written down now, and written to from `starts_at` on (None: at once). Raises NotFound, NotAllowed,
    NotDraft, and BadCampaign for what could not be sent."""
    row = _to_send(db, rooms, member, id)
    if row.state != "draft":
        raise NotDraft
    if starts_at is not None and not at - timedelta(minutes=5) <= starts_at <= at + _FARTHEST:
        raise BadCampaign("It begins at a time to come, within a year.", code="bad_start")
    channel = channel_of(rooms, row)
    if channel is None:
        raise BadCampaign("This channel is not connected.", code="channel_unavailable")
    check_words(rooms, channel, Words.of(row.words))
    begins = max(starts_at or at, at)
    campaign_queries.change(
        db, id, state="active", starts_at=begins, due_at=at, scheduled_by=member.id, scheduled_at=at, place=""
    )
    return told(db, id, at)


def pause(db: Connection, rooms: Rooms, member: Member, id: str, at: datetime) -> CampaignView:
    """Nothing more leaves but what is on its way to the provider. Raises NotFound, NotAllowed, NotSending."""
    row = held(db, rooms, member, id)
    if row.state != "active":
        raise NotSending
    stop(db, row, "by_hand", "Somebody has paused it.", at)
    return told(db, id, at)


def stop(db: Connection, row: TableRow, code: str, text: str, at: datetime) -> None:
    """It stands still until somebody resumes it."""
    campaign_queries.change(db, row.id, state="paused", pause_code=code, pause_text=text[:500])
    hold_waiting(db, row.id, at)


def stop_all(db: Connection, code: str, text: str, at: datetime) -> int:
    """Every campaign that sends, or will. Returns how many stand still because of it."""
    active = campaign_queries.active(db)
    for row in active:
        stop(db, row, code, text, at)
    return len(active)


def resume(db: Connection, rooms: Rooms, member: Member, id: str, at: datetime) -> CampaignView:
    """It goes on with whom it has not written to yet. Raises NotFound, NotAllowed, NotPaused, ChannelStandsStill."""
    row = _to_send(db, rooms, member, id)
    if row.state != "paused":
        raise NotPaused
    if stands_still(db, row.channel_id) is not None:
        raise ChannelStandsStill
    due = at if row.gathered_at is None or row.starts_at is None else max(at, row.starts_at)
    campaign_queries.change(db, id, state="active", due_at=due, pause_code=None, pause_text=None, resumed_at=at)
    let_go_waiting(db, rooms, row, at)
    return told(db, id, at)


def _to_send(db: Connection, rooms: Rooms, member: Member, id: str) -> TableRow:
    """Held. Raises NotAllowed for who may not write to customers."""
    row = held(db, rooms, member, id)
    judge_writer(rooms, Way(writer=member.id)).require()
    return row


def cancel(db: Connection, rooms: Rooms, member: Member, id: str, at: datetime) -> CampaignView:
    """Whoever has not been written to never is. Raises NotFound, NotAllowed, CampaignOver."""
    row = held(db, rooms, member, id)
    if row.state in ("done", "canceled"):
        raise CampaignOver
    campaign_queries.cancel_planned(db, id, at)
    cancel_waiting(db, rooms, row, at)
    campaign_queries.change(db, id, state="canceled", ended_at=at, due_at=None, pause_code=None, pause_text=None)
    return told(db, id, at)


def stands_still(db: Connection, channel_id: str) -> tuple[str, str] | None:
    """Why the channel stands still until somebody repairs it: code and sentence."""
    query = select(channels.c.paused_code, channels.c.paused_text, channels.c.paused_until)
    row = db.execute(query.where(channels.c.id == channel_id)).one()
    return (row.paused_code, row.paused_text or "") if row.paused_code and row.paused_until is None else None


def all_fail(db: Connection, row: TableRow) -> tuple[str, str] | None:
    """Whether its last messages have failed, all of them, each for its own sake: code and sentence."""
    since = row.resumed_at or row.gathered_at
    newest = campaign_queries.newest_states(db, row.id, since, _LOOKED_AT)
    ended = [state for state in newest if state in _ENDED][:_IN_A_ROW]
    if len(ended) < _IN_A_ROW or any(state != "failed" for state in ended):
        return None
    return "all_fail", "Its last 20 messages have all failed: look at why before it goes on."


_IN_A_ROW, _LOOKED_AT = 20, 100
_ENDED = frozenset({"failed", "sent", "delivered", "read"})
