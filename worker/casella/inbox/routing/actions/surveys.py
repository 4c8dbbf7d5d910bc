"""Surveys of rules: a question to the customer, sent at most once per conversation, through the gate like everything
else; the answer is the contact's next message that says one, or comes by the link.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, select, update

from casella.desk.canned.messages import CannedError
from casella.desk.not_done import why_not_filled
from casella.desk.parts.plan import no_survey_because
from casella.ids import new_id
from casella.inbox.house import Deskbook
from casella.inbox.routing.actions.outward import fill, send_text
from casella.inbox.routing.actions.run import ActionRun
from casella.inbox.state import ConversationState
from casella.inbox.surveys import SurveyAnswer, read_answer
from casella.store.rows import TableRow
from casella.store.tables import conversations, surveys_sent
from casella_rules import PlannedAction
from casella_rules.language.arguments import SendSurvey

_log = structlog.get_logger("casella.rules")


def send(run: ActionRun, action: PlannedAction) -> bool:
    """The action `survey`, also of a conversation that has just been closed."""
    wanted = action.argument
    assert isinstance(wanted, SendSurvey), "checked at load"
    if reason := no_survey_because(run.book.inbox(run.conversation.inbox.key)):
        return run.skip(action, reason)
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
        return run.skip(action, error.code, why_not_filled(error))
    id = new_id()
    message_id = send_text(run, action, text, sender_kind="survey", survey_id=id if surveys[key].by == "link" else None)
    if message_id is None:
        return False
    row = {
        "id": id, "conversation_id": run.conversation.id, "survey": key, "message_id": message_id,
        "sent_at": run.work.now,
    }  # fmt: skip
    run.work.more.setdefault(surveys_sent, []).append(row)
    return True


def _is_planned(run: ActionRun, key: str) -> bool:
    planned = run.work.more.get(surveys_sent, ())
    return any(row["conversation_id"] == run.conversation.id and row["survey"] == key for row in planned)


def answered(
    db: Connection, book: Deskbook, conversation: ConversationState, text: str, now: datetime
) -> tuple[TableRow, SurveyAnswer] | None:
    """The survey that a message answers, marked as answered. Asked only where the desk has surveys; a survey of an
    earlier conversation of the contact on this channel counts, because a question is often the last thing sent."""
    found = _asked(db, book, conversation.channel.id, conversation.address.id, text, now)
    if found is not None:
        row, answer = found
        mine = (surveys_sent.c.id == row.id) & surveys_sent.c.answered_at.is_(None)
        db.execute(update(surveys_sent).where(mine).values(answered_at=now, score=answer.score, comment=answer.comment))
    return found


def thank(run: ActionRun, key: str) -> None:
    """The survey's own thanks, through the gate; also where the conversation was closed with the question."""
    survey = run.book.surveys.get(key)
    if survey is None or survey.thanks is None:
        return
    action = PlannedAction(f"survey {key}", 0, "survey", SendSurvey(survey=key))
    try:
        text = fill(run, survey.thanks, None)
    except CannedError as error:
        run.skip(action, error.code, why_not_filled(error))
    else:
        send_text(run, action, text, sender_kind="survey")
    for skipped in run.skipped:
        _log.info("survey's thanks not sent", survey=key, reason=skipped["reason"])


def asked(
    db: Connection, book: Deskbook, channel_id: str, address_id: str, text: str, now: datetime
) -> TableRow | None:
    """The open survey of this contact on this channel that the text answers and does nothing else, the one sent last.
    Words may say more than an answer: with them, a conversation goes on or begins as with any others."""
    found = _asked(db, book, channel_id, address_id, text, now)
    return found[0] if found is not None and found[1].score is not None else None


def _asked(
    db: Connection, book: Deskbook, channel_id: str, address_id: str, text: str, now: datetime
) -> tuple[TableRow, SurveyAnswer] | None:
    fitting = {key: answer for key, one in book.surveys.items() if (answer := read_answer(one, text)) is not None}
    if not fitting:
        return None
    query = (
        select(surveys_sent)
        .join(conversations, conversations.c.id == surveys_sent.c.conversation_id)
        .where(
            conversations.c.channel_id == channel_id,
            conversations.c.address_id == address_id,
            surveys_sent.c.answered_at.is_(None),
        )
        .order_by(surveys_sent.c.sent_at.desc())
    )
    for row in db.execute(query).all():
        if row.survey in fitting and row.sent_at >= now - timedelta(seconds=book.surveys[row.survey].open_for):
            return row, fitting[row.survey]
    return None
