"""The conversations of a report, read in pieces, so that a year does not have to fit into memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.errors import Invalid
from casella.inbox.reading import Filters, Member, Narrowed, narrow
from casella.inbox.reports.happenings import Case
from casella.inbox.reports.period import Period
from casella.store.queries.oversight import report_queries
from casella.store.rows import TableRow

MOST = 200_000
"""Conversations of one report."""
_PIECE = 500


class ReportTooLarge(Invalid):
    """This is too much for one report; choose fewer days, or one inbox."""

    code = "report_too_large"


@dataclass(frozen=True, slots=True)
class About:
    """Which conversations: ids or keys of inboxes, channels and teams, kinds of channels, tags."""

    inbox: Sequence[str] = ()
    channel: Sequence[str] = ()
    kind: Sequence[str] = ()
    team: Sequence[str] = ()
    tag: Sequence[str] = ()


def narrowed(db: Connection, member: Member, about: About) -> Narrowed:
    """Shared conversations of the member's inboxes, and of no other world. Raises NotFound, Invalid."""
    wanted = Filters(
        status="all", inbox=about.inbox, channel=about.channel, kind=about.kind, team=about.team, tag=about.tag
    )
    return narrow(db, member, wanted)


def cases(db: Connection, member: Member, about: About, period: Period) -> Iterator[Case]:
    """Raises ReportTooLarge."""
    among = narrowed(db, member, about).conditions
    ids = report_queries.touched(db, among, period.start, period.end, MOST + 1)
    if len(ids) > MOST:
        raise ReportTooLarge
    for piece in _pieces(ids):
        messages = _by_conversation(report_queries.messages_of(db, piece))
        turns = _by_conversation(report_queries.turns_of(db, piece))
        tags = _by_conversation(report_queries.tags_of(db, piece))
        surveys = _by_conversation(report_queries.surveys_of(db, piece))
        for row in report_queries.some_conversations(db, piece):
            own = [tag.tag for tag in tags[row.id]]
            yield Case(row, own, messages[row.id], turns[row.id], surveys[row.id])


def _pieces(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[first : first + _PIECE] for first in range(0, len(ids), _PIECE))


def _by_conversation(rows: Sequence[TableRow]) -> dict[str, list[TableRow]]:
    found: dict[str, list[TableRow]] = defaultdict(list)
    for row in rows:
        found[row.conversation_id].append(row)
    return found
