"""What comes in on an agent's private number, and what is still on its way when the number goes into a shared inbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from casella.inbox.house import ChannelEntry, Rooms, newest_version
from casella.inbox.state import AddressState, ConversationState, Workspace, new_conversation, recall
from casella.store.tables import channels, conversations


class OutdatedDirectory(Exception):
    """Another desk was applied since the directory was read."""


def require_current(rooms: Rooms, db: Connection, channel_ids: Collection[str]) -> None:
    """Nothing is written into an inbox that the channel has left meanwhile: what came in on a private number would be
    seen by others. Private channels are held, so that nobody moves one until this transaction ends. Raises
    OutdatedDirectory."""
    known = rooms.directory.current
    if newest_version(db) != known.version:
        raise OutdatedDirectory
    private = [id for id in channel_ids if (entry := known.channels.get(id)) and entry.inbox.owner_id]
    if not private:
        return
    query = select(channels.c.id, channels.c.inbox_id).where(channels.c.id.in_(private)).order_by(channels.c.id)
    for row in db.execute(query.with_for_update(read=True)).all():
        if row.inbox_id != known.channels[row.id].inbox.id:
            raise OutdatedDirectory


def is_history(channel: ChannelEntry, received_at: datetime) -> bool:
    """Whether this came in while the number was private, which it is no more (A-4)."""
    return channel.joined_at is not None and received_at < channel.joined_at


def history(rooms: Rooms, work: Workspace, channel: ChannelEntry, address: AddressState) -> ConversationState:
    """Where the contact's messages of that time are; made if there are none."""
    his = [one for one in work.closed if one.channel is channel and one.address is address]
    known = [one for one in his if one.row["world"] == "history"]
    of = conversations.c
    there = (of.channel_id == channel.id) & (of.address_id == address.id) & (of.world == "history")
    query = select(of.id).where(of.contact_id == address.contact.id, there).order_by(of.id.desc()).limit(1)
    if not known and not address.is_new and (id := work.db.execute(query).scalar_one_or_none()) is not None:
        found = recall(rooms, work, [id], former=True)
        known = list(found.values())
        work.addresses[address.key] = address  # with what this batch has changed of it
        for state in known:
            state.address = address
    if known:
        return known[-1]
    assert channel.joined_at is not None, "a number that was always shared has no history"
    state = new_conversation(channel, address, channel.joined_at)
    over = {"world": "history", "owner_id": channel.joined_from, "status": "closed", "closed_at": channel.joined_at}
    state.row.update(over)
    work.closed.append(state)
    return state
