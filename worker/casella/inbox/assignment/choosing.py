"""Who gets a conversation, by what its assignment asked for: the same question whether it has just come in, has waited
in a queue, or was let go. Nothing is given here (`AgentRoster.take`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from casella.inbox.assignment.roster import AgentRoster
from casella.inbox.house import Directory, TeamEntry
from casella.inbox.state import ConversationState
from casella.inbox.views import AssignmentRequest
from casella.store.feed import JsonValue
from casella.store.tables import conversations
from casella_rules.assignment import Choice

STICKY = "sticky"


@dataclass(frozen=True, slots=True)
class Search:
    """One team was asked, in this manner, for these skills; `choice` says who, and why not each of the others."""

    team: TeamEntry
    strategy: str
    skills: tuple[str, ...]
    choice: Choice

    def as_record(self) -> dict[str, JsonValue]:
        """As it is kept with the decision."""
        record: dict[str, JsonValue] = {
            "team_id": self.team.id,
            "agent_id": self.choice.agent_id,
            "strategy": self.strategy,
            "passed_over": [[agent_id, reason.value] for agent_id, reason in self.choice.passed_over],
        }
        if self.choice.instead:
            record["instead"] = self.choice.instead
        return record | {"skills": list(self.skills)} if self.skills else record


def find_agent(
    roster: AgentRoster,
    directory: Directory,
    conversation: ConversationState,
    team: TeamEntry,
    wanted: AssignmentRequest,
) -> Sequence[Search]:
    """The searches made, the one that counts last: the team's, by what was asked for; and where nobody of it can, that
    of the team of `else`, by its own manner."""
    found = search(roster, conversation, team, wanted.strategy, wanted.skills)
    other = directory.team(wanted.also)
    if found.choice.agent_id is not None or other is None:
        return [found]
    return [found, search(roster, conversation, other)]


def search(
    roster: AgentRoster,
    conversation: ConversationState,
    team: TeamEntry,
    strategy: str | None = None,
    skills: tuple[str, ...] = (),
) -> Search:
    """Ask one team; `strategy` None: in the team's own manner."""
    manner = strategy or roster.book.strategy(team.key)
    choice = roster.choose(
        conversation.inbox, conversation.channel, team, manner, skills,
        last_served_by(roster.db, conversation) if manner == STICKY else None, conversation.let_go,
    )  # fmt: skip
    return Search(team, manner, skills, choice)


def last_served_by(db: Connection, conversation: ConversationState) -> str | None:
    """Who had this contact last."""
    contact = conversation.address.contact
    query = (
        select(conversations.c.assignee_id)
        .where(conversations.c.contact_id == contact.id, conversations.c.world == "shared")
        .where(conversations.c.assignee_id.is_not(None))
        .order_by(conversations.c.assigned_at.desc().nulls_last(), conversations.c.id.desc())
        .limit(1)
    )
    return None if contact.is_new else db.execute(query).scalar_one_or_none()
