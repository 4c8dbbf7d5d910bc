"""Numbers that belong to one agent: each of their owners has a private inbox, which only he sees. When such a number
comes into a shared inbox, what was written on it before comes along as history that nobody can go on with (S-43); from
then on conversations begin anew, and shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, case, func, insert, literal, select, update

from casella.ids import new_id
from casella.store import bulk
from casella.store.queries import search_index
from casella.store.queries.people import contact_index
from casella.store.queries.people.scopes import shared_scope
from casella.store.rows import TableRow
from casella.store.tables import agents, channels, contact_addresses, contacts, conversations, inboxes, messages
from casella.store.types import Instant

_PRIVATE = "~"


class PrivateNumbers:
    """Of one desk that is being applied at a moment. `agent_ids`: by key."""

    def __init__(self, db: Connection, at: datetime, agent_ids: Mapping[str, str]) -> None:
        self._db, self._at, self._agent_ids = db, at, agent_ids
        query = select(inboxes.c.id, inboxes.c.owner_id).where(inboxes.c.owner_id.is_not(None))
        self._inboxes: dict[str, str] = {row.owner_id: row.id for row in db.execute(query)}

    def inbox_of(self, owner: str) -> str:
        """The private inbox of the agent with this key, made if he has none."""
        agent_id = self._agent_ids[owner]
        if agent_id not in self._inboxes:
            agent = self._db.execute(select(agents).where(agents.c.id == agent_id)).one()
            self._inboxes[agent_id] = inbox_id = new_id()
            row = {"id": inbox_id, "key": f"{_PRIVATE}{agent_id}", "name": agent.name, "locale": agent.locale}
            self._db.execute(insert(inboxes).values(**row, owner_id=agent_id, settings={}))
        return self._inboxes[agent_id]

    def members(self) -> dict[str, list[str]]:
        """Nobody but its owner, of each private inbox."""
        return {inbox_id: [owner_id] for owner_id, inbox_id in self._inboxes.items()}

    def move(self, change: Callable[[], object]) -> None:
        """Let the channels be changed, and see to those that were private before."""
        before = self._places()
        change()
        owners = {inbox_id: owner_id for owner_id, inbox_id in self._inboxes.items()}
        for channel_id, inbox_id in self._places().items():
            was = before.get(channel_id)
            if was is None or was == inbox_id:
                continue
            owner_id = owners.get(was)
            is_joined = owner_id is not None and inbox_id not in owners
            joined = {"joined_at": self._at, "joined_from": owner_id} if is_joined else {"joined_at": None}
            self._db.execute(update(channels).where(channels.c.id == channel_id).values(joined))
            if owner_id is not None:
                self._end(channel_id, was, inbox_id if is_joined else None)

    def _places(self) -> dict[str, str]:
        """In which inbox each channel is."""
        return {row.id: row.inbox_id for row in self._db.execute(select(channels.c.id, channels.c.inbox_id))}

    def _end(self, channel_id: str, was: str, into: str | None) -> None:
        """Private conversations on this number are over; `into`: the shared inbox they are the history of."""
        mine = (conversations.c.channel_id == channel_id) & (conversations.c.inbox_id == was)
        query = select(conversations).where(mine, conversations.c.world == "private").order_by(conversations.c.id)
        rows = self._db.execute(query.with_for_update(key_share=True)).all()
        if not rows:
            return
        is_open, of = conversations.c.status != "closed", conversations.c
        ids, at = [row.id for row in rows], literal(self._at, Instant())
        values: dict[str, object] = {
            "status": "closed", "snoozed_until": None, "waiting_since": None, "version": of.version + 1,
            "closed_at": func.coalesce(of.closed_at, at),
            "turned_at": case((is_open, at), else_=of.turned_at),
        }  # fmt: skip
        if into is not None:
            values |= {"world": "history", "inbox_id": into}
        self._db.execute(update(conversations).where(of.id.in_(ids)).values(values))
        if into is not None:
            self._belong_to_the_organisation(rows)
            search_index.append(self._db, [], moved=ids)

    def _belong_to_the_organisation(self, rows: Sequence[TableRow]) -> None:
        """The same numbers, as the organisation knows them: what their owner has noted of his contacts stays his."""
        of = contact_addresses.c
        known = self._db.execute(
            select(contact_addresses).where(of.id.in_({row.address_id for row in rows})).order_by(of.id)
        ).all()
        for private in known:
            address_id, contact_id = self._shared(private.kind, shared_scope(private.scope), private.address)
            ids = [row.id for row in rows if row.address_id == private.id]
            his = messages.c.conversation_id.in_(ids) & (messages.c.sender_kind == "contact")
            self._db.execute(update(messages).where(his).values(sender_id=contact_id))
            values = {"address_id": address_id, "contact_id": contact_id}
            self._db.execute(update(conversations).where(conversations.c.id.in_(ids)).values(values))

    def _shared(self, kind: str, scope: str, address: str) -> tuple[str, str]:
        """The ids of an address of the organisation and of its contact, made if there is none."""
        of = contact_addresses.c
        query = select(of.id, of.contact_id).where(of.kind == kind, of.scope == scope, of.address == address)
        row = self._db.execute(query).one_or_none()
        if row is not None:
            return row.id, row.contact_id
        address_id, contact_id = new_id(), new_id()
        bulk.insert(self._db, contacts, [{"id": contact_id, "custom": {}, "created_at": self._at}])
        key = {"kind": kind, "scope": scope, "address": address}
        bulk.insert(self._db, contact_addresses, [{"id": address_id, "contact_id": contact_id, **key}])
        contact_index.renew(self._db, [contact_id])
        return address_id, contact_id
