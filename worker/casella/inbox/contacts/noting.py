"""What agents note about a contact: the organisation's tags, and whose favourite he is (S-22, S-106)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from casella.errors import Conflict
from casella.inbox.house import Rooms, alike, desk_tag
from casella.inbox.reading import Member
from casella.store.queries import organisation_queries
from casella.store.tables import contact_favourites, contact_tags, contacts

MOST_TAGS = 50


def add_tag(db: Connection, rooms: Rooms, contact_id: str, tag: str) -> bool:
    """Whether it is new to him. Raises Invalid (unknown_tag), and Conflict (too_many_tags) beyond MOST_TAGS. Whether he
    may be seen was asked before."""
    tag = desk_tag(rooms, tag)
    db.execute(select(contacts.c.id).where(contacts.c.id == contact_id).with_for_update(key_share=True))
    tags = organisation_queries.contact_tags_of(db, contact_id)
    if tag not in tags and len(tags) >= MOST_TAGS:
        raise Conflict(f"A contact has at most {MOST_TAGS} tags; remove one first.", code="too_many_tags")
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    db.execute(dialect.insert(contact_tags).on_conflict_do_nothing(), {"contact_id": contact_id, "tag": tag})
    return tag not in tags


def desk_tags(rooms: Rooms, written: Sequence[str]) -> list[str]:
    """The desk's, each once. Raises Invalid (unknown_tag)."""
    return list(dict.fromkeys(desk_tag(rooms, one) for one in written))


def remove_tag(db: Connection, contact_id: str, tag: str) -> None:
    """A tag he has not changes nothing."""
    his = alike(tag, organisation_queries.contact_tags_of(db, contact_id))
    db.execute(delete(contact_tags).where(contact_tags.c.contact_id == contact_id, contact_tags.c.tag.in_(his)))


def set_favourite(db: Connection, member: Member, contact_id: str, favourite: bool) -> None:
    """One of the member's own, or no longer; nobody else's list changes."""
    mine = {"agent_id": member.id, "contact_id": contact_id}
    if favourite:
        dialect = postgresql if db.dialect.name == "postgresql" else sqlite
        db.execute(dialect.insert(contact_favourites).on_conflict_do_nothing(), mine)
    else:
        of = contact_favourites.c
        db.execute(delete(contact_favourites).where(of.agent_id == member.id, of.contact_id == contact_id))
