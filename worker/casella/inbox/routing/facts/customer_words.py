"""What the customer said, as rules see it: from the message that an event is about, now or when somebody asks later."""

from __future__ import annotations

from sqlalchemy import Connection, select

from casella.inbox.state import Values, message_values
from casella.store.tables import messages
from casella_rules import FactValue

#: What the customer said stays in the message; a decision's facts are kept longer and shown more widely.
WORDS = frozenset({"text", "quoted", "button"})


def words_of(db: Connection, message_id: str) -> dict[str, FactValue]:
    """All of them, from the stored message; nothing where it is gone."""
    message = message_values(db, message_id)
    if message is None:
        return {}
    return {"text": str(message["text"]), "quoted": quoted(db, message), "button": button(message)}


def quoted(db: Connection, message: Values) -> str | None:
    """The text that the message answers."""
    ours, theirs = message.get("reply_to"), message.get("reply_to_external")
    if not ours and not theirs:
        return None
    same = messages.c.channel_id == message["channel_id"]
    query = select(messages.c.text).where(same, messages.c.direction.in_(("in", "out")))
    query = query.where(messages.c.id == ours if ours else messages.c.external_id == theirs)
    return db.execute(query.limit(1)).scalar_one_or_none()


def button(message: Values) -> str | None:
    """The button that was pressed."""
    if message.get("kind") not in ("button", "interactive"):
        return None
    return detail(message, "button") or str(message["text"])


def detail(message: Values, name: str) -> str | None:
    """What the message carries besides, by its name."""
    details = message.get("details")
    value = details.get(name) if isinstance(details, dict) else None
    return str(value) if value else None
