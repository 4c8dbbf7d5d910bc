"""Delivery as it runs: threads, a slow recipient, a hanging plugin, a graceful end, a database that goes away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from casella.inbox.sending import delivery as delivery_module
from casella.inbox.sending.delivery import Delivery, settle_expired
from casella.plugin import Sent
from casella.store.tables import messages, outbox, send_attempts
from tests.fakes import AcmeChannel
from tests.house import ANNA, BERT, House, until
from tests.services import PostgresServer


@contextmanager
def delivering(house: House) -> Iterator[Delivery]:
    running = Delivery(house.rooms)
    running.start()
    running.wake()
    try:
        yield running
    finally:
        for gate in house.acme.provider.gates.values():
            gate.set()
        running.stop(5)


def write_to(house: House, *senders: str, texts: tuple[str, ...] = ("Hello",)) -> None:
    """A conversation with each of these, and replies queued in it."""
    house.receive(*[house.says(sender=sender) for sender in senders])
    for row in house.rows(messages, direction="in"):
        for text in texts:
            house.reply(text, row["conversation_id"])


def states(house: House) -> list[str]:
    return [row["state"] for row in house.rows(messages, direction="out")]


def test_each_conversation_in_order_and_all_of_them_at_once(house: House) -> None:
    people = [f"+39055{number:04}" for number in range(12)]
    write_to(house, *people, texts=("one", "two", "three"))
    with delivering(house):
        until(lambda: states(house) == ["sent"] * 36, "everything is sent")

    for person in people:
        assert house.acme.provider.texts(person) == ["one", "two", "three"]
    assert house.acme.provider.overlaps == [], "never two at once to one recipient"


def test_an_outcome_whose_message_another_process_holds_delays_no_other(migrated_pg_url: str, tmp_path: Path) -> None:
    """A lane holds messages of whose receipts it has heard, and its process may have stopped."""
    with House(migrated_pg_url, tmp_path) as house:
        gates = [house.acme.provider.gates.setdefault(who, threading.Event()) for who in (ANNA, BERT)]
        write_to(house, ANNA, BERT)
        held = house.rows(messages, direction="out")[0]["id"]
        with delivering(house):
            until(lambda: states(house) == ["sending"] * 2, "both are being sent")
            with house.rooms.store.write() as db:
                db.execute(select(messages.c.id).where(messages.c.id == held).with_for_update(key_share=True))
                for gate in gates:
                    gate.set()
                until(lambda: sorted(states(house)) == ["sending", "sent"], "the other one is recorded", 5)
            until(lambda: states(house) == ["sent"] * 2, "and then this one")


def test_a_slow_recipient_delays_nobody_else(house: House) -> None:
    gate = house.acme.provider.gates[ANNA] = threading.Event()
    write_to(house, ANNA, BERT, texts=("one", "two"))
    with delivering(house):
        until(lambda: house.acme.provider.texts(BERT) == ["one", "two"], "the other one has both")
        assert house.acme.provider.texts(ANNA) == []
        gate.set()
        until(lambda: states(house) == ["sent"] * 4)


def test_two_processes_send_nothing_twice(house: House, tmp_path: Path) -> None:
    write_to(house, *[f"+39055{number:04}" for number in range(20)], texts=("one", "two"))
    with House(house.settings.database_url, tmp_path, desk=None, clock=house.clock) as second:
        with delivering(house) as here, delivering(second) as there:

            def done() -> bool:
                here.wake()
                there.wake()
                return states(house) == ["sent"] * 40

            until(done)
        arrived = house.acme.provider.arrived + second.acme.provider.arrived

    assert len(arrived) == 40
    assert len({item.message.id for item in arrived}) == 40


def test_stopping_finishes_what_is_being_sent_and_leaves_the_rest_queued(house: House) -> None:
    house.acme.provider.gates[ANNA] = threading.Event()
    write_to(house, ANNA, texts=("in flight", "not yet"))
    running = Delivery(house.rooms)
    running.start()
    running.wake()
    house.acme.provider.wait_begun(ANNA)
    threading.Timer(0.3, house.acme.provider.gates[ANNA].set).start()
    running.stop(20)

    assert states(house) == ["sent", "queued"]
    assert house.acme.provider.texts() == ["in flight"]
    assert house.one(outbox)["state"] == "queued"


def test_what_is_still_being_sent_when_time_is_up_becomes_unconfirmed_by_its_lease(house: House) -> None:
    house.acme.provider.gates[ANNA] = threading.Event()
    write_to(house, ANNA)
    running = Delivery(house.rooms)
    running.start()
    running.wake()
    house.acme.provider.wait_begun(ANNA)
    running.stop(0.2)
    assert states(house) == ["sending"]

    house.clock.move(minutes=1)
    assert settle_expired(house.rooms) == 1
    assert states(house) == ["unconfirmed"]
    house.acme.provider.gates[ANNA].set()


def test_a_plugin_that_hangs_in_sending_leaves_its_message_unconfirmed(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    def loop(*_: object) -> Sent:
        while True:
            pass

    acme, other = AcmeChannel(send_time_limit=0.3), AcmeChannel("other")
    with House(migrated_sqlite_url, tmp_path, plugins=[acme, other]) as house:
        write_to(house, ANNA)
        acme.instead["send"] = loop
        with delivering(house) as running:
            until(lambda: states(house) == ["unconfirmed"], "shown as unconfirmed")
            until(lambda: running.in_flight == 0, "nobody waits for it")
            assert "took longer" in house.host.breakers.last_failure("acme", "send")
            assert house.host.breakers.now_aside() == []  # one message, and nobody else's


@pytest.mark.slow
def test_outcomes_are_recorded_after_the_database_comes_back(private_pg_server: PostgresServer, tmp_path: Path) -> None:
    with House(private_pg_server.create_database("house"), tmp_path) as house:
        gate = house.acme.provider.gates[ANNA] = threading.Event()
        write_to(house, ANNA)
        with delivering(house) as running:
            house.acme.provider.wait_begun(ANNA)
            private_pg_server.stop()
            gate.set()
            until(lambda: house.acme.provider.texts() == ["Hello"])
            time.sleep(0.5)  # the recorder tries, in vain, at least twice
            private_pg_server.start()
            until(lambda: running.in_flight == 0)
            until(lambda: states(house) == ["sent"])
        assert house.one(send_attempts)["outcome"] == "sent"
        assert delivery_module._LINGER > 10


def test_the_pump_outlives_a_database_that_is_away_for_a_moment(house: House) -> None:
    with delivering(house) as running:
        turn = house.rooms.store.write()
        with turn:  # SQLite: nobody else may write; PostgreSQL: they may
            running.wake()
        write_to(house, ANNA)
        running.wake()
        until(lambda: states(house) == ["sent"])
