"""What would come of a draft, before anything does: how many, who, what each would read, who is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import NoneType

from sqlalchemy import Connection

from casella.inbox.campaigns.drafting import require, require_plan
from casella.inbox.campaigns.model import MOST_PEOPLE, NotDraft, channel_of
from casella.inbox.campaigns.people import Judged, walk
from casella.inbox.campaigns.quiet_hours import quiet_hours
from casella.inbox.house import ChannelEntry, Rooms
from casella.inbox.reading import Member
from casella.inbox.sending import measure
from casella.plugin import Cost
from casella.store.rows import TableRow


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """Somebody it is meant for. `text`: what he would read; None for who is left out for a `reason`."""

    contact_id: str
    name: str | None
    address: str | None
    country: str | None
    text: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class CampaignPreview:
    """`left_out`: how many, by reason. `too_many`: it is for more people than a campaign may be for."""

    planned: int
    left_out: Mapping[str, int]
    too_many: bool
    lines: Sequence[PreviewLine]
    is_last: bool


@dataclass(frozen=True, slots=True)
class CampaignTrial:
    """Everything but sending. `parts`: of texts, as the provider counts them; `cost`: None where nobody knows.
    `waiting`: whose quiet hours it is. `ends_at`: when the last would be written to, if it began now."""

    planned: int
    left_out: Mapping[str, int]
    too_many: bool
    parts: int
    cost: Mapping[str, float] | None
    waiting: int
    ends_at: datetime | None


def preview(
    db: Connection, rooms: Rooms, member: Member, id: str, behind: int, limit: int, now: datetime
) -> CampaignPreview:
    """One page of lines, `behind` so many, and the counts of all. Raises NotFound, NotAllowed, NotDraft,
    PluginFailed."""
    row = _draft(db, rooms, member, id)
    left_out, lines, number = Counter[str](), list[PreviewLine](), 0
    for number, one in enumerate(walk(db, rooms, row, now), 1):
        if one.reason is not None:
            left_out[one.reason] += 1
        if behind < number <= behind + limit:
            lines.append(_line(one))
    planned = number - left_out.total()
    return CampaignPreview(planned, dict(left_out), number > MOST_PEOPLE, lines, number <= behind + limit)


def dry_run(db: Connection, rooms: Rooms, member: Member, id: str, now: datetime) -> CampaignTrial:
    """Raises as `preview`."""
    row = _draft(db, rooms, member, id)
    channel = channel_of(rooms, row)
    left_out, cost, parts = Counter[str](), _Costs(rooms, channel), 0
    countries = Counter[str]()
    for one in walk(db, rooms, row, now):
        if one.reason is not None:
            left_out[one.reason] += 1
            continue
        countries[one.country] += 1
        measured = measure(rooms, channel, one.text) if channel is not None and one.text else None
        parts += measured.parts if measured is not None else 1
        cost.add(one)
    zone = channel.inbox.timezone if channel is not None else "UTC"
    waiting, ends_at = _when(row, countries, zone, now)
    too_many = countries.total() + left_out.total() > MOST_PEOPLE
    return CampaignTrial(countries.total(), dict(left_out), too_many, parts, cost.total, waiting, ends_at)


def _draft(db: Connection, rooms: Rooms, member: Member, id: str) -> TableRow:
    row = require(db, member, id)
    require_plan(rooms, row.inbox_id)
    if row.state != "draft":
        raise NotDraft
    return row


def _line(one: Judged) -> PreviewLine:
    text = None if one.reason is not None else one.content.words(one.text) if one.content is not None else one.text
    person = one.person
    return PreviewLine(person.meant, person.name, one.address, one.country or None, text, one.reason)


def _when(row: TableRow, countries: Mapping[str, int], zone: str, now: datetime) -> tuple[int, datetime | None]:
    quiet = quiet_hours(row.quiet_from, row.quiet_until)
    opens = {one: quiet.opens_at(one, zone, now) if quiet is not None else now for one in countries}
    waiting = sum(many for one, many in countries.items() if opens[one] != now)
    last = max((at for at in opens.values() if at is not None), default=None)
    if last is None:
        return waiting, None
    return waiting, max(last, now + timedelta(minutes=sum(countries.values()) / row.per_minute))


class _Costs:
    """What the texts cost, as far as the channel knows, by currency."""

    def __init__(self, rooms: Rooms, channel: ChannelEntry | None) -> None:
        self._rooms, self._channel = rooms, channel
        self._sums: dict[str, float] | None = {}

    @property
    def total(self) -> Mapping[str, float] | None:
        return {currency: round(amount, 6) for currency, amount in self._sums.items()} if self._sums else None

    def add(self, one: Judged) -> None:
        link = self._channel.channel if self._channel is not None else None
        if self._sums is None or self._channel is None or link is None or not one.text or one.address is None:
            return
        plugin, to, text = self._rooms.host.plugin(self._channel.channel_type), one.address, one.text
        found = self._rooms.host.call(plugin, "cost", lambda: plugin.cost(link, to, text, 0), (Cost, NoneType))
        if found is None:
            self._sums = None
        else:
            self._sums[found.currency] = self._sums.get(found.currency, 0.0) + float(found.amount)
