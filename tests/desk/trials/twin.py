"""The same test played twice: in memory, as `casella test` does, and in a house on a database, with messages that come
in and go out. `seen_in_memory` and `seen_in_the_house` say step by step what could be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import delete, insert, select, update

from casella.clock import ManualClock
from casella.desk import Desk, load_desk
from casella.desk.parts.catalogue import Catalogue
from casella.desk.trials.parts import SaidMessage, Step, TestPart
from casella.desk.trials.play import Log, Play
from casella.desk.trials.verdict import DeskTest, happen, steps_of
from casella.desk.trials.world import World
from casella.errors import CasellaError
from casella.ids import new_id
from casella.inbox.background.queues import serve_queues
from casella.inbox.background.schedules import arm_schedules
from casella.inbox.background.timers_due import fire_due
from casella.inbox.commands.prioritizing import Priority, set_priority
from casella.inbox.commands.starting import start
from casella.inbox.consent.ledger import entry, pool_of, stopped
from casella.inbox.house.directory import InboxEntry
from casella.inbox.reading.members import find_member
from casella.inbox.sending.outbox import Draft
from casella.store.tables import (
    agents,
    assistant_drafts,
    consents,
    contact_addresses,
    contact_tags,
    contacts,
    conversation_tags,
    conversations,
    decisions,
    messages,
    metadata,
    surveys_sent,
    timers,
    webhook_calls,
)
from casella.store.tables import teams as teams_table
from casella_rules import next_open
from casella_rules.hours import next_closed
from tests.builders import make_contact, make_conversation
from tests.fakes import AcmeChannel
from tests.house import ANNA, House

Seen = dict[str, object]
_STAYS = {
    "agents", "assistant_providers", "connections", "desk_failures", "desk_versions", "inboxes", "lanes", "rule_sets",
    "teams", "webhooks", "access_tokens", "channels", "inbox_members", "team_members", "search_pending",
}  # fmt: skip


class AnyTime(ManualClock):
    """A clock that each test sets anew."""

    def set(self, at: datetime) -> None:
        with self._lock:
            self._at = at


def twin_desk(folder: Path) -> Desk:
    return load_desk(folder, Catalogue({"acme": AcmeChannel.settings_model}))


# --- in memory --------------------------------------------------------------------------------------------------


def seen_in_memory(desk: Desk, test: DeskTest) -> list[Seen]:
    play, seen = Play(World(desk, test.part.given)), []
    for step in steps_of(test.part):
        play.log = Log()
        happen(play, step)
        seen.append(_of_play(play))
    return seen


def _of_play(play: Play) -> Seen:
    log, world = play.log, play.world
    found = world.conversation
    return {
        "rules": list(log.acted),
        "watched": list(log.watched),
        "delayed": list(log.delayed),
        "skipped": sorted((rule, action, reason.partition(":")[0]) for rule, action, reason in log.skipped),
        "replies": [reply.text for reply in log.replies],
        "notes": list(log.notes),
        "notified": list(log.notified),
        "webhooks": list(log.webhooks),
        "surveys": list(log.surveys),
        "drafts": log.drafts,
        "opted_out": world.opted_out,
        "custom": {key: _written(value) for key, value in world.custom.items() if value is not None},
        "conversation": found and {
            "status": found.status, "assignee": found.assignee, "team": found.team, "queued": found.queued,
            "priority": found.priority, "tags": sorted(found.tags), "inbox": found.inbox, "messages": found.messages,
            "waiting_since": found.waiting_since and found.waiting_since.astimezone(UTC),
        },
        "open": {key: given.open for key, given in sorted(world.agents.items())},
    }  # fmt: skip


def _told(outcome: dict[str, object]) -> Iterator[str]:
    """What people were told in one run: not each of them, but each time."""
    not_done = {(one["rule"], one["index"]) for one in outcome["skipped"]}
    for rule, index, action, argument in outcome.get("decision", {}).get("actions", []):
        if action == "notify" and (rule, index) not in not_done:
            yield argument["text"]


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


# --- in the house -----------------------------------------------------------------------------------------------


class HouseTwin:
    """A house that plays tests, one after the other, each in an emptied inbox."""

    def __init__(self, house: House, clock: AnyTime) -> None:
        self.house, self.clock = house, clock
        self.desk: Desk | None = None

    def seen(self, desk: Desk, test: DeskTest) -> list[Seen]:
        self.desk = desk
        self._begin(desk, test.part)
        return list(self._steps(test.part))

    def _steps(self, part: TestPart) -> Iterator[Seen]:
        arm_schedules(self.house.rooms)
        for step in steps_of(part):
            before = self._marks()
            self._happen(step)
            yield self._see(before)

    # --- the world before -----------------------------------------------------------------------------------

    def _begin(self, desk: Desk, part: TestPart) -> None:
        house, given = self.house, part.given
        with house.rooms.store.write() as db:
            for table in reversed(metadata.sorted_tables):
                if table.name not in _STAYS:
                    db.execute(delete(table))
        files = desk.folder
        house.apply(**{name: (files / f"{name}.yaml").read_text() for name in ("desk", "rules", "canned")})
        world = World(desk, given)
        self.clock.set(world.now.astimezone(UTC))
        self.world = world
        with house.rooms.store.write() as db:
            db.execute(update(agents).values(available=False, open_conversations=0, last_assigned_at=None))
            for key, agent in world.agents.items():
                values = {"available": agent.available, "open_conversations": agent.open}
                if agent.capacity is not None:
                    values["capacity"] = agent.capacity
                db.execute(update(agents).where(agents.c.key == key).values(**values))
            for team, number in given.queues.items():
                at = self.clock.now() - timedelta(hours=1)
                for _ in range(number):
                    make_conversation(db, channel_id=house.channel().id, team_id=self._team(team), queued_at=at)
        self.address = given.contact.phone or ANNA
        self._contact(part)

    def _contact(self, part: TestPart) -> None:
        house, given, contact = self.house, part.given, part.given.contact
        served = next((key for key, agent in (given.agents or {}).items() if agent.served_last), None)
        earlier = max(contact.conversations - 1, int(contact.is_new is False), int(served is not None))
        conversation = given.conversation
        if not (contact.name or contact.tags or contact.custom or contact.opted_out or contact.favourite
                or earlier or conversation or contact.language):  # fmt: skip
            return
        now = self.clock.now()
        with house.rooms.store.write() as db:
            contact_id = make_contact(db, name=contact.name, address=self.address)
            values = {"custom": dict(contact.custom), "favourite": contact.favourite, "locale": contact.language}
            db.execute(update(contacts).where(contacts.c.id == contact_id).values(**values))
            for tag in contact.tags:
                db.execute(insert(contact_tags).values(contact_id=contact_id, tag=tag))
            for number in range(earlier):
                agent = house.agent(served).id if served and number == 0 else None
                at = now - timedelta(days=30 - number)
                make_conversation(
                    db, channel_id=house.channel().id, contact_id=contact_id, at=at, status="closed", closed_at=at,
                    assignee_id=agent, assigned_at=at if agent else None,
                )  # fmt: skip
            if conversation is not None:
                waiting = now - timedelta(seconds=conversation.waiting) if conversation.waiting is not None else None
                team = self._team(conversation.team)
                queued = team and not conversation.assignee and conversation.status == "open"
                make_conversation(
                    db, channel_id=house.channel().id, contact_id=contact_id, status=conversation.status,
                    at=now - timedelta(seconds=conversation.age), priority=conversation.priority, team_id=team,
                    tags=conversation.tags, subject=conversation.subject, started_by=conversation.started_by,
                    assignee_id=house.agent(conversation.assignee).id if conversation.assignee else None,
                    queued_at=now if queued else None, waiting_since=waiting, last_message_at=waiting or now,
                    message_count=conversation.messages,
                )  # fmt: skip
            if contact.opted_out:
                key = (pool_of(house.rooms, house.channel()), self.address)
                row = entry(key, "opted_out", "keyword", "STOP", now, agent_id=None, message_id=None)
                db.execute(insert(consents), row)

    def _team(self, key: str | None) -> str | None:
        return next((team.id for team in self.house.rooms.directory.current.teams.values() if team.key == key), None)

    # --- what happens ---------------------------------------------------------------------------------------

    def _happen(self, step: Step) -> None:
        if step.at is not None:
            self._until(self.world.local(step.at).astimezone(UTC))
        if step.wait is not None:
            self._until(self.clock.now() + timedelta(seconds=step.wait))
        if step.message is not None:
            self._message(step.message)
        with suppress(CasellaError):  # a step that is not possible does nothing, here and there
            if step.takes is not None:
                self._takes(step.takes)
            if step.prioritizes is not None:
                self._prioritizes(step.prioritizes)
            if step.agent_replies is not None:
                self._agent_replies(step.agent_replies, step.by)
        if step.event in ("contact_opted_out", "contact_opted_in"):
            self._consent(step.event)
        if step.closes and (row := self._row()) and row["status"] != "closed":
            self.house.close_conversation(row["id"])
        self._settle()

    def _message(self, said: SaidMessage) -> None:
        self.house.receive(self.house.says(said.text or "", self.address))

    def _takes(self, key: str) -> None:
        row = self._row()
        assert row is not None
        before = self._key(agents, row["assignee_id"])
        self.house.assign(row["id"], key, expected=before)

    def _prioritizes(self, priority: Priority) -> None:
        row, by = self._row(), self.house.agent("mara").id
        assert row is not None
        with self.house.rooms.store.write() as db:
            set_priority(db, self.house.rooms, str(row["id"]), priority, by=by, at=self.clock.now())

    def _agent_replies(self, text: str, by: str | None) -> None:
        house, row = self.house, self._row()
        directory = house.rooms.directory.current
        if row is not None and row["status"] != "closed":
            inbox, holder = directory.inboxes[row["inbox_id"]], self._key(agents, row["assignee_id"])
            agent = house.agent(by or self._first_who_may_write(inbox, holder))
            if agent.id in inbox.members:  # else he does not see it
                house.reply(text, row["id"], by=agent.key)
            return
        agent = house.agent(by or self._first_who_may_write(house.channel().inbox, None))
        draft = Draft(text, sender_id=agent.id)
        with house.rooms.store.write() as db:
            member = find_member(db, agent.id)
            assert member is not None
            start(db, house.rooms, member, "main", self.address, None, draft, self.clock.now())

    def _first_who_may_write(self, inbox: InboxEntry, holder: str | None) -> str:
        rooms, world = self.house.rooms, self.world
        order = [*([holder] if holder else ()), *world.agents, *world.desk.parts.agents]
        members = {rooms.directory.current.key_of(id) for id in inbox.members}
        return next(key for key in order if key in members and rooms.desk.current.may_reply(key))

    def _consent(self, event: str) -> None:
        """The customer's provider says so."""
        channel, state = self.house.channel().address, event.removeprefix("contact_")
        more = {"state": state, "source": "keyword", "evidence": state}
        self.house.receive(
            {"kind": "consent", "channel_address": channel, "contact_address": self.address, "external_id": new_id(),
             **more}
        )  # fmt: skip

    # --- time -----------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """What the workers and the sweep do, until it is quiet."""
        rooms = self.house.rooms
        arm_schedules(rooms)
        while self.house.deliver() + fire_due(rooms) + serve_queues(rooms):
            pass

    def _until(self, moment: datetime) -> None:
        self._settle()
        while (now := self.clock.now()) < moment:
            self.clock.set(min([*self._next(now), moment]))
            self._settle()

    def _next(self, now: datetime) -> Iterator[datetime]:
        """When something may happen by itself: a timer, or an agent whose hours begin."""
        with self.house.rooms.store.read() as db:
            query = select(timers.c.due_at).where(timers.c.state == "waiting", timers.c.due_at > now)
            yield from db.execute(query).scalars()
        assert self.desk is not None
        for hours in self.desk.hours.values():
            opening = next_open(hours, now)
            if opening is not None and opening > now:
                yield opening.astimezone(UTC)
            closing = next_closed(hours, now)
            if closing is not None and closing > now:
                yield closing

    # --- looking --------------------------------------------------------------------------------------------

    def _mine(self) -> dict[str, dict[str, object]]:
        address = self.house.rows(contact_addresses, address=self.address)
        return (
            {row["id"]: row for row in self.house.rows(conversations, address_id=address[0]["id"])} if address else {}
        )

    def _row(self) -> dict[str, object] | None:
        rows = self._mine().values()
        return max(rows, key=lambda row: (row["opened_at"], row["id"])) if rows else None

    def _marks(self) -> dict[str, set[object]]:
        return {
            table.name: {row["id"] for row in self.house.rows(table)}
            for table in (decisions, messages, webhook_calls, surveys_sent, assistant_drafts)
        }

    def _new(self, table: object, marks: dict[str, set[object]], **columns: object) -> list[dict[str, object]]:
        """Of the customer of the test; others who wait are only there."""
        rows = [row for row in self.house.rows(table, **columns) if row["id"] not in marks[table.name]]
        return [row for row in rows if row["conversation_id"] in (None, *self._mine())]

    def _see(self, marks: dict[str, set[object]]) -> Seen:
        outcomes = [orjson.loads(row["outcome"]) for row in self._new(decisions, marks)]
        decided = [outcome["decision"] for outcome in outcomes if "decision" in outcome]
        not_done = [(one["rule"], one["action"], one["reason"]) for outcome in outcomes for one in outcome["skipped"]]
        not_done += [(rule, action, why) for one in decided for rule, _, action, why in one.get("skipped", [])]
        said = self._new(messages, marks)
        row = self._row()
        return {
            "rules": [rule for one in decided for rule in one.get("matched", [])],
            "watched": [rule for one in decided for rule in one.get("watched", [])],
            "delayed": [rule for one in decided for rule, *_ in one.get("delayed", [])],
            "skipped": sorted(not_done),
            "replies": [one["text"] for one in said if one["sender_kind"] == "rule" and one["direction"] == "out"],
            "notes": [one["text"] for one in said if one["direction"] == "note"],
            "notified": [text for outcome in outcomes for text in _told(outcome)],
            "webhooks": ["crm" for _ in self._new(webhook_calls, marks)],
            "surveys": [one["survey"] for one in self._new(surveys_sent, marks)],
            "drafts": len(self._new(assistant_drafts, marks)),
            "opted_out": self._is_stopped(),
            "custom": self._custom(),
            "conversation": row and {
                "status": row["status"], "assignee": self._key(agents, row["assignee_id"]),
                "team": self._key(teams_table, row["team_id"]),
                "queued": row["status"] == "open" and None not in (row["queued_at"], row["team_id"])
                and row["assignee_id"] is None,
                "priority": row["priority"], "tags": self._tags(row["id"]), "inbox": self._inbox(row["inbox_id"]),
                "messages": row["message_count"], "waiting_since": row["waiting_since"],
            },
            "open": {key: self.house.one(agents, key=key)["open_conversations"] for key in sorted(self.world.agents)},
        }  # fmt: skip

    def _is_stopped(self) -> bool:
        with self.house.rooms.store.read() as db:
            return bool(stopped(self.house.rooms, db, self.house.channel(), [self.address]))

    def _custom(self) -> dict[str, object]:
        address = self.house.rows(contact_addresses, address=self.address)
        custom = self.house.one(contacts, id=address[0]["contact_id"])["custom"] if address else {}
        return {key: value for key, value in custom.items() if value is not None}

    def _tags(self, conversation_id: object) -> list[str]:
        return sorted(row["tag"] for row in self.house.rows(conversation_tags, conversation_id=conversation_id))

    def _key(self, table: object, id: object) -> str | None:
        return str(self.house.one(table, id=id)["key"]) if id else None

    def _inbox(self, id: object) -> str:
        return self.house.rooms.directory.current.inboxes[str(id)].key
