"""What must be true afterwards, read from the database and from the provider's journal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import orjson
from sqlalchemy import Connection, func, select

from casella.inbox.commands.assigning import recount
from casella.store import Store
from casella.store.tables import (
    contact_addresses,
    contacts,
    conversations,
    journal,
    kept_webhooks,
    messages,
    outbox,
    receipts_pending,
    send_attempts,
)
from casella.store.tables import feed as feed_table
from casella_simulator import Simulator
from casella_simulator.network.journal import Accepted
from tests.integration.rig.customers import Agent, Customer
from tests.integration.rig.programs import until
from tests.integration.rig.streams import Watcher

SETTLING = timedelta(minutes=4).total_seconds()
"""A send whose process was killed is given up after 45 s, and looked up within 10 s more; the rest is patience."""
ARRIVED = ("sent", "delivered", "read")


@dataclass
class Findings:
    """The figures of a run. `problems`: every law that was broken, in words."""

    acknowledged: int = 0
    sent_again: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    replies: int = 0
    accepted: int = 0
    sent_twice: int = 0
    unconfirmed: int = 0
    looked_up: int = 0
    feed_events: int = 0
    problems: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.problems.append(text)


def wait_until_settled(store: Store, provider: Simulator) -> None:
    """Until nothing waits any more: lanes empty, nothing queued or being sent, every receipt delivered or given up.
    What nobody can know stays `unconfirmed`; that is settled too, because people are shown it."""

    def settled() -> bool:
        with store.read() as db:
            pending = db.execute(select(func.count()).where(journal.c.state == "pending")).scalar_one()
            moving = db.execute(select(func.count()).where(outbox.c.state.in_(("queued", "sending")))).scalar_one()
        return pending == 0 and moving == 0

    until(settled, f"everything settled\n{_what_waits(store)}", SETTLING)
    provider.wait_until_quiet(SETTLING)
    until(settled, f"everything settled after the last receipts\n{_what_waits(store)}", SETTLING)


def _what_waits(store: Store) -> str:
    with store.read() as db:
        lanes = db.execute(select(journal.c.state, func.count()).group_by(journal.c.state)).all()
        sends = db.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state)).all()
    return f"at first: journal {lanes}, outbox {sends}"


def prove(store: Store, provider: Simulator, customers: Sequence[Customer], agents: Sequence[Agent]) -> Findings:
    """Every law, on everything that happened. Call it when all has settled."""
    found = Findings()
    with store.read() as db:
        _prove_inbound(db, customers, found)
        _prove_replies(db, customers, agents, found)
        _prove_sends(db, provider, found)
        _prove_order(db, provider, found)
        _prove_nothing_left(db, found)
    with store.write() as db:
        if wrong := recount(db):
            found.note(f"the count of open conversations was wrong for {wrong} agents")
    return found


def _prove_inbound(db: Connection, customers: Sequence[Customer], found: Findings) -> None:
    """Law 1 to 3: what was acknowledged is there, once, in order, in one conversation of one contact."""
    query = (
        select(contact_addresses.c.address, messages.c.text, conversations.c.id.label("conversation_id"))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
        .where(messages.c.direction == "in")
        .order_by(messages.c.shown_at, messages.c.sequence)
    )
    stored: dict[str, list[str]] = defaultdict(list)
    places: dict[str, set[str]] = defaultdict(set)
    for row in db.execute(query):
        stored[row.address].append(row.text)
        places[row.address].add(row.conversation_id)
    for customer in customers:
        there = stored.pop(customer.phone, [])
        found.acknowledged += len(customer.acknowledged)
        found.sent_again += customer.resent
        _compare(customer, there, found)
        if len(places[customer.phone]) > 1:
            found.note(f"{customer.phone} has {len(places[customer.phone])} conversations")
    if stored:
        found.note(f"messages from people who never wrote: {list(stored)}")
    if db.execute(select(func.count()).select_from(contacts)).scalar_one() != sum(
        1 for c in customers if c.acknowledged
    ):
        found.note("there are more or fewer contacts than customers")


def _compare(customer: Customer, there: list[str], found: Findings) -> None:
    if there == customer.acknowledged:
        return
    counted, wanted = Counter(there), Counter(customer.acknowledged)
    lost, doubled = wanted - counted, counted - wanted
    found.lost += lost.total()
    found.doubled += doubled.total()
    if not lost and not doubled:
        found.disordered += 1
    found.note(f"{customer.phone}: lost {sorted(lost)}, doubled {sorted(doubled)}, in order: {sorted(there) == there}")


def _prove_replies(db: Connection, customers: Sequence[Customer], agents: Sequence[Agent], found: Findings) -> None:
    """Law 6: the rule answered every message once; law 2: every agent's reply is there once."""
    query = (
        select(messages.c.conversation_id, messages.c.direction, func.count().label("number"))
        .where(messages.c.sender_kind.in_(("contact", "rule")))
        .group_by(messages.c.conversation_id, messages.c.direction)
    )
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in db.execute(query):
        counts[row.conversation_id][row.direction] = row.number
    for conversation_id, count in counts.items():
        if count.get("in") != count.get("out"):
            found.note(f"{conversation_id}: {count.get('in')} messages, {count.get('out')} replies of the rule")
    query_agents = select(messages.c.id, messages.c.text).where(messages.c.sender_kind == "agent")
    there = Counter((row.id, row.text) for row in db.execute(query_agents))
    wanted = Counter(pair for agent in agents for pair in agent.answered)
    found.replies = wanted.total()
    if there != wanted:
        found.note(f"agents' replies: missing {wanted - there}, too many {there - wanted}")


def our_id(accepted: Accepted) -> str:
    """Our id of a message that the provider accepted: it stands in the address for its receipts."""
    return parse_qs(urlsplit(accepted.callback or "").query).get("message_id", [""])[0]


def _prove_sends(db: Connection, provider: Simulator, found: Findings) -> None:
    """Law 5: nothing was sent twice that the provider had taken, nothing counts as sent that it has not."""
    taken: dict[str, list[Accepted]] = defaultdict(list)
    for accepted in provider.accepted():
        taken[our_id(accepted)].append(accepted)
    found.accepted = sum(len(several) for several in taken.values())
    rows = {row.id: row for row in db.execute(select(messages).where(messages.c.direction == "out"))}
    found.unconfirmed = sum(row.state == "unconfirmed" for row in rows.values())
    for message_id, several in taken.items():
        if message_id not in rows:
            found.note(f"the provider has a message that is not stored: {message_id}")
        if len(several) > 1:
            found.sent_twice += 1
            found.note(f"{message_id} was sent {len(several)} times: {_history(db, message_id)}")
    for row in rows.values():
        sids = [accepted.sid for accepted in taken.get(row.id, ())]
        if row.state in ARRIVED and row.external_id not in sids:
            found.note(f"{row.id} counts as {row.state}, the provider has {sids}: {_history(db, row.id)}")
        if row.state in ("queued", "sending"):
            found.note(f"{row.id} is still {row.state}")
    settled = select(func.count()).where(send_attempts.c.outcome.like("settled_%"))
    found.looked_up = db.execute(settled).scalar_one()


def _history(db: Connection, message_id: str) -> list[tuple[object, ...]]:
    query = select(send_attempts).where(send_attempts.c.message_id == message_id).order_by(send_attempts.c.id)
    return [tuple(row) for row in db.execute(query)]


def _prove_order(db: Connection, provider: Simulator, found: Findings) -> None:
    """One conversation's messages left in order; what was unconfirmed in between has lost its place."""
    unsure = select(send_attempts.c.message_id).where(send_attempts.c.outcome.in_(("settled_queued", "send_uncertain")))
    lost_place = set(db.execute(unsure).scalars())
    query = select(messages.c.id, messages.c.conversation_id, messages.c.sequence).where(messages.c.direction == "out")
    rows = {row.id: row for row in db.execute(query)}
    latest: dict[str, int] = {}
    for accepted in provider.accepted():
        row = rows.get(our_id(accepted))
        if row is None or row.id in lost_place:
            continue
        if row.sequence < latest.get(row.conversation_id, 0):
            found.note(f"{row.id} left after a later one of its conversation")
        latest[row.conversation_id] = max(row.sequence, latest.get(row.conversation_id, 0))


def _prove_nothing_left(db: Connection, found: Findings) -> None:
    parked = db.execute(select(journal.c.error).where(journal.c.state == "failed")).scalars().all()
    if parked:
        found.note(f"parked events: {parked[:3]}")
    if kept := db.execute(select(func.count()).select_from(kept_webhooks)).scalar_one():
        found.note(f"{kept} webhooks were kept raw although nothing is wrong with the plugin")
    same = (messages.c.channel_id == receipts_pending.c.channel_id) & (
        messages.c.external_id == receipts_pending.c.external_id
    )
    matched = select(func.count()).select_from(receipts_pending.join(messages, same))
    if left := db.execute(matched).scalar_one():
        found.note(f"{left} receipts wait although their messages are known")


def prove_feed(store: Store, watcher: Watcher, found: Findings) -> None:
    """The stream told everything behind its first cursor, once and in order, over every cut connection."""
    told = [event.cursor for event in watcher.events]  # before the rows are read: none of what is told meanwhile
    with store.read() as db:
        query = select(feed_table.c.xact, feed_table.c.id).where(feed_table.c.agent_id.is_(None))
        stored = [f"{row.xact}.{row.id}" for row in db.execute(query.order_by(feed_table.c.id))]
    found.feed_events = len(told)
    if watcher.resets:
        found.note(f"the stream was reset {watcher.resets} times")
    if not told:
        found.note("the stream told nothing")
        return
    # What happened after the newest event was waited for (a plugin let in again) may have come too late to be told.
    wanted = stored[stored.index(told[0]) :] if told[0] in stored else stored
    wanted = wanted[: wanted.index(told[-1]) + 1] if told[-1] in wanted else wanted
    if told != wanted:
        missed, repeated = Counter(wanted) - Counter(told), Counter(told) - Counter(wanted)
        found.note(
            f"the stream told {len(told)} of {len(wanted)} events; missed {sorted(missed)[:3]}, "
            f"too many {sorted(repeated)[:3]}; if neither, in another order"
        )


def prove_told_last(store: Store, found: Findings) -> None:
    """What was told last of a message's state is its state."""
    with store.read() as db:
        query = select(feed_table.c.payload).where(feed_table.c.kind.in_(("message.created", "message.updated")))
        told = [orjson.loads(row.payload)["message"] for row in db.execute(query.order_by(feed_table.c.id))]
        states = {row.id: row.state for row in db.execute(select(messages.c.id, messages.c.state))}
    last = {str(message["id"]): str(message["state"]) for message in told}
    if wrong := [f"{id}: told {last[id]}, is {states[id]}" for id in last if last[id] != states[id]]:
        found.note(f"{len(wrong)} messages were told wrong: {wrong[:3]}")
