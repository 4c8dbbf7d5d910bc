"""Conversations, messages, attachments.

One conversation is open per channel and contact address: the database says so, with a partial unique index, because
two quick messages arrive at the same instant. `world` keeps apart what must never leak into each other (law 8):
shared | private (on an agent's own number) | history (was private, until the number came into a shared inbox). Direct
and team chats are none of these: they have tables of their own.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, false, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("world", Text, nullable=False, server_default="shared"),
    Column("owner_id", Id),  # whose number it was on; null: shared
    Column("inbox_id", Id, ForeignKey("inboxes.id"), nullable=False),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("contact_id", Id, ForeignKey("contacts.id"), nullable=False),
    Column("address_id", Id, ForeignKey("contact_addresses.id"), nullable=False),
    Column("status", Text, nullable=False, server_default="open"),
    Column("priority", Text, nullable=False, server_default="normal"),
    Column("subject", Text),
    Column("started_by", Text, nullable=False, server_default="contact"),
    Column("replyable", Boolean, nullable=False, server_default=text("true")),
    Column("assignee_id", Id, ForeignKey("agents.id")),
    Column("team_id", Id, ForeignKey("teams.id")),
    Column("assigned_at", Instant),
    Column("queued_at", Instant),
    # who let it go because he had not answered in time: it does not go straight back to him
    Column("returned_by", Id),
    # what the assignment that brought it to its team asked for, as `casella.inbox.views.assignment_request` writes it
    Column("wanted", Text),
    Column("snoozed_until", Instant),
    Column("waiting_since", Instant),
    Column("last_inbound_at", Instant),
    Column("window_closed_at", Instant),  # when the provider said that the reply window is over
    Column("read_at", Instant),  # up to when agents have read what the contact wrote
    Column("last_message_at", Instant),
    Column("last_message_text", Text),
    Column("last_message_kind", Text),
    Column("last_message_direction", Text),
    # how many messages of the contact there are, and when the newest came here
    Column("inbound_count", Integer, nullable=False, server_default="0"),
    Column("inbound_received_at", Instant),
    Column("message_count", Integer, nullable=False, server_default="0"),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("archived_at", Instant),  # put away after it was closed (S-36)
    # greatest(opened_at, closed_at): the key of the sorts "Recent / Oldest conversations" (S-37, S-38)
    Column("turned_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("referral", Json),  # the advertisement or link that led here: source, text, url, at
    Column("campaign", Json),  # the campaign that wrote here last: id, name
)
_NOT_CLOSED = text("status <> 'closed'")
Index(
    "uq_conversations_open",
    conversations.c.channel_id,
    conversations.c.address_id,
    unique=True,
    sqlite_where=_NOT_CLOSED,
    postgresql_where=_NOT_CLOSED,
)
_OPEN = text("status = 'open'")
for _name, _columns in {
    "ix_conversations_open_inbox": ("inbox_id", "last_message_at", "id"),
    "ix_conversations_open_turned": ("inbox_id", "turned_at", "id"),
    "ix_conversations_open_assignee": ("assignee_id", "last_message_at", "id"),
}.items():
    Index(_name, *(conversations.c[name] for name in _columns), sqlite_where=_OPEN, postgresql_where=_OPEN)
_WAITING = text("status = 'open' AND assignee_id IS NULL")
Index(
    "ix_conversations_unassigned",
    conversations.c.inbox_id,
    conversations.c.last_message_at,
    conversations.c.id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
_QUEUED = text("status = 'open' AND assignee_id IS NULL AND queued_at IS NOT NULL")
Index(
    "ix_conversations_queued",
    conversations.c.team_id,
    conversations.c.queued_at,
    sqlite_where=_QUEUED,
    postgresql_where=_QUEUED,
)
_TO_ARCHIVE = text("status = 'closed' AND archived_at IS NULL")
Index(
    "ix_conversations_to_archive",
    conversations.c.inbox_id,
    conversations.c.turned_at,
    sqlite_where=_TO_ARCHIVE,
    postgresql_where=_TO_ARCHIVE,
)
Index("ix_conversations_messages", conversations.c.inbox_id, conversations.c.last_message_at, conversations.c.id)
Index("ix_conversations_closed", conversations.c.inbox_id, conversations.c.turned_at, conversations.c.id)
Index("ix_conversations_contact", conversations.c.contact_id)
_OWNED = text("owner_id IS NOT NULL")
Index(
    "ix_conversations_owner",
    conversations.c.owner_id,
    conversations.c.turned_at,
    conversations.c.id,
    sqlite_where=_OWNED,
    postgresql_where=_OWNED,
)
_SNOOZED = text("status = 'snoozed'")
Index(
    "ix_conversations_snoozed",
    conversations.c.inbox_id,
    conversations.c.last_message_at,
    conversations.c.id,
    sqlite_where=_SNOOZED,
    postgresql_where=_SNOOZED,
)
for _name, _key in {"messages": "last_message_at", "turned": "turned_at"}.items():  # one agent's, whatever their status
    Index(f"ix_conversations_assignee_{_name}", conversations.c.assignee_id, conversations.c[_key], conversations.c.id)

conversation_tags = Table(
    "conversation_tags",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    Column("tag", Text, primary_key=True),
)
Index("ix_conversation_tags_tag", text("lower(tag)"), conversation_tags.c.conversation_id)

# `sequence` counts within a conversation; with provider_time it is the order people see (law 3).
# `shown_at` is provider_time, or received_at where the provider gives none.
messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("direction", Text, nullable=False),  # in | out | note
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("sender_kind", Text, nullable=False),  # contact | agent | rule | other_client
    Column("sender_id", Text),
    Column("external_id", Text),
    Column("reply_to", Id),
    Column("reply_to_external", Text),
    Column("details", Json),
    Column("provider_time", Instant),
    Column("received_at", Instant, nullable=False),
    Column("shown_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("error_code", Text),
    Column("error_text", Text),
    Column("error_retryable", Boolean),
    Column("has_attachments", Boolean, nullable=False, server_default=false()),
)
_HAS_EXTERNAL = text("external_id IS NOT NULL")
Index(
    "uq_messages_external",
    messages.c.channel_id,
    messages.c.direction,
    messages.c.external_id,
    unique=True,
    sqlite_where=_HAS_EXTERNAL,
    postgresql_where=_HAS_EXTERNAL,
)
Index("ix_messages_shown", messages.c.conversation_id, messages.c.shown_at, messages.c.sequence)
_FAILED = text("state = 'failed'")  # what people look for among what is left to them
Index("ix_messages_failed", messages.c.id, sqlite_where=_FAILED, postgresql_where=_FAILED)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id"), index=True),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("kind", Text, nullable=False),
    Column("mime", Text, nullable=False),
    Column("size", Integer),
    Column("name", Text),
    Column("sha256", Text),
    Column("source_sealed", Text),  # the provider's reference, encrypted: it may grant access
    Column("storage_key", Text),
    Column("state", Text, nullable=False),  # pending | stored | failed
    Column("error_code", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant),
    Column("token", Text),
    Column("uploaded_by", Id, ForeignKey("agents.id")),
    Column("created_at", Instant, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("thumbnail_state", Text),  # null: nobody has looked yet | made | refused
    Column("thumbnail_key", Text),
    Column("thumbnail_due_at", Instant),
)
_PENDING = text("state = 'pending'")
Index("ix_attachments_pending", attachments.c.due_at, sqlite_where=_PENDING, postgresql_where=_PENDING)
_NOT_SHRUNK = text("state = 'stored' AND thumbnail_state IS NULL AND kind IN ('image', 'sticker')")
Index(
    "ix_attachments_not_shrunk",
    attachments.c.thumbnail_due_at,
    sqlite_where=_NOT_SHRUNK,
    postgresql_where=_NOT_SHRUNK,
)

# Full text is written in batches behind the message, not in its transaction (performance.md).
search_pending = Table(
    "search_pending",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("message_id", Id, nullable=False),
    sqlite_autoincrement=True,
)

# What was changed, taken back or reacted to, one row of each kind and doer: the newest that was heard of. `event` waits
# here for a message that has not come yet, and is forgotten once it is applied.
revisions = Table(
    "revisions",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # edit | delete | reaction
    Column("doer", Text, nullable=False),
    Column("number", Integer),
    Column("at", Instant),
    Column("event", Text),
    Column("received_at", Instant, nullable=False),
)
Index(
    "uq_revisions_of_message",
    revisions.c.channel_id,
    revisions.c.external_id,
    revisions.c.kind,
    revisions.c.doer,
    unique=True,
)
_WAITS = text("event IS NOT NULL")
Index("ix_revisions_waiting", revisions.c.received_at, sqlite_where=_WAITS, postgresql_where=_WAITS)
