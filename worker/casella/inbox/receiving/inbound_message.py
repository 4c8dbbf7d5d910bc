"""A message of a contact on its way in: where it belongs, what the reply window counts from, its lines in the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Select, select

from casella.inbox.activity import Actor
from casella.inbox.assignment import arm_overflow, wake
from casella.inbox.house import ChannelEntry, Rooms
from casella.inbox.receiving.attachments.arriving_files import Taken, pending_row
from casella.inbox.receiving.revisions import RevisionBook
from casella.inbox.routing import Happening, Router, asked
from casella.inbox.state import AddressState, ConversationState, Values, Workspace, recall
from casella.plugin import MessageEchoed, MessageReceived, clean_text
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.tables import conversations
from casella_rules import Chain, FactValue

_log = structlog.get_logger("casella.receive")
_SUBJECT_MAX = 300


def surveyed(
    rooms: Rooms, work: Workspace, channel: ChannelEntry, address: AddressState, text: str
) -> ConversationState | None:
    """The contact's conversation whose survey this text answers, held, if none is open where it could stand. One that
    somebody opens again this very moment is left to him: the answer begins or joins an open one then, as before."""
    if address.is_new or _has_open(work, channel, address):
        return None
    row = asked(work.db, rooms.desk.current, channel.id, address.id, text, work.now)
    known = next((one for one in work.closed if row and one.id == row.conversation_id), None)
    if row is None or known is not None:
        return known
    return _held(rooms, work, address, row.conversation_id)


def reopened(
    rooms: Rooms, work: Workspace, router: Router, channel: ChannelEntry, address: AddressState, message_id: str,
    at: datetime,
) -> ConversationState | None:  # fmt: skip
    """The contact's conversation that was closed last, if none is open and its inbox lets it go on (A-16). It returns
    to its agent only if he is there and has room (peers.md #36-38), and rules hear of it. One that somebody changes
    this very moment is left to him: the message begins another."""
    if not router.book.ever_reopens or _has_open(work, channel, address):
        return None
    found = _closed_last(rooms, work, channel, address)
    limit = router.book.reopens(found.inbox.key) if found is not None else None
    closed_at = found.row["closed_at"] if found is not None else None
    if found is None or limit is None or not isinstance(closed_at, datetime) or at - closed_at > limit:
        return None
    found.acted_by = Actor("contact", address.contact.id)
    work.reopen(found, router.roster.returns_to(found.inbox, channel, found.assignee_id), work.now)
    arm_overflow(router.timers, found, work.now, Chain(message_id))
    was: Mapping[str, FactValue] = {"previous.status": "closed"}
    router.happened(Happening("conversation_reopened", found, message_id, Chain(message_id), was))
    return found


def answered_campaign(
    rooms: Rooms, work: Workspace, channel: ChannelEntry, address: AddressState, at: datetime
) -> ConversationState | None:
    """The contact's conversation that a campaign has written in and nobody else, if none is open: it begins with his
    answer, like any other (S-19). One that somebody changes this very moment is left to him."""
    if address.is_new or _has_open(work, channel, address) or any(one.address is address for one in work.closed):
        return None
    row = work.db.execute(_last_closed(channel, address)).first()
    if row is None or row.started_by != "campaign" or row.inbound_count:
        return None
    found = _held(rooms, work, address, row.id)
    if found is not None and not found.row["inbound_count"]:
        work.begin(found, at)
        return found
    return None


def wake_up(rooms: Rooms, router: Router, conversation: ConversationState, message_id: str, now: datetime) -> None:
    """It was put aside, and the contact has written."""
    holder = wake(router.roster, router.timers, conversation, now, Chain(message_id))
    if holder is not None:
        was: Mapping[str, FactValue] = {"previous.assignee": rooms.directory.current.key_of(holder)}
        router.happened(Happening("conversation_unassigned", conversation, message_id, Chain(message_id), was))
    was = {"previous.status": "snoozed"}
    router.happened(Happening("conversation_reopened", conversation, message_id, Chain(message_id), was))


def _closed_last(
    rooms: Rooms, work: Workspace, channel: ChannelEntry, address: AddressState
) -> ConversationState | None:
    """Held. None where there is none, or somebody else holds it."""
    mine = [one for one in work.closed if one.channel is channel and one.address is address]
    if mine or address.is_new:  # this batch has closed it
        return mine[-1] if mine else None
    row = work.db.execute(_last_closed(channel, address)).first()
    return _held(rooms, work, address, row.id) if row is not None else None


def _last_closed(channel: ChannelEntry, address: AddressState) -> Select[tuple[str, str, int]]:
    columns = conversations.c
    his = (columns.contact_id == address.contact.id) & (columns.address_id == address.id)
    closed = his & (columns.channel_id == channel.id) & (columns.status == "closed") & (columns.world == "shared")
    query = select(columns.id, columns.started_by, columns.inbound_count).where(closed)
    return query.order_by(columns.closed_at.desc(), columns.id.desc()).limit(1)


def _held(rooms: Rooms, work: Workspace, address: AddressState, conversation_id: str) -> ConversationState | None:
    same = (conversations.c.id == conversation_id) & (conversations.c.status == "closed")
    held = select(conversations.c.id).where(same).with_for_update(key_share=True, skip_locked=True)
    if work.db.execute(held).first() is None:
        return None
    found = recall(rooms, work, [conversation_id]).get(conversation_id)
    work.addresses[address.key] = address  # with what this batch has changed of it
    if found is not None:
        found.address = address
    return found


def _has_open(work: Workspace, channel: ChannelEntry, address: AddressState) -> bool:
    """Under this address, or under another of the same contact's."""
    return any(
        one.channel is channel and (one.address is address or one.address.contact is address.contact)
        for one in work.conversations.values()
    )


def news_of(conversation: ConversationState, event: MessageReceived, received_at: datetime) -> Values:
    """What a message changes of its conversation. The reply window counts from the provider's time, if it was long on
    its way, and never goes back; the first message that says what it is about says so for the conversation."""
    written = min(event.provider_time, received_at) if event.provider_time else received_at
    before = conversation.row["last_inbound_at"]
    return {
        "last_inbound_at": max(before, written) if isinstance(before, datetime) else written,
        "replyable": event.replyable,
        "subject": conversation.row["subject"] or clean_text(event.subject).strip()[:_SUBJECT_MAX] or None,
    }


def message_row(
    message_id: str,
    received_at: datetime,
    channel: ChannelEntry,
    event: MessageReceived | MessageEchoed,
    address: AddressState,
) -> Values:
    """The row of a contact's message, or of what the business wrote through another client."""
    received = isinstance(event, MessageReceived)
    return {
        "id": message_id,
        "channel_id": channel.id,
        "direction": "in" if received else "out",
        "kind": event.message_kind,
        "text": clean_text(event.text),
        "sender_kind": "contact" if received else "other_client",
        "sender_id": address.contact.id if received else None,
        "external_id": event.external_id,
        "reply_to": None,
        "reply_to_external": event.reply_to,
        "details": dict(event.metadata) or None,
        "provider_time": event.provider_time,
        "received_at": received_at,
        "shown_at": event.provider_time or received_at,
        "state": "received" if received else "sent",
        "error_code": None,
        "error_text": None,
        "error_retryable": None,
        "has_attachments": bool(event.attachments),
    }


class ArrivingRows:
    """Messages of one batch and their files. `uploads`: files that are here already; `fetches_media`: others are
    not."""

    def __init__(self, rooms: Rooms, work: Workspace, revisions: RevisionBook) -> None:
        self._rooms, self._work, self._revisions = rooms, work, revisions
        self.uploads: list[Taken] = []
        self.fetches_media = False

    def row(
        self,
        message_id: str,
        received_at: datetime,
        channel: ChannelEntry,
        event: MessageReceived | MessageEchoed,
        address: AddressState,
    ) -> Values:
        """The message's; those of its files wait to be written."""
        for position, ref in enumerate(event.attachments):
            if ref.upload is not None:
                self.uploads.append((ref.upload, message_id, position))
            else:
                sealed = self._rooms.sealer.seal(ref.model_dump_json())
                self._work.attachments.append(pending_row(message_id, position, ref, sealed, self._work.now))
                self.fetches_media = True
        row = message_row(message_id, received_at, channel, event, address)
        self._revisions.early(channel, event.external_id, row)
        return row


def tell_consent(work: Workspace, channel: ChannelEntry, conversation: ConversationState | None, state: str) -> None:
    """A contact opted out or in: told in his conversation, or of the channel alone."""
    told: dict[str, JsonValue] = {"channel_id": channel.id, "state": state}
    if conversation is not None:
        work.tell("contact.consent", conversation, told)
    else:
        feed.append(work.db, [FeedEvent("contact.consent", channel.inbox.id, told)], work.now)


def tell_log(
    messages: Iterable[Values], receipts: Iterable[tuple[str, str]], matched: Mapping[str, Sequence[str]]
) -> None:
    """One line per message and receipt: with those of the intake and of the send, its way through every room."""
    for row in messages:
        _log.info(
            "message applied",
            message_id=row["id"],
            conversation_id=row["conversation_id"],
            direction=row["direction"],
            state=row["state"],
            rules=matched.get(str(row["id"]), []),
        )
    for message_id, state in receipts:
        _log.info("receipt applied", message_id=message_id, state=state)
