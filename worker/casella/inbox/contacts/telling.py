"""Telling that a contact has changed: everybody who finds him hears it, and those who see his conversations that are
not over have their rows renewed."""

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

SHARED = "shared"


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
        FeedEvent("contact.updated", feed.MEMBERS, {"contact": shown, "by": {"agent_id": by}})
        for shown in _shown(db, contact_ids)
    ]
    feed.append(db, told, at)


def _shown(db: Connection, contact_ids: Collection[str]) -> Iterable[dict[str, JsonValue]]:
    """As everybody is shown them; who is gone says to whom. Those who are known in other worlds alone are left out."""
    ids = sorted(contact_ids)
    addresses = contact_queries.addresses(db, ids)
    tags = contact_queries.tags(db, ids)
    pictures, hidden = contact_queries.with_pictures(db, ids), _hidden(db, ids)
    for row in db.execute(select(contacts).where(contacts.c.id.in_(ids)).order_by(contacts.c.id)):
        if row.id in hidden or row.gone_to in hidden:
            continue
        yield {
            "id": row.id, "name": row.name, "linked": row.linked, "locale": row.locale,
            "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
            "addresses": [
                {"kind": one.kind, "address": one.address} for one in addresses if one.contact_id == row.id
            ],
            "tags": [one.tag for one in tags if one.contact_id == row.id],
            "attributes": dict(row.custom),
            "picture_url": f"/api/v1/contacts/{row.id}/picture" if row.id in pictures else None,
            "gone_to": row.gone_to,
        }  # fmt: skip


def _hidden(db: Connection, ids: Collection[str]) -> set[str]:
    query = select(conversations.c.contact_id, conversations.c.world).where(conversations.c.contact_id.in_(ids))
    worlds: dict[str, set[str]] = {}
    for row in db.execute(query.distinct()):
        worlds.setdefault(row.contact_id, set()).add(row.world)
    return {id for id, found in worlds.items() if SHARED not in found}
