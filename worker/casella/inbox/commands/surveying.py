"""Asking a customer by hand how it was (S-53): each survey once for a conversation, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from casella.errors import Conflict, Invalid
from casella.ids import new_id
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, read_conversation
from casella.inbox.sending import Draft, canned, queue_reply
from casella.store.tables import conversations, surveys_sent


class SurveySentBefore(Conflict):
    """This conversation has been asked already."""

    code = "survey_sent_before"


@dataclass(frozen=True, slots=True)
class SurveyView:
    """A survey of the desk, and what came of it in one conversation; None: nothing yet."""

    key: str
    question: str
    lowest: int
    highest: int
    sent_at: datetime | None
    score: int | None
    answered_at: datetime | None


def list_surveys(db: Connection, rooms: Rooms, member: Member, conversation_id: str) -> list[SurveyView]:
    """In the desk's order. Raises NotFound, and NotAllowed where surveys are not in the plan."""
    view = read_conversation(db, member, conversation_id)
    rooms.desk.current.require_feature(view.inbox.key, "survey")
    query = select(surveys_sent).where(surveys_sent.c.conversation_id == conversation_id)
    sent = {row.survey: row for row in db.execute(query).all()}
    locale = rooms.directory.current.inboxes[view.inbox.id].locale
    found = []
    for key, survey in rooms.desk.current.surveys.items():
        row, desk = sent.get(key), rooms.desk.current.desk
        assert desk is not None, "it has surveys"
        text = desk.canned[survey.question].text_for(locale)
        moments = (row.sent_at, row.score, row.answered_at) if row else (None, None, None)
        found.append(SurveyView(key, text, survey.lowest, survey.highest, *moments))
    return found


def send(db: Connection, rooms: Rooms, member: Member, conversation_id: str, key: str | None, at: datetime) -> str:
    """Returns the message's id. `key` None: the desk's first. Raises NotFound, NotAllowed, SendRefused, Invalid
    (unknown_survey) and SurveySentBefore."""
    known = rooms.desk.current.surveys
    view = read_conversation(db, member, conversation_id)
    rooms.desk.current.require_feature(view.inbox.key, "survey")
    chosen = key or next(iter(known), "")
    if chosen not in known:
        raise Invalid("The desk has no such survey.", code="unknown_survey")
    _hold(db, conversation_id)
    same = (surveys_sent.c.conversation_id == conversation_id) & (surveys_sent.c.survey == chosen)
    if db.execute(select(surveys_sent.c.id).where(same)).first() is not None:
        raise SurveySentBefore
    text = canned.question(db, rooms, member, conversation_id, known[chosen].question)
    message_id = queue_reply(db, rooms, conversation_id, Draft(text, sender_id=member.id), at)
    row = {"id": new_id(), "conversation_id": conversation_id, "survey": chosen, "message_id": message_id}
    db.execute(insert(surveys_sent).values(**row, sent_at=at))
    return message_id


def _hold(db: Connection, conversation_id: str) -> None:
    """Of two who ask at once, the second sees what the first has asked."""
    held = select(conversations.c.id).where(conversations.c.id == conversation_id)
    db.execute(held.with_for_update(key_share=True))
