"""Surveys: a question to the customer that is answered with a number. Sent at most once per conversation, through the
gate like everything else; the answer is the contact's next message that is nothing but a number in the survey's range.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from casella.desk.canned import CannedError
from casella.ids import new_id
from casella.inbox.action_run import ActionRun
from casella.inbox.deskbook import Deskbook
from casella.inbox.entities import ConversationState
from casella.inbox.outreach import fill, send_text
from casella.store.rows import TableRow
from casella.store.tables import conversations, surveys_sent
from casella_rules import PlannedAction
from casella_rules.arguments import SendSurvey

_NUMBER = re.compile(r"\s*([0-9]{1,2})\s*[.!]?\s*")


def send(run: ActionRun, action: PlannedAction) -> bool:
    """The action `survey`, also of a conversation that has just been closed."""
    wanted = action.argument
    assert isinstance(wanted, SendSurvey), "checked at load"
    surveys = run.book.surveys
    key = wanted.survey or next(iter(surveys), "")
    if key not in surveys:
        return run.skip(action, "unknown_survey")
    known = (surveys_sent.c.conversation_id == run.conversation.id) & (surveys_sent.c.survey == key)
    if run.work.db.execute(select(surveys_sent.c.id).where(known)).first() is not None or _is_planned(run, key):
        return run.skip(action, "survey_sent_before")
    try:
        text = fill(run, surveys[key].question, None)
    except CannedError as error:
        return run.skip(action, error.code)
    message_id = send_text(run, action, text, sender_kind="survey")
    if message_id is None:
        return False
    row = {
        "id": new_id(), "conversation_id": run.conversation.id, "survey": key, "message_id": message_id,
        "sent_at": run.work.now,
    }  # fmt: skip
    run.work.more.setdefault(surveys_sent, []).append(row)
    return True


def _is_planned(run: ActionRun, key: str) -> bool:
    planned = run.work.more.get(surveys_sent, ())
    return any(row["conversation_id"] == run.conversation.id and row["survey"] == key for row in planned)


def answered(
    db: Connection, book: Deskbook, conversation: ConversationState, text: str, now: datetime
) -> TableRow | None:
    """The survey that a message answers, marked as answered. Asked only where the desk has surveys; a survey of an
    earlier conversation of the contact on this channel counts, because a question is often the last thing sent."""
    number = _NUMBER.fullmatch(text)
    if number is None or not book.surveys:
        return None
    score = int(number[1])
    query = (
        select(surveys_sent)
        .join(conversations, conversations.c.id == surveys_sent.c.conversation_id)
        .where(
            conversations.c.channel_id == conversation.channel.id,
            conversations.c.address_id == conversation.address.id,
            surveys_sent.c.answered_at.is_(None),
        )
        .order_by(surveys_sent.c.sent_at.desc())
    )
    for row in db.execute(query).all():
        survey = book.surveys.get(row.survey)
        if survey is None or not survey.lowest <= score <= survey.highest:
            continue
        if row.sent_at < now - timedelta(seconds=survey.open_for):
            continue
        mine = (surveys_sent.c.id == row.id) & surveys_sent.c.answered_at.is_(None)
        db.execute(update(surveys_sent).where(mine).values(score=score, answered_at=now))
        return row
    return None
