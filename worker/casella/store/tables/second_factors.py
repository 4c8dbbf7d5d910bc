"""What agents prove themselves with besides a password, or in place of it."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from casella.store.tables.base import metadata
from casella.store.types import Id, Instant

# `active_since` null: it was begun, and no code of it has been seen yet. `last_step`: of the newest code that was
# taken, so that none is taken twice.
second_factors = Table(
    "second_factors",
    metadata,
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("secret_sealed", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("active_since", Instant),
    Column("last_step", BigInteger, nullable=False, server_default="0"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("digest", Text, primary_key=True),
)

# Sign-ins by a provider that were used, as digests, until they would be too old anyway.
spent_sign_ins = Table(
    "spent_sign_ins",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("until", Instant, nullable=False, index=True),
)
