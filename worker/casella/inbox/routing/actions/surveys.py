"""Surveys: a question to the customer that is answered with a number. Sent at most once per conversation, through the
gate like everything else; the answer is the contact's next message that is nothing but a number in the survey's range.
"""

from __future__ import annotations

import re
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
from casella.store.rows import TableRow
from casella.store.tables import conversations, surveys_sent
from casella_rules import PlannedAction
from casella_rules.language.arguments import SendSurvey

_log = structlog.get_logger("casella.rules")
_NUMBER = re.compile(r"\s*([0-9]{1,2})\s*[.!]?\s*")


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
    row = asked(db, book, conversation.channel.id, conversation.address.id, text, now)
    if row is not None:
        mine = (surveys_sent.c.id == row.id) & surveys_sent.c.answered_at.is_(None)
        db.execute(update(surveys_sent).where(mine).values(score=score_of(text), answered_at=now))
    return row


def score_of(text: str) -> int | None:
    """The number that a text is; None for more than a number."""
    number = _NUMBER.fullmatch(text)
    return int(number[1]) if number else None


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
    """The open survey of this contact on this channel that the text would answer, the one sent last."""
    score = score_of(text) if book.surveys else None
    if score is None:
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
        survey = book.surveys.get(row.survey)
        if survey is None or not survey.lowest <= score <= survey.highest:
            continue
        if row.sent_at < now - timedelta(seconds=survey.open_for):
            continue
        return row
    return None
