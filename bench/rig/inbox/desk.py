"""The desk of the inbox benchmark: 40 inboxes of very different sizes, a team and a number each, 200 agents and a
manager who see a few of them, an admin who sees all."""

from __future__ import annotations

import random
from itertools import accumulate
from pathlib import Path

import yaml

from bench.rig import desk

INBOXES = 40
AGENTS = 200
MANAGER, ADMIN = "manager", "admin"
ZIPF = tuple(accumulate(1 / (place + 1) for place in range(INBOXES)))
"""Cumulative weights: the first inbox gets a quarter of everything, the last one a two-hundredth."""


def write_desk(folder: Path) -> Path:
    """The folder, written; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.yaml").write_text(yaml.safe_dump(_desk(), sort_keys=False))
    rule = {
        "name": "What is new goes to the inbox's team",
        "when": "message_received",
        "if": {"conversation.is_new": True},
        "then": [{"tag": "new"}],
    }
    (folder / "rules.yaml").write_text(yaml.safe_dump({"rules": [rule]}, sort_keys=False))
    return folder


def number_of(inbox: int) -> str:
    """The phone number of an inbox's channel."""
    return f"+1202555{1000 + inbox}"


def _desk() -> dict[str, object]:
    chance = random.Random(11)
    settings = {
        "provider": "twilio",
        "account_sid": "${CASELLA_SECRET_BENCH_SID}",
        "auth_token": "${CASELLA_SECRET_BENCH_TOKEN}",
    }
    return {
        "desk": "Inbox benchmark",
        "timezone": "Europe/Rome",
        "locales": ["en", "it"],
        "tags": ["new", "vip", "urgent", *desk.TOPICS],
        "inboxes": {
            f"inbox-{place}": {"name": f"Inbox {place}", "teams": [f"team-{place}"], "assignment_mode": True}
            for place in range(INBOXES)
        },
        "connections": {"twilio": {"type": "sms", "settings": settings}},
        "channels": {f"number-{place}": _channel(place) for place in range(INBOXES)},
        "teams": {f"team-{place}": {"name": f"Team {place}", "strategy": "round_robin"} for place in range(INBOXES)},
        "agents": {f"agent-{place}": _agent(place, chance) for place in range(AGENTS)}
        | {MANAGER: _overseer(MANAGER, 8), ADMIN: _overseer(ADMIN, INBOXES)},
        "hours": {"support": {"week": {"monday-friday": "09:00-18:00"}}},
    }


def _channel(place: int) -> dict[str, object]:
    options = {"registration": "registered", "sends_per_second": "1000"}
    return {
        "connection": "twilio", "inbox": f"inbox-{place}", "address": number_of(place), "name": f"Number {place}",
        "options": options,
    }  # fmt: skip


def _agent(place: int, chance: random.Random) -> dict[str, object]:
    """One team of his own, so that none is empty, and two more, the larger the likelier."""
    teams = {place % INBOXES, *chance.choices(range(INBOXES), cum_weights=ZIPF, k=2)}
    return {
        "name": f"Agent {place}",
        "email": f"agent-{place}@bench.example",
        "teams": [f"team-{team}" for team in sorted(teams)],
        "languages": ["en", "it"],
    }


def _overseer(role: str, inboxes: int) -> dict[str, object]:
    return {
        "name": role.title(),
        "email": f"{role}@bench.example",
        "role": role,
        "inboxes": [f"inbox-{place}" for place in range(inboxes)],
        "password": "${CASELLA_SECRET_BENCH_PASSWORD}",
    }
