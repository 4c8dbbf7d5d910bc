"""`/reports`: what managers are told of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from casella.api.endpoints.conversations.listing import Names
from casella.api.endpoints.models import Answer
from casella.api.frame.context import House
from casella.api.frame.documentation import Responses, errors
from casella.api.frame.fields import Line
from casella.api.frame.rates import at_most
from casella.api.frame.security import Manager
from casella.inbox import reports
from casella.inbox.house import Rooms, desk_tag
from casella.inbox.personal import Zone

router = APIRouter(tags=["managers"], dependencies=[at_most("report")])
Format = Literal["json", "csv", "parquet"]
_PARQUET = "application/vnd.apache.parquet"
_FILE: Mapping[str, object] = {"schema": {"type": "string", "format": "binary"}}


def _answers(of: type[BaseModel]) -> Responses:
    files = {"text/csv": {"schema": {"type": "string"}}, _PARQUET: _FILE}
    return {**errors(403, 404, 429), 200: {"model": of, "content": files}}


class PeriodQuery(BaseModel):
    """Which days, and which conversations. Given several times, any of the values."""

    model_config = ConfigDict(extra="forbid")

    first: date = Field(description="The first day.", examples=["2026-11-01"])
    last: date = Field(description="The last day; 366 days at most.", examples=["2026-11-30"])
    timezone: Zone | None = Field(None, description="Whose days and hours; the desk's when absent.")
    inbox: Names = Field([], description="Id or key of an inbox.")
    channel: Names = Field([], description="Id or key of a channel.")
    kind: Names = Field([], description="Type of the channel.", examples=[["whatsapp"]])
    team: Names = Field([], description="Id or key of a team.")
    tag: Names = Field([], description="Only with this tag of the desk, however it is written.")
    format: Format = Field("json", description="csv and parquet: the rows as a table.")

    def about(self, rooms: Rooms) -> reports.About:
        """Raises Invalid for a tag that the desk does not have."""
        tags = [desk_tag(rooms, tag) for tag in self.tag]
        return reports.About(self.inbox, self.channel, self.kind, self.team, tags)

    def period(self, rooms: Rooms, hours: str | None = None) -> reports.Period:
        return reports.period_of(rooms.desk.current, self.first, self.last, self.timezone, hours)


class ConversationsQuery(PeriodQuery):
    by: reports.By | None = Field(None, description="What the rows are of; without it, there is the total alone.")
    hours: Line | None = Field(
        None, description="The name of office hours of the desk: times are counted only while they are open."
    )


class Spread(Answer):
    """Seconds."""

    count: int
    mean: float
    median: float
    p90: float = Field(description="Nine of ten took no longer.")
    longest: float


class Satisfaction(Answer):
    sent: int
    answered: int
    mean: float | None
    scores: Mapping[int, int] = Field(description="How often each score was given.")


class Figures(Answer):
    """Of one agent, team, … or of everything."""

    key: str | None = Field(description="An id, a tag, a day, a weekday, an hour; null: of none of them, or the total.")
    name: str | None
    opened: int
    closed: int
    reopened: int
    taken: int
    messages_in: int
    messages_out: int
    messages_automatic: int
    unanswered: int
    first_response: Spread | None
    waiting: Spread | None
    resolution: Spread | None
    surveys: Satisfaction


class PeriodAnswer(Answer):
    first: date
    last: date
    timezone: str
    hours: str | None = None


class Report(Answer):
    period: PeriodAnswer
    by: reports.By | None
    total: Figures
    rows: Sequence[Figures]


class SuggestionFigures(Answer):
    rule: str | None = Field(description="Whose action asked for it; null: an agent did.")
    kind: str
    provider: str
    offered: int
    accepted: int
    edited: int
    discarded: int
    undecided: int
    distance: float | None = Field(description="How many characters agents changed on average in what they edited.")


class SuggestionReport(Answer):
    period: PeriodAnswer
    rows: Sequence[SuggestionFigures]


class SurveyFigures(Answer):
    """`sent` in the period; the rest of answers given in the period, whenever it was asked. The last four are the
    desk's; null for a survey that it does not have any more."""

    survey: str
    sent: int
    answered: int
    mean: float | None
    scores: Mapping[int, int] = Field(description="How often each score was given.")
    question: str | None = Field(description="Before anything is filled in.")
    kind: Literal["scale", "thumbs", "text"] | None
    lowest: int | None = Field(description="0 for thumbs, and where words are asked for.")
    highest: int | None = Field(description="1 for thumbs, 0 where words are asked for.")


class SurveyAnswer(Answer):
    conversation_id: str
    survey: str
    score: int | None = Field(description="null: an answer in words.")
    comment: str | None
    answered_at: datetime


class SurveyReport(Answer):
    period: PeriodAnswer
    surveys: Sequence[SurveyFigures]
    newest: Sequence[SurveyAnswer] = Field(description="The last hundred answers of the period.")


class AgentShare(Answer):
    agent_id: str
    name: str
    taken: int
    by_hand: int
    share: float
    hours: float
    per_hour: float | None
    open_now: int


class Unassigned(Answer):
    conversation_id: str
    inbox_id: str
    team_id: str | None
    since: datetime


class FairnessReport(Answer):
    period: PeriodAnswer
    agents: Sequence[AgentShare]
    unassigned_now: int
    oldest: Sequence[Unassigned]


@router.get("/reports/conversations", response_model=None, responses=_answers(Report))
def report_conversations(rooms: House, member: Manager, query: Annotated[ConversationsQuery, Query()]) -> Response:
    """Volumes, times and satisfaction of your inboxes. What each figure is, `casella docs reports` says."""
    period = query.period(rooms, query.hours)
    with rooms.store.read() as db:
        found = reports.report(db, rooms, member, period, query.about(rooms), query.by)
    rows = found.rows if query.by is not None else [found.total]
    whole = {"period": _period(period), "by": found.by, "total": found.total, "rows": found.rows}
    return _answer(query, reports.Figures, rows, Report, whole)


@router.get("/reports/suggestions", response_model=None, responses=_answers(SuggestionReport))
def report_suggestions(rooms: House, member: Manager, query: Annotated[PeriodQuery, Query()]) -> Response:
    """What became of what the Message Assistant proposed, by the rule that asked for it."""
    period = query.period(rooms)
    with rooms.store.read() as db:
        found = reports.suggestions(db, member, period, query.about(rooms))
    whole = {"period": _period(period), "rows": found}
    return _answer(query, reports.SuggestionFigures, found, SuggestionReport, whole)


@router.get("/reports/surveys", response_model=None, responses=_answers(SurveyReport))
def report_surveys(rooms: House, member: Manager, query: Annotated[PeriodQuery, Query()]) -> Response:
    """What customers answered to each survey. As a table, the surveys."""
    period = query.period(rooms)
    with rooms.store.read() as db:
        found = reports.survey_results(db, rooms, member, period, query.about(rooms))
    whole = {"period": _period(period), "surveys": found.surveys, "newest": found.newest}
    return _answer(query, reports.SurveyFigures, found.surveys, SurveyReport, whole)


@router.get("/reports/fairness", response_model=None, responses=_answers(FairnessReport))
def report_fairness(rooms: House, member: Manager, query: Annotated[PeriodQuery, Query()]) -> Response:
    """Who was given how much, in how many hours of presence, and who waits longest for somebody to take him. As a
    table, the agents."""
    period = query.period(rooms)
    with rooms.store.read() as db:
        found = reports.fairness(db, rooms, member, period, query.about(rooms))
    whole = {
        "period": _period(period), "agents": found.agents, "unassigned_now": found.unassigned_now,
        "oldest": found.oldest,
    }  # fmt: skip
    return _answer(query, reports.AgentShare, found.agents, FairnessReport, whole)


def _period(period: reports.Period) -> PeriodAnswer:
    return PeriodAnswer(first=period.first, last=period.last, timezone=period.zone.key, hours=period.hours)


def _answer(
    query: PeriodQuery, kind: type, rows: Sequence[object], model: type[BaseModel], whole: Mapping[str, object]
) -> Response:
    if query.format == "json":
        answer = model.model_validate(whole, from_attributes=True)
        return Response(answer.model_dump_json(), media_type="application/json")
    written = reports.as_csv if query.format == "csv" else reports.as_parquet
    name = f"report-{query.first}-{query.last}.{query.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    media = "text/csv; charset=utf-8" if query.format == "csv" else _PARQUET
    return Response(written(kind, rows), headers=headers, media_type=media)
