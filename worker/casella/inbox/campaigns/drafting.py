"""Campaigns as managers write them down: nothing is sent before they are scheduled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from casella.desk import Feature
from casella.errors import NotFound
from casella.ids import new_id
from casella.inbox.campaigns.model import (
    MOST_PEOPLE,
    BadCampaign,
    CampaignView,
    Filter,
    NotDraft,
    Wish,
    view_of,
)
from casella.inbox.campaigns.telling import tell, told
from casella.inbox.campaigns.wording import check_words
from casella.inbox.contacts import editing
from casella.inbox.house import ChannelEntry, Rooms, desk_tag
from casella.inbox.reading import Member, require_manager
from casella.store.queries.oversight import campaign_queries
from casella.store.rows import TableRow

_TIME = re.compile(r"([01][0-9]|2[0-3]):(00|15|30|45)")
_FEATURE: Feature = "campaigns"


def create(db: Connection, rooms: Rooms, member: Member, wish: Wish, at: datetime) -> CampaignView:
    """A draft. Raises NotAllowed, NotFound, and BadCampaign or Invalid for what could not be sent."""
    require_manager(member)
    channel = _channel(rooms, member, wish.channel)
    id = new_id()
    values = _values(rooms, channel, wish)
    campaign_queries.add(db, id=id, created_by=member.id, created_at=at, **values)
    _list(db, id, wish.contacts, at)
    return told(db, id, at)


def change(db: Connection, rooms: Rooms, member: Member, id: str, wish: Wish, at: datetime) -> CampaignView:
    """Another draft in its place. Raises NotDraft, and as `create`."""
    _require_draft(held(db, rooms, member, id))
    channel = _channel(rooms, member, wish.channel)
    campaign_queries.change(db, id, **_values(rooms, channel, wish))
    _list(db, id, wish.contacts, at)
    return told(db, id, at)


def remove(db: Connection, rooms: Rooms, member: Member, id: str, at: datetime) -> None:
    """Raises NotFound, NotDraft."""
    row = held(db, rooms, member, id)
    _require_draft(row)
    campaign_queries.remove(db, id)
    tell(db, view_of(row, {}, at), at, "removed")


def find(db: Connection, member: Member, id: str, now: datetime) -> CampaignView:
    """Raises NotAllowed for who is no manager, NotFound for a campaign of another's inbox."""
    row = require(db, member, id)
    return view_of(row, campaign_queries.counts(db, [id])[id], now)


def list_campaigns(
    db: Connection, member: Member, inbox_ids: Sequence[str] | None, behind: str | None, limit: int, now: datetime
) -> list[CampaignView]:
    """Of the manager's inboxes, or of these among them; the newest first."""
    require_manager(member)
    among = member.inbox_ids if inbox_ids is None else member.inbox_ids & set(inbox_ids)
    rows = campaign_queries.of_inboxes(db, sorted(among), behind, limit)
    counts = campaign_queries.counts(db, [row.id for row in rows])  # asked of none, too: pages cost the same
    return [view_of(row, counts[row.id], now) for row in rows]


def require(db: Connection, member: Member, id: str) -> TableRow:
    """Raises NotAllowed, NotFound."""
    require_manager(member)
    return _seen(campaign_queries.one(db, id), member)


def held(db: Connection, rooms: Rooms, member: Member, id: str) -> TableRow:
    """For a change. Raises NotAllowed, also where campaigns are not in the inbox's plan, and NotFound."""
    require_manager(member)
    row = _seen(campaign_queries.one(db, id, held=True), member)
    require_plan(rooms, row.inbox_id)
    return row


def require_plan(rooms: Rooms, inbox_id: str) -> None:
    """Raises NotAllowed (feature_not_in_plan, not_in_contact_center)."""
    inbox = rooms.directory.current.inboxes.get(inbox_id)
    if inbox is not None:
        rooms.desk.current.require_feature(inbox.key, _FEATURE)


def _seen(row: TableRow | None, member: Member) -> TableRow:
    if row is None or row.inbox_id not in member.inbox_ids:
        raise NotFound("There is no such campaign, or it is not yours to see.")
    return row


def _require_draft(row: TableRow) -> None:
    if row.state != "draft":
        raise NotDraft


def _channel(rooms: Rooms, member: Member, name: str) -> ChannelEntry:
    for entry in rooms.directory.current.channels.values():
        if name in (entry.id, entry.key) and entry.inbox.id in member.inbox_ids:
            require_plan(rooms, entry.inbox.id)
            return entry
    raise NotFound("There is no such channel, or it is not yours to see.")


def _values(rooms: Rooms, channel: ChannelEntry, wish: Wish) -> dict[str, object]:
    check_words(rooms, channel, wish.words)
    reason = (wish.reason or "").strip() or None
    if wish.purpose == "service" and reason is None:
        raise BadCampaign("Say why this may go to who has not agreed to marketing.", code="reason_needed")
    if wish.filter is None and not wish.contacts:
        raise BadCampaign("Say whom it is for.", code="nobody_meant")
    if wish.quiet is None and wish.purpose == "marketing":
        raise BadCampaign("Marketing keeps quiet hours; say which.", code="quiet_hours_needed")
    if wish.quiet is not None and not (wish.quiet[0] != wish.quiet[1] and all(map(_TIME.fullmatch, wish.quiet))):
        raise BadCampaign("Quiet hours begin and end at a quarter of an hour, such as 20:00.", code="bad_quiet_hours")
    start, end = wish.quiet or (None, None)
    return {
        "name": wish.name, "inbox_id": channel.inbox.id, "channel_id": channel.id, "words": wish.words.kept(),
        "filter": _filter(rooms, wish.filter).kept() if wish.filter is not None else None, "purpose": wish.purpose,
        "reason": reason, "quiet_from": start, "quiet_until": end, "per_minute": wish.per_minute,
    }  # fmt: skip


def _filter(rooms: Rooms, wanted: Filter) -> Filter:
    """As it is kept. Raises Invalid for tags and attributes that the desk does not have."""
    told = (wanted.tags, wanted.without_tags, wanted.languages, wanted.countries, wanted.attributes)
    if not wanted.everyone and not any(told):
        raise BadCampaign("Say whom it is for.", code="nobody_meant")
    return replace(
        wanted,
        tags=[desk_tag(rooms, tag) for tag in wanted.tags],
        without_tags=[desk_tag(rooms, tag) for tag in wanted.without_tags],
        languages=[one.lower() for one in wanted.languages],
        countries=[one.upper() for one in wanted.countries],
        attributes=editing.checked(rooms, wanted.attributes),
    )


def _list(db: Connection, id: str, contact_ids: Sequence[str], at: datetime) -> None:
    """Raises NotFound for somebody who is not the organisation's, and BadCampaign for too many."""
    wanted = list(dict.fromkeys(contact_ids))
    if len(wanted) > MOST_PEOPLE:
        raise BadCampaign(f"A campaign is for {MOST_PEOPLE} people at most.", code="too_many_people")
    for first in range(0, len(wanted), 500):
        some = wanted[first : first + 500]
        if len(campaign_queries.shared_contacts(db, some)) < len(some):
            raise NotFound("There is no such contact, or it is not yours to see.")
    campaign_queries.list_people(db, id, wanted, at)
