"""Beside the words of every message the inbox it is in, so that a search among few inboxes is quick; and decisions by
their time, for the counts of rules"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_decisions_at", "decisions", ["at"])
    if op.get_bind().dialect.name == "postgresql":
        _refill(
            "INSERT INTO message_search_new "
            "SELECT s.message_id, s.words || array_to_tsvector(ARRAY['#' || c.inbox_id]) FROM message_search s "
            "JOIN messages m ON m.id = s.message_id JOIN conversations c ON c.id = m.conversation_id "
            "ORDER BY s.message_id"
        )
        return
    op.execute("DROP TABLE message_search")
    op.execute(  # what is looked for begins with these: without `prefix` their hits are merged at each search
        "CREATE VIRTUAL TABLE message_search USING fts5(text, inbox, message_id UNINDEXED, tokenize='unicode61', "
        "prefix='1 2 3')"
    )
    op.execute(
        'INSERT INTO message_search (rowid, text, inbox, message_id) SELECT r."row", m.text, c.inbox_id, m.id '
        "FROM message_search_rows r JOIN messages m ON m.id = r.message_id "
        'JOIN conversations c ON c.id = m.conversation_id ORDER BY r."row"'
    )


def downgrade() -> None:
    op.drop_index("ix_decisions_at", "decisions")
    if op.get_bind().dialect.name == "postgresql":
        _refill(
            "INSERT INTO message_search_new "
            "SELECT message_id, ts_delete(words, ARRAY(SELECT '#' || id FROM inboxes)) FROM message_search "
            "ORDER BY message_id"
        )
        return
    op.execute("DROP TABLE message_search")
    op.execute("CREATE VIRTUAL TABLE message_search USING fts5(text, message_id UNINDEXED, tokenize='unicode61')")
    op.execute(
        'INSERT INTO message_search (rowid, text, message_id) SELECT r."row", m.text, m.id '
        'FROM message_search_rows r JOIN messages m ON m.id = r.message_id ORDER BY r."row"'
    )


def _refill(insert: str) -> None:
    """A new table of the same form: changing every row in place would leave it twice as large, and out of order."""
    op.execute("CREATE TABLE message_search_new (message_id TEXT NOT NULL, words TSVECTOR NOT NULL)")
    op.execute(insert)
    op.execute("DROP TABLE message_search")
    op.execute("ALTER TABLE message_search_new RENAME TO message_search")
    op.execute("ALTER TABLE message_search ADD CONSTRAINT message_search_pkey PRIMARY KEY (message_id)")
    op.execute("CREATE INDEX ix_message_search_words ON message_search USING gin (words)")
