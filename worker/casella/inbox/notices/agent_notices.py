"""An agent's notices: the list, and what he has seen of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection

from casella.store import feed
from casella.store.feed import FeedEvent
from casella.store.queries import notice_queries
from casella.store.rows import TableRow

KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class NoticeView:
    """`more`: of whom and by whom, as the event told it."""

    id: str
    at: datetime
    what: str
    conversation_id: str
    message_id: str | None
    more: Mapping[str, object]
    seen_at: datetime | None


def list_notices(
    db: Connection, agent_id: str, visible: ColumnElement[bool], behind: str | None, limit: int, *, unseen: bool = False
) -> list[NoticeView]:
    """The newest first; of conversations that he has lost sight of, none (law 8). `unseen`: only those."""
    rows = notice_queries.page(db, agent_id, visible, behind, limit, unseen=unseen)
    return [_view(row) for row in rows]


def unseen(db: Connection, agent_id: str, visible: ColumnElement[bool]) -> int:
    """How many he has not seen; counted up to 1,000."""
    return notice_queries.count_unseen(db, agent_id, visible)


def mark_seen(db: Connection, agent_id: str, ids: Sequence[str] | None, at: datetime) -> bool:
    """He has seen these of his; None: all. His other screens are told. False if there was nothing new in that."""
    if not notice_queries.mark_seen(db, agent_id, ids, at):
        return False
    told: dict[str, feed.JsonValue] = {"notice_ids": list(ids) if ids is not None else None}
    feed.append(db, [FeedEvent("notice.seen", None, told, agent_id)], at)
    return True


def prune(db: Connection, now: datetime) -> int:
    """Forget a batch of what is older than KEPT."""
    return notice_queries.forget(db, now - KEPT)


def _view(row: TableRow) -> NoticeView:
    return NoticeView(row.id, row.at, row.what, row.conversation_id, row.message_id, row.more, row.seen_at)
