"""The whole run: reads, decides again, counts. One unchanging view that the database itself lets nobody write to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from casella.desk import Catalogue
from casella.inbox.history.changes import Compared, Deed
from casella.inbox.history.compare import Comparer
from casella.inbox.history.limits import limits
from casella.inbox.history.report import Findings, QueueLine, Report, RuleLine
from casella.inbox.history.rows import Story, extent, stories
from casella.inbox.history.rulesets import OldRules, Trial, desk_in_use, trial
from casella.inbox.history.waiting import ASSUMPTIONS, Arrivals, TeamWaits, modelled, servers_of
from casella.store import Store

Progress = Callable[[int, int], None]
"""(decisions done, decisions in all)."""


def replay_history(
    store: Store,
    catalogue: Catalogue,
    rules: Path,
    since: datetime,
    now: datetime,
    *,
    examples: int = 20,
    progress: Progress = lambda done, total: None,
) -> Report:
    """The stored history since then under the rules at this path. Raises DeskMistaken, ConfigurationError,
    StoreUnavailable."""
    with store.snapshot() as db:
        tried = trial(rules, catalogue, db)
        return _Run(db, catalogue, tried, examples, progress).report(since, now)


class _Run:
    def __init__(self, db: Connection, catalogue: Catalogue, tried: Trial, examples: int, progress: Progress) -> None:
        self._db = db
        self._trial = tried
        self._progress = progress
        self._old = OldRules(db, catalogue)
        self._old_servers = servers_of(desk_in_use(db, catalogue) or tried.desk)
        self._findings = Findings(examples)
        self._queues: dict[str, int] = {}
        self._then, self._now = Arrivals(), Arrivals()
        self._first: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def report(self, since: datetime, now: datetime) -> Report:
        self._old.load()
        found = extent(self._db, since)
        self._progress(0, found.decisions)
        comparer = Comparer(self._trial, self._old, lambda done: self._progress(done, found.decisions))
        for story in stories(self._db, since):
            compared = comparer.compare(story)
            self._findings.add(compared)
            self._arrive(story, compared)
        tally = comparer.tally
        return Report(
            since=since, until=now, rules=self._trial.name, rule_set=self._trial.rules.hash,
            old_rule_sets=tuple(sorted(tally.rule_sets)), extent=found, decisions=tally.decisions,
            repeated=tally.repeated, strayed=tally.strayed, unreadable=tally.unreadable,
            summary=self._findings.summary, rule_lines=self._rule_lines(comparer), queues=self._queue_lines(),
            groups=self._findings.groups, gaps=comparer.askable.gaps,
            limits=tuple(limits(found, comparer, self._trial)), assumptions=ASSUMPTIONS,
        )  # fmt: skip

    def _arrive(self, story: Story, compared: Compared) -> None:
        pairs = ((compared.placed_old, self._then, 0), (compared.placed_new, self._now, 1))
        for placed, arrivals, side in pairs:
            if placed is not None:
                self._first[side][placed.effect.what] += 1
                queue = self._queues.setdefault(placed.effect.what, len(self._queues))
                arrivals.add(placed.at, _took(story, placed), queue, placed.priority)

    def _queue_lines(self) -> tuple[QueueLine, ...]:
        queues = list(self._queues)
        then = modelled(self._then, queues, self._old_servers)
        now = modelled(self._now, queues, servers_of(self._trial.desk))
        nothing = TeamWaits()
        return tuple(
            QueueLine(queue, self._first[0][queue], self._first[1][queue], then.get(queue, nothing),
                      now.get(queue, nothing))
            for queue in sorted(queues, key=lambda queue: -abs(self._first[1][queue] - self._first[0][queue]))
        )  # fmt: skip

    def _rule_lines(self, comparer: Comparer) -> tuple[RuleLine, ...]:
        tally = comparer.tally
        before, after = self._old.rules_by_name(tally.rule_sets), self._trial.rules_by_name
        fired = set(tally.fired_old) | set(tally.fired_new) | set(tally.watched) | set(tally.waits)
        names = [name for name in after if name in fired or before.get(name) != after[name]]
        names += [name for name in before if name not in after and name in fired]
        return tuple(
            RuleLine(name, _state(name, before, after), tally.fired_old[name], tally.fired_new[name],
                     tally.watched[name], tally.waits[name])
            for name in names
        )  # fmt: skip


def _state(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    if name not in before:
        return "new"
    if name not in after:
        return "gone"
    return "as it was" if before[name] == after[name] else "changed"


def _took(story: Story, placed: Deed) -> float:
    """How long the conversation took up its agent; below zero where that is not known."""
    if story.assigned_at is None or story.ended_at is None:
        return -1.0
    return (story.ended_at - max(story.assigned_at, placed.at)).total_seconds()
