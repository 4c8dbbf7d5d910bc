"""What rules send to the customer, in memory: replies, at once or when office hours open, and surveys."""

from __future__ import annotations

import re

from casella.desk.canned.messages import CannedError, fill, fill_text, first_name
from casella.desk.not_done import why_not_filled
from casella.desk.trials.parts import SaidMessage
from casella.desk.trials.stage import Happening, SentReply, SentSurvey, Stage, open_conversation
from casella.desk.trials.world import World
from casella_rules import PlannedAction, Reply, SendSurvey, next_open

_NUMBER = re.compile(r"\s*([0-9]{1,2})\s*[.!]?\s*")


def reply(stage: Stage, action: PlannedAction) -> list[Happening]:
    wanted, world = action.argument, stage.world
    assert isinstance(wanted, Reply), "checked at load"
    if wanted.when_open is None:
        return _send(stage, action, wanted)
    conversation, opening = world.conversation, next_open(world.desk.hours[wanted.when_open], world.now)
    if opening is None:
        return stage.skip(action, "never_open")
    if opening <= world.now:
        return _send(stage, action, wanted)

    def opens() -> None:
        with world.about(conversation):
            _send(stage, action, wanted)
        stage.happens([])

    world.later(opening, opens)
    stage.log.waits.append((action.rule, action.action, f"it waits until {wanted.when_open} opens"))
    return []


def _send(stage: Stage, action: PlannedAction, wanted: Reply) -> list[Happening]:
    locale = wanted.locale or stage.world.desk.locale_of(open_conversation(stage).inbox)
    text = _filled(stage, action, wanted.canned, wanted.words, locale)
    if text is not None and _leaves(stage, action, text or wanted.label, "rule"):
        stage.log.replies.append(SentReply(wanted.label, locale, text))
        stage.log.offered += wanted.offered
    return []


def survey(stage: Stage, action: PlannedAction) -> list[Happening]:
    """Once per conversation; also to one that has just been closed."""
    assert isinstance(action.argument, SendSurvey), "checked at load"
    world, conversation = stage.world, open_conversation(stage)
    surveys = world.desk.parts.surveys
    key = action.argument.survey or next(iter(surveys), "")
    if any(one.key == key and one.conversation is conversation for one in stage.surveys.sent):
        return stage.skip(action, "survey_sent_before")
    text = _filled(stage, action, surveys[key].question, (), world.desk.locale_of(conversation.inbox))
    if text is not None and _leaves(stage, action, text, "survey"):
        stage.log.surveys.append(key)
        stage.surveys.sent.append(SentSurvey(key, conversation, world.now.timestamp()))
    return []


def answered(stage: Stage, text: str) -> tuple[SentSurvey, int] | None:
    """The survey that a message answers, and the score: one that is nothing but a number, in the range of the newest
    survey that is still open."""
    number = _NUMBER.fullmatch(text)
    if number is None:
        return None
    score, now = int(number[1]), stage.world.now.timestamp()
    for one in reversed(stage.surveys.sent):
        survey = stage.world.desk.parts.surveys[one.key]
        if not one.answered and survey.lowest <= score <= survey.highest and now - one.at <= survey.open_for:
            one.answered = True
            return one, score
    return None


def _filled(stage: Stage, action: PlannedAction, canned: str | None, words: tuple[str, ...], locale: str) -> str | None:
    """The words; None when a value is missing, which is on record."""
    variables = _variables(stage.world)
    try:
        if canned is not None:
            return fill(stage.world.desk.canned[canned], locale, variables)
        return "\n".join(fill_text(text, variables) for text in words)
    except CannedError as error:
        stage.skip(action, f"{error.code}: {why_not_filled(error)}")
        return None


def _leaves(stage: Stage, action: PlannedAction, text: str, sent_by: str) -> bool:
    """Through the gate; False when it refused, which is on record."""
    conversation = open_conversation(stage)
    if stage.world.opted_out:
        stage.skip(action, "contact_stopped")
    elif conversation.status == "closed" and sent_by != "survey":
        stage.skip(action, "conversation_closed")
    else:
        conversation.messages += 1
        stage.leaves(Happening("message_sent", message=SaidMessage(text=text), sent_by=sent_by), action)
        return True
    return False


def _variables(world: World) -> dict[str, str | None]:
    conversation = world.conversation
    agent = world.desk.parts.agents.get(conversation.assignee or "") if conversation else None
    return {
        "contact.name": world.contact.name,
        "contact.first_name": first_name(world.contact.name),
        "contact.phone": world.contact.phone,
        "agent.name": agent.name if agent else None,
        "conversation.id": "test",
        "inbox.name": world.desk.parts.inboxes[conversation.inbox].name if conversation else None,
    }
