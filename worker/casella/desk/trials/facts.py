"""What rules are told of a trial's world, by the names of the fields."""

from __future__ import annotations

from datetime import datetime

from casella.desk.trials.parts import SaidMessage
from casella.desk.trials.world import TrialConversation, World
from casella.origins import country_of, language_of
from casella_rules import FactValue, hours_facts, time_facts


def facts_of(world: World, message: SaidMessage | None = None, sent_by: str | None = None) -> dict[str, FactValue]:
    """Everything there is to ask now, of the conversation that things happen to."""
    return {
        **_house_facts(world),
        **world.guest_facts,
        **_contact_facts(world),
        **(_conversation_facts(world, world.conversation) if world.conversation else {}),
        **(_message_facts(world, message, sent_by) if message else {}),
    }


def _house_facts(world: World) -> dict[str, FactValue]:
    parts = world.desk.parts
    inbox = world.conversation.inbox if world.conversation else world.home
    kind = parts.connections[parts.channels[world.channel].connection].channel_type if world.channel else None
    found: dict[str, FactValue] = {
        "channel": frozenset(name for name in (world.channel, kind) if name),
        "channel_type": kind,
        "inbox": inbox,
        **hours_facts(world.desk.hours, world.now),
        **time_facts(world.now, world.desk.timezone_of(inbox) if inbox else parts.timezone),
    }
    for team in parts.teams:
        found[f"team.{team}.available"] = sum(
            1 for key, capacity in ((world.key_of(one.agent_id), one.capacity) for one in world.candidates(team))
            if world.takes_work(key) and (capacity is None or world.house.open[key] < capacity)
        )  # fmt: skip
        found[f"team.{team}.waiting"] = world.house.waiting.get(team, 0)
    return found


def _contact_facts(world: World) -> dict[str, FactValue]:
    contact = world.contact
    return {
        "contact.name": contact.name,
        "contact.phone": contact.phone,
        "contact.country": contact.country or (country_of(contact.phone) if contact.phone else None),
        "contact.language": contact.language,
        "contact.tags": frozenset(contact.tags),
        "contact.is_new": world.contact_conversations <= 1,
        "contact.opted_out": world.opted_out,
        "contact.favourite": contact.favourite,
        "contact.conversations": world.contact_conversations,
        **{f"contact.custom.{key}": value for key, value in world.custom.items()},
    }


def _conversation_facts(world: World, conversation: TrialConversation) -> dict[str, FactValue]:
    found: dict[str, FactValue] = {
        "conversation.status": conversation.status,
        "conversation.priority": conversation.priority,
        "conversation.tags": frozenset(conversation.tags),
        "conversation.assignee": conversation.assignee,
        "conversation.team": conversation.team,
        "conversation.subject": conversation.subject,
        "conversation.started_by": conversation.started_by,
        "conversation.is_new": conversation.messages <= 1,
        "conversation.messages": conversation.messages,
        "conversation.age": (world.now - conversation.opened_at).total_seconds(),
        "conversation.waiting": _since(world, conversation.waiting_since),
        "conversation.idle": _since(world, conversation.spoken_at),
    }
    return {**found, **(agent_facts(world, conversation.assignee) if conversation.assignee else {})}


def agent_facts(world: World, key: str) -> dict[str, FactValue]:
    """What rules are told of an agent."""
    agent = world.desk.parts.agents.get(key)
    on_duty = next((one for one in world.candidates(None) if world.key_of(one.agent_id) == key), None)
    return {
        "agent.name": agent.name if agent else key,
        "agent.role": agent.role if agent else "agent",
        "agent.teams": on_duty.teams if on_duty else frozenset(agent.teams if agent else ()),
        "agent.skills": on_duty.skills if on_duty else frozenset(agent.skills if agent else ()),
        "agent.languages": frozenset(agent.languages if agent else ()),
        "agent.available": world.takes_work(key),
        "agent.open": world.house.open.get(key, 0),
    }


def _since(world: World, moment: datetime | None) -> float | None:
    return None if moment is None else int((world.now - moment).total_seconds())


def _message_facts(world: World, message: SaidMessage, sent_by: str | None) -> dict[str, FactValue]:
    asked = "language" in world.desk.rules.fields  # telling it takes a model, which is loaded only then
    return {
        "text": message.text,
        "kind": message.kind,
        "has_attachment": message.attachment,
        "language": message.language or (language_of(message.text or "") if asked else None),
        "quoted": message.quoted,
        "button": message.button,
        "referral.source": message.referral,
        "sent_by": sent_by,
    }
