"""What was taken back is blanked wherever its words went: the feed, the journal, calls of webhooks and plugins'
actions, what the assistant was given. (The message itself, its preview, its files and the search: `revisions`.)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Table, delete, select, update

from casella.store import tables

_PREVIEW, _TOLD = 200, 2000
_GONE = "[taken back]"
_WORDS = frozenset({"text", "last_message_text", "quoted", "button"})


def forget_words(db: Connection, row: Mapping[str, object], text: str) -> None:
    """A stored message's words, wherever they went, those before its edits too. `row`: the message; `text`: what it
    said last."""
    message_id = str(row["id"])
    texts = {text, *_forget_journal(db, str(row["channel_id"]), str(row["external_id"]), message_id)}
    words = _as_shown(texts)
    if not words or "conversation_id" not in row:
        return
    feed, calls, actions = tables.feed, tables.webhook_calls, tables.plugin_actions
    _rewrite(db, feed, feed.c.payload, feed.c.conversation_id == row["conversation_id"], message_id, words)
    _rewrite(db, calls, calls.c.body, calls.c.cause_id == message_id, message_id, words)
    _rewrite(db, actions, actions.c.request, actions.c.cause_id == message_id, message_id, words)
    _forget_sources(db, str(row["conversation_id"]), message_id)


def _as_shown(texts: Iterable[str]) -> frozenset[str]:
    """Whole, and cut as lists and events show them."""
    return frozenset(text[:most] for text in texts if text for most in (_PREVIEW, _TOLD, len(text)))


def _forget_journal(db: Connection, channel_id: str, external_id: str, message_id: str) -> list[str]:
    """Returns what the message said, and what its edits did."""
    texts: list[str] = []
    journal = tables.journal.c
    kinds = journal.kind.in_(("message_received", "message_echoed"))
    edits = (journal.kind == "message_edited") & journal.event.contains(external_id, autoescape=True)
    ours = (journal.channel_id == channel_id) & ((kinds & (journal.identity == external_id)) | edits)
    for row in db.execute(select(journal.id, journal.event).where(ours)).all():
        event = orjson.loads(row.event)
        if event.get("external_id") == external_id:
            texts.append(str(event.get("text", "")))
            blank = {name: type(event[name])() for name in ("text", "attachments", "metadata") if name in event}
            statement = update(tables.journal).where(journal.id == row.id)
            db.execute(statement.values(event=orjson.dumps({**event, **blank}).decode()))
    db.execute(delete(tables.message_parts).where(tables.message_parts.c.message_id == message_id))
    return texts


def _rewrite(
    db: Connection,
    table: Table,
    column: Column[str],
    where: ColumnElement[bool],
    message_id: str,
    words: frozenset[str],
) -> None:
    """The JSON of a column without the words."""
    for row in db.execute(select(table.c.id, column.label("json")).where(where)).all():
        document = orjson.loads(row.json)
        blanked = _blanked(document, message_id, words)
        if blanked != document:
            statement = update(table).where(table.c.id == row.id)
            db.execute(statement.values({column.name: orjson.dumps(blanked).decode()}))


def _forget_sources(db: Connection, conversation_id: str, message_id: str) -> None:
    """What left for the assistant is masked, so that the words cannot be found in it: all of it goes."""
    requests = tables.assistant_requests.c
    query = select(requests.id, requests.message_ids, requests.sent).where(requests.conversation_id == conversation_id)
    for row in db.execute(query).all():
        if message_id in (row.message_ids or ()):
            sent = [{**one, "content": _GONE} if isinstance(one, dict) else _GONE for one in row.sent or ()]
            db.execute(update(tables.assistant_requests).where(requests.id == row.id).values(sent=sent))


def _without_content(message: Mapping[str, object]) -> dict[str, object]:
    blank: dict[str, object] = {"text": "", "details": {}, "attachments": []}
    return {name: empty for name, empty in blank.items() if name in message}


def _blanked(value: object, message_id: str, words: frozenset[str]) -> object:
    """A copy without the words, where words stand; another message may say the same."""
    if isinstance(value, list):
        return [_blanked(one, message_id, words) for one in value]
    if not isinstance(value, dict):
        return value
    if "text" in value and "id" in value:
        return {**value, **_without_content(value)} if value["id"] == message_id else value
    return {
        name: "" if name in _WORDS and one in words else _blanked(one, message_id, words) for name, one in value.items()
    }
