"""A message of ours while its receipts are applied: its state only moves up, and its error is not forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Row

from casella.inbox.receipts.delivery_states import advance
from casella.inbox.state import Values, news_of
from casella.plugin import DeliveryProblem


class StoredMessage(NamedTuple):
    """What a state is made of, as it is stored."""

    id: str
    channel_id: str
    conversation_id: str
    external_id: str | None
    direction: str
    state: str
    text: str
    error_code: str | None
    error_text: str | None
    error_retryable: bool | None


@dataclass(slots=True, eq=False)
class MessageState:
    """A stored message that this batch may change."""

    id: str
    channel_id: str
    conversation_id: str
    external_id: str | None
    direction: str
    state: str
    text: str
    error: DeliveryProblem | None = None
    changed: bool = False
    settled: bool = False
    news: str | None = None

    @classmethod
    def of(cls, row: Row[tuple[object, ...]] | StoredMessage, external_id: str | None = None) -> MessageState:
        """As it is stored, with its error: writing a state that did not change must not forget why it failed."""
        error = None
        if row.error_code is not None:
            error = DeliveryProblem(
                code=row.error_code, text=row.error_text or "", retryable=bool(row.error_retryable)
            )  # fmt: skip
        external = external_id or row.external_id
        return cls(row.id, row.channel_id, row.conversation_id, external, row.direction, row.state, row.text, error)

    def move(self, reported: str, problem: DeliveryProblem | None = None) -> bool:
        """Up to what was reported. False if that changes nothing."""
        new = advance(self.state, reported)
        if new is None:
            return False
        self.news = news_of(self.state, new) or self.news
        self.state, self.error = new, problem if new == "failed" else None
        return True

    def move_by(self, early: Iterable[Values]) -> None:
        """Up by receipts that came early."""
        for receipt in early:
            problem = receipt["problem"]
            known = DeliveryProblem.model_validate(problem) if isinstance(problem, dict) else None
            self.move(str(receipt["status"]), known)
