"""Contacts are found by words and digits; favourites are one agent's"""

import sqlalchemy as sa
from alembic import op

from casella.store import bulk
from casella.store.queries.people.contact_index import terms_of
from casella.store.types import Id

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_AT_ONCE = 2_000
_contacts = sa.table("contacts", sa.column("id"), sa.column("name"), sa.column("favourite"))
_addresses = sa.table("contact_addresses", sa.column("contact_id"), sa.column("kind"), sa.column("address"))
_conversations = sa.table("conversations", sa.column("contact_id"), sa.column("assignee_id"))
_favourites = sa.table("contact_favourites", sa.column("agent_id"), sa.column("contact_id"))


def upgrade() -> None:
    terms = op.create_table(
        "contact_terms",
        sa.Column("term", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
        sa.Column("contact_id", Id, sa.ForeignKey("contacts.id"), primary_key=True),
    )
    op.create_table(
        "contact_favourites",
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), primary_key=True),
        sa.Column("contact_id", Id, sa.ForeignKey("contacts.id"), primary_key=True),
    )
    op.create_index("ix_contact_favourites_contact", "contact_favourites", ["contact_id"])
    # The one mark of the house becomes one of each agent who has a conversation with the contact.
    his = _conversations.c.contact_id == _contacts.c.id
    had = (
        sa.select(_conversations.c.assignee_id, _conversations.c.contact_id)
        .where(his, _contacts.c.favourite.is_(sa.true()), _conversations.c.assignee_id.is_not(None))
        .distinct()
    )
    op.execute(sa.insert(_favourites).from_select(["agent_id", "contact_id"], had))
    # Not by making the table anew, as SQLite's batches do: others refer to it.
    op.execute("ALTER TABLE contacts DROP COLUMN favourite")
    op.add_column("contacts", sa.Column("gone_to", Id))
    _fill(op.get_bind(), terms)
    op.create_index("ix_contact_terms_contact", "contact_terms", ["contact_id", "term"])


def _fill(db: sa.Connection, terms: sa.Table) -> None:
    last = ""
    while True:
        page = sa.select(_contacts.c.id, _contacts.c.name).where(_contacts.c.id > last).order_by(_contacts.c.id)
        people = db.execute(page.limit(_AT_ONCE)).all()
        if not people:
            return
        ids = [row.id for row in people]
        last = ids[-1]
        theirs: dict[str, list[tuple[str, str]]] = {}
        for row in db.execute(sa.select(_addresses).where(_addresses.c.contact_id.in_(ids))):
            theirs.setdefault(row.contact_id, []).append((row.kind, row.address))
        rows = [
            {"term": term, "contact_id": row.id}
            for row in people
            for term in sorted(terms_of(row.name, theirs.get(row.id, [])))
        ]
        if rows:
            bulk.insert(db, terms, rows)


def downgrade() -> None:
    op.execute("ALTER TABLE contacts DROP COLUMN gone_to")
    op.add_column("contacts", sa.Column("favourite", sa.Boolean(), server_default=sa.false(), nullable=False))
    marked = sa.select(_favourites.c.contact_id)
    op.execute(sa.update(_contacts).where(_contacts.c.id.in_(marked)).values(favourite=sa.true()))
    op.drop_table("contact_favourites")
    op.drop_table("contact_terms")
