"""A whole house for tests, faults and benchmarks: an App on a database of your choice, a clock you move, and the
channel type "acme" of `tests.fakes`, with a small desk applied.

    with House(database_url, tmp_path) as house:
        house.apply(rules=RULE)
        house.receive(house.says("Hello"))            # webhook -> intake -> journal -> lanes
        house.reply("Hello yourself")                 # as Ann, through the gate into the outbox
        house.deliver()                               # claim, send, record: here, one after the other
        assert house.one(messages, direction="out")["state"] == "sent"

Nothing runs by itself: no worker, no sweep, no pump, unless `house.workers.start()` is called.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx
import orjson
import structlog
from sqlalchemy import Table, select, update

from casella import app
from casella.api.stream.feed_events import read_after
from casella.clock import ManualClock
from casella.desk.applying.apply import Applied
from casella.host import Host
from casella.inbox.assignment.roster import lock_agents
from casella.inbox.background.timers_due import fire_due
from casella.inbox.commands import assigning, closing
from casella.inbox.house.clients import tls_context
from casella.inbox.house.directory import AgentEntry, ChannelEntry
from casella.inbox.reading.members import find_member
from casella.inbox.receiving.intake import Intake, Ticket
from casella.inbox.receiving.lanes import drain_lane
from casella.inbox.sending import outbox, uploads
from casella.inbox.sending.claims import claim_due
from casella.inbox.sending.outbox import Draft
from casella.inbox.sending.outcomes import Outcome, record_outcomes
from casella.jobs.workers import Workers
from casella.plugin import ChannelPlugin, RuleAdditions, Webhook, WebhookAnswer
from casella.settings import Settings
from casella.store import feed, journal
from casella.store.feed import Cursor
from casella.store.tables import agents, conversations
from casella_assistant.registration import Register, register_assistant_providers
from tests.fakes import SECRET, AcmeChannel

T = TypeVar("T")
MAIN, SECOND = "+15550001", "+15550002"  # the addresses of the desk's two channels
ANNA, BERT = "+390555000001", "+390555000002"  # two people who write
ENVIRONMENT = {"ACME_SECRET": SECRET}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
DEADLINE = 30.0
_PLACE = ("cursor", "version")

# structlog's default draws tracebacks with all their variables, which takes seconds; nobody reads them here.
structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])

DESK = """
desk: Test desk
timezone: Europe/Rome
locales: [en, it]
tags: [vip, refund, order, quiet]
inboxes:
  support: {name: Support, teams: [front, billing]}
connections:
  acme: {type: acme, settings: {secret: "${ACME_SECRET}"}}
channels:
  main: {connection: acme, inbox: support, address: "+15550001", name: Main number}
  second: {connection: acme, inbox: support, address: "+15550002", name: Second number}
teams:
  front: {name: Front desk, strategy: round_robin}
  billing: {name: Billing, strategy: least_busy}
agents:
  ann: {name: Ann, email: ann@desk.example, teams: [front]}
  bob: {name: Bob, email: bob@desk.example, teams: [front], skills: [italian]}
  cleo: {name: Cleo, email: cleo@desk.example, teams: [billing], capacity: 2}
  mara: {name: Mara, email: mara@desk.example, role: manager, inboxes: [support]}
hours:
  support: {week: {monday-friday: 09:00-18:00}}
"""
CANNED = """
canned:
  greeting: {phrase: hello, text: {en: "Hello {{ contact.first_name | default('there') }}!", it: Ciao!}}
  signed: {phrase: signed, text: "Regards, {{ agent.name }}"}
"""
RULES = "rules: []\n"


def until(ask: Callable[[], T], what: str = "", seconds: float = DEADLINE) -> T:
    """The first true answer, asked again and again. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what or ask}"
        time.sleep(0.01)
    return answer


class House:
    """Build it, use it, close it (or use it as a context)."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *,
        redis_url: str = "",
        plugins: Sequence[ChannelPlugin[Any]] | None = None,
        rules: Mapping[str, RuleAdditions] = {},
        host: Host | None = None,
        clock: ManualClock | None = None,
        desk: str | None = DESK,
        trace: bool = False,
        **settings: Any,
    ) -> None:
        """`desk` None: apply none, for a second house on a database that has one. `rules`: what plugins of these names
        add to the rules. `host`: one that has found plugins already."""
        self.folder = folder
        self.clock = clock or ManualClock()
        self.host = host or Host(trace=trace)
        for plugin in plugins or [AcmeChannel()]:
            self.host.register(plugin)
        for name, additions in rules.items():
            self.host.rules.register(name, additions)
        if host is None:
            register_assistant_providers(cast(Register, self.host.register_assistant))  # as pluggy does, untyped
        values: dict[str, Any] = {
            "lanes": 8,
            "worker_threads": 4,
            "send_threads": 16,
            "shutdown_seconds": 5.0,
            **settings,
        }
        self.settings = Settings(
            database_url=database_url, redis_url=redis_url, data_dir=folder / "data", secret_key="k" * 32, **values
        )
        self.app = app.build(self.settings, serves=False, clock=self.clock, host=self.host)
        self.rooms = self.app.rooms
        self.http = httpx.Client(timeout=5, verify=tls_context())
        self._numbers = count(1)
        self._intake: Intake | None = None
        self._started: list[Workers] = []
        if desk is not None:
            self.apply(desk=desk)

    # --- parts --------------------------------------------------------------------------------------------------

    @property
    def acme(self) -> AcmeChannel:
        plugin = self.host.plugins["acme"]
        assert isinstance(plugin, AcmeChannel)
        return plugin

    @property
    def workers(self) -> Workers:
        assert self.app.workers is not None
        return self.app.workers

    def start_workers(self) -> Workers:
        """Threads, pumps and sweep; stopped when the house is closed."""
        self.workers.start()
        self._started.append(self.workers)
        return self.workers

    def agent(self, key: str) -> AgentEntry:
        return next(entry for entry in self.rooms.directory.current.agents.values() if entry.key == key)

    def channel(self, address: str = MAIN) -> ChannelEntry:
        return next(entry for entry in self.rooms.directory.current.channels.values() if entry.address == address)

    # --- the desk -----------------------------------------------------------------------------------------------

    def apply(
        self,
        *,
        desk: str = DESK,
        rules: str = RULES,
        canned: str = CANNED,
        environment: Mapping[str, str] = ENVIRONMENT,
    ) -> Applied:
        """Apply a desk written as text."""
        folder = self.folder / "desk"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {"desk.yaml": desk, "rules.yaml": rules, "canned.yaml": canned}.items():
            (folder / name).write_text(text)
        return app.apply_folder(self.rooms, folder, environment)

    def available(self, *keys: str, **columns: object) -> None:
        """These agents, and only these, take conversations."""
        with self.rooms.store.write() as db:
            lock_agents(db)  # in order, like everybody who changes several
            db.execute(update(agents).values(available=agents.c.key.in_(keys)))
            if columns:
                db.execute(update(agents).where(agents.c.key.in_(keys)).values(**columns))

    # --- the way in ---------------------------------------------------------------------------------------------

    def says(self, text: str = "Hello", sender: str = ANNA, *, to: str = MAIN, **fields: Any) -> dict[str, object]:
        """A message of a contact, as ACME writes it."""
        return {
            "kind": "message_received",
            "channel_address": to,
            "contact_address": sender,
            "external_id": f"in-{next(self._numbers)}",
            "text": text,
            **fields,
        }

    def receipt(self, external_id: str, status: str, *, to: str = MAIN, **fields: Any) -> dict[str, object]:
        return {
            "kind": "message_status",
            "channel_address": to,
            "contact_address": ANNA,
            "external_id": external_id,
            "status": status,
            **fields,
        }

    def webhook(self, *events: Mapping[str, object], secret: str = SECRET, body: bytes | None = None) -> Webhook:
        """A request of ACME."""
        return Webhook(
            method="POST",
            url="http://127.0.0.1:8000/webhooks/acme",
            query="",
            headers={"content-type": "application/json", "x-acme-secret": secret},
            body=orjson.dumps({"events": events}) if body is None else body,
            received_at=self.clock.now(),
        )

    def post(self, *webhooks: Webhook, connection: str = "acme") -> list[WebhookAnswer]:
        """Give webhooks to the intake, all at once, and wait for their answers."""
        entry = self.rooms.directory.current.connection(connection)
        assert entry is not None
        tickets = [Ticket(entry, webhook, threading.Event()) for webhook in webhooks]
        for ticket in tickets:
            assert self.intake.submit(ticket), "refused: too many wait"
        answers = []
        for ticket in tickets:
            assert isinstance(ticket.token, threading.Event)
            assert ticket.token.wait(DEADLINE), "no answer"
            answers.append(self._answers.pop(ticket.token))
        return answers

    @property
    def intake(self) -> Intake:
        """Started at first use."""
        if self._intake is None:
            self._answers: dict[object, WebhookAnswer] = {}
            self._intake = Intake(self.rooms, self._settle)
            self._intake.start()
        return self._intake

    def receive(self, *events: Mapping[str, object]) -> None:
        """One webhook with these events, accepted and applied."""
        [answer] = self.post(self.webhook(*events))
        assert answer.status == 200, answer
        self.drain()

    def drain(self) -> int:
        """Apply everything that waits in any lane."""
        applied = 0
        while lanes := self.waiting_lanes():
            applied += sum(drain_lane(self.rooms, lane) for lane in lanes)
        return applied

    def waiting_lanes(self) -> Sequence[int]:
        with self.rooms.store.read() as db:
            return journal.waiting_lanes(db)

    def _settle(self, tickets: Iterable[Ticket]) -> None:
        for ticket in tickets:
            assert ticket.answer is not None
            assert isinstance(ticket.token, threading.Event)
            self._answers[ticket.token] = ticket.answer
            ticket.token.set()

    # --- the way out --------------------------------------------------------------------------------------------

    def reply(
        self, text: str = "Hello yourself", conversation_id: str | None = None, by: str = "ann", **more: Any
    ) -> str:
        """Queue an agent's reply in a conversation (the only one, unless said). Returns the message's id."""
        chosen = conversation_id or str(self.one(conversations)["id"])
        draft = Draft(text, sender_id=self.agent(by).id, **more)
        with self.rooms.store.write() as db:
            return outbox.queue_reply(db, self.rooms, chosen, draft, self.clock.now())

    def upload(self, content: bytes = PNG, claimed: str = "image/png", *, voice: bool = False, by: str = "ann") -> str:
        """A file of an agent's that he may send. Returns the attachment's id."""
        stored = uploads.keep_upload(self.rooms.media, [content], claimed, voice=voice)
        with self.rooms.store.write() as db:
            member = find_member(db, self.agent(by).id)
            assert member is not None
            return uploads.record_upload(db, member, stored, "file", self.clock.now()).id

    def deliver(self, most: int = 100) -> int:
        """Claim what is due, send it here and record it, until nothing is due. Returns how many were sent."""
        sent = 0
        while outcomes := self.send_once(most):
            sent += len(outcomes)
        return sent

    def send_once(self, most: int = 100) -> list[Outcome]:
        """One round: claim, send one after the other, record in one transaction."""
        with self.rooms.store.write() as db:
            claims, _ = claim_due(self.rooms, db, most, self.clock.now())
        outcomes = [self.workers.delivery.send(claim) for claim in claims]
        if outcomes:
            with self.rooms.store.write() as db:
                record_outcomes(self.rooms, db, outcomes, self.clock.now())
        return outcomes

    # --- time ---------------------------------------------------------------------------------------------------

    def later(self, **by: float) -> int:
        """Move the clock and fire what has come due. Returns how many timers were taken."""
        self.clock.move(**by)
        return self.fire()

    def fire(self) -> int:
        """Fire what is due now, and what that makes due now."""
        fired = 0
        while taken := fire_due(self.rooms):
            fired += taken
        return fired

    # --- agents -------------------------------------------------------------------------------------------------

    def assign(self, conversation_id: str, to: str | None, *, expected: str | None = None, by: str = "mara") -> None:
        """By hand; agents by their keys."""
        ids = {key: self.agent(key).id for key in (to, expected, by) if key is not None}
        with self.rooms.store.write() as db:
            assigning.assign(
                db, self.rooms, conversation_id, to=ids.get(to or ""), expected=ids.get(expected or ""), by=ids[by],
                at=self.clock.now(),
            )  # fmt: skip

    def close_conversation(self, conversation_id: str, by: str = "mara") -> None:
        with self.rooms.store.write() as db:
            closing.close(db, self.rooms, conversation_id, by=self.agent(by).id, at=self.clock.now())

    def reopen(self, conversation_id: str, by: str = "mara") -> None:
        with self.rooms.store.write() as db:
            closing.reopen(db, self.rooms, conversation_id, by=self.agent(by).id, at=self.clock.now())

    # --- looking ------------------------------------------------------------------------------------------------

    def rows(self, table: Table, **columns: object) -> list[dict[str, Any]]:
        """Rows of a table in the order of its key, as dictionaries."""
        query = select(table).where(*(table.c[name] == value for name, value in columns.items()))
        with self.rooms.store.read() as db:
            return [dict(row._mapping) for row in db.execute(query.order_by(*table.primary_key))]

    def one(self, table: Table, **columns: object) -> dict[str, Any]:
        """The only such row."""
        rows = self.rows(table, **columns)
        assert len(rows) == 1, f"{len(rows)} rows of {table.name} with {columns}: {rows}"
        return rows[0]

    def newest(self) -> Cursor:
        """Behind everything that has been told."""
        with self.rooms.store.read() as db:
            return feed.newest(db)

    def told(self, key: str, after: Cursor | None = None) -> list[dict[str, Any]]:
        """The events an agent gets, as `/events` gives them, without their cursors and versions."""
        with self.rooms.store.read() as db:
            member = find_member(db, self.agent(key).id)
        assert member is not None
        events = [
            orjson.loads(event.json)
            for event in read_after(self.rooms.store, after or Cursor())
            if event.is_for(member)
        ]
        return [{name: value for name, value in event.items() if name not in _PLACE} for event in events]

    # --- its end ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        for gate in self.acme.provider.gates.values() if "acme" in self.host.plugins else ():
            gate.set()
        if self._intake is not None:
            self._intake.stop()
        for workers in self._started:
            workers.stop()
        self.http.close()
        with suppress(Exception):
            self.app.broker.close()
        self.app.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
