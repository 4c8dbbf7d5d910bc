"""What the house has written down of one step: its decisions, what came of them, and how the conversation stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import orjson
from sqlalchemy import Connection, select

from casella.inbox.consent import stopped
from casella.inbox.house import Directory
from casella.inbox.rule_tests.play import Play
from casella.store.feed import JsonValue
from casella.store.rows import TableRow
from casella.store.tables import (
    contact_addresses,
    contacts,
    conversation_tags,
    conversations,
    decisions,
    messages,
    surveys_sent,
    timers,
)
from casella_rules import AskForDraft, CallWebhook, Decision, Facts, Move, Notify, PlannedAction, Reply


@dataclass(frozen=True, slots=True)
class Run:
    """One entry of the record. `decision` is empty where no rule was asked; `waits`: replies that wait for office
    hours; `choices`: who was looked for, as stored."""

    row: TableRow
    decision: Decision
    due: str
    asked: bool
    skipped: Sequence[tuple[PlannedAction, str]]
    waits: Sequence[PlannedAction]
    choices: Sequence[Mapping[str, JsonValue]]

    @property
    def facts(self) -> Facts:
        """What the rules were told, without the customer's words."""
        return Facts.from_json(self.row.facts)

    @property
    def done(self) -> Iterator[PlannedAction]:
        """Actions that were done."""
        not_done = {(one.rule, one.index) for one, _ in self.skipped} | {(one.rule, one.index) for one in self.waits}
        return (one for one in self.decision.actions if (one.rule, one.index) not in not_done)


@dataclass(frozen=True, slots=True)
class SentReply:
    """A message that a rule has sent. `what`: the key of a canned message, or the words that were asked for."""

    what: str
    locale: str
    offered: Sequence[str]


class Record:
    """Read where it is asked for. Of the customer's conversations only; others who wait are only there."""

    def __init__(self, play: Play, db: Connection) -> None:
        self.play, self.world, self.db = play, play.world, db
        self._own = select(conversations.c.id).where(conversations.c.address_id == self.world.addresses)

    @cached_property
    def runs(self) -> Sequence[Run]:
        columns = decisions.c
        mine = columns.conversation_id.is_(None) | columns.conversation_id.in_(self._own)
        query = select(decisions).where(mine, columns.id > self.play.mark).order_by(columns.id)
        return [self._run(row) for row in self.db.execute(query)]

    def _run(self, row: TableRow) -> Run:
        outcome = orjson.loads(row.outcome)
        vocabulary = self.world.desk.rules.vocabulary
        stored = outcome.get("decision")
        decision = Decision.from_json(orjson.dumps(stored).decode(), vocabulary) if stored else Decision("")
        why = {(one["rule"], one["index"]): one.get("text") or one["reason"] for one in outcome["skipped"]}
        skipped = [(one, said) for one in decision.actions if (said := why.get((one.rule, one.index)))]
        waits = [one for one in decision.actions if self._waits(row, one)]
        asked = stored is not None and "later_of" not in outcome
        return Run(row, decision, outcome.get("due") or "", asked, skipped, waits, outcome.get("assignments", ()))

    def _waits(self, row: TableRow, action: PlannedAction) -> bool:
        """Whether a reply waits for office hours, as a timer."""
        if not isinstance(action.argument, Reply) or action.argument.when_open is None:
            return False
        cause = f"{row.cause_id}/{action.rule}/{action.index}"
        query = select(timers.c.id).where(timers.c.kind == "reply", timers.c.cause_id == cause)
        return self.db.execute(query).first() is not None

    @property
    def done(self) -> Iterator[PlannedAction]:
        return (one for run in self.runs for one in run.done)

    @property
    def matched(self) -> list[str]:
        return [rule for run in self.runs for rule in run.decision.matched]

    @property
    def watched(self) -> list[str]:
        return [rule for run in self.runs for rule in run.decision.watched]

    @property
    def delayed(self) -> list[str]:
        return [one.rule for run in self.runs for one in run.decision.delayed]

    @property
    def notified(self) -> list[str]:
        return [one.argument.text for one in self.done if isinstance(one.argument, Notify)]

    @property
    def webhooks(self) -> list[str]:
        return [one.argument.to for one in self.done if isinstance(one.argument, CallWebhook)]

    @property
    def drafts(self) -> int:
        return sum(isinstance(one.argument, AskForDraft) for one in self.done)

    @property
    def plugin_actions(self) -> list[str]:
        """What plugins were asked to do."""
        known = self.world.desk.rules.vocabulary.actions
        return [one.action for one in self.done if (spec := known.get(one.action)) and spec.plugin]

    @cached_property
    def replies(self) -> Sequence[SentReply]:
        return [reply for run in self.runs for reply in self._replies(run)]

    def _replies(self, run: Run) -> Iterator[SentReply]:
        inbox = str(run.facts["inbox"])
        for one in run.done:
            if isinstance(one.argument, Move):
                inbox = one.argument.inbox
            elif isinstance(one.argument, Reply):
                locale = one.argument.locale or self.world.desk.locale_of(inbox)
                yield SentReply(one.argument.label, locale, one.argument.offered)

    @property
    def notes(self) -> list[str]:
        columns = messages.c
        query = select(columns.text).where(columns.conversation_id.in_(self._own), columns.direction == "note")
        return list(self.db.execute(query.where(columns.id > self.play.mark).order_by(columns.id)).scalars())

    @property
    def surveys(self) -> list[str]:
        columns = surveys_sent.c
        query = select(columns.survey).where(columns.conversation_id.in_(self._own), columns.id > self.play.mark)
        return list(self.db.execute(query.order_by(columns.id)).scalars())

    # --- how it stands now ------------------------------------------------------------------------------------------

    @cached_property
    def conversation(self) -> TableRow | None:
        """The customer's newest."""
        return self.world.conversation(self.db)

    @property
    def assignee(self) -> str | None:
        return self._directory.key_of(self.conversation.assignee_id) if self.conversation else None

    @property
    def team(self) -> str | None:
        team = self._directory.teams.get(self.conversation.team_id or "") if self.conversation else None
        return team.key if team else None

    @property
    def inbox(self) -> str | None:
        return self.world.inbox_of(self.conversation).key if self.conversation else None

    @property
    def tags(self) -> list[str]:
        if self.conversation is None:
            return []
        mine = conversation_tags.c.conversation_id == self.conversation.id
        return sorted(self.db.execute(select(conversation_tags.c.tag).where(mine)).scalars())

    @property
    def opted_out(self) -> bool:
        return bool(stopped(self.world.rooms, self.db, self.world.channel, [self.world.address]))

    @property
    def custom(self) -> Mapping[str, JsonValue]:
        """Attributes of the customer."""
        his = select(contact_addresses.c.contact_id).where(contact_addresses.c.id == self.world.addresses)
        query = select(contacts.c.custom).where(contacts.c.id.in_(his))
        return self.db.execute(query).scalar_one_or_none() or {}

    @property
    def _directory(self) -> Directory:
        return self.world.rooms.directory.current
