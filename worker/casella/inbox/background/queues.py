"""Queues: conversations that waited because nobody was eligible go to whoever becomes free, the oldest first.

An agent switches his queue on, closes something, a desk raises a capacity: the sweep looks once a second whether
somebody waits and somebody could take it. Each is served by what its assignment asked for (`wanted`). Who waits longest
within a priority goes first among those somebody can take; whom nobody can take keeps nobody behind him waiting. Nobody
new overtakes: while somebody waits for an agent, a new conversation does not get that agent, and writing again does not
change when one was queued (peers.md #29 to #31).
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import Connection, exists, select

from casella.errors import ClaimLost
from casella.ids import new_id
from casella.inbox.activity import Actor
from casella.inbox.assignment import (
    AgentRoster,
    Kind,
    Search,
    find_agent,
    first_waiting,
    has_room,
    kinds_waiting,
    look_who_is_back,
    takes_work,
    waits,
)
from casella.inbox.commands import give, record
from casella.inbox.consent import ConsentBook
from casella.inbox.house import Rooms
from casella.inbox.routing import Happening, Router
from casella.inbox.state import ConversationState, Workspace, recall
from casella.store.feed import JsonValue
from casella_rules import Chain

_log = structlog.get_logger("casella.queues")
_AT_ONCE = 100


def serve_queues(rooms: Rooms) -> int:
    """Give waiting conversations to agents who can take them. Returns how many were given."""
    look_who_is_back(rooms)
    total = 0
    while kinds := _that_somebody_can_take(rooms):
        try:
            with rooms.store.write() as db:
                given = _Serving(rooms, db, kinds).all()
        except ClaimLost:  # nothing was given: the next round, a second later, sees who was faster
            _log.warning("a claim was lost, the queues are served a moment later")
            break
        if not given:
            break
        total += given
    if total:
        rooms.bell.feed()
        rooms.bell.deliveries()
    return total


def _that_somebody_can_take(rooms: Rooms) -> Sequence[Kind]:
    """Looking keeps nobody waiting; those whom nobody can take now are not looked at any further."""
    with rooms.store.read() as db:
        if not db.execute(_WORTH_LOOKING).scalar_one():
            return ()
        return _takeable(AgentRoster(rooms, db, rooms.clock.now(), holds=False))


def _takeable(roster: AgentRoster) -> Sequence[Kind]:
    return [kind for kind in kinds_waiting(roster.db) if roster.who_can(kind)]


class _Serving:
    """One round through the queues, in one transaction."""

    def __init__(self, rooms: Rooms, db: Connection, kinds: Sequence[Kind]) -> None:
        self._rooms, self._db, self._kinds = rooms, db, kinds
        self._work = Workspace(rooms, db, rooms.clock.now())
        self._consent = ConsentBook(rooms, db, self._work.now)
        self._router = Router(rooms, self._work, self._consent)

    def all(self) -> int:
        found = recall(self._rooms, self._work, first_waiting(self._db, self._kinds, _AT_ONCE))
        if self._router.book.hears("conversation_assigned"):
            self._consent.load([(state.channel, state.address.address) for state in found.values()])
        self._router.roster.hold()
        given = 0
        # Asked again now that nobody else gives anything: whoever came meanwhile and goes first is not overtaken, nor
        # one for whom an agent has come.
        if kinds := _takeable(self._router.roster):
            for id in first_waiting(self._db, kinds, _AT_ONCE):
                if id not in found:
                    break
                given += self._serve(found[id])
        self._router.run()
        self._router.settle()
        self._work.write()
        self._router.finish()
        self._consent.write()
        return given

    def _serve(self, conversation: ConversationState) -> bool:
        directory = self._rooms.directory.current
        team = directory.teams.get(conversation.team_id or "")
        if team is None:
            return False
        conversation.acted_by = Actor("system", "queue")
        wanted = conversation.wanted
        searches = find_agent(self._router.roster, directory, conversation, team, wanted)
        found = searches[-1]
        if found.choice.agent_id is None:
            return False
        give(self._router, conversation, found, self._work.now)
        record(self._rooms, self._work, conversation, "queue_served", [_told(one, wanted.rule) for one in searches])
        self._work.tell("conversation.updated", conversation, {"by": {"queue": team.key}})
        cause = new_id()
        previous = {"previous.assignee": None}
        self._router.happened(Happening("conversation_assigned", conversation, cause, Chain(cause), previous))
        return True


def _told(search: Search, rule: str) -> dict[str, JsonValue]:
    return {"rule": rule, **search.as_record()} if rule else search.as_record()


_WORTH_LOOKING = select(exists().where(waits()) & exists().where(takes_work(), has_room()))
