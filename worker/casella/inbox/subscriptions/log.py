"""The log of letters: what was told, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from casella.errors import Conflict, NotFound
from casella.inbox.reading import Member, visible
from casella.inbox.subscriptions import keeping
from casella.store.queries.oversight import subscription_queries
from casella.store.rows import TableRow


@dataclass(frozen=True, slots=True)
class LetterView:
    """`body`: what the other system was told, word by word. `status`: what it answered last."""

    position: int
    id: str
    kind: str
    inbox_id: str | None
    conversation_id: str | None
    body: str
    state: str
    attempts: int
    due_at: datetime
    status: int | None
    error: str | None
    created_at: datetime
    ended_at: datetime | None


def list_letters(
    db: Connection, member: Member, subscription_id: str, state: str | None, before: int | None, limit: int
) -> list[LetterView]:
    """The newest first, those about conversations that the member sees. Raises NotFound."""
    if subscription_queries.one(db, subscription_id) is None:
        raise NotFound("There is no such subscription.")
    rows = subscription_queries.letters(db, subscription_id, visible(member), state, before, limit)
    return [_view(row) for row in rows]


def require_letter(db: Connection, member: Member, letter_id: str) -> None:
    """Raises NotFound unless it is about nothing that the member does not see."""
    if subscription_queries.letter(db, letter_id, visible(member)) is None:
        raise NotFound("There is no such letter, or it is not yours to see.")


def send_again(db: Connection, member: Member, letter_id: str, now: datetime) -> LetterView:
    """One that has arrived or was given up is sent once more, with the same id. Raises NotFound, Conflict."""
    row = subscription_queries.letter(db, letter_id, visible(member))
    if row is None:
        raise NotFound("There is no such letter, or it is not yours to see.")
    subscription = keeping.held(db, row.subscription_id)
    if subscription.state != "active":
        raise Conflict("This subscription is off; switch it on first.", code="subscription_off")
    if row.state == "queued":
        raise Conflict("This letter is on its way already.", code="not_failed")
    subscription_queries.send_again(db, row.position, now)
    again = subscription_queries.letter(db, letter_id, visible(member))
    assert again is not None, "it is held"
    return _view(again)


def _view(row: TableRow) -> LetterView:
    return LetterView(
        row.position, row.id, row.kind, row.inbox_id, row.conversation_id, row.body, row.state, row.attempts,
        row.due_at, row.status, row.error, row.created_at, row.ended_at,
    )  # fmt: skip
