"""The consent ledger as agents see and switch it (S-64, S-67): who decided what about a number, when, why.

An agent's decision counts for every channel of the type: the contact is opted out of the organisation's SMS, not of
one number. What the contact or the provider said stands in the pool it was said to, and an agent cannot take it back:
"only the user can reverse with START" (channels.md §1.8), or a manager who says by what evidence. What is said of
marketing stops nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from casella.errors import Conflict, Invalid, NotFound
from casella.inbox.commands.closing import close_held
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.consent import Key, entry, everywhere, keys_of, marketing_stopped, stopped, topic_key
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.sending import recipient
from casella.inbox.views import Named
from casella.plugin import clean_text
from casella.store import bulk
from casella.store.feed import JsonValue
from casella.store.tables import agents, consents

MOST_ENTRIES = 200
MARKETING = "marketing"
Purpose = Literal["service", "marketing"]
"""Service: all that is sent. Marketing: advertisements alone."""


class StoppedByContact(Conflict):
    """The contact has opted out himself; only he can come back, by writing START."""

    code = "stopped_by_contact"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """`source`: keyword (the contact's own words), provider, rule or agent. `evidence`: the words, the code, a reason.
    `everywhere`: it counts for all channels of the type. `topic`: "marketing" if only that was meant."""

    state: str
    source: str
    evidence: str
    agent: Named | None
    message_id: str | None
    everywhere: bool
    at: datetime
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """`may_opt_in`: whether an agent may let him back in; not after his own STOP. `entries`: the newest first.
    `marketing_stopped`: he has switched marketing off at the provider; all else may be sent."""

    address: str
    opted_out: bool
    may_opt_in: bool
    entries: Sequence[LedgerEntry]
    marketing_stopped: bool = False


def ledger(db: Connection, rooms: Rooms, conversation_id: str) -> Ledger:
    """The ledger of a conversation's contact, as far as its channel is concerned. Where nobody opts out of the channel
    itself there may still be decisions about marketing. Raises NotFound, Invalid."""
    channel, to = recipient(db, rooms, conversation_id)
    topic = topic_key(channel, to.address) if channel else None
    if channel is None or not topic or not (entries := _entries(db, rooms, channel, to.address, topic)):
        channel, address = _subject(db, rooms, conversation_id)
        return Ledger(address, opted_out=False, may_opt_in=False, entries=[])
    out = bool(stopped(rooms, db, channel, [to.address]))
    own, _ = keys_of(rooms, channel, to.address)
    may_opt_in = out and not _stopped_by_contact(db, own)
    return Ledger(to.address, out, may_opt_in, entries, marketing_stopped(db, channel, to.address))


def _entries(db: Connection, rooms: Rooms, channel: ChannelEntry, address: str, topic: Key) -> list[LedgerEntry]:
    pools = [topic[0], *(pool for pool, _ in keys_of(rooms, channel, address))]
    columns = consents.c
    query = (
        select(consents, agents.c.key.label("agent_key"), agents.c.name.label("agent_name"))
        .outerjoin(agents, agents.c.id == columns.agent_id)
        .where(columns.address == address, columns.pool.in_(pools))
        .order_by(columns.id.desc())
        .limit(MOST_ENTRIES)
    )
    return [
        LedgerEntry(
            row.state,
            row.source,
            row.evidence,
            Named(row.agent_id, row.agent_key, row.agent_name) if row.agent_id else None,
            row.message_id,
            row.pool == everywhere(channel),
            row.at,
            "marketing" if row.pool == topic[0] else "",
        )
        for row in db.execute(query)
    ]


def opt_out(
    db: Connection, rooms: Rooms, conversation_id: str, *, reason: str, resolve: str | None, by: str, at: datetime,
    purpose: Purpose = "service",
) -> None:  # fmt: skip
    """Nothing more is sent to this number by channels of this type; of `marketing`, no advertisements by this one.
    `resolve`: also close the conversation, with these details as a note. Raises NotFound, Invalid."""
    if purpose == MARKETING:
        turn = _about_marketing(db, rooms, conversation_id, "opted_out", reason, by, at)
    else:
        channel, address = _subject(db, rooms, conversation_id)
        before = stopped(rooms, db, channel, [address])
        turn = _decided(
            db, rooms, channel, conversation_id, [(everywhere(channel), address)], "opted_out", reason, by, at
        )
        if not before:
            turn.happen("contact_opted_out")
    if resolve is not None:
        if resolve.strip():
            turn.work.note(turn.held, clean_text(resolve), "agent", by)
        close_held(turn, by)
    turn.write()


def opt_in(
    db: Connection, rooms: Rooms, conversation_id: str, *, reason: str, by: str, at: datetime,
    purpose: Purpose = "service", evidence: str | None = None, is_manager: bool = False,
) -> None:  # fmt: skip
    """Take back what an agent or a rule has decided; what the contact himself has, only a manager who says by what
    evidence. Raises NotFound, Invalid, StoppedByContact."""
    proved = evidence.strip() if evidence and is_manager else ""
    said = f"{reason} ({proved})" if proved else reason
    if purpose == MARKETING:
        if _stopped_by_contact(db, _marketing(db, rooms, conversation_id)[1]) and not proved:
            raise StoppedByContact
        _about_marketing(db, rooms, conversation_id, "opted_in", said, by, at).write()
        return
    channel, address = _subject(db, rooms, conversation_id)
    own, overall = keys_of(rooms, channel, address)
    if _stopped_by_contact(db, own) and not proved:
        raise StoppedByContact
    before = stopped(rooms, db, channel, [address])
    keys = [overall, own] if _newest(db, own) == "opted_out" else [overall]
    turn = _decided(db, rooms, channel, conversation_id, keys, "opted_in", said, by, at)
    if before:
        turn.happen("contact_opted_in")
    turn.write()


def _subject(db: Connection, rooms: Rooms, conversation_id: str) -> tuple[ChannelEntry, str]:
    channel, to = recipient(db, rooms, conversation_id)
    if channel is None:
        raise NotFound("There is no such channel, or it is not yours to see.")
    if not able(rooms, channel).consent_required:
        raise Invalid("Nobody opts out of this kind of channel.", code="no_consent_here")
    return channel, to.address


def _marketing(db: Connection, rooms: Rooms, conversation_id: str) -> tuple[ChannelEntry, Key]:
    channel, to = recipient(db, rooms, conversation_id)
    if channel is None:
        raise NotFound("There is no such channel, or it is not yours to see.")
    return channel, topic_key(channel, to.address)


def _about_marketing(
    db: Connection, rooms: Rooms, conversation_id: str, state: str, reason: str, by: str, at: datetime
) -> ConversationChange:
    channel, key = _marketing(db, rooms, conversation_id)
    return _decided(db, rooms, channel, conversation_id, [key], state, reason, by, at, topic=MARKETING)


def _newest(db: Connection, key: Key) -> str | None:
    query = select(consents.c.state).where(consents.c.pool == key[0], consents.c.address == key[1])
    return db.execute(query.order_by(consents.c.id.desc()).limit(1)).scalar_one_or_none()


def _stopped_by_contact(db: Connection, own: Key) -> bool:
    """Whether the newest entry is a stop of the contact's own: what a rule or an agent has stopped is not."""
    columns = consents.c
    query = select(columns.state, columns.source).where(columns.pool == own[0], columns.address == own[1])
    row = db.execute(query.order_by(columns.id.desc()).limit(1)).one_or_none()
    return row is not None and row.state == "opted_out" and row.source not in ("agent", "rule")


def _decided(
    db: Connection, rooms: Rooms, channel: ChannelEntry, conversation_id: str, keys: Sequence[Key], state: str,
    reason: str, by: str, at: datetime, *, topic: str = "",
) -> ConversationChange:  # fmt: skip
    """Written into the ledger, and told. The turn goes on with what comes of it."""
    turn = ConversationChange(rooms, db, at, by)
    rows = [entry(key, state, "agent", reason, at, agent_id=by, message_id=None) for key in keys]
    bulk.insert(db, consents, rows)
    told: dict[str, JsonValue] = {"channel_id": channel.id, "state": state, "by": {"agent_id": by}}
    if topic:
        told["topic"] = topic
    turn.work.tell("contact.consent", turn.take(conversation_id), told)
    return turn
