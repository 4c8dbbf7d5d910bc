"""What the customer said, as rules see it: from the message that an event is about, now or when somebody asks later."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, select

from casella.inbox.state import ContactState, Values, message_values
from casella.origins import language_of
from casella.store.tables import conversations, messages
from casella_rules import FactValue

#: What the customer said stays in the message; a decision's facts are kept longer and shown more widely.
WORDS = frozenset({"text", "quoted", "button"})
_SEVERAL, _NEWEST = 2, 8


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


def written_language(db: Connection, contact: ContactState, message: Values | None) -> str | None:
    """What several of a contact's newest messages are written in, if most of them are: one says too little. `message`:
    the one that is just being applied, if any."""
    texts: dict[str, str] = {}
    if message is not None and message["sender_kind"] == "contact":
        texts[str(message["id"])] = str(message["text"])
    if not contact.is_new:
        his = messages.join(conversations, conversations.c.id == messages.c.conversation_id)
        query = select(messages.c.id, messages.c.text).select_from(his)
        shared = conversations.c.world == "shared"
        query = query.where(conversations.c.contact_id == contact.id, shared, messages.c.direction == "in")
        for row in db.execute(query.order_by(messages.c.id.desc()).limit(_NEWEST)):
            texts.setdefault(row.id, row.text or "")
    told = Counter(language for text in texts.values() if (language := language_of(text)))
    for language, count in told.most_common(1):
        if count >= _SEVERAL and 2 * count > told.total():
            return language
    return None


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
