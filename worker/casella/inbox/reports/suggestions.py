"""What became of what the Message Assistant proposed, by the rule that asked for it or the agent who did."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.inbox.reading import Member
from casella.inbox.reports.gathering import About, narrowed
from casella.inbox.reports.period import Period
from casella.store.queries.oversight import report_queries
from casella.store.rows import TableRow


@dataclass(frozen=True, slots=True)
class SuggestionFigures:
    """`rule`: whose action asked for it; None: an agent did. `undecided`: nobody has said what became of it.
    `distance`: how many characters agents changed on average in what they edited."""

    rule: str | None
    kind: str
    provider: str
    offered: int
    accepted: int
    edited: int
    discarded: int
    undecided: int
    distance: float | None


def suggestions(db: Connection, member: Member, period: Period, about: About) -> list[SuggestionFigures]:
    """By rule, kind and provider; what agents asked for themselves comes last. Raises NotFound, Invalid."""
    among = narrowed(db, member, about).conditions
    rows = report_queries.proposals(db, among, period.start, period.end)
    rules = _rules(report_queries.rules_drafts(db, sorted({row.conversation_id for row in rows})))
    parts: dict[tuple[str | None, str, str], list[TableRow]] = {}
    for row in rows:
        parts.setdefault((rules.get(row.id), row.kind, row.provider), []).append(row)
    ordered = sorted(parts.items(), key=lambda part: (part[0][0] is None, part[0][0] or "", *part[0][1:]))
    return [_figures(key, rows) for key, rows in ordered]


def _rules(drafts: Sequence[TableRow]) -> Mapping[str, str]:
    """The rule by the proposal's id."""
    return {str(one["id"]): draft.rule for draft in drafts for one in draft.proposals}


def _figures(key: tuple[str | None, str, str], rows: Sequence[TableRow]) -> SuggestionFigures:
    became = [row.state for row in rows]
    distances = [row.distance for row in rows if row.state == "edited" and row.distance is not None]
    return SuggestionFigures(
        *key, len(rows), became.count("accepted"), became.count("edited"), became.count("discarded"),
        became.count("offered"), round(statistics.fmean(distances), 1) if distances else None,
    )  # fmt: skip
