"""The database that tests share is as new for each of them."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text

from casella.store.tables import metadata
from tests.builders import make_channel, make_conversation, make_inbox, make_message
from tests.services.emptying import empty

SEQUENCES = text("SELECT count(*) FROM pg_sequences WHERE last_value IS NOT NULL")


def test_rows_are_gone_and_sequences_begin_anew(migrated_pg_url: str, migrated_database: Connection) -> None:
    db = migrated_database
    with db.begin():
        conversation = make_conversation(db, channel_id=make_channel(db, inbox_id=make_inbox(db)))
        make_message(db, conversation, text="Ciao")
        for name in db.execute(text("SELECT quote_ident(sequencename) FROM pg_sequences")).scalars().all():
            db.execute(text("SELECT nextval(:name)"), {"name": name})
        assert rows(db) >= 4
        assert db.execute(SEQUENCES).scalar_one() > 0
    with db.begin():
        empty(db)
    with db.begin():
        assert rows(db) == 0
        assert db.execute(SEQUENCES).scalar_one() == 0
        assert db.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1


def rows(db: Connection) -> int:
    """Of all tables together."""
    return sum(db.execute(select(func.count()).select_from(table)).scalar_one() for table in metadata.sorted_tables)
