"""Who sees what: the one place that says so (law 8). Every query of the API passes through `visible`, every event
through `sees_event`.

An agent sees the shared conversations of the inboxes he is a member of (S-17), and so does a manager: his role lets
him do more there, not see more. An admin sees every shared inbox. The other worlds (private numbers, direct and team
chats) belong to their participants alone, whatever the role (S-21); they have no conversations yet, and `visible`
leaves them out.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from casella.inbox.reading.members import Member
from casella.store.tables import conversations

SHARED = "shared"


def visible(member: Member) -> ColumnElement[bool]:
    """The condition on `conversations` of everything this member may see."""
    return and_(conversations.c.world == SHARED, conversations.c.inbox_id.in_(sorted(member.inbox_ids)))


def sees_event(member: Member, inbox_id: str | None, agent_id: str | None) -> bool:
    """Whether an event of the feed is for this member: one for a single agent is for nobody else."""
    if agent_id is not None and agent_id != member.id:
        return False
    return inbox_id is None or inbox_id in member.inbox_ids
