"""Tables and queries. Functions take a Connection and never commit; only `Store` opens transactions."""

from casella.store.engine import Store, ending

__all__ = ["Store", "ending"]
