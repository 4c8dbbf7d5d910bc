"""Empty a PostgreSQL database between two tests, without making it anew.

Measured on the same machine with 49 tables, 16 of them filled: a copy of a template and dropping it 130 ms, TRUNCATE
of everything 90 ms (it makes the files of every table and index anew), this 6 ms.
"""

from __future__ import annotations

from sqlalchemy import Connection

KEPT = "alembic_version"  # says which tables these are, so it is no test's own
_TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> %s ORDER BY 1"
_RESTART = """
SELECT setval(quote_ident(schemaname) || '.' || quote_ident(sequencename), start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""


def empty(db: Connection) -> None:
    """Remove every row and start every sequence at its beginning, in the transaction of `db` (a superuser's)."""
    tables = list(db.exec_driver_sql(_TABLES, (KEPT,)).scalars())
    found = db.exec_driver_sql("SELECT " + ", ".join(f"EXISTS (SELECT FROM {table})" for table in tables)).one()
    db.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign key is looked at: all rows go
    for table, filled in zip(tables, found, strict=True):
        if filled:
            db.exec_driver_sql(f"DELETE FROM {table}")
    db.exec_driver_sql(_RESTART)
