"""Putting closed conversations away, and taking them out again, by hand (S-36)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from casella.errors import Invalid
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import Rooms
from casella.inbox.sending import Way, judge_writer


def archive(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Raises NotFound, NotAllowed for who may not reply, and Invalid for one that is not closed. One that is put away
    already stays as it is."""
    judge_writer(rooms, Way(True, False, by)).require()
    turn = ConversationChange(rooms, db, at, by)
    conversation = turn.take(conversation_id)
    if conversation.row["status"] != "closed":
        raise Invalid("Only a closed conversation can be archived; close it first.", code="not_closed")
    if conversation.archive(at):
        turn.tell({"agent_id": by})
        turn.write()


def unarchive(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Among the closed ones again. Raises NotFound, and NotAllowed for who may not reply."""
    judge_writer(rooms, Way(True, False, by)).require()
    turn = ConversationChange(rooms, db, at, by)
    if turn.take(conversation_id).unarchive():
        turn.tell({"agent_id": by})
        turn.write()
