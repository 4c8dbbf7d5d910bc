"""Who sees what: the one place that says so (law 8). Every query of the API passes through `visible` or one of its
siblings, every event through `sees_event`.

An agent sees the shared conversations of the inboxes he is a member of (S-17), and so does a manager: his role lets
him do more there, not see more. An admin sees every shared inbox. What is written on an agent's private number is his
alone, whatever the role of others (S-21). When the number comes into a shared inbox, what was written before is history
there: its members and its former owner read it, nobody goes on with it (S-41, S-43).

`visible` is the shared world alone, so that whoever does not think of the others is right: rules, the assistant and
everything else that goes beyond reading and answering asks no further.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import BindParameter, ColumnElement, Text, and_, bindparam, or_, true

from casella.inbox.reading.members import Member
from casella.store import feed
from casella.store.rows import TableRow
from casella.store.tables import conversations

World = Literal["shared", "private", "history"]
SHARED: World = "shared"
GONE = "conversation.gone"
"""The one event about a conversation for those who do not see it: it says no more than that."""


def visible(member: Member) -> ColumnElement[bool]:
    """The condition on `conversations` of every shared one that this member may see."""
    return visible_in(member, SHARED)


def visible_in(member: Member, world: World) -> ColumnElement[bool]:
    """The condition on `conversations` of everything in this world that this member may see."""
    return _within(world, member.id, sorted(member.inbox_ids))


def visible_to_viewer(world: World) -> ColumnElement[bool]:
    """The same for a statement that is built once and asked with the `viewer` of each member."""
    return _within(world, bindparam("viewer_id", type_=Text()), bindparam("viewer_inboxes", expanding=True))


def within_his_inboxes(inbox_id: ColumnElement[str], world: World) -> ColumnElement[bool]:
    """What `visible_to_viewer` asks of the inbox alone, for a statement that walks inbox by inbox: asked of every
    conversation beside the inbox that is walked, a planner expects few where there are many."""
    return inbox_id.in_(bindparam("viewer_inboxes", expanding=True)) if world == SHARED else true()


def viewer(member: Member) -> dict[str, object]:
    """The values of `visible_to_viewer`."""
    return {"viewer_id": member.id, "viewer_inboxes": sorted(member.inbox_ids)}


def _within(
    world: World, member_id: str | BindParameter[str], inbox_ids: Sequence[str] | BindParameter[Sequence[str]]
) -> ColumnElement[bool]:
    of = conversations.c
    match world:
        case "private":
            return and_(of.world == world, of.owner_id == member_id)
        case "history":
            return and_(of.world == world, or_(of.inbox_id.in_(inbox_ids), of.owner_id == member_id))
        case _:
            return and_(of.world == world, of.inbox_id.in_(inbox_ids))


def answerable(member: Member) -> ColumnElement[bool]:
    """The condition on `conversations` of everything this member may see that can go on."""
    return or_(visible(member), visible_in(member, "private")) if member.private_inbox_ids else visible(member)


def readable(member: Member) -> ColumnElement[bool]:
    """The condition on `conversations` of everything this member may see."""
    return or_(answerable(member), visible_in(member, "history"))


def sees_event(member: Member, event: TableRow) -> bool:
    """Whether an event, as `feed.after` gives it, is for this member at this moment: one for a single agent is for
    nobody else, and one about a conversation is for nobody who has lost sight of it since; for who has not, it is
    not gone."""
    if event.agent_id not in (None, member.id):
        return False
    his = member.every_inbox_id
    if event.inbox_id in member.team_ids:  # the team's chat, of whoever is in the team now
        return True
    if event.inbox_id not in {None, *his} and (event.inbox_id != feed.MEMBERS or not member.inbox_ids):
        return False
    sees = event.conversation_id is None or event.is_in_now in his
    return not sees if event.kind == GONE else sees
