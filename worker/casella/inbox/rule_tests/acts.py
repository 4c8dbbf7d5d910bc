"""What can happen in a step of a test, each done by the room of the inbox that does it for people and providers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection

from casella.desk.test_file.parts import SaidMessage, Step
from casella.errors import CasellaError
from casella.ids import new_id
from casella.inbox.commands import ConversationChange, assigning, closing, prioritizing, starting
from casella.inbox.house import AgentEntry, InboxEntry
from casella.inbox.reading import find_member
from casella.inbox.receiving import EventApplier
from casella.inbox.routing import agent_can_take_work
from casella.inbox.rule_tests.given import begin_conversation, quotable
from casella.inbox.rule_tests.world import World
from casella.inbox.sending import Draft, queue_reply
from casella.inbox.state import recall
from casella.plugin import ConsentChanged, Event, MediaRef, MessageReceived
from casella.store.rows import TableRow


class Refused(Exception):
    """This cannot be had here; says why."""


Act = Callable[[World, Connection, Step], None]
"""Raises Refused."""


def _message(world: World, db: Connection, step: Step) -> None:
    """The customer writes."""
    said, id = step.message or SaidMessage(), new_id()
    more = {"button": said.button, "language": said.language, "referral.source": said.referral}
    values = {
        "channel_address": world.channel.address,
        "contact_address": world.address,
        "external_id": id,
        "message_kind": "button" if said.button and said.kind == "text" else said.kind,
        "text": said.text or said.button or "",
        "attachments": [MediaRef(ref=id)] if said.attachment else [],
        "reply_to": quotable(db, world, said.quoted) if said.quoted is not None else None,
        "metadata": {name: value for name, value in more.items() if value},
    }
    _receive(world, db, MessageReceived.model_validate(values), id)


def _receive(world: World, db: Connection, event: Event, id: str) -> None:
    applier = EventApplier(world.rooms, db, world.now)
    applier.load([(world.channel, event)])
    applier.apply(id, world.now, world.channel, event)
    applier.write()


def _takes(world: World, db: Connection, step: Step) -> None:
    row, agent = _there(world, db), world.agent(step.takes or "")
    with _in_words_of_tests(agent, world.inbox_of(row)):
        had = row.assignee_id
        assigning.assign(db, world.rooms, row.id, to=agent.id, expected=had, by=agent.id, at=world.now)


def _prioritizes(world: World, db: Connection, step: Step) -> None:
    row = _there(world, db)
    assert step.prioritizes is not None, "else nobody does"
    prioritizing.set_priority(db, world.rooms, row.id, step.prioritizes, by=world.somebody, at=world.now)


def _there(world: World, db: Connection) -> TableRow:
    row = world.conversation(db)
    if row is None:
        raise Refused("there is no conversation")
    return row


def _agent_replies(world: World, db: Connection, step: Step) -> None:
    """An agent answers, or begins a conversation, which then is his. Not said who: whoever has it, or the first of
    those who may."""
    row = world.conversation(db)
    row = row if row is not None and row.status != "closed" else None
    inbox = world.inbox_of(row) if row is not None else world.channel.inbox
    agent = world.agent(step.by) if step.by else _writer(world, inbox.members, row.assignee_id if row else None)
    if agent is None:
        raise Refused(f"nobody may write in the inbox {inbox.key}")
    if agent.id not in inbox.members:
        raise Refused(_REFUSALS["not_a_member"].format(agent=agent.key, inbox=inbox.key))
    draft = Draft(step.agent_replies or "", sender_id=agent.id)
    with _in_words_of_tests(agent, inbox):
        if row is not None:
            queue_reply(db, world.rooms, row.id, draft, world.now)
            return
        member, rooms = find_member(db, agent.id), world.rooms
        assert member is not None, "the desk has him"
        starting.start(db, rooms, member, world.channel.key, world.address, None, draft, world.now)


def _writer(world: World, members: Collection[str], holder: str | None) -> AgentEntry | None:
    directory, book = world.rooms.directory.current, world.rooms.desk.current
    has = directory.key_of(holder)
    order = dict.fromkeys([*([has] if has else ()), *world.duty, *world.desk.parts.agents])
    able = (world.agent(key) for key in order if book.may_reply(key))
    return next((agent for agent in able if agent.id in members), None)


def _event(world: World, db: Connection, step: Step) -> None:
    event = step.event or ""
    if event == "agent_available":
        if world.duty:
            agent_can_take_work(world.rooms, db, world.agent(world.duty[0]).id, world.now)
    elif event in ("contact_opted_out", "contact_opted_in"):
        state = event.removeprefix("contact_")
        values = {
            "channel_address": world.channel.address, "contact_address": world.address, "external_id": new_id(),
            "state": state, "source": "keyword", "evidence": state,
        }  # fmt: skip
        _receive(world, db, ConsentChanged.model_validate(values), new_id())
    else:
        row = world.conversation(db)
        id = row.id if row is not None else begin_conversation(db, world)
        turn = ConversationChange(world.rooms, db, world.now)
        turn.hold(recall(world.rooms, turn.work, [id])[id])
        turn.happen(event, more={"survey.score": step.score} if step.score is not None else {})
        turn.write()


def _closes(world: World, db: Connection, _: Step) -> None:
    if (row := world.conversation(db)) is not None:
        closing.close(db, world.rooms, row.id, by=world.somebody, at=world.now)


@contextmanager
def _in_words_of_tests(agent: AgentEntry, inbox: InboxEntry) -> Iterator[None]:
    try:
        yield
    except CasellaError as error:
        known = _REFUSALS.get(error.reason)
        said = known.format(agent=agent.key, inbox=inbox.key) if known else error.text.removesuffix(".")
        raise Refused(said) from error


_REFUSALS: Mapping[str, str] = {
    "contact_stopped": "the customer wants no messages",
    "conversation_closed": "the conversation is closed",
    "may_not_reply": "{agent} may not answer customers",
    "not_a_member": "{agent} is not a member of the inbox {inbox}",
}
#: By the key of the step, in the order in which the keys of one step are done.
ACTS: Mapping[str, Act] = {
    "message": _message, "takes": _takes, "prioritizes": _prioritizes, "agent_replies": _agent_replies,
    "event": _event, "closes": _closes,
}  # fmt: skip
