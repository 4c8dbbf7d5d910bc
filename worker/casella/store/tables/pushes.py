"""Web Push: the devices that agents want to be told on, and what is on its way to them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant

# One row: the pair of keys by which push services know this house (RFC 8292), and how far the feed was looked through.
push_house = Table(
    "push_house",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("private_sealed", Text, nullable=False),
    Column("cursor", Text, nullable=False),
)

# `token_id`: the session or token it was registered with; when that is revoked, nothing is pushed any more.
push_devices = Table(
    "push_devices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("token_id", Id, nullable=False),
    Column("endpoint_sealed", Text, nullable=False),
    Column("endpoint_digest", Text, nullable=False, unique=True),
    Column("public_key", Text, nullable=False),
    Column("secret_sealed", Text, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("paused_until", Instant),
)
Index("ix_push_devices_agent", push_devices.c.agent_id)

# Gone when it has arrived, or is too old. `words`: sealed.
pushes = Table(
    "pushes",
    metadata,
    Column("position", AutoKey, primary_key=True),
    Column("device_id", Id, ForeignKey("push_devices.id"), nullable=False),
    Column("conversation_id", Id),
    Column("words", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("token", Text),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_pushes_due", pushes.c.due_at)
Index("ix_pushes_device", pushes.c.device_id)
