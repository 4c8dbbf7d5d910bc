"""An agent who does not answer a conversation that was given to him loses it after a time: the timer for that."""

from __future__ import annotations

from datetime import datetime, timedelta

from casella.inbox.timers import Payload, Timer


def return_timer(conversation_id: str, agent_id: str, assigned_at: datetime, seconds: int, now: datetime) -> Timer:
    """Armed when rules or queues give a conversation to an agent of a team that has `reassign_after`. What people
    give each other stays where they put it."""
    moment = assigned_at.isoformat()
    payload: Payload = {"agent_id": agent_id, "assigned_at": moment, "seconds": seconds}
    return Timer("reassign", conversation_id, moment, now + timedelta(seconds=seconds), payload)
