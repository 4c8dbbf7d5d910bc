"""The desk of the benchmarks: one number, three teams that take turns, and as many rules as asked for.

The rules are what a desk of that size has: words, patterns, tags, office hours, most of them not about this message.
One in six messages is about something that a rule knows; the last rule gives the others to the front desk.
"""

from __future__ import annotations

import random
from pathlib import Path

import yaml

NUMBER = "+12025550178"
SID = "AC" + "5" * 32
TOKEN = "bench-" + "7" * 26
PASSWORD = "bench-password-1"
ENVIRONMENT = {
    "CASELLA_SECRET_BENCH_SID": SID,
    "CASELLA_SECRET_BENCH_TOKEN": TOKEN,
    "CASELLA_SECRET_BENCH_PASSWORD": PASSWORD,
    "BENCH_BASE_URL": "",
}
TEAMS = ("front-desk", "billing", "shipping")
TOPICS = (
    "refund", "invoice", "parcel", "password", "warranty", "colour", "size", "voucher", "address", "receipt",
    "courier", "deposit", "catalogue", "repair", "manual", "battery", "screen", "charger", "delivery", "exchange",
)  # fmt: skip
_SMALL_TALK = (
    "Hello, I ordered the blue jacket last week and have not heard anything since, could you have a look please?",
    "Good morning! Is the shop in the city centre open on Saturday afternoon?",
    "Hi, it is me again. I forgot to say that I am at home from six.",
    "Thanks a lot, that was quick. One more question: can I come with a friend?",
    "I tried to call you but nobody answered, please write to me here instead.",
)


def write_desk(folder: Path, *, rules: int, agents: int = 24, base_url: str = "", rate: float = 1000) -> Path:
    """A desk folder; returns it. `rate`: sends per second of its number."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.yaml").write_text(yaml.safe_dump(_desk(agents, base_url, rate), sort_keys=False))
    (folder / "rules.yaml").write_text(yaml.safe_dump({"rules": _rules(rules)}, sort_keys=False))
    return folder


def text(number: int, chance: random.Random) -> str:
    """A customer's message. Its number is in the text, because that is what the event feed shows."""
    words = chance.choice(_SMALL_TALK)
    if chance.random() < 1 / 6:
        words = f"{words} It is about the {chance.choice(TOPICS)}."
    return f"#{number:07d} {words}"


def _desk(agents: int, base_url: str, rate: float) -> dict[str, object]:
    settings = {
        "provider": "twilio",
        "account_sid": "${CASELLA_SECRET_BENCH_SID}",
        "auth_token": "${CASELLA_SECRET_BENCH_TOKEN}",
    }
    return {
        "desk": "Benchmark",
        "timezone": "Europe/Rome",
        "locales": ["en"],
        "tags": ["vip", "urgent", *TOPICS],
        "inboxes": {"support": {"name": "Support", "teams": list(TEAMS), "assignment_mode": True}},
        "connections": {"twilio": {"type": "sms", "settings": settings | ({"base_url": base_url} if base_url else {})}},
        "channels": {
            "number": {
                "connection": "twilio",
                "inbox": "support",
                "address": NUMBER,
                "name": "Number",
                "options": {"registration": "registered", "sends_per_second": str(rate)},
            }
        },
        "teams": {key: {"name": key.title(), "strategy": "round_robin"} for key in TEAMS},
        "agents": {f"agent-{number}": _agent(number) for number in range(agents)} | {"mara": _manager()},
        "hours": {"support": {"week": {"monday-friday": "09:00-18:00"}}},
    }


def _agent(number: int) -> dict[str, object]:
    return {
        "name": f"Agent {number}",
        "email": f"agent-{number}@bench.example",
        "teams": [TEAMS[number % len(TEAMS)]],
        "languages": ["en"],
    }


def _manager() -> dict[str, object]:
    email = "mara@bench.example"
    return {
        "name": "Mara",
        "email": email,
        "role": "manager",
        "inboxes": ["support"],
        "password": "${CASELLA_SECRET_BENCH_PASSWORD}",
    }


def _rules(count: int) -> list[dict[str, object]]:
    rules = [_rule(number) for number in range(count - 1)]
    last: dict[str, object] = {
        "name": "Everything else goes to the front desk",
        "when": "message_received",
        "if": {"conversation.assignee": {"is_set": False}},
        "then": [{"assign": {"team": "front-desk"}}],
    }
    return [*rules, last]


def _rule(number: int) -> dict[str, object]:
    topic = TOPICS[number % len(TOPICS)]
    word = topic if number < len(TOPICS) else f"{topic}{number}"
    team = TEAMS[number % len(TEAMS)]
    conditions: dict[str, object] = {"text": {"contains_word": [word, f"{word}s"]}}
    actions: list[object] = [{"tag": topic}, {"assign": {"team": team}}, "stop"]
    match number % 5:
        case 1 if number >= len(TOPICS):
            conditions = {"text": {"matches": rf"\b{word}\s*(no\.?|#)?\s*[0-9]{{4,8}}\b"}}
        case 2 if number >= len(TOPICS):
            conditions = {"contact.tags": {"has": "vip"}, **conditions}
            actions = [{"priority": "urgent"}, *actions]
        case 3 if number >= len(TOPICS):
            conditions = {"hours": {"support": "open"}, "conversation.is_new": True, **conditions}
        case 4 if number >= len(TOPICS):
            conditions = {"any": [{"text": {"contains_word": [word]}}, {"text": {"matches": f"{word}[a-z]+ please"}}]}
            actions = [{"priority": "high"}, {"tag": topic}]
    return {"name": f"Rule {number}: {word}", "when": "message_received", "if": conditions, "then": actions}
