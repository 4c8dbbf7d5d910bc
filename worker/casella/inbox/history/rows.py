"""The history as it was stored, read a page of conversations at a time: memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from casella.store.tables import contacts, conversations, decisions, messages
from casella_rules import Facts

_PAGE = 200  # conversations
_AT_ONCE = 500  # rows the database hands over at a time

#: Decisions in which no rule was asked: queues served themselves, a plugin's action had its result,
#: an action that had waited was done.
_UNASKED = ("queue_served", "queue_overflow", "action_result", "action_later")

StoredAction = tuple[str, int, str, dict[str, object]]
"""(rule, its how manyth action, the action, its argument)."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One stored decision. `text`: what the customer wrote, None where the message is gone or there was none.
    `skipped`: why an action was not done. `chain`: the rules whose doing this event was. `due`: the rule whose waiting
    was over. `unavailable`: fields of plugins that could not be had."""

    cause_id: str
    rule_set: str
    at: datetime
    facts: Facts
    text: str | None
    matched: tuple[str, ...]
    actions: tuple[StoredAction, ...]
    skipped: dict[tuple[str, int], str]
    chain: tuple[str, ...]
    due: str | None
    unavailable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation. Its decisions, oldest first, are read while they are asked for, and once. `ended_at`: closed,
    or answered for the last time."""

    id: str
    contact: str
    assigned_at: datetime | None
    ended_at: datetime | None
    recorded: Iterator[Recorded]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much history there is. `heard`: messages about which something was decided. `beside`: decisions about no
    conversation (an agent became available)."""

    decisions: int
    messages: int
    heard: int
    beside: int


def extent(db: Connection, since: datetime) -> Extent:
    """Counted before anything is read: for the progress bar, and to say what is missing."""
    window = _window(since)
    about = decisions.c.conversation_id.is_not(None)
    incoming = and_(messages.c.direction == "in", messages.c.received_at >= since)
    causes = select(decisions.c.cause_id).where(window)
    ids = select(func.count())
    return Extent(
        decisions=db.execute(ids.select_from(decisions).where(window, about)).scalar_one(),
        messages=db.execute(ids.select_from(messages).where(incoming)).scalar_one(),
        heard=db.execute(ids.select_from(messages).where(incoming, messages.c.id.in_(causes))).scalar_one(),
        beside=db.execute(ids.select_from(decisions).where(window, ~about)).scalar_one(),
    )


def _window(since: datetime) -> ColumnElement[bool]:
    return and_(decisions.c.at >= since, decisions.c.event.not_in(_UNASKED))


def stories(db: Connection, since: datetime) -> Iterator[Story]:
    """Every conversation about which something was decided since then."""
    after = ""
    while page := _conversations(db, since, after):
        yield from _page(db, since, page)
        after = page[-1]


def _conversations(db: Connection, since: datetime, after: str) -> Sequence[str]:
    column = decisions.c.conversation_id
    query = select(column).distinct().where(column > after, _window(since)).order_by(column).limit(_PAGE)
    return list(db.execute(query).scalars())


def _page(db: Connection, since: datetime, page: Sequence[str]) -> Iterator[Story]:
    about = {row.id: row for row in db.execute(_about(page))}
    columns = (decisions, messages.c.text.label("words"))
    query = (
        select(*columns)
        .join_from(decisions, messages, messages.c.id == decisions.c.cause_id, isouter=True)
        .where(decisions.c.conversation_id.in_(page), _window(since))
        .order_by(decisions.c.conversation_id, decisions.c.at, decisions.c.id)
    )
    rows = db.execute(query, execution_options={"yield_per": _AT_ONCE})
    for id, of_one in groupby(rows, lambda row: str(row.conversation_id)):
        row = about[id]
        yield Story(id, row.name or "", row.assigned_at, row.closed_at or row.answered_at, map(_recorded, of_one))


def _about(page: Sequence[str]) -> Select[*tuple[object, ...]]:
    answered = (
        select(func.max(messages.c.received_at))
        .where(messages.c.conversation_id == conversations.c.id, messages.c.direction == "out")
        .scalar_subquery()
    )
    columns = (
        conversations.c.id, conversations.c.assigned_at, conversations.c.closed_at, contacts.c.name,
        answered.label("answered_at"),
    )  # fmt: skip
    return select(*columns).join(contacts).where(conversations.c.id.in_(page))


def _recorded(row: Row[tuple[object, ...]]) -> Recorded:
    outcome = orjson.loads(row.outcome)
    decided = outcome["decision"]
    return Recorded(
        cause_id=row.cause_id,
        rule_set=row.rule_set,
        at=row.at,
        facts=Facts.from_json(row.facts),
        text=row.words,
        matched=tuple(decided.get("matched", ())),
        actions=tuple((rule, index, name, argument) for rule, index, name, argument in decided.get("actions", ())),
        skipped={(skip["rule"], skip["index"]): skip["reason"] for skip in outcome["skipped"]},
        chain=tuple(outcome.get("chain", ())),
        due=outcome.get("due"),
        unavailable=frozenset(outcome.get("unavailable", ())),
    )
