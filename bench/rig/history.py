"""A long history, written straight into the tables: every message decided by the real rules, as routing would have.

Half the conversations have one message, the others up to ten; every rule set, fact and outcome has the form in which
the house stores it, so that `casella replay` reads nothing else than it would after two weeks of work.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, insert

from bench.rig import desk
from casella import app as house
from casella.ids import new_id
from casella.inbox.house.directory import ChannelEntry
from casella.inbox.routing.router import keep_rule_set
from casella.store.tables import contact_addresses, contacts, conversations, decisions, messages
from casella_rules import Decision, Facts, FactValue, decide

_AT_ONCE = 2_000  # messages in one transaction
_Row = dict[str, object]


@dataclass
class _Rows:
    contacts: list[_Row] = field(default_factory=list)
    addresses: list[_Row] = field(default_factory=list)
    conversations: list[_Row] = field(default_factory=list)
    messages: list[_Row] = field(default_factory=list)
    decisions: list[_Row] = field(default_factory=list)

    def write(self, db: Connection) -> None:
        tables = (
            (contacts, self.contacts), (contact_addresses, self.addresses), (conversations, self.conversations),
            (messages, self.messages), (decisions, self.decisions),
        )  # fmt: skip
        for table, rows in tables:
            if rows:
                db.execute(insert(table), rows)


def fill(built: house.App, count: int, until: datetime, days: int = 13) -> int:
    """Write `count` messages of the last `days` days. Returns how many conversations they make."""
    writer = _Writer(built, until - timedelta(days=days), timedelta(days=days) / count)
    with built.rooms.store.write() as db:
        keep_rule_set(built.rooms, db, built.rooms.desk.current.ruleset, until)
    for rows in writer.batches(count):
        with built.rooms.store.write() as db:
            rows.write(db)
    return writer.conversations


class _Writer:
    def __init__(self, built: house.App, begin: datetime, pace: timedelta) -> None:
        self._directory = built.rooms.directory.current
        self._book = built.rooms.desk.current
        self._begin, self._pace = begin, pace
        self._chance = random.Random(5)
        self._teams = {team.key: team for team in self._directory.teams.values()}
        self._written = 0
        self.conversations = 0

    def batches(self, count: int) -> Iterator[_Rows]:
        rows = _Rows()
        while self._written < count:
            self._conversation(
                rows, self._channel, min(self._chance.choice((1, 1, 1, 3, 6, 10)), count - self._written)
            )
            if len(rows.messages) >= _AT_ONCE:
                yield rows
                rows = _Rows()
        yield rows

    @property
    def _channel(self) -> ChannelEntry:
        return next(iter(self._directory.channels.values()))

    def _conversation(self, rows: _Rows, channel: ChannelEntry, length: int) -> None:
        self.conversations += 1
        contact, address, conversation = new_id(), new_id(), new_id()
        opened = self._begin + self._written * self._pace
        rows.contacts.append(
            {"id": contact, "name": f"Contact {self.conversations}", "custom": {}, "created_at": opened}
        )
        phone = f"+39{self.conversations:010d}"
        rows.addresses.append({"id": address, "contact_id": contact, "kind": "phone", "scope": "", "address": phone})
        state = _State(conversation, phone)
        for number in range(length):
            self._message(rows, channel, state, number, opened + number * timedelta(minutes=3))
        closed = opened + timedelta(minutes=3 * length + self._chance.randint(2, 90))
        rows.conversations.append(
            {
                "id": conversation, "inbox_id": channel.inbox.id, "channel_id": channel.id, "contact_id": contact,
                "address_id": address, "status": "closed", "priority": state.priority, "message_count": length,
                "assignee_id": state.agent_id, "team_id": state.team_id, "opened_at": opened, "assigned_at": opened,
                "last_message_at": closed, "closed_at": closed, "turned_at": closed,
            }
        )  # fmt: skip

    def _message(self, rows: _Rows, channel: ChannelEntry, state: _State, number: int, at: datetime) -> None:
        self._written += 1
        id, text = new_id(), desk.text(self._written, self._chance)
        rows.messages.append(
            {
                "id": id, "conversation_id": state.id, "channel_id": channel.id, "sequence": number + 1, "text": text,
                "direction": "in", "kind": "text", "sender_kind": "contact", "external_id": id, "received_at": at,
                "shown_at": at, "state": "received", "has_attachments": False,
            }
        )  # fmt: skip
        values = self._values(channel, state, number, at)
        decision = decide(self._book.ruleset, Facts("message_received", {**values, "text": text}))
        skipped = self._done(state, decision)
        rows.decisions.append(
            {
                "id": new_id(), "conversation_id": state.id, "cause_id": id, "event": "message_received",
                "rule_set": decision.ruleset, "facts": Facts("message_received", values).as_json(), "at": at,
                "outcome": orjson.dumps(
                    {"decision": orjson.Fragment(decision.as_json()), "skipped": skipped, "assignments": []}
                ).decode(),
            }
        )  # fmt: skip

    def _values(self, channel: ChannelEntry, state: _State, number: int, at: datetime) -> dict[str, FactValue]:
        return {
            "channel": frozenset((channel.key, channel.channel_type)), "channel_type": channel.channel_type,
            "inbox": channel.inbox.key, "kind": "text", "has_attachment": False, "contact.name": "Somebody",
            "contact.phone": state.phone, "contact.tags": frozenset(), "contact.is_new": number == 0,
            "contact.opted_out": False, "conversation.status": "open", "conversation.priority": state.priority,
            "conversation.tags": frozenset(state.tags), "conversation.is_new": number == 0,
            "conversation.assignee": state.agent, "conversation.team": state.team,
            **self._book.time_facts(at, channel.inbox.timezone),
        }  # fmt: skip

    def _done(self, state: _State, decision: Decision) -> list[dict[str, object]]:
        skipped: list[dict[str, object]] = []
        for action in decision.actions:
            argument = action.argument.model_dump()
            if action.action == "assign" and state.agent is not None:
                skip = {"rule": action.rule, "index": action.index, "action": "assign", "reason": "has_assignee"}
                skipped.append(skip)
            elif action.action == "assign":
                self._give(state, str(argument["team"]))
            elif action.action == "tag":
                state.tags.update(argument["tags"])
            elif action.action == "priority":
                state.priority = str(argument["priority"])
        return skipped

    def _give(self, state: _State, key: str) -> None:
        team = self._teams[key]
        agent = self._directory.agents[self._chance.choice(_members(team.members))]
        state.team, state.team_id, state.agent, state.agent_id = key, team.id, agent.key, agent.id


@dataclass
class _State:
    """A conversation while its messages are written."""

    id: str
    phone: str
    priority: str = "normal"
    tags: set[str] = field(default_factory=set)
    team: str | None = None
    team_id: str | None = None
    agent: str | None = None
    agent_id: str | None = None


def _members(members: Sequence[str]) -> Sequence[str]:
    return members or [""]
