"""`/survey/{signed}`: a customer answers by the link that was sent to him. Looking never counts as an answer: mail
scanners and previews open every link there is."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from casella.api.endpoints.surveys.page import HEADERS, gone_page, language_of, question_page
from casella.api.frame.context import Context, House
from casella.errors import NotFound
from casella.inbox.commands import surveying
from casella.inbox.house import Rooms
from casella.inbox.surveys import SurveyAnswer, linked
from casella.plugin.events import clean_text

router = APIRouter(include_in_schema=False)
_LARGEST = 32_768


@router.get("/survey/{signed}")
def show_survey(request: Request, rooms: House, signed: str) -> Response:
    """The question, and what was answered so far."""
    return _page(request, rooms, signed)


@router.post("/survey/{signed}")
async def answer_survey(request: Request, context: Context, rooms: House, signed: str) -> Response:
    """An answer, or another one instead; then back to the page, so that loading it anew sends nothing twice."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            return await run_in_threadpool(_page, request, rooms, signed, mistake=True)
    return await run_in_threadpool(_answer, request, context, rooms, signed, bytes(body))


def _answer(request: Request, context: Context, rooms: Rooms, signed: str, body: bytes) -> Response:
    sent_id = linked(rooms, signed)
    if sent_id is None:
        return _page(request, rooms, signed)
    context.rates.count("answer", sent_id)
    now = rooms.clock.now()
    try:
        with rooms.store.write() as db:
            after_commit = surveying.answer_linked(db, rooms, signed, _read(body), now)
    except surveying.AnswerMissing:
        return _page(request, rooms, signed, mistake=True)
    except NotFound:
        return _page(request, rooms, signed)
    after_commit()
    return RedirectResponse(f"/survey/{signed}", 303, headers=dict(HEADERS))


def _read(body: bytes) -> SurveyAnswer:
    try:
        fields = parse_qs(body.decode(), max_num_fields=10)
    except ValueError:  # not UTF-8, or no form of ours
        return SurveyAnswer(None)
    score, comment = (fields.get(name, [""])[0] for name in ("score", "comment"))
    is_number = score.isascii() and score.isdecimal() and len(score) <= 2
    return SurveyAnswer(int(score) if is_number else None, clean_text(comment).strip() or None)


def _page(request: Request, rooms: Rooms, signed: str, *, mistake: bool = False) -> Response:
    with rooms.store.read() as db:
        found = surveying.read_linked(db, rooms, signed, rooms.clock.now())
    language = language_of(found.locale if found else None, request.headers.get("accept-language", ""))
    if found is None:
        return HTMLResponse(gone_page(language), 404, dict(HEADERS))
    return HTMLResponse(question_page(found, language, mistake), 422 if mistake else 200, dict(HEADERS))
