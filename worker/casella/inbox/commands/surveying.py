"""Asking a customer by hand how it was (S-53): each survey once for a conversation, whoever asks; and the customer's
answer by link, which rules hear of like one that came as a message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from casella.desk import Survey
from casella.errors import Conflict, Invalid, NotFound
from casella.ids import new_id
from casella.inbox.activity import Actor
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, read_conversation
from casella.inbox.sending import Draft, canned, queue_reply
from casella.inbox.surveys import SurveyAnswer, linked, range_of
from casella.store.rows import TableRow
from casella.store.tables import contacts, conversations, messages, surveys_sent

LONGEST_COMMENT = 2000


class SurveySentBefore(Conflict):
    """This conversation has been asked already."""

    code = "survey_sent_before"


class AnswerMissing(Invalid):
    """Choose an answer first."""

    code = "no_answer"


@dataclass(frozen=True, slots=True)
class SurveyView:
    """A survey of the desk, and what came of it in one conversation; None: nothing yet. `lowest`, `highest`: 0 and 0
    where words are asked for."""

    key: str
    question: str
    kind: str
    by: str
    lowest: int
    highest: int
    sent_at: datetime | None
    score: int | None
    comment: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class LinkedSurvey:
    """What stands on a link's page. `locale`: the contact's; None: nobody knows."""

    question: str
    kind: str
    lowest: int
    highest: int
    locale: str | None
    until: datetime
    score: int | None
    comment: str | None
    answered_at: datetime | None


def list_surveys(db: Connection, rooms: Rooms, member: Member, conversation_id: str) -> list[SurveyView]:
    """In the desk's order. Raises NotFound, and NotAllowed or FeatureOff where customers are not asked."""
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
        outcome = (row.sent_at, row.score, row.comment, row.answered_at) if row else (None, None, None, None)
        found.append(SurveyView(key, text, survey.kind, survey.by, *(range_of(survey) or (0, 0)), *outcome))
    return found


def send(db: Connection, rooms: Rooms, member: Member, conversation_id: str, key: str | None, at: datetime) -> str:
    """Returns the message's id. `key` None: the desk's first. Raises NotFound, NotAllowed, FeatureOff, SendRefused,
    Invalid (unknown_survey) and SurveySentBefore."""
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
    id = new_id()
    draft = Draft(text, sender_id=member.id, survey_id=id if known[chosen].by == "link" else None)
    message_id = queue_reply(db, rooms, conversation_id, draft, at)
    row = {"id": id, "conversation_id": conversation_id, "survey": chosen, "message_id": message_id}
    db.execute(insert(surveys_sent).values(**row, sent_at=at))
    return message_id


def read_linked(db: Connection, rooms: Rooms, signed: str, now: datetime) -> LinkedSurvey | None:
    """What a link leads to; None for one that is forged or expired, or about what is no more."""
    found = _linked(db, rooms, signed, now)
    if found is None:
        return None
    row, survey = found
    lowest, highest = range_of(survey) or (0, 0)
    until = row.sent_at + timedelta(seconds=survey.open_for)
    return LinkedSurvey(
        row.question, survey.kind, lowest, highest, row.locale, until, row.score, row.comment, row.answered_at
    )


def answer_linked(db: Connection, rooms: Rooms, signed: str, answer: SurveyAnswer, now: datetime) -> Callable[[], None]:
    """An answer may be changed until the link expires; rules hear of the first. Returns what is to be done after the
    commit. Raises NotFound for what `read_linked` does not know, and AnswerMissing."""
    found = _linked(db, rooms, signed, now)
    if found is None:
        raise NotFound
    asked, survey = found
    _require_answer(survey, answer)
    change = ConversationChange(rooms, db, now, Actor("contact", asked.contact_id))
    change.hear("survey_answered")
    change.take(asked.conversation_id)
    mine = surveys_sent.c.id == asked.id
    before = db.execute(select(surveys_sent.c.answered_at).where(mine)).scalar_one()
    values = {"score": answer.score, "comment": answer.comment, "answered_at": before or now}
    db.execute(update(surveys_sent).where(mine).values(values))
    change.tell({"survey": asked.survey})
    if before is None:
        more = {"survey.score": answer.score} if answer.score is not None else {}
        change.happen("survey_answered", cause_id=f"{asked.message_id}/survey", more=more)
    change.write()
    return change.after_commit


def _require_answer(survey: Survey, answer: SurveyAnswer) -> None:
    scores = range_of(survey)
    if scores is None:
        is_one = answer.score is None and bool(answer.comment)
    else:
        is_one = answer.score is not None and scores[0] <= answer.score <= scores[1]
    if not is_one or len(answer.comment or "") > LONGEST_COMMENT:
        raise AnswerMissing


def _linked(db: Connection, rooms: Rooms, signed: str, now: datetime) -> tuple[TableRow, Survey] | None:
    sent_id = linked(rooms, signed)
    if sent_id is None:
        return None
    query = (
        select(surveys_sent, messages.c.text.label("question"), contacts.c.locale, conversations.c.contact_id)
        .join(conversations, conversations.c.id == surveys_sent.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .join(messages, messages.c.id == surveys_sent.c.message_id)
        .where(surveys_sent.c.id == sent_id)
    )
    row = db.execute(query).one_or_none()
    survey = rooms.desk.current.surveys.get(row.survey) if row is not None else None
    if row is None or survey is None or now >= row.sent_at + timedelta(seconds=survey.open_for):
        return None
    return row, survey


def _hold(db: Connection, conversation_id: str) -> None:
    """Of two who ask at once, the second sees what the first has asked."""
    held = select(conversations.c.id).where(conversations.c.id == conversation_id)
    db.execute(held.with_for_update(key_share=True))
