"""What an agent may know of the assistant before asking: consent, tones, what is left of today's budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.errors import CasellaError
from casella.inbox.assistant.asking import budgets, require_enabled, setup_of, today
from casella.inbox.assistant.feedback import TERMS, ConsentView, consent
from casella.inbox.assistant.task import Asker
from casella.inbox.house import InboxEntry, Rooms, Setup
from casella.inbox.reading import Member
from casella.store.queries import assistant_queries


@dataclass(frozen=True, slots=True)
class InboxState:
    id: str
    key: str
    enabled: bool
    reason: str | None
    providers: Sequence[str]
    requests_used: int
    requests_limit: int | None
    tokens_used: int
    tokens_limit: int | None


@dataclass(frozen=True, slots=True)
class State:
    consent: ConsentView
    terms: str
    tones: Sequence[str]
    inboxes: Sequence[InboxState]
    requests_used: int
    requests_limit: int | None
    tokens_used: int
    tokens_limit: int | None
    broken: Mapping[str, str]


def state(db: Connection, rooms: Rooms, member: Member) -> State:
    """As this member may see it; only managers are told which providers are broken."""
    setup = setup_of(db, rooms)
    day, _ = today(rooms, rooms.clock.now())
    entries = [entry for entry in rooms.directory.current.inboxes.values() if entry.id in member.inbox_ids]
    requests, tokens = assistant_queries.used(db, "agent", member.id, day)
    return State(
        consent=consent(db),
        terms=TERMS,
        tones=list(setup.tones),
        inboxes=[_inbox(db, rooms, setup, entry, day) for entry in sorted(entries, key=lambda entry: entry.key)],
        requests_used=requests,
        requests_limit=setup.part.agent_budget.requests,
        tokens_used=tokens,
        tokens_limit=setup.part.agent_budget.tokens,
        broken=setup.broken if member.is_manager else {},
    )


def _inbox(db: Connection, rooms: Rooms, setup: Setup, entry: InboxEntry, day: str) -> InboxState:
    try:
        require_enabled(db, rooms.desk.current, setup, entry.key)
        reason = None
    except CasellaError as error:
        reason = error.reason
    requests, tokens = assistant_queries.used(db, "inbox", entry.id, day)
    [(_, _, budget)] = budgets(setup, entry, Asker())
    providers = [route.name for route in setup.order(entry.key)]
    return InboxState(
        entry.id, entry.key, reason is None, reason, providers, requests, budget.requests, tokens, budget.tokens
    )
