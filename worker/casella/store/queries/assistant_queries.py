"""Rows of the Message Assistant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from casella.store.forgetting import BATCH, forget
from casella.store.rows import TableRow
from casella.store.tables import (
    agents,
    assistant_answers,
    assistant_consents,
    assistant_drafts,
    assistant_proposals,
    assistant_providers,
    assistant_requests,
    assistant_usage,
    contacts,
    conversations,
)


def providers(db: Connection) -> Sequence[TableRow]:
    return db.execute(select(assistant_providers).where(assistant_providers.c.removed_at.is_(None))).all()


def newest_consent(db: Connection) -> TableRow | None:
    query = select(assistant_consents, agents.c.name.label("agent_name")).join(
        agents, agents.c.id == assistant_consents.c.agent_id
    )
    return db.execute(query.order_by(assistant_consents.c.id.desc()).limit(1)).one_or_none()


def add_consent(db: Connection, state: str, terms: str, agent_id: str, at: datetime) -> None:
    db.execute(insert(assistant_consents), {"state": state, "terms": terms, "agent_id": agent_id, "at": at})


def contact_locale(db: Connection, conversation_id: str) -> str | None:
    joined = conversations.join(contacts, contacts.c.id == conversations.c.contact_id)
    query = select(contacts.c.locale).select_from(joined).where(conversations.c.id == conversation_id)
    return db.execute(query).scalar_one_or_none()


# --- budgets ----------------------------------------------------------------------------------------------------


def take_request(db: Connection, scope: str, scope_id: str, day: str, requests: int | None, tokens: int | None) -> bool:
    """Count one more request of today, if both limits leave room for it. Whoever comes at the same instant waits for
    this one's commit: the limit holds exactly."""
    if requests == 0 or tokens == 0:
        return False
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    table = assistant_usage
    room = [table.c.requests < requests] if requests is not None else []
    room += [table.c.tokens < tokens] if tokens is not None else []
    values = {"scope": scope, "scope_id": scope_id, "day": day, "requests": 1, "tokens": 0}
    statement = dialect.insert(table).values(values)
    counted = statement.on_conflict_do_update(
        index_elements=[table.c.scope, table.c.scope_id, table.c.day],
        set_={"requests": table.c.requests + 1},
        where=and_(true(), *room),
    )
    return db.execute(counted.returning(table.c.requests)).first() is not None


def add_tokens(db: Connection, scopes: Iterable[tuple[str, str]], day: str, tokens: int) -> None:
    """Count what was used, for each (scope, id) that the request was counted for."""
    table = assistant_usage
    counted = or_(*(and_(table.c.scope == scope, table.c.scope_id == id) for scope, id in scopes))
    db.execute(update(table).where(counted, table.c.day == day).values(tokens=table.c.tokens + tokens))


def used(db: Connection, scope: str, scope_id: str, day: str) -> tuple[int, int]:
    """(requests, tokens) of this day."""
    table = assistant_usage
    query = select(table.c.requests, table.c.tokens)
    row = db.execute(
        query.where(table.c.scope == scope, table.c.scope_id == scope_id, table.c.day == day)
    ).one_or_none()
    return (row.requests, row.tokens) if row else (0, 0)


# --- what left the building -------------------------------------------------------------------------------------


def add_request(db: Connection, values: Mapping[str, object]) -> None:
    db.execute(insert(assistant_requests), values)


def finish_request(db: Connection, request_id: str, outcome: str, prompt_tokens: int, completion_tokens: int) -> None:
    values = {"outcome": outcome, "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens}
    db.execute(update(assistant_requests).where(assistant_requests.c.id == request_id).values(values))


def requests_of(
    db: Connection, visible: ColumnElement[bool], conversation_id: str | None, before_id: str | None, limit: int
) -> Sequence[TableRow]:
    """Those about conversations that fulfil `visible`, the newest first."""
    table = assistant_requests
    query = (
        select(table, agents.c.name.label("agent_name"))
        .join(conversations, conversations.c.id == table.c.conversation_id)
        .outerjoin(agents, agents.c.id == table.c.agent_id)
        .where(visible)
    )
    if conversation_id is not None:
        query = query.where(table.c.conversation_id == conversation_id)
    if before_id is not None:
        query = query.where(table.c.id < before_id)
    return db.execute(query.order_by(table.c.id.desc()).limit(limit)).all()


def prune(db: Connection, before: datetime) -> int:
    """Forget a batch of what left the building before, and of the words of what was proposed then; the figures stay.
    Returns how many rows of the kind of which there were most."""
    gone = forget(db, assistant_requests, assistant_requests.c.at < before)
    table, drafts = assistant_proposals, assistant_drafts
    old = (table.c.at < before, or_(table.c.text != "", table.c.question != ""))
    chosen = table.c.id.in_(select(table.c.id).where(*old).limit(BATCH))
    emptied = db.execute(update(table).where(chosen).values(text="", question="")).rowcount
    dropped = forget(db, drafts, drafts.c.at < before, drafts.c.state != "waiting")
    return max(gone, emptied, dropped)


# --- proposals and what became of them --------------------------------------------------------------------------


def add_proposals(db: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        db.execute(insert(assistant_proposals), list(rows))


def proposal(db: Connection, proposal_id: str, conversation_id: str) -> TableRow | None:
    table = assistant_proposals
    query = select(table).where(table.c.id == proposal_id, table.c.conversation_id == conversation_id)
    return db.execute(query).one_or_none()


def decide(db: Connection, proposal_id: str, values: Mapping[str, object]) -> None:
    db.execute(update(assistant_proposals).where(assistant_proposals.c.id == proposal_id).values(values))


def decided(db: Connection, inbox_ids: Sequence[str], since: datetime) -> Sequence[TableRow]:
    """For the report: tone, citations, state, distance and how many, of everything proposed since."""
    table = assistant_proposals
    return db.execute(select(table).where(table.c.inbox_id.in_(inbox_ids), table.c.at >= since)).all()


def keep_answer(db: Connection, values: Mapping[str, object]) -> None:
    """Once per proposal; a second decision replaces the words, and whose they are."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(assistant_answers).values(values)
    same = [assistant_answers.c.proposal_id]
    db.execute(
        statement.on_conflict_do_update(index_elements=same, set_={name: values[name] for name in ("text", "inbox_id")})
    )


def drop_answer(db: Connection, proposal_id: str) -> None:
    db.execute(delete(assistant_answers).where(assistant_answers.c.proposal_id == proposal_id))


def answers_of(db: Connection, inbox_id: str, most: int) -> Sequence[TableRow]:
    """The newest approved answers of an inbox."""
    query = select(assistant_answers).where(assistant_answers.c.inbox_id == inbox_id)
    return db.execute(query.order_by(assistant_answers.c.id.desc()).limit(most)).all()


def answers_mark(db: Connection, inbox_id: str) -> tuple[int, str | None, str | None]:
    """Changes whenever the approved answers of an inbox do."""
    table = assistant_answers
    query = select(func.count(), func.max(table.c.id), func.max(table.c.at)).where(table.c.inbox_id == inbox_id)
    row = db.execute(query).one()
    return row[0], row[1], str(row[2])
