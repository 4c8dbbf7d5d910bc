"""How this package gives out rows."""

from sqlalchemy import Row

TableRow = Row[tuple[object, ...]]
"""A row whose columns are read by name."""
