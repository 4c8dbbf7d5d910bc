"""Taking conversations up again by their ids: for everything that is not a contact's message coming in.

They are locked in order of id, like everybody does who changes several, closed ones included.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from casella.inbox.house import Rooms, former_channel, former_inbox
from casella.inbox.state.entities import AddressState, ContactState, ConversationState, Values
from casella.inbox.state.workspace import Workspace
from casella.store.queries import conversation_queries
from casella.store.rows import TableRow
from casella.store.tables import contact_addresses, contact_tags, contacts, conversations, messages


def recall(
    rooms: Rooms, work: Workspace, conversation_ids: Iterable[str], *, former: bool = False
) -> dict[str, ConversationState]:
    """Load and lock these conversations. One whose channel or inbox the desk no longer has is left out, because no rule
    can say anything of it, as are those of other worlds, which meet no rule; `former` asks for them, too: people may
    still do something about them."""
    ids = sorted(set(conversation_ids))
    directory = rooms.directory.current
    query = select(conversations).where(conversations.c.id.in_(ids))
    if not former:
        query = query.where(conversations.c.world == "shared")
    rows = [
        row
        for row in work.db.execute(query.order_by(conversations.c.id).with_for_update(key_share=True))
        if former or (row.channel_id in directory.channels and row.inbox_id in directory.inboxes)
    ]
    known = _addresses(work, [row.address_id for row in rows])
    tags = conversation_queries.tags(work.db, [row.id for row in rows]) if rows else {}
    found: dict[str, ConversationState] = {}
    for row in rows:
        channel = directory.channels.get(row.channel_id) or former_channel(work.db, row.channel_id)
        inbox = directory.inboxes.get(row.inbox_id) or former_inbox(work.db, row.inbox_id)
        state = ConversationState(
            row.id, channel, known[row.address_id], dict(row._mapping), set(tags.get(row.id, ())),
            moved_to=None if inbox.id == channel.inbox.id else inbox,
        )  # fmt: skip
        found[row.id] = state
        if row.status == "closed":
            work.closed.append(state)
        else:
            work.conversations[row.channel_id, row.address_id] = state
    return found


def _addresses(work: Workspace, ids: list[str]) -> dict[str, AddressState]:
    query = (
        select(contact_addresses, contacts.c.name, contacts.c.locale, contacts.c.linked)
        .join(contacts, contacts.c.id == contact_addresses.c.contact_id)
        .where(contact_addresses.c.id.in_(ids))
    )
    rows: list[TableRow] = list(work.db.execute(query)) if ids else []
    people = {row.contact_id: ContactState(row.contact_id, row.name, row.locale, linked=row.linked) for row in rows}
    if people:
        for row in work.db.execute(select(contact_tags).where(contact_tags.c.contact_id.in_(people))):
            people[row.contact_id].tags.add(row.tag)
    states = {row.id: AddressState(row.id, (row.kind, row.scope, row.address), people[row.contact_id]) for row in rows}
    work.addresses.update({state.key: state for state in states.values()})
    return states


def message_values(db: Connection, message_id: str | None) -> Values | None:
    """The message an event is about, as the rules see it."""
    if message_id is None:
        return None
    row = db.execute(select(messages).where(messages.c.id == message_id)).one_or_none()
    return dict(row._mapping) if row else None
