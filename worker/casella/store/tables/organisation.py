"""The organisation as the desk describes it: connections, channels, inboxes, agents, teams.

Rows are made and changed by applying a desk; `removed_at` marks what the desk no longer names, because conversations
still point at it.
"""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, Table, Text, UniqueConstraint, false, true

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

inboxes = Table(
    "inboxes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("timezone", Text, nullable=False, server_default="UTC"),
    Column("locale", Text, nullable=False, server_default="en"),
    Column("assignment_mode", Boolean, nullable=False, server_default=true()),
    Column("settings", Json, nullable=False),
    Column("owner_id", Id),  # whose private inbox it is; null: a shared one
    Column("removed_at", Instant),
)

connections = Table(
    "connections",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("channel_type", Text, nullable=False),
    Column("settings_sealed", Text, nullable=False),
    Column("removed_at", Instant),
)

channels = Table(
    "channels",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("connection_id", Id, ForeignKey("connections.id"), nullable=False),
    Column("inbox_id", Id, ForeignKey("inboxes.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("options", Json, nullable=False),
    Column("paused_code", Text),
    Column("paused_text", Text),
    Column("paused_until", Instant),
    Column("send_tokens", Float, nullable=False, server_default="1"),
    Column("send_tokens_at", Instant),
    Column("missed_asked_at", Instant),
    Column("missed_until", Instant),
    # when a private number came into its shared inbox, and whose it was until then (S-43)
    Column("joined_at", Instant),
    Column("joined_from", Id),
    Column("removed_at", Instant),
    UniqueConstraint("connection_id", "address"),
)

agents = Table(
    "agents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("email", Text, unique=True),
    Column("password_hash", Text),
    Column("role", Text, nullable=False, server_default="agent"),
    Column("locale", Text, nullable=False, server_default="en"),
    Column("available", Boolean, nullable=False, server_default=false()),
    Column("do_not_disturb", Boolean, nullable=False, server_default=false()),
    Column("capacity", Integer),
    Column("skills", Json, nullable=False),
    Column("open_conversations", Integer, nullable=False, server_default="0"),
    Column("last_assigned_at", Instant),
    Column("removed_at", Instant),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("removed_at", Instant),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team_id", Id, ForeignKey("teams.id"), primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
)

inbox_members = Table(
    "inbox_members",
    metadata,
    Column("inbox_id", Id, ForeignKey("inboxes.id"), primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("since", Instant, nullable=False),  # whoever is new has read what came in before
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),  # bearer | session | link
    Column("digest", Text, nullable=False, unique=True),
    Column("label", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("factor_proven", Boolean, nullable=False, server_default=false()),  # a second one, by the sign-in provider
)

desk_versions = Table(
    "desk_versions",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("applied_at", Instant, nullable=False),
    Column("files", Json, nullable=False),
    Column("additions", Json),  # what plugins added to the rules then: the desk still loads when one is gone
    Column("own_files", Json),  # as its folder had them, where overrides are written over them in `files`
)

# What managers have changed without the folder, by its key in the desk. `value`: {value, own}, the other one being what
# the desk itself said then.
desk_overrides = Table(
    "desk_overrides",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Json, nullable=False),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("at", Instant, nullable=False),
)

# Other systems that rules tell what has happened.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("secret_sealed", Text),
    Column("removed_at", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("paused_until", Instant),
)

# The mistakes of a desk folder that was not taken over, until a good one is: managers see them.
desk_failures = Table(
    "desk_failures",
    metadata,
    Column("folder", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("problems", Json, nullable=False),
    Column("at", Instant, nullable=False),
)
