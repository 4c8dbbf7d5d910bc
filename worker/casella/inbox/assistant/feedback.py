"""What became of proposals, the organisation's consent, and what left the building."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, select

from casella.desk.parts.assistant import AssistantPart
from casella.errors import Invalid, NotFound
from casella.ids import new_id
from casella.inbox.assistant.task import people_of
from casella.inbox.house import CANNED, Rooms, own_words
from casella.inbox.reading import Member, visible
from casella.inbox.views import conversation_views
from casella.store.queries import assistant_queries
from casella.store.tables import conversations
from casella_assistant import impersonal, region_of

TERMS = "1"
"""The version of the terms that a manager accepts; docs/assistant.md has their words."""
Outcome = Literal["accepted", "edited", "discarded"]
MOST_COMPARED = 500
"""Characters of difference that are compared letter by letter."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`distance`: how many characters were changed (Levenshtein)."""

    proposal_id: str
    outcome: str
    distance: int | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a verdict needs to know of the texts. `final`: as it was sent. `kept`: the same without what is personal."""

    final: str = ""
    distance: int | None = None
    kept: str = ""


def weigh(
    rooms: Rooms, member: Member, conversation_id: str, proposal_id: str, outcome: Outcome, text: str | None
) -> Weighed:
    """Compare and take out before anything is locked: a long text costs more than a transaction may hold others up.
    What is not there or not to be seen weighs nothing: `judge` says so."""
    with rooms.store.read() as db:
        row = assistant_queries.proposal(db, proposal_id, conversation_id)
        seen = db.execute(select(conversations.c.id).where(conversations.c.id == conversation_id, visible(member)))
        if row is None or seen.first() is None:
            return Weighed()
        [view] = conversation_views(db, [conversation_id])
        people = people_of(db, view)
    final = (text or "").strip() if outcome == "edited" else row.text
    if outcome == "discarded" or not final:
        return Weighed(final)
    kept = impersonal(final, own_words(rooms.desk.current.desk), region_of(view.contact.address), people)
    return Weighed(final, distance(row.text, final), kept)


def judge(
    db: Connection,
    rooms: Rooms,
    member: Member,
    conversation_id: str,
    proposal_id: str,
    outcome: Outcome,
    weighed: Weighed,
) -> Verdict:
    """Whether the conversation may be seen was asked before. An accepted or edited reply becomes a source for later
    ones, without its personal values. Raises NotFound, Invalid."""
    row = assistant_queries.proposal(db, proposal_id, conversation_id)
    if row is None:
        raise NotFound("There is no such proposal in this conversation.")
    if outcome == "edited" and not weighed.final:
        raise Invalid("Say what it became: the text as it was sent.", code="empty_text")
    settled = "accepted" if outcome == "edited" and weighed.distance == 0 else outcome
    now = rooms.clock.now()
    values = {"state": settled, "distance": weighed.distance, "decided_by": member.id, "decided_at": now}
    assistant_queries.decide(db, proposal_id, values)
    if settled == "discarded" or row.kind not in ("suggest", "generate") or not row.question or not weighed.kept:
        assistant_queries.drop_answer(db, proposal_id)
    else:
        [view] = conversation_views(db, [conversation_id])
        # where it is now: what is decided of a conversation that has moved is no business of the inbox it has left
        kept = {"id": new_id(), "inbox_id": view.inbox.id, "proposal_id": proposal_id, "question": row.question}
        assistant_queries.keep_answer(db, {**kept, "text": weighed.kept, "at": now})
    return Verdict(proposal_id, settled, weighed.distance)


def distance(before: str, after: str) -> int:
    """Levenshtein's distance. What both begin and end with costs nothing; beyond 500 characters of difference only the
    larger length counts, because nobody asks whether it was 600 or 700: 250,000 steps at most."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    first, second = before[start : len(before) - end], after[start : len(after) - end]
    if max(len(first), len(second)) > MOST_COMPARED or not first or not second:
        return max(len(first), len(second))
    row = list(range(len(second) + 1))
    for number, letter in enumerate(first, 1):
        corner, row[0] = row[0], number
        for place, other in enumerate(second, 1):
            corner, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, corner + (letter != other))
    return row[-1]


@dataclass(slots=True)
class Tally:
    """How often. `mean_distance`: of those that were edited."""

    offered: int = 0
    accepted: int = 0
    edited: int = 0
    discarded: int = 0
    distances: list[int] = field(default_factory=list)

    def add(self, state: str, far: int | None) -> None:
        self.offered += 1
        self.accepted += state == "accepted"
        self.edited += state == "edited"
        self.discarded += state == "discarded"
        if state == "edited" and far is not None:
            self.distances.append(far)

    @property
    def mean_distance(self) -> float | None:
        return round(sum(self.distances) / len(self.distances), 1) if self.distances else None


@dataclass(frozen=True, slots=True)
class Report:
    """By what was asked, by tone, by canned message that a proposal rests on, by provider."""

    total: Tally
    kinds: dict[str, Tally]
    tones: dict[str, Tally]
    canned: dict[str, Tally]
    providers: dict[str, Tally]


def report(db: Connection, member: Member, since: datetime) -> Report:
    """Everything proposed since in the member's inboxes."""
    made = Report(Tally(), defaultdict(Tally), defaultdict(Tally), defaultdict(Tally), defaultdict(Tally))
    for row in assistant_queries.decided(db, sorted(member.inbox_ids), since):
        tallies = [made.total, made.kinds[row.kind], made.providers[row.provider]]
        if row.tone:
            tallies.append(made.tones[row.tone])
        tallies += [made.canned[id.removeprefix(CANNED)] for id in row.cites if id.startswith(CANNED)]
        for tally in tallies:
            tally.add(row.state, row.distance)
    return made


@dataclass(frozen=True, slots=True)
class ConsentView:
    """`state`: none, accepted or withdrawn."""

    state: str
    terms: str
    by: str | None
    at: datetime | None


def consent(db: Connection) -> ConsentView:
    row = assistant_queries.newest_consent(db)
    return ConsentView(row.state, row.terms, row.agent_name, row.at) if row else ConsentView("none", TERMS, None, None)


def record_consent(db: Connection, member: Member, terms: str, *, accepted: bool, at: datetime) -> ConsentView:
    """Every change is kept. Raises Invalid for terms that are not the current ones."""
    if accepted and terms != TERMS:
        raise Invalid("These are not the current terms; read them again.", code="other_terms", terms=TERMS)
    assistant_queries.add_consent(db, "accepted" if accepted else "withdrawn", terms, member.id, at)
    return consent(db)


@dataclass(frozen=True, slots=True)
class LeftView:
    """One request that left the building, word by word as the provider got it."""

    id: str
    conversation_id: str
    at: datetime
    by: str
    kind: str
    provider: str
    model: str
    prompt: str
    outcome: str
    messages: Sequence[str]
    sources: Sequence[str]
    masked: dict[str, int]
    sent: Sequence[dict[str, str]]
    prompt_tokens: int
    completion_tokens: int


def left_the_building(
    db: Connection, member: Member, conversation_id: str | None, before_id: str | None, limit: int
) -> list[LeftView]:
    """The newest first, of one conversation or of all that the member sees now, wherever they were then."""
    rows = assistant_queries.requests_of(db, visible(member), conversation_id, before_id, limit)
    return [
        LeftView(
            row.id, row.conversation_id, row.at, row.agent_name or f"rule: {row.rule}", row.kind, row.provider,
            row.model, row.prompt, row.outcome, row.message_ids, row.source_ids, row.masked, row.sent,
            row.prompt_tokens, row.completion_tokens,
        )
        for row in rows
    ]  # fmt: skip


def forget_old(rooms: Rooms) -> int:
    """Forget a batch of what left the building, and of the words of proposals, when the desk's time is over. Returns
    how many rows."""
    desk = rooms.desk.current.desk
    part = desk.parts.assistant if desk else AssistantPart()
    with rooms.store.write() as db:
        return assistant_queries.prune(db, rooms.clock.now() - timedelta(days=part.records_days))
