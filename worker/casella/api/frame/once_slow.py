"""Writes that happen once and take long: asking a model. No transaction is held meanwhile, so the key is kept first,
and the answer under it when there is one. Whoever sends the same key meanwhile is told that it is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from casella.api.frame.once import Once
from casella.errors import Conflict, IdempotencyMismatch
from casella.store.queries import idempotency_queries

_ABANDONED = timedelta(minutes=5)
"""Longer than anything under a key takes: a process that died left such a key behind."""


class UnderWay(Conflict):
    """A request with this Idempotency-Key is being answered; wait for it, or send it again in a moment."""

    code = "idempotency_under_way"


@dataclass(frozen=True, slots=True)
class SlowOnce:
    """The key of one write, held from `begin` until `finish` or `release`."""

    once: Once

    def begin(self) -> str | None:
        """None for the first; else the stored answer. Raises IdempotencyMismatch, UnderWay."""
        once = self.once
        if once.key is None:
            return None
        at = once.rooms.clock.now()
        with once.rooms.store.write() as db:
            if idempotency_queries.begin(db, once.member.id, once.key, once.fingerprint, at):
                return None
            row = idempotency_queries.stored(db, once.member.id, once.key)
            if row.fingerprint != once.fingerprint:
                raise IdempotencyMismatch
            if row.status is not None:
                return str(row.response)
            if idempotency_queries.take_over(db, once.member.id, once.key, at - _ABANDONED, at):
                return None
        raise UnderWay

    def finish(self, answer: str) -> None:
        once = self.once
        if once.key is not None:
            with once.rooms.store.write() as db:
                idempotency_queries.finish(db, once.member.id, once.key, 200, answer)

    def release(self) -> None:
        """Nothing came of it: the key is free again."""
        once = self.once
        if once.key is not None:
            with once.rooms.store.write() as db:
                idempotency_queries.release(db, once.member.id, once.key)
