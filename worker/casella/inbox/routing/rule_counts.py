"""How often rules fired, counted from the decisions: for `mode: watch`, how often they would have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from sqlalchemy import Connection, or_, select

from casella.store.tables import decisions


@dataclass(slots=True)
class RuleCounts:
    fired: Counter[str] = field(default_factory=Counter)
    watched: Counter[str] = field(default_factory=Counter)
    last_at: dict[str, datetime] = field(default_factory=dict)


def rule_counts(db: Connection, since: datetime) -> RuleCounts:
    """By rule's name. Reads every decision since then in which a rule matched, one after the other."""
    counts = RuleCounts()
    matters = or_(decisions.c.outcome.contains('"matched"'), decisions.c.outcome.contains('"watched"'))
    query = select(decisions.c.outcome, decisions.c.at).where(decisions.c.at >= since, matters)
    for row in db.execute(query.execution_options(yield_per=1000)):
        decision = orjson.loads(row.outcome).get("decision") or {}
        for name in decision.get("matched", ()):
            counts.fired[name] += 1
            counts.last_at[name] = max(row.at, counts.last_at.get(name, row.at))
        for name in decision.get("watched", ()):
            counts.watched[name] += 1
            counts.last_at[name] = max(row.at, counts.last_at.get(name, row.at))
    return counts
