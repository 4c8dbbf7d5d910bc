"""What people are shown of a conversation and of a message: in lists, on pages, in events. The same for everybody who
may see it; what is one viewer's own stays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from types import SimpleNamespace

from casella.inbox.house import phone_of
from casella.inbox.views.assignment_request import AssignmentRequest
from casella.store.rows import PlainRow, TableRow

ShownRow = TableRow | PlainRow | SimpleNamespace
"""As the queries give it, or the same from memory."""


@dataclass(slots=True)
class Named:
    """Something of the organisation: an inbox, an agent, a team."""

    id: str
    key: str
    name: str


@dataclass(slots=True)
class ChannelRef:
    id: str
    key: str
    name: str
    channel_type: str
    address: str


@dataclass(slots=True)
class ContactRef:
    """`display_name`: the contact's name once he is linked, until then his number (S-60); where the address is an id
    that tells nobody anything, the name the provider tells. `opted_out`: of what this conversation's channel sends
    (S-67)."""

    id: str
    name: str | None
    address: str
    linked: bool
    display_name: str
    opted_out: bool = False


@dataclass(slots=True)
class QueueView:
    """Since when a conversation waits in its team's queue, and what the rule that brought it there asked for:
    `strategy` None is the team's own; `otherwise`: the key of the team that may take it, too."""

    since: datetime
    rule: str | None
    strategy: str | None
    skills: Sequence[str]
    otherwise: str | None


@dataclass(slots=True)
class CampaignRef:
    """The campaign that wrote in a conversation last: what is being answered there."""

    id: str
    name: str


@dataclass(slots=True)
class ConversationView:
    id: str
    world: str
    status: str
    priority: str
    subject: str | None
    inbox: Named
    channel: ChannelRef
    contact: ContactRef
    assignee: Named | None
    team: Named | None
    queue: QueueView | None
    tags: Sequence[str]
    message_count: int
    last_message_text: str | None
    last_message_at: datetime | None
    last_message_kind: str | None
    last_message_direction: str | None
    inbound_count: int
    last_inbound_at: datetime | None
    waiting_since: datetime | None
    opened_at: datetime
    assigned_at: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    archived_at: datetime | None
    turned_at: datetime
    version: int
    campaign: CampaignRef | None


@dataclass(slots=True)
class AttachmentView:
    id: str
    kind: str
    mime: str
    size: int | None
    name: str | None
    state: str
    url: str
    thumbnail_url: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(slots=True)
class SenderView:
    """`kind`: contact, agent, rule, survey, campaign or other_client (the business, through another program of the
    provider)."""

    kind: str
    id: str | None
    name: str | None


@dataclass(slots=True)
class MessageError:
    code: str
    retryable: bool
    text: str


@dataclass(slots=True)
class MessageView:
    """`reply_to`: the quoted message's id; the provider's id of it when it is not in this conversation."""

    id: str
    external_id: str | None
    direction: str
    kind: str
    text: str
    sender: SenderView
    attachments: Sequence[AttachmentView]
    reply_to: str | None
    provider_time: datetime | None
    received_at: datetime
    state: str
    error: MessageError | None
    details: Mapping[str, object]


def conversation_view(row: ShownRow, tags: Sequence[str]) -> ConversationView:
    return ConversationView(
        id=row.id,
        world=row.world,
        status=row.status,
        priority=row.priority,
        subject=row.subject,
        inbox=Named(row.inbox_id, row.inbox_key, row.inbox_name),
        channel=ChannelRef(row.channel_id, row.channel_key, row.channel_name, row.channel_type, row.channel_address),
        contact=_contact(row),
        assignee=Named(row.assignee_id, row.assignee_key, row.assignee_name) if row.assignee_id else None,
        team=Named(row.team_id, row.team_key, row.team_name) if row.team_id else None,
        queue=_queue(row),
        tags=tags,
        message_count=row.message_count,
        last_message_text=row.last_message_text,
        last_message_at=row.last_message_at,
        last_message_kind=row.last_message_kind,
        last_message_direction=row.last_message_direction,
        inbound_count=row.inbound_count,
        last_inbound_at=row.last_inbound_at,
        waiting_since=row.waiting_since,
        opened_at=row.opened_at,
        assigned_at=row.assigned_at,
        snoozed_until=row.snoozed_until,
        closed_at=row.closed_at,
        archived_at=row.archived_at,
        turned_at=row.turned_at,
        version=row.version,
        campaign=CampaignRef(**row.campaign) if row.campaign else None,
    )


def row_content(view: ConversationView) -> dict[str, object]:
    """By the fields' names, for whoever adds what is one viewer's own."""
    return dict(zip(_NAMES, _CONTENT(view), strict=True))


_NAMES = tuple(field.name for field in fields(ConversationView))
_CONTENT = attrgetter(*_NAMES)


def _queue(row: ShownRow) -> QueueView | None:
    if row.status != "open" or row.assignee_id or not row.team_id or row.queued_at is None:
        return None
    wanted = AssignmentRequest.from_text(row.wanted)
    return QueueView(row.queued_at, wanted.rule or None, wanted.strategy, wanted.skills, wanted.also)


def _contact(row: ShownRow) -> ContactRef:
    named = row.contact_linked or phone_of(row.contact_kind, row.contact_address) is None
    display_name = row.contact_name if named and row.contact_name else row.contact_address
    return ContactRef(row.contact_id, row.contact_name, row.contact_address, row.contact_linked, display_name)


def message_view(row: ShownRow, files: Sequence[TableRow], quoted: Mapping[tuple[str, str], str]) -> MessageView:
    """`quoted`: our ids by (conversation, external id), for messages that quote others."""
    known = quoted.get((row.conversation_id, row.reply_to_external or ""))
    return MessageView(
        id=row.id,
        external_id=row.external_id,
        direction=row.direction,
        kind=row.kind,
        text=row.text,
        sender=SenderView(row.sender_kind, row.sender_id, row.agent_name or row.contact_name or _campaign_name(row)),
        attachments=[attachment_view(file) for file in files],
        reply_to=row.reply_to or known or row.reply_to_external,
        provider_time=row.provider_time,
        received_at=row.received_at,
        state=row.state,
        error=_error(row),
        details=row.details or {},
    )


def _campaign_name(row: ShownRow) -> str | None:
    return str(row.details["campaign"]["name"]) if row.sender_kind == "campaign" and row.details else None


def _error(row: ShownRow) -> MessageError | None:
    if row.error_code is None:
        return None
    return MessageError(row.error_code, bool(row.error_retryable), row.error_text or "")


def attachment_view(row: TableRow) -> AttachmentView:
    url = f"/api/v1/attachments/{row.id}"
    small = f"{url}/thumbnail" if row.thumbnail_state == "made" else None
    return AttachmentView(row.id, row.kind, row.mime, row.size, row.name, row.state, url, small, row.width, row.height)
