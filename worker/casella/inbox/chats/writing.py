"""Beginning a chat, saying something in it, and having read it. Everybody who is in it is told, and nobody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, update

from casella.errors import Conflict, Invalid, NotAllowed, NotFound
from casella.ids import new_id
from casella.inbox.chats.reading import ChatMessageView, ChatView, message_view, read_chat
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.views import Named
from casella.plugin import clean_text
from casella.store import bulk, feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.queries.people import chat_queries
from casella.store.tables import chat_members, chat_messages, chats

MOST_PEOPLE = 50


def open_direct(db: Connection, rooms: Rooms, member: Member, with_: Collection[str], at: datetime) -> str:
    """The chat of the member and these colleagues, made if there is none (S-14). Its people stay the same: with one
    more it is another chat. Raises Invalid (nobody_else, unknown_agent, too_many_people)."""
    known = rooms.directory.current.agents
    if unknown := [id for id in with_ if id not in known]:
        raise Invalid("There is no such agent.", code="unknown_agent", agent_id=unknown[0])
    people = sorted({member.id, *with_})
    if len(people) < 2:
        raise Invalid("A chat needs somebody else.", code="nobody_else")
    if len(people) > MOST_PEOPLE:
        raise Invalid("A direct chat has at most fifty people.", code="too_many_people")
    id, is_new = _made(db, " ".join(people), None, member, at)
    if is_new:
        bulk.insert(db, chat_members, [{"chat_id": id, "agent_id": one} for one in people])
        _tell(db, "chat.updated", read_chat(db, member, id), {}, at)
    return id


def open_team(db: Connection, rooms: Rooms, member: Member, team: str, at: datetime) -> str:
    """The chat of one of the member's teams, by id or key (S-15). Whoever joins the team sees all of it, whoever leaves
    it nothing more. Raises NotAllowed (not_in_team): teams are known to everybody."""
    mine = (one for one in rooms.directory.current.teams.values() if team in (one.id, one.key))
    found = next((one for one in mine if one.id in member.team_ids), None)
    if found is None:
        raise NotAllowed("There is no such team, or you are not in it.", code="not_in_team")
    id, is_new = _made(db, found.id, found.id, member, at)
    if is_new:
        _tell(db, "chat.updated", read_chat(db, member, id), {}, at)
    return id


def say(db: Connection, member: Member, chat_id: str, text: str, at: datetime) -> ChatMessageView:
    """Raises NotFound, and Invalid for nothing. After the commit, ring `feed`."""
    words = clean_text(text)
    if not words.strip():
        raise Invalid("There is nothing to send.", code="empty_message")
    row = chat_queries.held(db, member.id, chat_id)
    if row is None:
        raise NotFound("There is no such chat, or it is not yours to see.")
    sequence = row.message_count + 1
    said = {"id": new_id(), "chat_id": chat_id, "sequence": sequence, "sender_id": member.id, "text": words, "at": at}
    bulk.insert(db, chat_messages, [said])
    values = {
        "message_count": sequence, "turned_at": at, "last_message_text": words[:200], "version": row.version + 1
    }  # fmt: skip
    db.execute(update(chats).where(chats.c.id == chat_id).values(values))
    chat_queries.reads(db, chat_id, member.id, sequence)  # who writes has read what stands above
    found = chat_queries.message(db, str(said["id"]))
    assert found is not None, "just written"
    view = message_view(found)
    _tell(db, "chat.message", read_chat(db, member, chat_id), {"message": _message(view)}, at)
    return view


def read_up_to(db: Connection, member: Member, chat_id: str, up_to: str | None, at: datetime) -> ChatView:
    """The member has read all up to this message, or all there is. Only he is told. Raises NotFound, and Conflict for a
    message of another chat."""
    before = read_chat(db, member, chat_id)
    sequence = before.message_count
    if up_to is not None:
        row = chat_queries.message(db, up_to)
        if row is None or row.chat_id != chat_id:
            raise Conflict("There is no such message in this chat.", code="unknown_message")
        sequence = row.sequence
    moved = chat_queries.reads(db, chat_id, member.id, sequence)
    after = read_chat(db, member, chat_id)
    if moved:
        told: dict[str, JsonValue] = {"chat_id": chat_id, "unread": after.unread}
        feed.append(db, [FeedEvent("chat.marked", None, told, member.id)], at)
    return after


def _made(db: Connection, key: str, team_id: str | None, member: Member, at: datetime) -> tuple[str, bool]:
    known = chat_queries.id_of(db, key)
    if known is not None:
        return known, False
    id = new_id()
    values = {"key": key, "team_id": team_id, "created_by": member.id, "created_at": at, "turned_at": at}
    if chat_queries.add(db, id=id, **values):
        return id, True
    found = chat_queries.id_of(db, key)
    assert found is not None, "made this very moment by somebody else, whose transaction was waited for"
    return found, False


def _tell(db: Connection, kind: str, chat: ChatView, more: dict[str, JsonValue], at: datetime) -> None:
    """Of a team's chat, whoever is in the team when he looks; of a direct one, each of its people."""
    payload: dict[str, JsonValue] = {"chat": _chat(chat), **more}
    if chat.team is not None:
        audience: list[tuple[str | None, str | None]] = [(chat.team.id, None)]
    else:
        audience = [(None, one.id) for one in chat.people]
    feed.append(db, [FeedEvent(kind, scope, payload, who) for scope, who in audience], at)


def _chat(chat: ChatView) -> dict[str, JsonValue]:
    """As everybody in it is shown it: without what is one viewer's own."""
    return {
        "id": chat.id, "kind": chat.kind, "team": _named(chat.team) if chat.team else None,
        "people": [_named(one) for one in chat.people], "message_count": chat.message_count,
        "last_message_text": chat.last_message_text, "turned_at": _moment(chat.turned_at), "version": chat.version,
    }  # fmt: skip


def _message(view: ChatMessageView) -> dict[str, JsonValue]:
    return {
        "id": view.id, "chat_id": view.chat_id, "sequence": view.sequence, "sender": _named(view.sender),
        "text": view.text, "at": _moment(view.at),
    }  # fmt: skip


def _named(one: Named) -> dict[str, JsonValue]:
    return {"id": one.id, "key": one.key, "name": one.name}


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
