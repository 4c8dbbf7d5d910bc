"""Rules of waiting and of silence are asked again when their office hours or weekdays next say yes: an hour of waiting
that is over on Friday evening is told on Monday at nine, if the customer waits still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection

from casella.inbox.house import Deskbook
from casella.inbox.routing.rule_events import Happening
from casella.inbox.state import EVENT, Timer, rule_kind, since_when
from casella_rules import Facts, FactValue
from casella_rules.engine.asked_again import asked_again

_KINDS = {event: kind for kind, event in EVENT.items()}


def put_off(
    db: Connection, book: Deskbook, happening: Happening, values: Mapping[str, FactValue], now: datetime
) -> Iterator[Timer]:
    """A timer for each rule that this waiting or silence would wake at another time. Nothing for other events."""
    kind = _KINDS.get(happening.event)
    if kind is None or book.desk is None:
        return
    conversation = happening.conversation
    since = since_when(kind, db, conversation)
    facts = Facts(happening.trigger, values)
    zone = conversation.inbox.timezone
    for rule, at in asked_again(book.ruleset.rules, facts, book.desk.hours, zone, now):
        payload = {
            "trigger": happening.trigger, "chain": happening.chain.as_json(),
            "lull": kind, "since": since.isoformat() if isinstance(since, datetime) else "",
        }  # fmt: skip
        yield Timer(rule_kind(rule), conversation.id, happening.cause_id, at, payload)
