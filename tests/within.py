"""What the check holds to be impossible never happens: every decision that a house of the tests has made is looked at.

The check calls a rule mistaken when nothing can ever match it, by what the fields' tables say
(`casella_rules.language.limits`). A wrong line there would be a false alarm that keeps a manager from applying a good
desk; so each fact that was ever stored in a test is held against the tables.
"""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, select

from casella.store.tables import decisions
from casella_rules import Facts, FactValue
from casella_rules.language.circumstances import Circumstances

TABLES = Circumstances()


def surprises(db: Connection) -> list[str]:
    """Every stored fact that the tables call impossible. Rules that waited are asked later, when other things hold."""
    found = []
    for row in db.execute(select(decisions.c.facts, decisions.c.outcome, decisions.c.event)):
        outcome = orjson.loads(row.outcome) if isinstance(row.outcome, str) else row.outcome
        if "due" in outcome or row.event in ("action_result", "action_later"):
            continue
        facts = Facts.from_json(row.facts if isinstance(row.facts, str) else orjson.dumps(row.facts).decode())
        found += [
            f"{facts.trigger}: {name} = {value!r}" for name, value in facts.items() if not is_possible(facts, name)
        ]
    return found


def is_possible(facts: Facts, name: str) -> bool:
    """Whether the tables allow this fact."""
    value, trigger = facts[name], facts.trigger
    if value is None:
        return name.startswith("previous.") or not TABLES.is_always_known(name, trigger)
    if not TABLES.may_be_known(name, trigger):
        return False
    closed = TABLES.values(name, trigger)
    return (not closed or value in closed) and _is_within(value, name, trigger)


def _is_within(value: FactValue, name: str, trigger: str) -> bool:
    limits = TABLES.limits(name, trigger)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return (
        (limits.least is None or value >= limits.least)
        and (limits.most is None or value <= limits.most)
        and (not limits.whole or value == int(value))
    )
