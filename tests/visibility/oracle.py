"""Who may see what at this moment, worked out from the rows alone; and what an answer betrays, found in its text.

A new table is in it by itself: whatever has an id of its own and names a conversation, a message or a contact belongs
to that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, Table, Text, func, literal, select, union_all

from casella.store import Store
from casella.store.tables import (
    agents,
    channels,
    chat_members,
    chats,
    contacts,
    conversations,
    inbox_members,
    inboxes,
    metadata,
    team_members,
)

AN_ID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")
_MARK = re.compile(r"zq[a-z0-9]+?zq")
_WITH_IDS = [table for table in metadata.sorted_tables if "id" in table.c and isinstance(table.c.id.type, Text)]
_PARENTS = ("chat_id", "conversation_id", "message_id", "contact_id", "agent_id", "uploaded_by")
"""Columns that say whose a row is, the first that has a value."""
_OF = conversations.c
_CONVERSATIONS = select(_OF.id, _OF.world, _OF.owner_id, _OF.inbox_id, _OF.channel_id, _OF.contact_id)
_OWN = frozenset({"conversations", "inboxes", "channels", "contacts", "agents", "chats"})
_PUBLIC = frozenset({"agents", "teams", "subscriptions"})
"""Whose ids everybody may know: whom to assign to and to mention; and what is no customer's."""


@dataclass(frozen=True)
class Seen:
    """What one agent may see: ids of inboxes, conversations and chats, and those of his teams."""

    agent: str
    inboxes: frozenset[str]
    conversations: frozenset[str]
    teams: frozenset[str] = frozenset()
    chats: frozenset[str] = frozenset()


@dataclass
class Oracle:
    """`refresh` whenever something may have moved. `marks`: the conversation's id by what is written all over it."""

    store: Store
    marks: Mapping[str, str]
    _parents: dict[str, tuple[str, str]] = field(default_factory=dict)

    def refresh(self) -> None:
        with self.store.read() as db:
            rows = db.execute(select(inboxes.c.id, inboxes.c.key, inboxes.c.owner_id)).all()
            self._inboxes = {row.id: row.key for row in rows if row.owner_id is None}
            self._private = {row.id: row.owner_id for row in rows if row.owner_id is not None}
            self._contacts = {row.id: row.owner_id for row in db.execute(select(contacts.c.id, contacts.c.owner_id))}
            self._channels = {row.id: row.inbox_id for row in db.execute(select(channels.c.id, channels.c.inbox_id))}
            self._conversations = {row.id: row for row in db.execute(_CONVERSATIONS)}
            self._by_inbox, self._by_owner = self._grouped()
            members = {(row.agent_id, row.inbox_id) for row in db.execute(select(inbox_members))}
            self._teams = {(row.agent_id, row.team_id) for row in db.execute(select(team_members))}
            self._chats = {(row.agent_id, row.chat_id) for row in db.execute(select(chat_members))}
            self._team_chats = [(row.team_id, row.id) for row in db.execute(select(chats.c.team_id, chats.c.id))]
            people = db.execute(select(agents.c.key, agents.c.id, agents.c.role)).all()
        self._seen = {row.key: self._of(row.id, row.role, members) for row in people}

    def _of(self, agent: str, role: str, members: Collection[tuple[str, str]]) -> Seen:
        mine = frozenset(id for id in self._inboxes if role == "admin" or (agent, id) in members)
        his = frozenset(id for id, owner in self._private.items() if owner == agent)
        seen = [id for inbox in mine for id in self._by_inbox[inbox]] + self._by_owner[agent]
        teams = frozenset(team for one, team in self._teams if one == agent)
        told = {chat for one, chat in self._chats if one == agent}
        told |= {chat for team, chat in self._team_chats if team in teams}
        return Seen(agent, mine | his, frozenset(seen), teams, frozenset(told))

    def _grouped(self) -> tuple[defaultdict[str, list[str]], defaultdict[str, list[str]]]:
        """Ids of conversations by the inbox whose members see them, and by the agent who sees them for himself."""
        by_inbox, by_owner = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for row in self._conversations.values():
            if row.world in ("shared", "history"):
                by_inbox[row.inbox_id].append(row.id)
            if row.world != "shared":
                by_owner[row.owner_id].append(row.id)
        return by_inbox, by_owner

    def of(self, who: str) -> Seen:
        return self._seen[who]

    def sees(self, who: str, id: str) -> bool:
        """Whether this agent may see what has this id. What is not there can be seen by nobody."""
        found = self._whose([id])
        return id in found and self._may(self._seen[who], found[id])

    def betrayed(self, who: str, text: str, named: Iterable[str] = ()) -> list[str]:
        """Marks and ids in this text that the agent may not know, but for those he has `named` himself."""
        seen = self._seen[who]
        whose = self._whose(set(AN_ID.findall(text)) - set(named))
        marks = {mark: self._marked(mark) for mark in set(_MARK.findall(text)) - set(named)}
        return sorted(what for what, owners in {**whose, **marks}.items() if not self._may(seen, owners))

    @staticmethod
    def _may(seen: Seen, owners: frozenset[str] | None) -> bool:
        return owners is None or bool(owners & (seen.conversations | seen.inboxes | seen.chats | {seen.agent}))

    def _marked(self, mark: str) -> frozenset[str]:
        if mark in self.marks:
            return frozenset({self.marks[mark]})
        return self._about_inbox(next(id for id, key in self._inboxes.items() if mark == f"zq{key}zq"))

    def _about_inbox(self, inbox: str) -> frozenset[str]:
        """The name of an inbox, and of its numbers, stands in every conversation that is in it, or came on them."""
        return frozenset({inbox}).union(
            id for id, row in self._conversations.items() if inbox in (row.inbox_id, self._channels[row.channel_id])
        )

    def _whose(self, ids: Iterable[str]) -> dict[str, frozenset[str] | None]:
        """Of those of these ids that are in the database: the conversations, inboxes or agents each belongs to, one of
        which must be his to see; None: everybody's."""
        wanted = set(ids)
        found = {id: self._parents[id] for id in wanted & self._parents.keys()}
        found |= self._look_up(wanted - found.keys())
        self._parents |= {id: parent for id, parent in found.items() if parent[0] != "person"}  # files find a message
        return {id: self._owners(*parent) for id, parent in found.items()}

    def _owners(self, table: str, id: str) -> frozenset[str] | None:
        if table in _PUBLIC:
            return None
        if table == "contacts":  # the organisation's: every member of any inbox finds them
            owner = self._contacts.get(id)
            return frozenset({owner}) if owner else frozenset(self._inboxes)
        if table == "channels":
            return frozenset({self._channels[id]}).union(
                each for each, row in self._conversations.items() if row.channel_id == id
            )
        return self._about_inbox(id) if table == "inboxes" else frozenset({id})

    def _look_up(self, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        if not (wanted := sorted(ids)):
            return {}
        with self.store.read() as db:
            return {
                row.id: self._parent(db, table, row)
                for table in _WITH_IDS
                for row in db.execute(select(table).where(table.c.id.in_(wanted)))
            }

    def _parent(self, db: Connection, table: Table, row: Row[tuple[object, ...]]) -> tuple[str, str]:
        """(table, id) of what it belongs to in the end."""
        of = row._mapping
        if table.name in _OWN | _PUBLIC:
            return table.name, of["id"]
        if table.name == "campaigns":  # its name stands in every conversation that it has written in
            return "inboxes", of["inbox_id"]
        if table.name == "contact_merges":
            return "contacts", of["kept_id"]
        for column in _PARENTS:
            if of.get(column) is None:
                continue
            if column == "message_id":
                messages = metadata.tables["messages"]
                return self._parent(db, messages, db.execute(select(messages).where(messages.c.id == of[column])).one())
            kinds = {"conversation_id": "conversations", "contact_id": "contacts", "chat_id": "chats"}
            return kinds.get(column, "person"), of[column]
        raise AssertionError(f"An answer names a row of {table.name}: say in Oracle._parent whose that is.")


def fingerprint(store: Store) -> dict[str, object]:
    """How many rows every table has, and every row of what people see: to say that nothing has changed."""
    kept = [table for table in metadata.sorted_tables if table.name not in ("access_tokens", "assistant_usage")]
    counts = union_all(*(select(literal(table.name), func.count()).select_from(table) for table in kept))
    shown = ("conversations", "messages", "contacts", "channels", "contact_tags", "assistant_proposals")
    with store.read() as db:
        numbers: dict[str, object] = {row[0]: row[1] for row in db.execute(counts)}
        for name in shown:
            numbers[f"rows of {name}"] = [tuple(row) for row in db.execute(select(metadata.tables[name]))]
    return numbers
