"""A campaign's messages in the outbox: put there, held back, taken out again.

A message of a campaign stands in the contact's own conversation, where he will answer it. Where none is open it gets
one that is closed and put away from the start, so that ten thousand of them lie in no agent's list; the contact's
answer opens it (`receiving.inbound_message`). Everything passes the gate, and the outbox asks it again
(`sending.claims`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from casella.ids import new_id
from casella.inbox.campaigns.quiet_hours import quiet_hours
from casella.inbox.house import AddressKey, ChannelEntry, Rooms
from casella.inbox.sending import row_kind, to_details
from casella.inbox.state import ConversationState, Workspace, load, new_conversation, outgoing_row
from casella.inbox.views import message_updated, tell
from casella.plugin import Content, clean_text
from casella.store.queries.oversight import campaign_queries
from casella.store.rows import TableRow
from casella.store.sessions import hold_briefly
from casella.store.tables import campaign_recipients, messages

RANK = 1
"""Behind answers."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """What one contact is to get under this address, until which moment."""

    key: AddressKey
    text: str
    content: Content | None
    until: datetime | None


def queue(
    db: Connection, rooms: Rooms, campaign: TableRow, channel: ChannelEntry, wanted: Sequence[Addressed], at: datetime
) -> Mapping[AddressKey, str]:
    """One message for each of these, who were judged a moment ago. Returns their ids; who is missing cannot be answered
    in his conversation."""
    hold_briefly(db)
    work, made = Workspace(rooms, db, at), dict[AddressKey, str]()
    load(work, {one.key: [channel] for one in wanted})
    for one in wanted:
        address = work.addresses.get(one.key)
        if address is None:  # erased this very moment
            continue
        conversation = work.conversations.get((channel.id, address.id))
        if conversation is not None and not conversation.row["replyable"]:
            continue
        if conversation is None:
            conversation = new_conversation(channel, address, at, "campaign")
            conversation.row.update(status="closed", closed_at=at, archived_at=at)
            work.closed.append(conversation)
        made[one.key] = _append(work, campaign, conversation, one, at)
    work.write()
    return made


def _append(work: Workspace, campaign: TableRow, conversation: ConversationState, one: Addressed, at: datetime) -> str:
    named = {"id": campaign.id, "name": campaign.name}
    text, content = clean_text(one.text), one.content
    row = outgoing_row(
        new_id(), conversation.channel.id, clean_text(content.words(text)) if content else text, at,
        sender_kind="campaign", sender_id=campaign.id, state="queued", kind=row_kind(content) if content else "text",
    )  # fmt: skip
    row["details"] = {**(to_details(content) if content else {}), "campaign": named}
    conversation.set(campaign=named)
    work.queue_message(
        conversation, row, rank=RANK, purpose=campaign.purpose if campaign.purpose == "marketing" else None,
        until=one.until,
    )  # fmt: skip
    return str(row["id"])


def hold_waiting(db: Connection, campaign_id: str, at: datetime) -> None:
    """What waits in the outbox does not leave."""
    waits = [row.message_id for row in campaign_queries.waiting(db, campaign_id) if row.state == "queued"]
    campaign_queries.hold_until(db, dict.fromkeys(waits, at))


def let_go_waiting(db: Connection, rooms: Rooms, campaign: TableRow, at: datetime) -> tuple[int, int]:
    """What waits in the outbox leaves where it is not quiet, until it is. Returns how many are there, and how many of
    them nobody has tried to send yet: some that are tried again and again must not hold up everybody behind them."""
    waits = campaign_queries.waiting(db, campaign.id)
    held = [row for row in waits if row.state == "queued" and row.until is not None and row.until <= at]
    quiet, zone = quiet_hours(campaign.quiet_from, campaign.quiet_until), _zone(rooms, campaign)
    if quiet is None:
        campaign_queries.let_go(db, [row.message_id for row in held])
    else:
        awake = [row for row in held if not quiet.is_quiet(row.country, zone, at)]
        until = {row.message_id: quiet.closes_at(row.country, zone, at) for row in awake}
        campaign_queries.hold_until(db, until)
    return len(waits), sum(row.attempts == 0 for row in waits)


def cancel_waiting(db: Connection, rooms: Rooms, campaign: TableRow, at: datetime) -> None:
    """What waits in the outbox is taken out of it (`canceled`); what is being sent goes on."""
    waits = [row for row in campaign_queries.waiting(db, campaign.id) if row.state == "queued"]
    taken = campaign_queries.take_back(db, [row.message_id for row in waits])
    if not taken:
        return
    places = {row.message_id: row.conversation_id for row in waits}
    db.execute(update(messages).where(messages.c.id.in_(taken)).values(state="canceled"))
    mine = campaign_recipients.c.message_id.in_(taken)
    db.execute(update(campaign_recipients).where(mine).values(state="canceled", at=at))
    tell(rooms, db, [message_updated(places[id], id) for id in taken], at)


def _zone(rooms: Rooms, campaign: TableRow) -> str:
    inbox = rooms.directory.current.inboxes.get(campaign.inbox_id)
    return inbox.timezone if inbox is not None else "UTC"
