"""What the feed tells whom, held against the rows: whoever sees a conversation now hears of it, nobody else does, and
whoever has lost sight of it is told that it is gone, and no more than that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import select

from casella.store.feed import MEMBERS
from casella.store.rows import TableRow
from casella.store.tables import feed
from tests.visibility.oracle import Oracle, Seen
from tests.visibility.world import AGENTS, World

GONE = "conversation.gone"
Event = Mapping[str, object]


@dataclass
class Hearing:
    """One ear per agent: `listen` after everything that may have been told."""

    world: World
    agents: Sequence[str] = AGENTS
    heard: dict[str, list[Event]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    _last: int = 0
    _cursor: str = ""
    _before: dict[str, Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.oracle = Oracle(self.world.house.rooms.store, self.world.marks)
        self.oracle.refresh()
        self._rows()
        answer = self.world.client("dora").get("/api/v1/events/poll").json()
        self._cursor = answer["cursor"]
        self._before = {who: self.oracle.of(who) for who in self.agents}

    def listen(self, step: str) -> list[str]:
        """What is wrong with what was told since the last time."""
        self.oracle.refresh()
        if not (rows := self._rows()):
            return []
        self.kinds |= {row.kind for row in rows}
        problems = []
        cursor = self._cursor
        for who in self.agents:
            told, cursor = self._poll(who)
            self.heard.setdefault(who, []).extend(told)
            problems += [f"{step}: {who} {wrong}" for wrong in self._wrong(who, told, rows)]
        self._cursor, self._before = cursor, {who: self.oracle.of(who) for who in self.agents}
        return problems

    def _rows(self) -> Sequence[TableRow]:
        with self.world.house.rooms.store.read() as db:
            rows = db.execute(select(feed).where(feed.c.id > self._last).order_by(feed.c.id)).all()
        self._last = max((row.id for row in rows), default=self._last)
        return rows

    def _poll(self, who: str) -> tuple[list[Event], str]:
        told: list[Event] = []
        cursor, more = self._cursor, True
        while more:
            answer = self.world.client(who).get("/api/v1/events/poll", params={"after": cursor})
            if answer.status_code == 401:  # the step was to sign out
                self.world.sign_in_anew()
                continue
            page = answer.json()
            told += page["events"]
            cursor, more = page["cursor"], page["more"]
        return told, cursor

    def _wrong(self, who: str, told: Sequence[Event], rows: Sequence[TableRow]) -> list[str]:
        seen = self.oracle.of(who)
        meant = [_place(row) for row in rows if row.kind != GONE and self._concerns(seen, row)]
        got = [event["cursor"] for event in told if event["kind"] != GONE]
        missed = [
            f"is not told {row.kind} of {row.conversation_id}" for row in rows if _place(row) in set(meant) - set(got)
        ]
        betrayed = [
            f"is told by {event['kind']} of {secrets}: {orjson.dumps(event).decode()[:400]}"
            for event in told
            if (secrets := self.oracle.betrayed(who, orjson.dumps(event).decode(), _farewell(event)))
        ]
        superfluous = [
            f"is told {event['kind']}, which is not for him"
            for event in told
            if event["cursor"] in set(got) - set(meant)
        ]
        return [*missed, *(betrayed or superfluous), *self._farewells(who, seen, told)]

    def _farewells(self, who: str, seen: Seen, told: Sequence[Event]) -> list[str]:
        lost = self._before[who].conversations - seen.conversations
        gone = [str(event["conversation_id"]) for event in told if event["kind"] == GONE]
        silent = [f"has lost sight of {id} and is not told so by {GONE}" for id in sorted(lost - set(gone))]
        return silent + [f"is told {GONE} of {id}, which he sees" for id in gone if id in seen.conversations]

    @staticmethod
    def _concerns(seen: Seen, row: TableRow) -> bool:
        """By the conversation as it is now, whatever audience was written beside the event."""
        if row.agent_id not in (None, seen.agent):
            return False
        if row.conversation_id is not None:
            return row.conversation_id in seen.conversations
        if row.inbox_id == MEMBERS:
            return bool(seen.inboxes)
        if row.inbox_id in seen.teams:
            return True
        return row.inbox_id is None or row.inbox_id in seen.inboxes


def _place(row: TableRow) -> str:
    return f"{row.xact}.{row.id}"


def _farewell(event: Event) -> list[str]:
    """That it is gone names the conversation, and the inbox it was in."""
    return [str(event["conversation_id"])] if event["kind"] == GONE else []
