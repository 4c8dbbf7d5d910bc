"""`/conversations/{id}/assistant/…` and `/assistant`: texts proposed to agents, what became of them, what left the
building."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from casella.api.endpoints.conversations import assistant_models as models
from casella.api.endpoints.conversations.assistant_answer import Proposing, repeated
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, Responses, errors
from casella.api.frame.fields import ConversationId, CursorText, Limit
from casella.api.frame.once import Once, OptionalOnce
from casella.api.frame.once_slow import SlowOnce
from casella.api.frame.rates import at_most
from casella.api.frame.security import Caller, Manager
from casella.inbox.assistant import Asker, Wish, asking, availability, feedback, rule_drafts
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, lists

router = APIRouter(tags=["assistant"])
_ASK_ERRORS: Responses = {
    **errors(*WRITE_ERRORS, 429),
    200: {
        "model": models.Answer,
        "description": "The proposals. With `stream`: events `delta`, then one `answer` (or `error`).",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
}
_ASK = "/conversations/{conversation_id}/assistant"


@router.post(f"{_ASK}/suggest", response_class=Response, responses=_ASK_ERRORS, dependencies=[at_most("suggestion")])
async def suggest_replies(
    rooms: House, member: Caller, conversation_id: ConversationId, body: models.Suggest, once: OptionalOnce
) -> Response:
    """Up to three replies from the conversation, without the messages you leave out. Nothing is sent."""
    return await _ask(rooms, member, conversation_id, body.wish(), once, stream=body.stream)


@router.post(f"{_ASK}/generate", response_class=Response, responses=_ASK_ERRORS, dependencies=[at_most("suggestion")])
async def generate_message(
    rooms: House, member: Caller, conversation_id: ConversationId, body: models.Generate, once: OptionalOnce
) -> Response:
    """A message that says what you want to say, in a tone. 422 `unknown_tone` or `empty_intent`. Nothing is sent."""
    return await _ask(rooms, member, conversation_id, body.wish(), once, stream=body.stream)


@router.post(f"{_ASK}/rewrite", response_class=Response, responses=_ASK_ERRORS, dependencies=[at_most("suggestion")])
async def rewrite_draft(
    rooms: House, member: Caller, conversation_id: ConversationId, body: models.Rewrite, once: OptionalOnce
) -> Response:
    """Your draft in another tone, shorter, longer, corrected or translated. Nothing is sent."""
    return await _ask(rooms, member, conversation_id, body.wish(), once, stream=body.stream)


@router.post(f"{_ASK}/summary", response_class=Response, responses=_ASK_ERRORS, dependencies=[at_most("suggestion")])
async def summarise_conversation(
    rooms: House, member: Caller, conversation_id: ConversationId, body: models.Summary, once: OptionalOnce
) -> Response:
    """What the conversation is about, for a colleague who takes it over."""
    wish = body.wish() if body.language else replace(body.wish(), language=member.locale)
    return await _ask(rooms, member, conversation_id, wish, once, stream=body.stream)


@router.post(f"{_ASK}/tags", response_class=Response, responses=_ASK_ERRORS, dependencies=[at_most("suggestion")])
async def suggest_tags(
    rooms: House, member: Caller, conversation_id: ConversationId, body: models.Tags, once: OptionalOnce
) -> Response:
    """Tags of the desk that fit the conversation, and the canned message to answer with. Nothing is changed."""
    return await _ask(rooms, member, conversation_id, body.wish(), once, stream=body.stream)


async def _ask(rooms: Rooms, member: Member, conversation_id: str, wish: Wish, once: Once, *, stream: bool) -> Response:
    slow = SlowOnce(once)
    return await anyio.to_thread.run_sync(_prepared, rooms, member, conversation_id, wish, slow, stream)


def _prepared(rooms: Rooms, member: Member, conversation_id: str, wish: Wish, slow: SlowOnce, stream: bool) -> Response:
    with rooms.store.read() as db:
        view = lists.read_conversation(db, member, conversation_id)
    before = slow.begin()
    if before is not None:
        return repeated(before, stream=stream)
    try:
        asker = Asker(member.id, member.name)
        prepared = asking.prepare(rooms, conversation_id, view.inbox.id, wish, asker)
    except BaseException:  # raised again: whatever it was, the key is free for another try
        slow.release()
        raise
    return Proposing(rooms, prepared, slow, stream=stream)


@router.post(
    f"{_ASK}/feedback",
    response_model=models.Verdict,
    responses=errors(*WRITE_ERRORS, 429),
    dependencies=[at_most("feedback")],
)
def give_feedback(
    rooms: House, member: Caller, conversation_id: ConversationId, body: models.Feedback, once: OptionalOnce
) -> Response:
    """What became of a proposal. An accepted or edited reply becomes a source for later ones, without its personal
    values."""

    weighed = feedback.weigh(rooms, member, conversation_id, body.proposal_id, body.outcome, body.text)

    def deed(db: Connection, _at: datetime) -> models.Verdict:
        verdict = feedback.judge(db, rooms, member, conversation_id, body.proposal_id, body.outcome, weighed)
        return models.Verdict.model_validate(verdict)

    return once.do(200, deed, lambda db: lists.require_conversation(db, member, conversation_id))


@router.get(f"{_ASK}/drafts", response_model=list[models.AssistantDraft], responses=errors(404))
def list_drafts(
    rooms: House, member: Caller, conversation_id: ConversationId, limit: Limit = 25
) -> list[rule_drafts.DraftView]:
    """The drafts that rules asked for, newest first; the event `assistant.draft` says when one is ready."""
    with rooms.store.read() as db:
        lists.require_conversation(db, member, conversation_id)
        return rule_drafts.list_drafts(db, conversation_id, limit)


@router.get(f"{_ASK}/records", response_model=models.LeftPage, responses=errors(404))
def list_conversation_records(
    rooms: House, member: Caller, conversation_id: ConversationId, cursor: CursorText = None, limit: Limit = 25
) -> models.LeftPage:
    """What of this conversation left the building: every request, word by word, to whom and for whom; newest first."""
    with rooms.store.read() as db:
        lists.require_conversation(db, member, conversation_id)
        return _left(db, member, conversation_id, cursor, limit)


@router.get("/assistant/records", response_model=models.LeftPage, responses=errors(403))
def list_records(rooms: House, member: Manager, cursor: CursorText = None, limit: Limit = 25) -> models.LeftPage:
    """What left the building of any conversation that you may see, newest first."""
    with rooms.store.read() as db:
        return _left(db, member, None, cursor, limit)


def _left(
    db: Connection, member: Member, conversation_id: str | None, cursor: str | None, limit: int
) -> models.LeftPage:
    before = paging.id_place("l", cursor) if cursor is not None else None
    rows = feedback.left_the_building(db, member, conversation_id, before, limit + 1)
    following = paging.id_cursor("l", rows[limit - 1].id) if len(rows) > limit else None
    return models.LeftPage(items=[models.Left.model_validate(row) for row in rows[:limit]], next=following)


@router.get("/assistant", response_model=models.State, responses=errors())
def read_assistant(rooms: House, member: Caller) -> models.State:
    """Consent, tones, and what is left of today's budgets."""
    with rooms.store.read() as db:
        return models.State.model_validate(availability.state(db, rooms, member), from_attributes=True)


@router.post("/assistant/consent", response_model=models.Consent, responses=errors(*WRITE_ERRORS))
def decide_consent(rooms: House, member: Manager, body: models.ConsentGiven, once: OptionalOnce) -> Response:
    """Accept the assistant's terms for the organisation, or withdraw. Every decision is kept, with its time and you."""

    def deed(db: Connection, at: datetime) -> models.Consent:
        made = feedback.record_consent(db, member, body.terms, accepted=body.accepted, at=at)
        return models.Consent.model_validate(made)

    return once.do(200, deed, None)


@router.get("/assistant/report", response_model=models.AssistantReport, responses=errors(403))
def read_report(
    rooms: House, member: Manager, days: Annotated[int, Query(ge=1, le=366, description="How far back.")] = 30
) -> models.AssistantReport:
    """What became of proposals in your inboxes: by what was asked, tone, canned message and provider."""
    since = rooms.clock.now() - timedelta(days=days)
    with rooms.store.read() as db:
        return models.AssistantReport.model_validate(feedback.report(db, member, since))
