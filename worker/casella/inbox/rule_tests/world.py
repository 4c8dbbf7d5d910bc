"""One test's world: the house, and where the one customer of the test stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, ScalarSelect, select

from casella.desk import Desk
from casella.inbox.house import AgentEntry, ChannelEntry, InboxEntry, Rooms
from casella.store.rows import TableRow
from casella.store.tables import contact_addresses, conversations


class HandClock:
    """Stands until it is moved, also back: each test has a time of its own."""

    def __init__(self) -> None:
        self.at = datetime(2000, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class World:
    """`desk`: as it is in this test. `address`: the customer's. `duty`: keys of the agents who are on duty."""

    desk: Desk
    rooms: Rooms
    clock: HandClock
    channel: ChannelEntry
    address: str
    duty: tuple[str, ...]

    @property
    def now(self) -> datetime:
        return self.clock.at

    @property
    def somebody(self) -> str:
        """The id of an agent, where it does not matter which."""
        return next(iter(self.rooms.directory.current.agents), "")

    def local(self, written: datetime) -> datetime:
        """A moment as written in a test: on the desk's clock, unless it says its zone. In UTC."""
        zone = ZoneInfo(self.desk.parts.timezone)
        return (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)

    def agent(self, key: str) -> AgentEntry:
        return next(one for one in self.rooms.directory.current.agents.values() if one.key == key)

    def inbox_of(self, conversation: TableRow) -> InboxEntry:
        return self.rooms.directory.current.inboxes[conversation.inbox_id]

    @property
    def addresses(self) -> ScalarSelect[str]:
        """A query for the id of the customer's address, once he is known."""
        return select(contact_addresses.c.id).where(contact_addresses.c.address == self.address).scalar_subquery()

    def conversation(self, db: Connection) -> TableRow | None:
        """The customer's newest."""
        columns = conversations.c
        query = select(conversations).where(columns.address_id == self.addresses)
        return db.execute(query.order_by(columns.opened_at.desc(), columns.id.desc()).limit(1)).one_or_none()
