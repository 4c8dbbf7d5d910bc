"""Telling that a contact has changed: everybody who finds him hears it (of a private one, his owner
alone), and those who see his conversations that are not over have their rows renewed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from casella.inbox.house import Rooms
from casella.inbox.views import tell
from casella.store import feed
from casella.store.feed import ConversationEvent, FeedEvent, JsonValue
from casella.store.queries.people import contact_queries
from casella.store.tables import contacts, conversations


def tell_contacts(
    rooms: Rooms, db: Connection, contact_ids: Collection[str], by: str, at: datetime, *, rows_too: bool = True
) -> None:
    """At the end of what has changed them. `rows_too`: their conversations show something of it."""
    if not contact_ids:
        return
    if rows_too:
        query = select(conversations.c.id).where(
            conversations.c.contact_id.in_(contact_ids), conversations.c.status != "closed"
        )
        ids = sorted(db.execute(query).scalars())
        who: dict[str, JsonValue] = {"by": {"agent_id": by}}
        tell(rooms, db, [ConversationEvent("conversation.updated", id, who) for id in ids], at)
    told = [
        FeedEvent("contact.updated", None if owner else feed.MEMBERS, {"contact": shown, "by": {"agent_id": by}}, owner)
        for shown, owner in _shown(db, contact_ids)
    ]
    feed.append(db, told, at)


def _shown(db: Connection, contact_ids: Collection[str]) -> Iterable[tuple[dict[str, JsonValue], str | None]]:
    """As they are shown, and whose private contact each is; who is gone says to whom."""
    ids = sorted(contact_ids)
    addresses = contact_queries.addresses(db, ids)
    tags = contact_queries.tags(db, ids)
    pictures = contact_queries.with_pictures(db, ids)
    for row in db.execute(select(contacts).where(contacts.c.id.in_(ids)).order_by(contacts.c.id)):
        shown: dict[str, JsonValue] = {
            "id": row.id, "name": row.name, "linked": row.linked, "locale": row.locale,
            "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
            "addresses": [
                {"kind": one.kind, "address": one.address} for one in addresses if one.contact_id == row.id
            ],
            "tags": [one.tag for one in tags if one.contact_id == row.id],
            "attributes": dict(row.custom),
            "picture_url": f"/api/v1/contacts/{row.id}/picture" if row.id in pictures else None,
            "gone_to": row.gone_to, "private": row.owner_id is not None,
        }  # fmt: skip
        yield shown, row.owner_id
