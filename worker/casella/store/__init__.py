"""Tables and queries. Functions take a Connection and never commit; only `Store` opens transactions."""

from casella.store.engine import Store

__all__ = ["Store"]
