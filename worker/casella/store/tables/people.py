"""Contacts, the addresses they are reached under, and what they have agreed to."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, false, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

contacts = Table(
    "contacts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text),
    Column("linked", Boolean, nullable=False, server_default=false()),
    Column("locale", Text),
    Column("custom", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("gone_to", Id),  # whom he was merged into: there is no such contact any more
    Column("owner_id", Id),  # whose private contact he is; null: the organisation's
)

# By what contacts are found, as `contact_index` writes it. In the order of code points, so that all with the same
# beginning stand together.
contact_terms = Table(
    "contact_terms",
    metadata,
    Column("term", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("contact_id", Id, ForeignKey("contacts.id"), primary_key=True),
)
Index("ix_contact_terms_contact", contact_terms.c.contact_id, contact_terms.c.term)

contact_favourites = Table(
    "contact_favourites",
    metadata,
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("contact_id", Id, ForeignKey("contacts.id"), primary_key=True),
)
Index("ix_contact_favourites_contact", contact_favourites.c.contact_id)

contact_addresses = Table(
    "contact_addresses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("contact_id", Id, ForeignKey("contacts.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("scope", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False),
    Column("referral", Json),  # what led him here before he wrote: waits for his next conversation
    UniqueConstraint("kind", "scope", "address"),
)

# What a provider tells of whoever is at an address. `due_at`: when it is asked (again).
contact_profiles = Table(
    "contact_profiles",
    metadata,
    Column("address_id", Id, ForeignKey("contact_addresses.id"), primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("asked_at", Instant),
    Column("name", Text),
    Column("picture_key", Text),
    Column("picture_mime", Text),
)
Index("ix_contact_profiles_due", contact_profiles.c.due_at)

contact_tags = Table(
    "contact_tags",
    metadata,
    Column("contact_id", Id, ForeignKey("contacts.id"), primary_key=True),
    Column("tag", Text, primary_key=True),
)

# `moved`: what the merge has changed, so that it can be taken back (`casella.inbox.contacts.merging`).
contact_merges = Table(
    "contact_merges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kept_id", Id, ForeignKey("contacts.id"), nullable=False),
    Column("gone_id", Id, ForeignKey("contacts.id"), nullable=False),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("moved", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
)
Index("ix_contact_merges_kept", contact_merges.c.kept_id, contact_merges.c.id)
Index("ix_contact_merges_gone", contact_merges.c.gone_id, contact_merges.c.id)

# Contacts of a file on their way in. `rows`: what is left to do, with its line.
contact_imports = Table(
    "contact_imports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("rows", Json, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),  # waiting | done
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("created", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("problems", Json, nullable=False),
    Column("consents", Json),  # how many decisions about marketing, by what became of them
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),
)
_WAITING = text("state = 'waiting'")
Index("ix_contact_imports_waiting", contact_imports.c.id, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("ix_contact_imports_agent", contact_imports.c.agent_id, contact_imports.c.id)

# What contacts proved themselves with at a plugin's routes and may not any more, until it would have run out by itself.
# An empty credential: everything that was given out before.
revocations = Table(
    "revocations",
    metadata,
    Column("channel_id", Id, ForeignKey("channels.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("credential", Text, primary_key=True),
    Column("revoked_at", Instant, nullable=False),
    Column("until", Instant, nullable=False, index=True),
)

# Append-only: the newest row of (pool, address) is the state. A pool is a channel's id, or the name of a sender pool.
consents = Table(
    "consents",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("pool", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("agent_id", Id, ForeignKey("agents.id")),
    Column("message_id", Id),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_consents_newest", consents.c.pool, consents.c.address, consents.c.id)

# Who erased somebody, and how much that was; never whom. `counts`: by what.
erasures = Table(
    "erasures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("counts", Json, nullable=False),
)

# What somebody who was erased had stopped, by a keyed digest of his address: it holds when the address comes back.
erased_stops = Table(
    "erased_stops",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("pool", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
