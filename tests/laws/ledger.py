"""The laws of assignment, told from outside: PostgreSQL itself writes down every change of hands, transaction by
transaction, and the ledger is read like an auditor who trusts nobody.

    one has it           whoever has a conversation keeps it until people or time take it from him
    capacity             no rule and no queue gives an agent more than he may have
    the oldest first     nobody gets an agent for whom somebody waits who stands before him and whom that agent can take
    able                 who gets it by a rule or a queue has the skills that the rule asked for
    once                 whoever has let a conversation go is not given it again before he is seen
    even                 of two who are always there, round robin gives neither more than one more than the other
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import orjson
from sqlalchemy import Row, text
from sqlalchemy.engine import make_url

from tests.house import House

DESK = """
desk: Laws
timezone: Europe/Rome
locales: [en, it]
inboxes:
  support: {name: Support, teams: [front, billing]}
connections:
  acme: {type: acme, settings: {secret: "${ACME_SECRET}"}}
channels:
  main: {connection: acme, inbox: support, address: "+15550001", name: Main number}
teams:
  front: {name: Front desk, strategy: round_robin}
  billing: {name: Billing, strategy: least_busy}
agents:
  ann: {name: Ann, email: ann@desk.example, teams: [front]}
  bob: {name: Bob, email: bob@desk.example, teams: [front]}
  cleo: {name: Cleo, email: cleo@desk.example, teams: [front]}
  dan: {name: Dan, email: dan@desk.example, teams: [billing], skills: [italian], capacity: 2}
  eve: {name: Eve, email: eve@desk.example, teams: [billing], capacity: 2}
  fay: {name: Fay, email: fay@desk.example, teams: [billing], skills: [italian], capacity: 1}
  mara: {name: Mara, email: mara@desk.example, role: manager, inboxes: [support]}
"""
RULES = """
rules:
  - name: Italian bills
    when: conversation_opened
    if: {text: rimborso}
    then: [{assign: {team: billing, skills: [italian]}}, stop]
  - name: Bills
    when: conversation_opened
    if: {text: bill}
    then: [{assign: {team: billing}}, stop]
  - name: The rest
    when: conversation_opened
    if: always
    then: [{assign: {team: front}}]
"""
ALWAYS_THERE = ("ann", "bob")
COMING_AND_GOING = ("cleo", "dan", "eve", "fay")
PEOPLE, WORKER = "people", "worker"
"""What a connection calls itself (`application_name`): what people do by hand, rules and queues answer for nothing."""

_LEDGER = """
CREATE TABLE ledger (
  seq bigserial PRIMARY KEY, tx xid8 NOT NULL, who text NOT NULL, id text NOT NULL, agent_before text, agent text,
  status text NOT NULL, team text, queued_at timestamptz, priority text NOT NULL, wanted text, let_go text
);
CREATE FUNCTION write_down() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger (tx, who, id, agent_before, agent, status, team, queued_at, priority, wanted, let_go)
  VALUES (
    pg_current_xact_id(), current_setting('application_name'), NEW.id,
    CASE WHEN TG_OP = 'UPDATE' AND OLD.status <> 'closed' THEN OLD.assignee_id END,
    NEW.assignee_id, NEW.status, NEW.team_id, NEW.queued_at, NEW.priority, NEW.wanted,
    NEW.returned_by
  );
  -- A slow machine: whoever relies on being alone between looking and writing is caught sooner.
  IF starts_with(current_setting('application_name'), 'worker') THEN PERFORM pg_sleep(0.002); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER hands AFTER INSERT OR UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION write_down();
"""
_RANK = {"urgent": 0, "high": 1, "normal": 2, "low": 3}


def called(url: str, name: str) -> str:
    """The same database, by a connection of this name."""
    named = make_url(url).update_query_dict({"application_name": name})
    return named.render_as_string(hide_password=False)


def begin_ledger(house: House) -> None:
    """From now on every change of hands is written down."""
    with house.rooms.store.write() as db:
        db.exec_driver_sql(_LEDGER)


Entry = Row[tuple[object, ...]]


@dataclass(slots=True)
class Ledger:
    """`read` what is new and hold it against the laws. `in_order` False: people put into queues what workers do not see
    yet, so who stood before is not asked."""

    house: House
    in_order: bool = True
    seen: int = 0
    held: dict[str, Entry] = field(default_factory=dict)
    turns: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)

    def read(self) -> None:
        """Raises AssertionError, naming the law."""
        with self.house.rooms.store.read() as db:
            rows = db.execute(text("SELECT * FROM ledger WHERE seq > :seen ORDER BY seq"), {"seen": self.seen}).all()
        first: dict[object, int] = {}
        for row in rows:
            first.setdefault(row.tx, row.seq)
        for _, entries in groupby(sorted(rows, key=lambda row: (first[row.tx], row.seq)), key=lambda row: row.tx):
            self._transaction(list(entries))
        self.seen = max((row.seq for row in rows), default=self.seen)

    def _transaction(self, entries: Sequence[Entry]) -> None:
        before = dict(self.held)
        for entry in entries:
            self.held[str(entry.id)] = entry
            if not entry.agent or entry.agent == entry.agent_before or entry.status == "closed":
                continue
            name = self._name(entry.agent)
            self.given[name] += 1
            if str(entry.who).startswith(WORKER):
                assert entry.agent_before is None, f"one has it: {self._name(entry.agent_before)} had it, {name} got it"
                assert str(entry.agent) not in str(entry.let_go).split(), f"once: {name} was given {entry.id} again"
                self._even(name)
        for entry in entries:
            last = self.held[str(entry.id)]
            if str(entry.who).startswith(WORKER) and last.agent and last.agent != entry.agent_before:
                self._room(last)
                self._oldest_first(before, last)

    def _room(self, entry: Entry) -> None:
        name = self._name(entry.agent)
        has = sum(one.agent == entry.agent and one.status != "closed" for one in self.held.values())
        most = self._capacities[name]
        assert most is None or has <= most, f"capacity: {name} has {has} and may have {most}"

    def _oldest_first(self, before: Mapping[str, Entry], entry: Entry) -> None:
        own = before.get(str(entry.id))
        asked = own if own is not None and _waits(own) else entry
        assert self._is_able(str(entry.agent), asked), f"able: {self._name(entry.agent)} was given {asked.wanted}"
        for id, one in before.items() if self.in_order else ():
            after = self.held[id]
            still_waits = _waits(one) and _waits(after) and (one.wanted, one.team) == (after.wanted, after.team)
            if still_waits and (own is None or not _waits(own) or _place(one) < _place(own)):
                assert not self._can_take(str(entry.agent), one), (
                    f"the oldest first: {self._name(entry.agent)} was given {entry.id}, and {id} stood before"
                )

    def _even(self, name: str) -> None:
        if name in ALWAYS_THERE:
            self.turns[name] += 1
            counts = [self.turns[one] for one in ALWAYS_THERE]
            assert max(counts) - min(counts) <= 1, f"even: {dict(self.turns)}"

    def _can_take(self, agent_id: str, entry: Entry) -> bool:
        members = self.house.rooms.directory.current.teams[str(entry.team)].members
        return agent_id in members and agent_id not in str(entry.let_go) and self._is_able(agent_id, entry)

    def _is_able(self, agent_id: str, entry: Entry) -> bool:
        asked = orjson.loads(str(entry.wanted)).get("skills", []) if entry.wanted else []
        return set(asked) <= self.house.rooms.directory.current.agents[agent_id].skills

    def _name(self, agent_id: object) -> str:
        return self.house.rooms.directory.current.agents[str(agent_id)].key

    @property
    def _capacities(self) -> Mapping[str, int | None]:
        return defaultdict(lambda: None, {"dan": 2, "eve": 2, "fay": 1})


def _waits(entry: Entry) -> bool:
    return bool(entry.status == "open" and entry.team and entry.queued_at) and not entry.agent


def _place(entry: Entry) -> tuple[object, ...]:
    return _RANK[str(entry.priority)], entry.queued_at, entry.id
