"""What a desk says about what can be at all: who is there, which channels, which hours. The check uses it."""

from __future__ import annotations

from casella.desk.parts.desk_file import Agent, DeskFile
from casella.desk.parts.office_hours import office_hours
from casella_rules.language.circumstances import AgentSketch, Circumstances
from casella_rules.language.vocabulary import Vocabulary


def circumstances_of(parts: DeskFile | None, vocabulary: Vocabulary) -> Circumstances:
    """The circumstances in which rules of this desk are asked; of a mistaken desk.yaml little is known."""
    if parts is None:
        return Circumstances(vocabulary)
    types = {key: connection.channel_type for key, connection in parts.connections.items()}
    return Circumstances(
        vocabulary,
        channels={
            key: types.get(channel.connection, "") for key, channel in parts.channels.items() if not channel.owner
        },
        agents={key: _sketch(agent) for key, agent in parts.agents.items()},
        hours={key: office_hours(hours, parts.timezone) for key, hours in parts.hours.items()},
        zones={key: inbox.timezone or parts.timezone for key, inbox in parts.inboxes.items()},
    )


def _sketch(agent: Agent) -> AgentSketch:
    return AgentSketch(
        agent.name, agent.role, frozenset(agent.teams), frozenset(agent.skills), frozenset(agent.languages)
    )
