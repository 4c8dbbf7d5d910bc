"""What many contacts have said of marketing, somewhere else: brought in from a file, or for a list of them.

It is evidence from outside, so it says where and when it was said, and what is newer counts: an older "yes" takes back
no "no" that came later, whoever said it. It stands in the ledger beside everything else, where a campaign looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, select

from casella.errors import Invalid, NotFound
from casella.inbox.activity import Actor, record_of_house
from casella.inbox.consent import MARKETING, Key, entry, keys_of, topic_key
from casella.inbox.contacts.editing import require_editor
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.reading import Member, near
from casella.plugin import clean_text
from casella.store import bulk, feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.queries.people import consent_queries
from casella.store.queries.people.consent_queries import Entry, Stop
from casella.store.tables import consents, contact_addresses, contacts

State = Literal["opted_in", "opted_out"]
SOURCE = "import"


@dataclass(frozen=True, slots=True)
class Said:
    """`channels`: their ids. `source`: where he said it, for whoever asks one day. `at`: when he did."""

    state: State
    channels: Sequence[str]
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """Of how many numbers and channels it is recorded now; of how many it was `known`, or `older` than what is."""

    opted_in: int = 0
    opted_out: int = 0
    known: int = 0
    older: int = 0

    def __add__(self, other: Noted) -> Noted:
        return Noted(
            self.opted_in + other.opted_in, self.opted_out + other.opted_out,
            self.known + other.known, self.older + other.older,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Skipped:
    """A contact of whom nothing could be recorded."""

    contact: str
    code: str


class NoConsentSource(Invalid):
    """Say where and when he has said so: consent counts only with its evidence."""

    code = "no_consent_source"


def said(
    rooms: Rooms, member: Member, state: State, channels: Iterable[str], source: str, at: datetime, now: datetime
) -> Said:
    """Checked. `channels`: ids or keys. Raises NotFound for a channel that is not there, or not the member's to see,
    Invalid (no_numbers_here, consent_in_future, no_channel) and NoConsentSource."""
    written = clean_text(source).strip()
    if not written:
        raise NoConsentSource
    if at > now:
        raise Invalid("Nobody has said anything in the future.", code="consent_in_future")
    ids = list(dict.fromkeys(_channel(rooms, member, name).id for name in channels))
    if not ids:
        raise Invalid("Say for which channels he has said so.", code="no_channel")
    return Said(state, ids, written[:200], at)


def _channel(rooms: Rooms, member: Member, name: str) -> ChannelEntry:
    known = [one for one in rooms.directory.current.channels.values() if one.inbox.id in member.inbox_ids]
    found = next((one for one in known if name in (one.id, one.key)), None)
    if found is None:
        text = "There is no such channel, or it is not yours to see."
        raise NotFound(text, **near(name, [one.key for one in known]))
    if able(rooms, found).address_kind != "phone":
        raise Invalid("Contacts of this channel have no numbers.", code="no_numbers_here")
    return found


def note_contacts(
    db: Connection,
    rooms: Rooms,
    member: Member,
    contact_ids: Sequence[str],
    what: Said,
    now: datetime,
    *,
    dry_run: bool,
) -> tuple[Noted, Sequence[Skipped]]:
    """Of these contacts of the organisation, with all their numbers. Raises NotAllowed."""
    require_editor(rooms, member)
    wanted = list(dict.fromkeys(contact_ids))
    numbers: dict[str, list[str]] = {}
    for row in db.execute(_NUMBERS, {"ids": wanted}):
        numbers.setdefault(row.id, []).extend([row.address] if row.address else [])
    skipped = [
        Skipped(id, "no_such_contact" if id not in numbers else "no_number") for id in wanted if not numbers.get(id)
    ]
    noted = note(db, rooms, member.id, [(each, what) for id in wanted for each in numbers.get(id, ())], now, dry_run)
    if not dry_run:
        audit(db, member.id, noted, what.source, now)
    return noted, skipped


_NUMBERS = (
    select(contacts.c.id, contact_addresses.c.address)
    .outerjoin(
        contact_addresses,
        (contact_addresses.c.contact_id == contacts.c.id)
        & (contact_addresses.c.kind == "phone")
        & (contact_addresses.c.scope == ""),
    )
    .where(contacts.c.id.in_(bindparam("ids", expanding=True)))
    .where(contacts.c.owner_id.is_(None), contacts.c.gone_to.is_(None))
)


def note(
    db: Connection, rooms: Rooms, by: str, said_of: Sequence[tuple[str, Said]], now: datetime, dry_run: bool = False
) -> Noted:
    """Into the ledger, by number. What is already there, and what is older than what is there, stays out."""
    channels = rooms.directory.current.channels
    wanted = {
        topic_key(channels[id], number): (channels[id], number, what)
        for number, what in sorted(said_of, key=lambda one: one[1].at)  # of one who says two things, the later
        for id in what.channels
        if id in channels
    }
    newest, stops = _standing(db, rooms, wanted)
    rows, told, found = list[dict[str, object]](), dict[tuple[str, State], None](), Noted()
    for key, (channel, number, what) in wanted.items():
        stands = newest.get(key)
        if stands is not None and stands.state == what.state:
            found += Noted(known=1)
            continue
        later = [stands.at] if stands is not None else []
        if what.state == "opted_in":
            later += [stops[pool].at for pool in keys_of(rooms, channel, number) if pool in stops]
        if any(at >= what.at for at in later):
            found += Noted(older=1)
            continue
        rows.append(entry(key, what.state, SOURCE, what.source, what.at, agent_id=by, message_id=None))
        told[channel.id, what.state] = None
        found += Noted(**{what.state: 1})
    if rows and not dry_run:
        bulk.insert(db, consents, rows)
        feed.append(db, [_event(channels[id], state) for id, state in told], now)
    return found


def _standing(
    db: Connection, rooms: Rooms, wanted: Mapping[Key, tuple[ChannelEntry, str, Said]]
) -> tuple[Mapping[Key, Entry], Mapping[Key, Stop]]:
    """The newest decision about each; and when everything was stopped last, by the pools of those who are to be let
    in: he who has stopped everything since has taken back that as well."""
    pools = {
        pool
        for channel, number, what in wanted.values()
        if what.state == "opted_in"
        for pool in keys_of(rooms, channel, number)
    }
    return consent_queries.newest_of(db, wanted), consent_queries.last_stops_of(db, pools)


def _event(channel: ChannelEntry, state: State) -> FeedEvent:
    told: dict[str, JsonValue] = {"channel_id": channel.id, "state": state, "topic": MARKETING}
    return FeedEvent("contact.consent", channel.inbox.id, told)


def audit(db: Connection, by: str, noted: Noted, source: str, now: datetime) -> None:
    """Who has brought how much in, beside the ledger's own entries."""
    if noted.opted_in or noted.opted_out:
        text = f"{MARKETING}: {noted.opted_in} opted in, {noted.opted_out} opted out ({source})"
        record_of_house(db, Actor("agent", by), "consent_noted", [(None, text)], now)
