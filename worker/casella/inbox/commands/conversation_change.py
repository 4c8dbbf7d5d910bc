"""A turn at one conversation outside the lanes: it is locked, something happens to it, the rules hear of it, all of it
is written in the caller's transaction. What lanes do for many at once, this does for one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from casella.errors import NotFound
from casella.ids import new_id
from casella.inbox.activity import SYSTEM, Actor
from casella.inbox.assignment import lock_agents
from casella.inbox.consent import ConsentBook
from casella.inbox.house import Rooms
from casella.inbox.routing import NOTHING, Happening, Router
from casella.inbox.state import ConversationState, Values, Workspace, recall
from casella.store.feed import JsonValue
from casella_rules import Chain, FactValue


class ConversationChange:
    """`hold` a conversation, let things happen to it, `write`; after the commit, `after_commit`. `by`: who does it; an
    agent's id stands for the agent."""

    def __init__(self, rooms: Rooms, db: Connection, now: datetime, by: Actor | str = SYSTEM) -> None:
        self.rooms, self.db, self.now = rooms, db, now
        self.by = Actor("agent", by) if isinstance(by, str) else by
        self.work = Workspace(rooms, db, now)
        self.consent = ConsentBook(rooms, db, self.work.now)
        self.router = Router(rooms, self.work, self.consent)
        self.conversation: ConversationState | None = None
        self.armed_again = False

    def take(self, conversation_id: str) -> ConversationState:
        """Hold the conversation for what a person does to it. Raises NotFound."""
        self.hold(recall(self.rooms, self.work, [conversation_id], former=True).get(conversation_id))
        if self.conversation is None:
            raise NotFound
        return self.conversation

    def hold(self, conversation: ConversationState | None) -> None:
        """The conversation this turn is about, loaded by `recall`."""
        self.conversation = conversation
        if conversation is not None:
            conversation.acted_by = self.by
            self.consent.load([(conversation.channel, conversation.address.address)])

    @property
    def held(self) -> ConversationState:
        assert self.conversation is not None, "a turn is taken at a conversation"
        return self.conversation

    def was(self) -> dict[str, FactValue]:
        """Who has it, before somebody else does."""
        directory = self.rooms.directory.current
        agent = directory.agents.get(self.held.assignee_id or "")
        team = directory.teams.get(self.held.team_id or "")
        return {"previous.assignee": agent.key if agent else None, "previous.team": team.key if team else None}

    def happening(
        self,
        trigger: str,
        cause_id: str,
        chain: Chain,
        previous: Mapping[str, FactValue] = NOTHING,
        message: Values | None = None,
        more: Mapping[str, FactValue] = NOTHING,
    ) -> Happening:
        return Happening(trigger, self.held, cause_id, chain, previous, message, more=more)

    def happen(
        self,
        trigger: str,
        *,
        cause_id: str | None = None,
        chain: Chain | None = None,
        previous: Mapping[str, FactValue] = NOTHING,
        message: Values | None = None,
        more: Mapping[str, FactValue] = NOTHING,
    ) -> None:
        """The rules hear of it at once, unless the desk no longer has its channel or its inbox."""
        directory, held = self.rooms.directory.current, self.held
        if held.channel.id not in directory.channels or held.inbox.id not in directory.inboxes:
            return
        cause = cause_id or new_id()
        known = chain or Chain(cause)
        self.router.happened(
            Happening(trigger, self.held, cause, known, previous=previous, message=message, more=more)
        )  # fmt: skip
        self.router.run()

    def tell(self, by: Mapping[str, JsonValue], **more: JsonValue) -> None:
        """People are told that the conversation has changed, and by what."""
        self.work.tell("conversation.updated", self.held, {"by": dict(by), **more})

    def hear(self, event: str) -> None:
        """Before agents change in a transaction in which rules will hear of this event, and may choose: all of them
        are held, in order."""
        if self.rooms.desk.current.hears(event):
            lock_agents(self.db)

    def write(self) -> None:
        self.router.settle()
        self.work.write()
        self.router.finish()
        self.consent.write()

    def after_commit(self) -> None:
        """Ring for what this left to others."""
        bell = self.rooms.bell
        if self.work.outbox:
            bell.deliveries()
        if self.work.messages:
            bell.search()
        bell.feed()
