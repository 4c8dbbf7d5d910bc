"""A house with two inboxes whose texts all carry marks, somebody of every role in each, and its API without a socket.

Every conversation is one `Subject`; its number is written into everything that is said in it, noted about it or
attached to it ("zq7zq"), so that a leak is seen wherever it comes out. `move` moves one as people see it happen: an
agent tags it, and a rule puts it into the other inbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import anyio.from_thread
import httpx
from sqlalchemy import delete, insert, select, update
from starlette.types import ASGIApp

from casella.api.application import create_api
from casella.api.stream.feed_hub import FeedHub
from casella.ids import new_id
from casella.inbox.contacts import merging
from casella.inbox.reading import create_token, find_member, index_pending
from casella.store.tables import (
    access_tokens,
    assistant_drafts,
    assistant_proposals,
    assistant_requests,
    contact_profiles,
    conversations,
    messages,
    outbox,
    subscription_letters,
)
from tests.api.house import InProcess, no_intake
from tests.builders import make_attachment, make_message
from tests.house import ENVIRONMENT, PNG, House
from tests.visibility.operations import BODIES, CAMPAIGN

PLAIN, SALES = "+15550001", "+15550002"  # the addresses of the two inboxes' channels
PRIVATE = "+15550003"  # Ann's own number
TO_SALES, TO_PLAIN = "for-sales", "for-plain"  # the tags that move a conversation

DESK = """
desk: Two inboxes
timezone: Europe/Rome
locales: [en]
tags: [vip, for-sales, for-plain]
inboxes:
  plain: {name: Plain zqplainzq, teams: [front]}
  sales: {name: Sales zqsaleszq, teams: [shop]}
connections:
  acme: {type: acme, settings: {secret: "${ACME_SECRET}"}}
channels:
  plain: {connection: acme, inbox: plain, address: "+15550001", name: Number zqplainzq}
  sales: {connection: acme, inbox: sales, address: "+15550002", name: Number zqsaleszq}
  anns: {connection: acme, owner: ann, address: "+15550003", name: Number of Ann}
teams:
  front: {name: Front desk}
  shop: {name: Shop}
agents:
  ann: {name: Ann, email: ann@desk.example, teams: [front]}
  rob: {name: Rob, email: rob@desk.example, teams: [front], may_reply: false}
  mara: {name: Mara, email: mara@desk.example, role: manager, inboxes: [plain]}
  sue: {name: Sue, email: sue@desk.example, teams: [shop]}
  max: {name: Max, email: max@desk.example, role: manager, inboxes: [sales]}
  nina: {name: Nina, email: nina@desk.example}
  dora: {name: Dora, email: dora@desk.example, role: admin}
assistant: {order: [offline]}
surveys:
  csat: {question: greeting}
"""
CANNED = """
canned:
  greeting: {phrase: hello, text: "Hello from {{ inbox.name }}!"}
  of-plain: {inboxes: [plain], text: An offer zqplainzq}
  of-sales: {inboxes: [sales], text: An offer zqsaleszq}
"""
RULES = """
rules:
  - {name: To sales, when: conversation_tagged, if: {conversation.tags: for-sales}, then: [{move: sales}]}
  - {name: To plain, when: conversation_tagged, if: {conversation.tags: for-plain}, then: [{move: plain}]}
  - {name: Sales are for the shop, when: message_received, if: {text: {contains_word: tosales}}, then: [{move: sales}]}
  - {name: Draft it, when: message_received, if: {text: {contains_word: draftit}}, then: [{draft: {}}]}
  - {name: Tell it, when: message_received, if: {text: {contains_word: tellit}},
     then: [{notify: {agents: [ann, sue], text: Somebody asks for you}}]}
"""
AGENTS = ("ann", "rob", "mara", "sue", "max", "nina", "dora")


@dataclass(frozen=True)
class Subject:
    """One conversation and everything that hangs on it. Ids, but for `mark` and `number` (the contact's)."""

    mark: str
    number: str
    conversation: str
    contact: str
    message: str
    unconfirmed: str
    attachment: str
    proposal: str
    failed: str


@dataclass
class World:
    """What the walk works with. `client("ann")` is signed in as Ann."""

    house: House
    portal: anyio.from_thread.BlockingPortal
    api: ASGIApp
    hub: FeedHub
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    clients: dict[str, httpx.Client] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)  # the conversation that a mark belongs to
    spare: str = ""  # the contact that is there to be erased

    def client(self, who: str) -> httpx.Client:
        """Kept until `sign_in_anew`. "nobody" and "stranger" send no token and a bad one."""
        if who not in self.clients:
            headers = {} if who == "nobody" else {"Authorization": f"Bearer {self._token(who)}"}
            transport = InProcess(self.portal, self.api, ("127.0.0.1", 50_000))
            self.clients[who] = httpx.Client(transport=transport, base_url="http://casella.test", headers=headers)
        return self.clients[who]

    def sign_in_anew(self) -> None:
        self.close()
        self.clients.clear()
        with self.house.rooms.store.write() as db:
            db.execute(delete(access_tokens).where(access_tokens.c.label == "walk"))  # there may be only so many

    def _token(self, who: str) -> str:
        if who == "stranger":
            return "csl_" + "0" * 40
        with self.house.rooms.store.write() as db:
            return create_token(db, self.house.agent(who).id, "walk", self.house.clock.now()).text

    def new_token(self, who: str) -> str:
        """The id of another token of this agent."""
        with self.house.rooms.store.write() as db:
            return create_token(db, self.house.agent(who).id, "spare", self.house.clock.now()).id

    def new_queued(self, subject: Subject) -> str:
        """The id of a message of the subject that waits in the outbox."""
        now = self.house.clock.now()
        with self.house.rooms.store.write() as db:
            queued = make_message(
                db, subject.conversation, text=f"Soon {subject.mark}", direction="out", state="queued"
            )
            channel = db.execute(select(messages.c.channel_id).where(messages.c.id == queued)).scalar_one()
            row = {"message_id": queued, "conversation_id": subject.conversation, "channel_id": channel}
            db.execute(insert(outbox), {**row, "state": "queued", "due_at": now, "queued_at": now})
        return queued

    def new_view(self, who: str) -> str:
        """The id of a saved list of this agent."""
        body = {"name": f"view {next(self.numbers)}", "query": {"status": "open"}}
        return str(self.client(who).post("/api/v1/me/views", json=body).json()["id"])

    def new_contact(self) -> str:
        """The id of somebody who has never written."""
        made = self.client("dora").post("/api/v1/contacts", json={"name": f"Spare {next(self.numbers)}"})
        return str(made.json()["id"])

    def new_chat(self, owner: str) -> str:
        """The id of a chat of this agent and Max."""
        body = {"with_agents": [self.house.agent("max").id]}
        return str(self.client(owner).post("/api/v1/chats", json=body).json()["id"])

    @cached_property
    def subscription(self) -> str:
        """The id of one that Dora has made."""
        made = self.client("dora").post("/api/v1/subscriptions", json={"url": "https://crm.example/zq"})
        return str(made.json()["id"])

    def new_device(self, who: str) -> str:
        """The id of a browser on which this agent wants to be told."""
        body = {**BODIES["register_device"], "endpoint": f"https://push.example/{next(self.numbers)}"}
        return str(self.client(who).post("/api/v1/me/push/devices", json=body).json()["id"])

    def new_letter(self, subject: Subject) -> str:
        """The id of a letter about the subject that another system has got."""
        now, number = self.house.clock.now(), next(self.numbers)
        row = {
            "id": new_id(), "subscription_id": self.subscription, "event_id": number, "kind": "message.created",
            "conversation_id": subject.conversation, "body": f"About {subject.mark}", "state": "done", "due_at": now,
            "created_at": now,
        }  # fmt: skip
        with self.house.rooms.store.write() as db:
            db.execute(insert(subscription_letters), row)
        return str(row["id"])

    def new_campaign(self, *commands: str) -> str:
        """The id of a campaign in the inbox `plain`, after these commands; nobody ever does what they ask for."""
        client, number = self.client("dora"), next(self.numbers)
        body = {**CAMPAIGN, "name": f"Offer {number}", "channel": self.house.channel(PLAIN).id}
        id = str(client.post("/api/v1/campaigns", json=body).json()["id"])
        for command in commands:
            headers = {"Idempotency-Key": f"{command}-{number}"}
            answer = client.post(f"/api/v1/campaigns/{id}/{command}", json={}, headers=headers)
            assert answer.status_code == 200, answer.text
        return id

    def new_import(self) -> str:
        """The id of a file of contacts that Dora has brought."""
        made = self.client("dora").post("/api/v1/contacts/imports", json={"name": "a.csv", "csv": "name\nAda\n"})
        return str(made.json()["id"])

    def new_merge(self, subject: Subject) -> str:
        """The id of a merge of another contact into the subject's."""
        gone, rooms = self.new_contact(), self.house.rooms
        with rooms.store.write() as db:
            member = find_member(db, self.house.agent("dora").id)
            assert member is not None
            return merging.merge(db, rooms, member, subject.contact, gone, self.house.clock.now())

    def subjects(self, number: int, *, to: str = PLAIN, text: str = "Good morning") -> list[Subject]:
        """So many new conversations, each with a contact of its own."""
        people = [(f"zq{n}zq", f"+3905551{n:05}") for n in (next(self.numbers) for _ in range(number))]
        self.house.receive(
            *(self.house.says(f"{text} {mark}", number, to=to, contact_name=f"Mr {number}") for mark, number in people)
        )
        rows = {row["last_message_text"].split()[-1]: row for row in self.house.rows(conversations)}
        made = [self._furnished(mark, number, rows[mark]) for mark, number in people]
        self.marks |= {subject.mark: subject.conversation for subject in made}
        with self.house.rooms.store.write() as db:
            while index_pending(db, 500):
                pass
        return made

    def _furnished(self, mark: str, number: str, row: Mapping[str, str]) -> Subject:
        """Whatever may be known of a conversation is known of this one."""
        rooms, id = self.house.rooms, row["id"]
        picture = rooms.media.put([PNG, mark.encode()], most=1000).key
        proposal = {
            "id": new_id(), "conversation_id": id, "inbox_id": row["inbox_id"], "kind": "suggest",
            "provider": "offline", "language": "en", "question": f"What about {mark}?", "text": f"It is {mark}",
            "cites": [], "at": self.house.clock.now(),
        }  # fmt: skip
        with rooms.store.write() as db:
            message = db.execute(select(messages.c.id).where(messages.c.conversation_id == id)).scalar_one()
            ours = make_message(db, id, text=f"An answer {mark}", direction="out", state="unconfirmed")
            waiting = {"conversation_id": id, "channel_id": row["channel_id"], "state": "unconfirmed"}
            moments = dict.fromkeys(("due_at", "queued_at", "started_at"), self.house.clock.now())
            db.execute(insert(outbox), {"message_id": ours, **waiting, **moments})
            failed = make_message(
                db, id, text=f"In vain {mark}", direction="out", state="failed", error_code="no_route",
                error_text="No route.", error_retryable=True,
            )  # fmt: skip
            make_message(db, id, text=f"A note {mark}", direction="note", sender_kind="agent")
            attachment = make_attachment(
                db, message, name=f"{mark}.png", storage_key=picture, thumbnail_key=picture, thumbnail_state="made",
                size=len(PNG) + len(mark), thumbnail_due_at=None,
            )  # fmt: skip
            db.execute(insert(assistant_proposals), proposal)
            db.execute(insert(assistant_requests), _request(row, mark, self.house.clock.now()))
            db.execute(insert(assistant_drafts), _draft(id, mark, self.house.clock.now()))
            portrait = rooms.media.put([PNG], most=1000).key  # everybody knows his contacts
            profile = {"address_id": row["address_id"], "picture_key": portrait, "picture_mime": "image/png"}
            asked = {"channel_id": row["channel_id"], "due_at": self.house.clock.now()}
            db.execute(insert(contact_profiles), {**profile, **asked})
        return Subject(mark, number, id, row["contact_id"], message, ours, attachment, str(proposal["id"]), failed)

    def upload(self, who: str) -> str:
        """The id of a file that this agent has uploaded and not sent."""
        return self.house.upload(by=who)

    def move(self, subject: Subject, tag: str = TO_SALES) -> None:
        """An admin tags it, and a rule moves it."""
        admin, path = self.client("dora"), f"/api/v1/conversations/{subject.conversation}"
        for act, body in (("reopen", None), ("tags", {"tag": tag})):
            answer = admin.post(f"{path}/{act}", json=body)
            assert answer.status_code == 200, answer.text
        self._inbox_is(subject, "sales" if tag == TO_SALES else "plain")

    def _inbox_is(self, subject: Subject, key: str) -> None:
        wanted = next(inbox.id for inbox in self.house.rooms.directory.current.inboxes.values() if inbox.key == key)
        assert self.house.one(conversations, id=subject.conversation)["inbox_id"] == wanted

    def assign(self, subject: Subject, who: str | None) -> None:
        """Without telling anybody."""
        holder = self.house.agent(who).id if who else None
        with self.house.rooms.store.write() as db:
            db.execute(
                update(conversations).where(conversations.c.id == subject.conversation).values(assignee_id=holder)
            )

    def close(self) -> None:
        for client in self.clients.values():
            client.close()


def _request(row: Mapping[str, str], mark: str, at: object) -> dict[str, object]:
    return {
        "id": new_id(), "conversation_id": row["id"], "inbox_id": row["inbox_id"], "kind": "suggest",
        "provider": "main", "model": "m-1", "prompt": "p", "sent": [{"role": "user", "content": f"Asked about {mark}"}],
        "message_ids": [], "source_ids": [], "masked": {}, "outcome": "answered", "at": at,
    }  # fmt: skip


def _draft(conversation: str, mark: str, at: object) -> dict[str, object]:
    return {
        "conversation_id": conversation, "cause_id": mark, "rule": "Draft it", "action": 0, "at": at, "due_at": at,
        "instruction": f"Say {mark}", "state": "failed", "error_code": "none", "proposals": [],
    }  # fmt: skip


@contextmanager
def open_world(database_url: str, folder: Path, **more: Any) -> Iterator[World]:
    """`more`: for the house."""
    with House(database_url, folder, desk=None, **more) as house:
        house.apply(desk=DESK, canned=CANNED, rules=RULES, environment=ENVIRONMENT)
        hub = FeedHub(house.rooms.store)
        api = create_api(house.rooms, no_intake, hub=hub, readiness=dict, heartbeat_seconds=1.0)
        with anyio.from_thread.start_blocking_portal() as portal:
            world = World(house, portal, api, hub)
            answer = world.client("dora").post("/api/v1/assistant/consent", json={"accepted": True, "terms": "1"})
            assert answer.status_code == 200, answer.text
            made = world.client("ann").post("/api/v1/chats", json={"team": "front"})
            assert made.status_code == 201, made.text
            yield world
            hub.close()
            world.close()


__all__ = ["AGENTS", "PLAIN", "PRIVATE", "SALES", "TO_PLAIN", "TO_SALES", "Subject", "World", "open_world"]
