"""The made-up week behind the demo: what is written in life.yaml, lived through by the real rooms at its own times.

Rules decide, agents answer, receipts come back, all in the past; nothing is really sent. Once, in an empty house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Connection, func, select, update

from casella.demo import chatter
from casella.errors import CasellaError
from casella.ids import new_id
from casella.inbox.assistant import feedback
from casella.inbox.commands import assigning, closing, noting, snoozing
from casella.inbox.contacts import noting as contact_notes
from casella.inbox.house import AgentEntry, ChannelEntry, Rooms, SilentBell, able
from casella.inbox.personal import read_marks
from casella.inbox.reading import find_member
from casella.inbox.receiving import EventApplier
from casella.inbox.sending import Draft, Outcome, claim_due, queue_reply, record_outcomes
from casella.plugin import ConsentChanged, Event, MessageReceived, MessageStatusChanged, Sent
from casella.store.queries.people import contact_index
from casella.store.rows import TableRow
from casella.store.tables import contact_addresses, contacts, conversations, inbox_members
from casella_simulator.meta.people import scoped_id

_SCRIPT = Path(__file__).with_name("life.yaml")
_MOST_AT_ONCE = 100


class _Clock:
    """Stands where the story is."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that somebody does at a moment. `who` is customer, or an agent's key; `deed` what besides writing."""

    at: datetime
    order: int
    story: Mapping[str, object]
    who: str
    deed: str
    text: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What a customer writes as the demo begins."""

    channel: ChannelEntry
    phone: str
    text: str


def stories() -> Sequence[Mapping[str, object]]:
    found = yaml.safe_load(_SCRIPT.read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


class Life:
    """Lives through the week in `rooms`, whose clock and bell are left alone."""

    def __init__(self, rooms: Rooms, zone: ZoneInfo) -> None:
        self._now = rooms.clock.now()
        self._clock = _Clock(self._now)
        self._rooms = replace(rooms, clock=self._clock, bell=SilentBell())
        self._zone = zone

    def is_needed(self) -> bool:
        """Only where nothing has happened yet, and the desk is the demo's."""
        with self._rooms.store.read() as db:
            empty = db.execute(select(func.count()).select_from(conversations)).scalar_one() == 0
        return empty and all(self._channel(story) is not None for story in stories())

    def live(self) -> None:
        with self._rooms.store.write() as db:  # whoever becomes a member has read what came before
            db.execute(update(inbox_members).values(since=self._now - timedelta(days=8)))
        happenings = (one for story in stories() for one in self._happenings(story))
        for one in sorted(happenings, key=lambda one: (one.at, one.order)):
            self._clock.at = one.at
            with self._rooms.store.write() as db:
                self._happen(db, one)
            self._deliver()
        with self._rooms.store.write() as db:
            for story in stories():
                self._introduce(db, story)
            self._read_what_is_over(db)
            chatter.talk(db, self._rooms, self._moment)

    def accept_terms(self) -> None:
        """The manager has allowed the Message Assistant; the demo's provider works here, without a network."""
        people = self._rooms.directory.current.agents.values()
        with self._rooms.store.write() as db:
            manager = next((found for one in people if (found := find_member(db, one.id)) and found.is_manager), None)
            if manager is not None:
                feedback.record_consent(db, manager, feedback.TERMS, accepted=True, at=self._now)

    def openings(self) -> Iterator[Opening]:
        for story in stories():
            channel = self._channel(story)
            if channel is not None and "live" in story:
                yield Opening(channel, str(story["from"]), str(story["live"]))

    def _happenings(self, story: Mapping[str, object]) -> Iterator[Happening]:
        lines = story["lines"]
        assert isinstance(lines, list)
        for order, line in enumerate(lines):
            when, who, *text = (str(part) for part in line)
            name, _, deed = who.partition(" ")
            yield Happening(self._moment(when), order, story, name, deed, text[0] if text else "")

    def _moment(self, written: str) -> datetime:
        if written.startswith("-"):
            return self._now - timedelta(minutes=int(written[1:-1]))
        days, clock = written.split()
        day = self._now.astimezone(self._zone).date() - timedelta(days=int(days[:-1]))
        moment = datetime.combine(day, time.fromisoformat(clock), self._zone)
        return min(moment, self._now - timedelta(minutes=1)).astimezone(self._now.tzinfo)

    def _happen(self, db: Connection, one: Happening) -> None:
        channel = self._channel(one.story)
        assert channel is not None
        if one.who == "customer":
            self._receive(db, channel, self._consent(channel, one) if one.deed else self._message(channel, one))
            return
        row, agent = self._conversation(db, channel, one.story), self._agent(one.who)
        if row is None:
            return
        try:
            self._act(db, row, agent, one)
        except CasellaError:  # a changed desk may not allow it; the story goes on without it
            return

    def _act(self, db: Connection, row: TableRow, agent: AgentEntry, one: Happening) -> None:
        rooms, at = self._rooms, one.at
        verb, _, rest = one.deed.partition(" ")
        if verb == "note":
            named = [other.id for other in rooms.directory.current.agents.values() if f"@{other.name}" in one.text]
            noting.write_note(db, rooms, row.id, one.text, named, by=agent.id, at=at)
        elif verb == "closes":
            closing.close(db, rooms, row.id, by=agent.id, at=at)
        elif verb == "snoozes":
            snoozing.snooze(db, rooms, row.id, self._now + timedelta(days=int(rest[:-1])), by=agent.id, at=at)
        else:
            if row.world == "shared" and row.assignee_id != agent.id:
                assigning.assign(db, rooms, row.id, to=agent.id, expected=row.assignee_id, by=agent.id, at=at)
            queue_reply(db, rooms, row.id, Draft(one.text, sender_id=agent.id), at)

    def _deliver(self) -> None:
        """What waits in the outbox counts as sent, and is read a little later."""
        rooms, now = self._rooms, self._clock.now()
        with rooms.store.write() as db:
            claims, _ = claim_due(rooms, db, _MOST_AT_ONCE, now)
            if not claims:
                return
            ids = [new_id() for _ in claims]
            outcomes = [Outcome(claim, now, now, Sent(id)) for claim, id in zip(claims, ids, strict=True)]
            record_outcomes(rooms, db, outcomes, now)
        with rooms.store.write() as db:
            for claim, id in zip(claims, ids, strict=True):
                channel = rooms.directory.current.channels[claim.channel.id]
                for status in ("delivered", "read"):
                    values = {
                        "channel_address": channel.address, "contact_address": claim.message.to, "external_id": id,
                        "status": status,
                    }  # fmt: skip
                    self._receive(db, channel, MessageStatusChanged.model_validate(values))

    def _receive(self, db: Connection, channel: ChannelEntry, event: Event) -> None:
        applier = EventApplier(self._rooms, db, self._clock.now())
        applier.load([(channel, event)])
        applier.apply(new_id(), self._clock.now(), channel, event)
        applier.write()

    def _message(self, channel: ChannelEntry, one: Happening) -> MessageReceived:
        name = one.story.get("name")
        return MessageReceived(
            channel_address=channel.address,
            contact_address=self._address(channel, str(one.story["from"])),
            external_id=f"demo-{new_id()}",
            text=one.text,
            contact_name=str(name) if name else None,
            metadata={"language": str(one.story["language"])} if "language" in one.story else {},
        )

    def _address(self, channel: ChannelEntry, written: str) -> str:
        """Under which a customer is known there: where everybody has an id of the page's own, the one that the
        simulator makes of his number."""
        scoped = able(self._rooms, channel).address_scoped and written.startswith("+")
        return scoped_id(channel.address, written) if scoped else written

    def _consent(self, channel: ChannelEntry, one: Happening) -> ConsentChanged:
        return ConsentChanged(
            channel_address=channel.address,
            contact_address=self._address(channel, str(one.story["from"])),
            external_id=f"demo-{new_id()}",
            state="opted_out",
            source="keyword",
            evidence=one.text,
        )

    def _introduce(self, db: Connection, story: Mapping[str, object]) -> None:
        """Who the customers are, and that they are made up."""
        channel = self._channel(story)
        assert channel is not None
        contact_id = db.execute(
            select(contact_addresses.c.contact_id).where(
                contact_addresses.c.address == self._address(channel, str(story["from"]))
            )
        ).scalar()
        if contact_id is None:
            return
        values: dict[str, object] = {"custom": {"demo": "made up"}}
        if story.get("name"):
            values |= {"name": str(story["name"]), "linked": True}
        db.execute(update(contacts).where(contacts.c.id == contact_id).values(**values))
        contact_index.renew(db, [contact_id])
        tags = story.get("tags", [])
        assert isinstance(tags, list)
        for tag in tags:
            contact_notes.add_tag(db, self._rooms, contact_id, str(tag))

    def _read_what_is_over(self, db: Connection) -> None:
        over = db.execute(select(conversations.c.id, conversations.c.inbox_id).where(conversations.c.status != "open"))
        for row in over.all():
            for agent_id in self._rooms.directory.current.inboxes[row.inbox_id].members:
                member = find_member(db, agent_id)
                if member is not None:
                    read_marks.read(db, self._rooms, member, row.id, None, self._now)

    def _conversation(self, db: Connection, channel: ChannelEntry, story: Mapping[str, object]) -> TableRow | None:
        address = select(contact_addresses.c.id).where(
            contact_addresses.c.address == self._address(channel, str(story["from"]))
        )
        query = select(conversations).where(
            conversations.c.address_id.in_(address), conversations.c.channel_id == channel.id
        )
        return db.execute(query.order_by(conversations.c.opened_at.desc()).limit(1)).one_or_none()

    def _channel(self, story: Mapping[str, object]) -> ChannelEntry | None:
        channels = self._rooms.directory.current.channels.values()
        return next((one for one in channels if one.key == story["channel"]), None)

    def _agent(self, key: str) -> AgentEntry:
        return next(one for one in self._rooms.directory.current.agents.values() if one.key == key)
