"""Whom a campaign is for, and who of them may be written to: asked of everybody when he is planned, and again at the
moment of sending."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from casella.desk.canned.messages import CannedError
from casella.errors import PluginAway
from casella.inbox.campaigns.model import Filter, Words, channel_of
from casella.inbox.campaigns.quiet_hours import quiet_hours
from casella.inbox.campaigns.wording import said
from casella.inbox.consent import agreed, stopped
from casella.inbox.house import ChannelEntry, Rooms, address_key, phone_of
from casella.inbox.sending import Recipient, Way, judge, judge_content, permission
from casella.origins import home_of
from casella.plugin import Content
from casella.store.queries.oversight import campaign_queries
from casella.store.rows import TableRow

AT_ONCE = 250
_DEEPEST = 10
"""So often somebody can have been merged into somebody else."""


@dataclass(frozen=True, slots=True)
class Person:
    """`meant`: the contact that the campaign has named; `contact_id`: who that is now. `addresses`: (id, address) of
    those that the channel could reach, in the order in which they became known."""

    meant: str
    contact_id: str
    name: str | None
    locale: str | None
    addresses: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """`reason`: why he is left out; None: he gets `text` and `content` under `address`."""

    person: Person
    address_id: str | None
    address: str | None
    country: str
    reason: str | None
    text: str = ""
    content: Content | None = None


def people_of(db: Connection, rooms: Rooms, channel: ChannelEntry, ids: Sequence[str]) -> list[Person]:
    """The organisation's contacts of these ids, as they are now: whoever was merged into another is the other."""
    meant = {id: id for id in ids}
    rows: dict[str, TableRow] = {}
    for _ in range(_DEEPEST):
        missing = sorted({id for id in meant.values() if id not in rows})
        found = {row.id: row for row in campaign_queries.shared_contacts(db, missing)} if missing else {}
        if not found:
            break
        rows |= found
        meant = {one: rows[now].gone_to or now if now in rows else now for one, now in meant.items()}
    known = {one: rows[now] for one, now in meant.items() if now in rows}
    kind, scope, _ = address_key(rooms, channel, "")
    places: dict[str, list[tuple[str, str]]] = {}
    for row in campaign_queries.addresses(db, sorted({row.id for row in known.values()}), kind, scope):
        places.setdefault(row.contact_id, []).append((row.id, row.address))
    return [
        Person(id, known[id].id, known[id].name, known[id].locale, places.get(known[id].id, []))
        for id in ids
        if id in known
    ]


def some_of(db: Connection, wanted: Filter, behind: str) -> tuple[list[str], str | None]:
    """The next contacts of a filter, and where to go on; None: there are no more. Their countries are asked of their
    numbers, later."""
    rows = campaign_queries.page_of_contacts(db, wanted.tags, wanted.without_tags, behind, AT_ONCE)
    found = [row.id for row in rows if _speaks(row, wanted.languages) and _has(row, wanted.attributes)]
    return found, rows[-1].id if len(rows) == AT_ONCE else None


def _speaks(row: TableRow, languages: Sequence[str]) -> bool:
    return not languages or (row.locale or "").partition("-")[0].lower() in languages


def _has(row: TableRow, attributes: Mapping[str, object]) -> bool:
    custom: Mapping[str, object] = row.custom or {}
    return all(custom.get(key) == value for key, value in attributes.items())


class Judge:
    """Of one campaign, at one moment. Raises PluginFailed where its channel cannot be asked."""

    def __init__(self, db: Connection, rooms: Rooms, campaign: TableRow, channel: ChannelEntry, now: datetime) -> None:
        self._db, self._rooms, self._channel, self._now = db, rooms, channel, now
        self._words = Words.of(campaign.words)
        self._marketing = campaign.purpose == "marketing"
        self._quiet = quiet_hours(campaign.quiet_from, campaign.quiet_until)
        self._countries: Collection[str] = (campaign.filter or {}).get("countries", ())
        self._way = Way(by_person=False, template=self._words.template is not None)

    def judge(self, people: Sequence[Person], taken: set[str], *, filtered: bool = False) -> Iterator[Judged]:
        """Each of them who is meant, once, in order. `taken`: ids of addresses that are written to already; grows.
        `filtered`: the filter found them, so that their country must be one of its."""
        addresses = {address for person in people for _, address in person.addresses}
        reachable = [address for address in addresses if self._country(address) is not None]
        if self._channel.channel is None:
            raise PluginAway("This channel is not connected.")
        out = stopped(self._rooms, self._db, self._channel, reachable)
        willing = agreed(self._rooms, self._db, self._channel, reachable) if self._marketing else set()
        asked = permission.refusals(self._rooms, self._channel, reachable)
        for person in people:
            found = [self._at(person, *place, taken, out, willing, asked) for place in person.addresses]
            if filtered and self._countries:
                found = [one for one in found if one.country in self._countries]
                if not found:
                    continue
            best = next((one for one in found if one.reason is None), None) or next(iter(found), None)
            if best is None:
                yield Judged(person, None, None, "", "no_address")
                continue
            if best.reason is None and best.address_id is not None:
                taken.add(best.address_id)
            yield best

    def _at(
        self, person: Person, address_id: str, address: str, taken: Collection[str], out: Collection[str],
        willing: Collection[str], asked: permission.Refusals,
    ) -> Judged:  # fmt: skip
        country = self._country(address)
        if country is None:
            return Judged(person, address_id, address, "", "bad_address")
        if any(one in taken for one, _ in person.addresses):
            return Judged(person, address_id, address, country, "duplicate")
        if self._rooms.directory.current.is_own(self._channel.channel_type, address):  # its rules would answer
            return Judged(person, address_id, address, country, "own_address")
        to = Recipient(address, address in out, True, "open", None)
        allowed = judge(self._rooms, self._channel, to, self._now, self._way, asked)
        if not allowed.allowed:
            return Judged(person, address_id, address, country, allowed.code)
        if self._marketing and address not in willing:
            return Judged(person, address_id, address, country, "no_marketing_consent")
        zone = self._channel.inbox.timezone
        if self._quiet is not None and self._quiet.opens_at(country, zone, self._now) is None:
            return Judged(person, address_id, address, country, "always_quiet")
        return self._told(person, address_id, address, country)

    def _told(self, person: Person, address_id: str, address: str, country: str) -> Judged:
        try:
            text, content = said(self._rooms, self._channel, self._words, person.name, person.locale, address)
        except CannedError as error:
            return Judged(person, address_id, address, country, error.reason)
        taken_so = judge_content(self._rooms, self._channel, text, (), content)
        reason = None if taken_so.allowed else taken_so.code
        return Judged(person, address_id, address, country, reason, text, content)

    def _country(self, address: str) -> str | None:
        """None for what can be nobody's number; empty for an address that is none at all."""
        kind, _, _ = address_key(self._rooms, self._channel, address)
        if kind != "phone":
            return ""
        number = phone_of(kind, address)
        return home_of(number) if number is not None else None


def walk(db: Connection, rooms: Rooms, campaign: TableRow, now: datetime) -> Iterator[Judged]:
    """Everybody a draft is meant for: those who were named, then those of the filter, each once."""
    channel = channel_of(rooms, campaign)
    if channel is None:
        raise PluginAway("This channel is not connected.")
    judge_of, taken, seen = Judge(db, rooms, campaign, channel, now), set[str](), set[str]()
    place = 0
    while rows := campaign_queries.listed(db, campaign.id, place, AT_ONCE):
        place = rows[-1].position
        named = people_of(db, rooms, channel, [row.contact_id for row in rows])
        seen |= {person.meant for person in named}
        yield from judge_of.judge(named, taken)
    behind: str | None = "" if campaign.filter is not None else None
    while behind is not None:
        ids, behind = some_of(db, Filter.of(campaign.filter), behind)
        found = people_of(db, rooms, channel, [id for id in ids if id not in seen])
        yield from judge_of.judge(found, taken, filtered=True)
