"""Queues: conversations that waited because nobody was eligible go to whoever becomes free, the oldest first.

An agent switches his queue on, closes something, a desk raises a capacity: the sweep looks once a second whether
somebody waits and somebody could take it. Who waits longest within a priority goes first. Nobody new overtakes: while
others wait for a team, a new conversation joins its queue, and writing again does not change when one was queued
(peers.md #29 to #31).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, case, exists, or_, select

from casella.ids import new_id
from casella.inbox.consent import ConsentBook
from casella.inbox.duty import waits
from casella.inbox.entities import ConversationState
from casella.inbox.happenings import Happening
from casella.inbox.queueing import chosen, give, record
from casella.inbox.recall import recall
from casella.inbox.rooms import Rooms
from casella.inbox.routing import Router
from casella.inbox.workspace import Workspace
from casella.store.tables import agents, conversations
from casella_rules import Chain

_AT_ONCE = 100
_BY_PRIORITY = case(
    (conversations.c.priority == "urgent", 0), (conversations.c.priority == "high", 1),
    (conversations.c.priority == "normal", 2), else_=3,
)  # fmt: skip
_CAN_TAKE = (
    agents.c.available
    & agents.c.do_not_disturb.is_(False)
    & agents.c.removed_at.is_(None)
    & or_(agents.c.capacity.is_(None), agents.c.open_conversations < agents.c.capacity)
)


def serve_queues(rooms: Rooms) -> int:
    """Give waiting conversations to agents who can take them. Returns how many were given."""
    with rooms.store.read() as db:
        if not db.execute(select(exists().where(waits()) & exists().where(_CAN_TAKE))).scalar_one():
            return 0
    with rooms.store.write() as db:
        serving = _Serving(rooms, db)
        given = serving.all()
    if given:
        rooms.bell.feed()
        rooms.bell.deliveries()
    return given


class _Serving:
    """One round through the queues, in one transaction."""

    def __init__(self, rooms: Rooms, db: Connection) -> None:
        self._rooms, self._db = rooms, db
        self._work = Workspace(db, rooms.clock.now(), rooms.directory.current.inboxes)
        self._consent = ConsentBook(rooms, self._work)
        self._router = Router(rooms, self._work, self._consent)

    def all(self) -> int:
        ids = self._waiting()
        found = recall(self._rooms, self._work, ids)
        if self._router.book.hears("conversation_assigned"):
            self._consent.load([(state.channel, state.address.address) for state in found.values()])
        given = sum(self._serve(found[id]) for id in ids if id in found)
        self._router.run()
        self._router.settle()
        self._work.write()
        self._router.finish()
        self._consent.write()
        return given

    def _waiting(self) -> Sequence[str]:
        """The next to be served. Rows that a lane is changing right now are left for the next round."""
        query = select(conversations.c.id).where(waits())
        query = query.order_by(_BY_PRIORITY, conversations.c.queued_at, conversations.c.id).limit(_AT_ONCE)
        return self._db.execute(query.with_for_update(key_share=True, skip_locked=True)).scalars().all()

    def _serve(self, conversation: ConversationState) -> bool:
        team = self._rooms.directory.current.teams.get(conversation.team_id or "")
        if team is None:
            return False
        strategy = self._router.book.strategy(team.key)
        choice = self._router.roster.choose(
            conversation.inbox, conversation.channel, team, strategy, (), returned_by=conversation.returned_by
        )
        if choice.agent_id is None:
            return False
        give(self._router, conversation, team, choice.agent_id, self._work.now)
        record(self._rooms, self._work, conversation, "queue_served", [chosen(team, strategy, choice)])
        self._work.tell("conversation.updated", conversation, {"by": {"queue": team.key}})
        cause = new_id()
        previous = {"previous.assignee": None}
        self._router.happened(Happening("conversation_assigned", conversation, cause, Chain(cause), previous))
        return True
