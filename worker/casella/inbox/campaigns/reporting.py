"""What became of a campaign: of each of its people, and in sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from casella.errors import PluginFailed
from casella.inbox.campaigns.drafting import require
from casella.inbox.campaigns.model import State, channel_of, view_of
from casella.inbox.consent import everywhere, pool_of, topic_key
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.reports import as_csv
from casella.store.queries.oversight import campaign_queries, campaign_result_queries
from casella.store.rows import TableRow

_PIECE = 500
_ARRIVED = ("delivered", "read")
_LEFT = ("sent", *_ARRIVED)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one of its people. `state`: planned, left_out, canceled; of who was written to the state of his
    message. `reason`: why he was left out, or why his message failed."""

    contact_id: str
    name: str | None
    address: str | None
    country: str | None
    state: str
    reason: str | None
    at: datetime
    conversation_id: str | None
    message_id: str | None
    replied_at: datetime | None
    opted_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """`meant`: everybody; each is `planned` (not his turn yet), `left_out`, `canceled`, or was written to (`written`).
    Of these: `waiting` to leave or in doubt, `sent` (also those that arrived), `delivered` (also those that were read),
    `read`, `failed`."""

    id: str
    name: str
    state: State
    meant: int
    planned: int
    left_out: Mapping[str, int]
    canceled: int
    written: int
    waiting: int
    sent: int
    delivered: int
    read: int
    failed: Mapping[str, int]
    replied: int
    opted_out: int


def report(db: Connection, rooms: Rooms, member: Member, id: str, now: datetime) -> CampaignReport:
    """Raises NotAllowed, NotFound."""
    row = require(db, member, id)
    counts = campaign_queries.counts(db, [id])[id]
    states, failed = Counter[str](), Counter[str]()
    for one in campaign_result_queries.outcomes(db, id):
        states[one.state] += one.many
        if one.state == "failed":
            failed[one.error_code or ""] += one.many
    replied = opted_out = 0
    for person in _everybody(db, rooms, row):
        replied += person.replied_at is not None
        opted_out += person.opted_out_at is not None
    view = view_of(row, counts, now)
    return CampaignReport(
        id, row.name, view.state, meant=sum(counts.values()), planned=view.progress.planned + view.progress.listed,
        left_out=campaign_result_queries.reasons(db, id), canceled=view.progress.canceled + states["canceled"],
        written=view.progress.queued - states["canceled"],
        waiting=sum(states[one] for one in ("queued", "sending", "unconfirmed")),
        sent=sum(states[one] for one in _LEFT), delivered=sum(states[one] for one in _ARRIVED), read=states["read"],
        failed=dict(failed), replied=replied, opted_out=opted_out,
    )  # fmt: skip


def fates(
    db: Connection, rooms: Rooms, member: Member, id: str, behind: int, limit: int, state: str | None = None
) -> tuple[list[Fate], int | None]:
    """The next of its people, and where to go on; None: there are no more. Raises NotAllowed, NotFound."""
    row = require(db, member, id)
    rows = campaign_result_queries.people(db, id, _pools(rooms, row), behind, limit + 1, state)
    return [_fate(one) for one in rows[:limit]], rows[limit - 1].position if len(rows) > limit else None


def table(db: Connection, rooms: Rooms, member: Member, id: str) -> bytes:
    """Everybody, as a file of comma-separated values. Raises NotAllowed, NotFound."""
    return as_csv(Fate, [_fate(one) for one in _everybody(db, rooms, require(db, member, id))])


def _everybody(db: Connection, rooms: Rooms, row: TableRow) -> Iterator[TableRow]:
    pools, behind = _pools(rooms, row), 0
    while rows := campaign_result_queries.people(db, row.id, pools, behind, _PIECE, None):
        yield from rows
        behind = rows[-1].position


def _pools(rooms: Rooms, row: TableRow) -> Sequence[str]:
    """Where somebody can have opted out of what the campaign sends."""
    channel = channel_of(rooms, row)
    if channel is None:
        return ()
    general = (topic_key(channel, "")[0], everywhere(channel))
    try:
        return (*general, pool_of(rooms, channel))
    except PluginFailed:
        return general


def _fate(row: TableRow) -> Fate:
    written = row.message_state is not None and row.state == "queued"
    return Fate(
        row.contact_id, row.name, row.address, row.country or None, row.message_state if written else row.state,
        row.error_code if written else row.reason, row.at, row.conversation_id, row.message_id, row.replied_at,
        row.opted_out_at,
    )  # fmt: skip
