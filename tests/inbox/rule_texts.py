"""Rules for tests, written as managers do, and what became of them."""

from __future__ import annotations

from typing import Any

import orjson

from casella.store.tables import conversation_tags, conversations, decisions
from tests.house import House


def rule(*then: str, name: str = "R", when: str = "message_received", condition: str = "always", **keys: str) -> str:
    """One rule; `keys` are `after`, `unless`, `cooldown` and the like."""
    actions = "".join(f"      - {action}\n" for action in then)
    more = "".join(f"    {key}: {value}\n" for key, value in keys.items())
    return f"  - name: {name}\n    when: {when}\n{more}    if: {condition}\n    then:\n{actions}"


def use(house: House, *rules: str, available: tuple[str, ...] = ("ann", "bob", "cleo"), **files: Any) -> None:
    house.apply(rules="rules:\n" + "".join(rules) if rules else "rules: []\n", **files)
    house.available(*available)


def the(house: House) -> dict[str, Any]:
    """The newest conversation."""
    return house.rows(conversations)[-1]


def tags(house: House) -> set[str]:
    return {row["tag"] for row in house.rows(conversation_tags, conversation_id=the(house)["id"])}


def decided(house: House, event: str) -> list[dict[str, Any]]:
    """What was decided about this event, the oldest first: facts and outcome."""
    rows = house.rows(decisions, event=event)
    return [{"facts": orjson.loads(row["facts"])[1], **orjson.loads(row["outcome"]), "row": row} for row in rows]


def matched(house: House, event: str) -> list[str]:
    return [name for one in decided(house, event) for name in one["decision"].get("matched", [])]


def skipped(house: House) -> list[tuple[str, str]]:
    outcomes = [orjson.loads(row["outcome"]) for row in house.rows(decisions)]
    return [(item["action"], item["reason"]) for outcome in outcomes for item in outcome["skipped"]]


def held(house: House, event: str) -> list[list[Any]]:
    return [one for each in decided(house, event) for one in each["decision"].get("held", [])]
