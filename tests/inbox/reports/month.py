"""October 2026 in a small house, worked out by hand. All times are Rome's (two hours before UTC until the 25th, one
after); office hours are 9 to 18, Monday to Friday. The 2nd is a Friday, the 5th a Monday.

A  support, main channel, tag vip, Ann's. Friday 2nd 17:30 she writes; a rule answers at once; Ann answers on Monday 5th
   at 9:30; she writes 10:00, again 10:20, Ann answers 11:00; Ann closes 12:00; survey sent 12:00, answered with 5 at
   13:00.
B  support, main channel, no tag, Bob's. Tuesday 6th 10:00 he writes, Bob answers 10:10, Bob closes 11:00; he writes
   on Wednesday 7th 9:00 and it is reopened by himself; Ann answers 9:20; Ann closes 10:00. Survey sent, not answered.
C  support, second channel, tags vip and order, nobody's. Thursday 29th 20:00 he writes; Bob answers on 2 November.
D  sales, written by Bob at first on Wednesday 14th 9:00; the contact answers 9:30, Bob writes 9:50 (it failed) and
   10:30. Open.
E  support, opened and answered in September (30th, 10:00 and 11:00), closed by the house on 1 October 0:30. Its survey
   was sent in September and answered with 3 on 1 October 10:00.
F  September only.
P  on Ann's private number, H was written on a number before it was shared: in no report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from casella.ids import new_id
from casella.store import Store
from casella.store.tables import activity, agent_statuses, agents, channels, conversations, inboxes, surveys_sent
from tests.builders import make_channel, make_contact, make_conversation, make_inbox, make_message

ROME = ZoneInfo("Europe/Rome")


def at(written: str) -> datetime:
    """`10-02 17:30`, in Rome."""
    return datetime.fromisoformat(f"2026-{written}").replace(tzinfo=ROME)


@dataclass
class Teller:
    """Writes down what happened in one conversation."""

    db: Connection
    id: str

    def contact(self, when: str) -> Teller:
        make_message(self.db, self.id, at=at(when))
        return self

    def agent(self, who: str, when: str, state: str = "sent") -> Teller:
        make_message(self.db, self.id, direction="out", sender_id=who, at=at(when), state=state)
        return self

    def rule(self, when: str) -> Teller:
        make_message(self.db, self.id, direction="out", sender_kind="rule", at=at(when))
        return self

    def did(
        self, what: str, when: str, kind: str = "system", who: str | None = None, after: str | None = None
    ) -> Teller:
        row = {
            "at": at(when), "conversation_id": self.id, "actor_kind": kind, "actor_id": who, "what": what,
            "after": after,
        }  # fmt: skip
        self.db.execute(insert(activity).values(row))
        return self

    def survey(self, sent: str, answered: str | None = None, score: int | None = None) -> Teller:
        row = {
            "id": new_id(), "conversation_id": self.id, "survey": "csat", "message_id": new_id(), "sent_at": at(sent),
            "score": score, "answered_at": at(answered) if answered else None,
        }  # fmt: skip
        self.db.execute(insert(surveys_sent).values(row))
        return self

    def closed(self, when: str) -> Teller:
        values = {"status": "closed", "closed_at": at(when), "turned_at": at(when)}
        self.db.execute(update(conversations).where(conversations.c.id == self.id).values(values))
        return self


def live_through_october(store: Store) -> None:
    """In a house with the desk of `tests.house`."""
    with store.write() as db:
        people = {row.key: row.id for row in db.execute(select(agents.c.key, agents.c.id))}
        ann, bob = people["ann"], people["bob"]
        support = str(db.execute(select(inboxes.c.id).where(inboxes.c.key == "support")).scalar_one())
        numbers = {row.key: row.id for row in db.execute(select(channels.c.key, channels.c.id))}
        sales = make_channel(db, inbox_id=make_inbox(db, key="sales", name="Sales"))
        private = make_channel(db, inbox_id=make_inbox(db, key="anns", name="Ann's", owner_id=ann))

        def begun(when: str, channel: str, tags: Sequence[str] = (), **columns: str) -> Teller:
            contact = make_contact(db)
            id = make_conversation(db, channel_id=channel, contact_id=contact, at=at(when), tags=tags)
            if columns:
                db.execute(update(conversations).where(conversations.c.id == id).values(**columns))
            return Teller(db, id)

        main, second = numbers["main"], numbers["second"]
        a = begun("10-02 17:30", main, ["vip"], assignee_id=ann)
        a.contact("10-02 17:30").rule("10-02 17:30").did("assigned", "10-02 17:30", "rule", "To Ann", ann)
        a.agent(ann, "10-05 09:30").contact("10-05 10:00").contact("10-05 10:20").agent(ann, "10-05 11:00")
        a.did("closed", "10-05 12:00", "agent", ann).survey("10-05 12:00", "10-05 13:00", 5).closed("10-05 12:00")
        b = begun("10-06 10:00", main, assignee_id=bob)
        b.contact("10-06 10:00").did("assigned", "10-06 10:00", "system", "queue", bob).agent(bob, "10-06 10:10")
        b.did("closed", "10-06 11:00", "agent", bob).contact("10-07 09:00").did("reopened", "10-07 09:00", "contact")
        b.agent(ann, "10-07 09:20").did("closed", "10-07 10:00", "agent", ann).survey("10-07 10:00")
        b.closed("10-07 10:00")
        begun("10-29 20:00", second, ["order", "vip"]).contact("10-29 20:00").agent(bob, "11-02 10:00")
        d = begun("10-14 09:00", sales, assignee_id=bob, started_by="agent").agent(bob, "10-14 09:00")
        d.contact("10-14 09:30").agent(bob, "10-14 09:50", state="failed").agent(bob, "10-14 10:30")
        d.did("assigned", "10-14 09:00", "agent", bob, bob)
        e = begun("09-30 10:00", main).contact("09-30 10:00").agent(ann, "09-30 11:00").did("closed", "10-01 00:30")
        e.survey("09-30 12:00", "10-01 10:00", 3).closed("10-01 00:30")
        begun("09-10 10:00", main).contact("09-10 10:00").agent(ann, "09-10 11:00").did("closed", "09-11 10:00").closed(
            "09-11 10:00"
        )
        begun("10-10 10:00", private, world="private", owner_id=ann).contact("10-10 10:00").agent(ann, "10-10 11:00")
        begun("10-11 10:00", main, world="history", owner_id=ann).contact("10-11 10:00").agent(ann, "10-11 11:00")
        for who, when, there in (
            (ann, "09-30 22:00", True), (ann, "10-01 02:00", False), (ann, "10-05 09:00", True),
            (ann, "10-05 13:00", False), (bob, "10-06 09:00", True), (bob, "10-06 11:00", False),
            (bob, "10-31 23:00", True),
        ):  # fmt: skip
            row = {"agent_id": who, "at": at(when), "available": there, "do_not_disturb": False}
            db.execute(insert(agent_statuses).values(row))
        assert support
