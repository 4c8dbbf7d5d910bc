"""Cooldowns: a rule that has one does not act on the same conversation again before its time is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from casella.inbox.house import Deskbook
from casella.inbox.state import ConversationState
from casella.store import bulk
from casella.store.tables import rule_marks

_MARK = bulk.Insert(
    rule_marks,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[rule_marks.c.conversation_id, rule_marks.c.rule], set_={"fired_at": insert.excluded.fired_at}
    ),
)

_NEVER: Mapping[str, float] = {}


class Cooldowns:
    """When rules last acted, for one transaction. A desk without cooldowns asks nothing and writes nothing."""

    def __init__(self, db: Connection, now: datetime, book: Deskbook) -> None:
        self._db, self._now, self._book = db, now, book
        self._marks: dict[str, dict[str, datetime]] = {}
        self._new: dict[tuple[str, str], datetime] = {}

    def seconds_since(self, conversation: ConversationState) -> Mapping[str, float]:
        """How long ago each rule with a cooldown acted on this conversation, counted as its cooldown is."""
        if not self._book.cooldowns:
            return _NEVER
        marks = self._marks.get(conversation.id)
        if marks is None:
            marks = self._marks[conversation.id] = {} if conversation.is_new else self._read(conversation.id)
        return {rule: self._passed(rule, at) for rule, at in marks.items()}

    def fired(self, conversation: ConversationState, rules: Iterable[str]) -> None:
        for rule in self._book.cooldowns.keys() & set(rules):
            self._marks.setdefault(conversation.id, {})[rule] = self._now
            self._new[conversation.id, rule] = self._now

    def _passed(self, rule: str, at: datetime) -> float:
        span = self._book.cooldowns.get(rule)
        return self._book.passed(span.hours, at, self._now) if span else 0.0

    def write(self) -> None:
        """After the conversations: marks refer to them."""
        rows = [{"conversation_id": id, "rule": rule, "fired_at": at} for (id, rule), at in self._new.items()]
        _MARK(self._db, rows)

    def _read(self, conversation_id: str) -> dict[str, datetime]:
        mine = rule_marks.c.conversation_id == conversation_id
        query = select(rule_marks.c.rule, rule_marks.c.fired_at).where(mine)
        return {row.rule: row.fired_at for row in self._db.execute(query)}
