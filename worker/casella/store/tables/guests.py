"""What all processes know of plugins that are set aside. A row per method, while it is."""

from sqlalchemy import Column, Integer, Table, Text

from casella.store.tables.base import metadata
from casella.store.types import Instant

plugins_aside = Table(
    "plugins_aside",
    metadata,
    Column("plugin", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("times", Integer, nullable=False),
)
