"""What contacts answered to each survey, with what they wrote beside it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.reports.gathering import About, narrowed
from casella.inbox.reports.period import Period
from casella.inbox.surveys import range_of
from casella.store.queries.oversight import report_queries
from casella.store.rows import TableRow

NEWEST = 100


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """`sent`: in the period. `answered`, `mean` and `scores`: of answers given in the period, whenever it was asked;
    those in words have no score. What is asked is the desk's; None for a survey that it does not have any more."""

    survey: str
    sent: int
    answered: int
    mean: float | None
    scores: Mapping[int, int]
    question: str | None
    kind: str | None
    lowest: int | None
    highest: int | None


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    conversation_id: str
    survey: str
    score: int | None
    comment: str | None
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """`newest`: the last hundred answers of the period."""

    surveys: Sequence[SurveyFigures]
    newest: Sequence[SurveyAnswer]


def survey_results(db: Connection, rooms: Rooms, member: Member, period: Period, about: About) -> SurveyResults:
    """Of the conversations that the member sees. Raises NotFound, Invalid."""
    among = narrowed(db, member, about).conditions
    rows = report_queries.surveys_between(db, among, period.start, period.end)
    by_survey: dict[str, list[TableRow]] = {}
    for row in rows:
        by_survey.setdefault(row.survey, []).append(row)
    answered = [row for row in rows if _was_answered(row, period)]
    newest = sorted(answered, key=lambda row: (row.answered_at, row.id), reverse=True)[:NEWEST]
    return SurveyResults(
        [_figures(rooms, member, key, theirs, period) for key, theirs in sorted(by_survey.items())],
        [SurveyAnswer(row.conversation_id, row.survey, row.score, row.comment, row.answered_at) for row in newest],
    )


def _was_answered(row: TableRow, period: Period) -> bool:
    return row.answered_at is not None and period.holds(row.answered_at)


def _figures(rooms: Rooms, member: Member, key: str, rows: Sequence[TableRow], period: Period) -> SurveyFigures:
    answered = [row for row in rows if _was_answered(row, period)]
    scores = [row.score for row in answered if row.score is not None]
    return SurveyFigures(
        key, sum(period.holds(row.sent_at) for row in rows), len(answered),
        round(statistics.fmean(scores), 2) if scores else None, dict(sorted(Counter(scores).items())),
        *_asked(rooms, member, key),
    )  # fmt: skip


def _asked(rooms: Rooms, member: Member, key: str) -> tuple[str | None, str | None, int | None, int | None]:
    desk, survey = rooms.desk.current.desk, rooms.desk.current.surveys.get(key)
    if desk is None or survey is None:
        return None, None, None, None
    question = desk.canned[survey.question].text_for(member.locale)
    return question, survey.kind, *(range_of(survey) or (0, 0))
