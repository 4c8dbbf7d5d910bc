"""What is counted: one thing that happened in a conversation, at its moment. `docs/reports.md` defines each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from casella.inbox.reports.period import Period
from casella.store.rows import TableRow

Measure = Literal[
    "opened", "closed", "reopened", "taken", "messages_in", "messages_out", "messages_automatic", "unanswered",
    "first_response", "waiting", "resolution", "survey_sent", "survey_answered",
]  # fmt: skip
NEVER_LEFT = frozenset({"failed", "canceled"})
"""States of messages that no contact has got."""


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation with what happened in it, in order."""

    row: TableRow
    tags: Sequence[str]
    messages: Sequence[TableRow]
    turns: Sequence[TableRow]
    surveys: Sequence[TableRow]


@dataclass(frozen=True, slots=True)
class Happening:
    """`value`: seconds, or a score. `agent_id`: whose it is; None: nobody's."""

    measure: Measure
    at: datetime
    case: Case
    agent_id: str | None
    value: float | None = None


def happenings(case: Case, period: Period) -> Iterator[Happening]:
    """Everything that happened in the period."""
    for one in (*_messages(case, period), *_turns(case, period), *_surveys(case)):
        if period.holds(one.at):
            yield one


def _is_unanswered_campaign(case: Case) -> bool:
    """Nothing but a campaign's message, which nobody has to do anything about."""
    return case.row.started_by == "campaign" and all(message.direction != "in" for message in case.messages)


def _messages(case: Case, period: Period) -> Iterator[Happening]:
    """A question waits from the contact's first message that nobody has answered; what the house writes by itself
    answers nobody."""
    owner, count = case.row.assignee_id, period.counting
    if period.holds(case.row.opened_at) and not _is_unanswered_campaign(case):
        yield Happening("opened", case.row.opened_at, case, owner)
    asked: datetime | None = None
    answered: datetime | None = None
    for message in case.messages:
        at = message.received_at
        if message.direction == "in":
            yield Happening("messages_in", at, case, owner)
            asked = asked or at
        elif message.state in NEVER_LEFT:
            continue
        elif message.sender_kind in ("agent", "other_client"):
            by = message.sender_id if message.sender_kind == "agent" else None
            yield Happening("messages_out", at, case, by)
            if asked is not None:
                seconds = count.seconds(asked, at)
                yield Happening("waiting", at, case, by, seconds)
                if answered is None and case.row.started_by == "contact":
                    yield Happening("first_response", at, case, by, seconds)
                asked = None
            answered = answered or at
        else:
            yield Happening("messages_automatic", at, case, None)
    if case.row.started_by == "contact" and case.messages and (answered is None or answered >= period.end):
        yield Happening("unanswered", case.row.opened_at, case, owner)


def _turns(case: Case, period: Period) -> Iterator[Happening]:
    opened = case.row.opened_at
    for turn in case.turns:
        by = turn.actor_id if turn.actor_kind == "agent" else None
        if turn.what == "assigned":
            yield Happening("taken", turn.at, case, turn.after)
        elif turn.what == "reopened":
            opened = turn.at
            yield Happening("reopened", turn.at, case, by)
        else:
            yield Happening("closed", turn.at, case, by)
            yield Happening("resolution", turn.at, case, by, period.counting.seconds(opened, turn.at))


def _surveys(case: Case) -> Iterator[Happening]:
    owner = case.row.assignee_id
    for survey in case.surveys:
        yield Happening("survey_sent", survey.sent_at, case, owner)
        if survey.answered_at is not None:
            score = float(survey.score) if survey.score is not None else None  # None: words were asked for
            yield Happening("survey_answered", survey.answered_at, case, owner, score)
