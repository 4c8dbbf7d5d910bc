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
from casella.store import feed
from casella.store.rows import TableRow
from casella.store.tables import conversations

SHARED = "shared"
GONE = "conversation.gone"
"""The one event about a conversation for those who do not see it: it says no more than that."""


def visible(member: Member) -> ColumnElement[bool]:
    """The condition on `conversations` of everything this member may see."""
    return and_(conversations.c.world == SHARED, conversations.c.inbox_id.in_(sorted(member.inbox_ids)))


def sees_event(member: Member, event: TableRow) -> bool:
    """Whether an event, as `feed.after` gives it, is for this member at this moment: one for a single agent is for
    nobody else, and one about a conversation is for nobody who has lost sight of it since; for who has not, it is
    not gone."""
    if event.agent_id not in (None, member.id):
        return False
    if event.inbox_id not in {None, *member.inbox_ids} and (event.inbox_id != feed.MEMBERS or not member.inbox_ids):
        return False
    sees = event.conversation_id is None or event.is_in_now in member.inbox_ids
    return not sees if event.kind == GONE else sees
