"""Stored before answered, once, many in one commit, and no plugin can stop the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from casella.inbox.receiving import intake as intake_module
from casella.inbox.receiving.intake import Intake, Ticket
from casella.inbox.receiving.replay import PAUSES, Replayer, replay_kept
from casella.plugin import MessageReceived, SendRejected, Verdict, Webhook, WebhookAnswer
from casella.store.tables import journal, kept_webhooks, messages
from tests.fakes import AcmeChannel
from tests.house import DESK, MAIN, House
from tests.services import PostgresServer

TWO_TYPES = DESK.replace(
    "channels:\n",
    "  other: {type: other, settings: {secret: '${ACME_SECRET}'}}\n"
    "channels:\n  third: {connection: other, inbox: support, address: '+15550003'}\n",
)


@pytest.fixture
def two_types(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A house with a second channel type "other", whose plugin may misbehave."""
    plugins = [AcmeChannel(), AcmeChannel("other")]
    with House(migrated_sqlite_url, tmp_path, plugins=plugins, desk=TWO_TYPES) as house:
        yield house


def quick(house: House, **options: float) -> tuple[Intake, Callable[..., list[Ticket]]]:
    """An intake with a watchdog that loses patience soon, and how to give it webhooks by connection."""
    answered: list[Ticket] = []
    changed = threading.Condition()

    def settle(tickets: object) -> None:
        with changed:
            answered.extend(tickets)  # type: ignore[arg-type]  # a sequence of tickets
            changed.notify_all()

    taking = Intake(house.rooms, settle, **{"plugin_seconds": 0.4, **options})  # type: ignore[arg-type]  # every option is a number of seconds

    def give(*pairs: tuple[str, Webhook]) -> list[Ticket]:
        entries = house.rooms.directory.current.connections
        for number, (key, webhook) in enumerate(pairs):
            assert taking.submit(Ticket(entries[key], webhook, number))
        with changed:
            assert changed.wait_for(lambda: len(answered) >= len(pairs), 30), "not everything was answered"
            return sorted(answered, key=lambda ticket: str(ticket.token))

    return taking, give


def other(house: House) -> AcmeChannel:
    plugin = house.host.plugins["other"]
    assert isinstance(plugin, AcmeChannel)
    return plugin


def test_the_same_webhook_from_fifty_threads_is_one_row_and_everybody_is_answered(house: House) -> None:
    webhook = house.webhook(house.says("Hello", external_id="same"))
    house.post(house.webhook(house.says("The intake runs")))
    answers: list[WebhookAnswer] = []
    barrier = threading.Barrier(50)

    def deliver() -> None:
        barrier.wait()
        answers.extend(house.post(webhook))

    threads = [threading.Thread(target=deliver) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status for answer in answers] == [200] * 50
    assert len(house.rows(journal, identity="same")) == 1


def test_two_processes_may_store_the_same_webhooks_at_once(house: House, tmp_path: Path) -> None:
    url = house.settings.database_url
    webhooks = [house.webhook(house.says(external_id=f"same-{number}")) for number in range(20)]
    with House(url, tmp_path, desk=None, clock=house.clock) as second:
        second.intake, house.intake  # noqa: B018 - started before the race
        barrier = threading.Barrier(2)
        statuses: list[int] = []

        def deliver(place: House, order: list[Webhook]) -> None:
            barrier.wait()
            statuses.extend(answer.status for answer in place.post(*order))

        threads = [
            threading.Thread(target=deliver, args=(house, webhooks)),
            threading.Thread(target=deliver, args=(second, webhooks[::-1])),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statuses == [200] * 40
    assert len(house.rows(journal)) == 20


def test_all_that_wait_share_one_transaction(house: House) -> None:
    begun = threading.Event()
    go_on = threading.Event()

    def slow(*_: object) -> Verdict:
        begun.set()
        go_on.wait(10)
        house.acme.instead.clear()
        return Verdict.refused(403, "slow")

    house.acme.instead["verify"] = slow
    taking, _ = quick(house, plugin_seconds=15.0)
    commits: list[object] = []
    entry = house.rooms.directory.current.connections["acme"]
    taking.start()
    taking.submit(Ticket(entry, house.webhook(house.says()), "first"))
    assert begun.wait(10)  # while this one is being looked at, the others gather
    for number in range(30):
        taking.submit(Ticket(entry, house.webhook(house.says()), number))
    event.listen(house.rooms.store.engine, "commit", commits.append)
    go_on.set()
    taking.stop()

    assert len(house.rows(journal)) == 30
    assert len(commits) == 1


def test_a_lone_request_waits_for_nobody(house: House) -> None:
    taking, give = quick(house, plugin_seconds=30.0)
    taking.start()

    [ticket] = give(("acme", house.webhook(house.says())))  # answered, though nothing else ever comes
    assert ticket.answer == WebhookAnswer(200, b"taken")
    taking.stop()


def test_one_request_may_be_acknowledged_in_its_own_way_once_it_is_stored(house: House) -> None:
    own = WebhookAnswer(200, b"thank you, Ada")
    house.acme.instead["verify"] = lambda *_: Verdict.authentic(own)
    assert house.post(house.webhook(house.says("stored"))) == [own]
    house.drain()
    assert [row["text"] for row in house.rows(messages)] == ["stored"]


def test_stopping_answers_what_waits_and_refuses_what_comes_after(house: House) -> None:
    taking, _ = quick(house)
    answered: list[Ticket] = []
    taking = Intake(house.rooms, answered.extend)
    entry = house.rooms.directory.current.connections["acme"]
    for number in range(5):
        taking.submit(Ticket(entry, house.webhook(house.says()), number))
    taking.start()
    taking.stop()

    assert [ticket.answer for ticket in answered] == [WebhookAnswer(200, b"taken")] * 5
    assert not taking.submit(Ticket(entry, house.webhook(house.says()), 6))


def test_too_many_waiting_requests_are_refused_at_once(house: House) -> None:
    taking = Intake(house.rooms, lambda _: None, most_waiting=3)
    entry = house.rooms.directory.current.connections["acme"]

    taken = [taking.submit(Ticket(entry, house.webhook(house.says()), number)) for number in range(5)]

    assert taken == [True, True, True, False, False]


def test_a_web_server_that_is_gone_does_not_end_the_intake(house: House) -> None:
    def refuse_first(tickets: list[Ticket], calls: list[int] = []) -> None:  # noqa: B006 - counts the calls
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("Event loop is closed")
        done.set()

    done = threading.Event()
    taking = Intake(house.rooms, refuse_first)  # type: ignore[arg-type]  # a list is a sequence
    taking.start()
    entry = house.rooms.directory.current.connections["acme"]
    taking.submit(Ticket(entry, house.webhook(house.says()), 1))
    deadline = time.monotonic() + 10
    while not house.rows(journal) and time.monotonic() < deadline:
        time.sleep(0.01)
    taking.submit(Ticket(entry, house.webhook(house.says()), 2))

    assert done.wait(10)
    taking.stop()
    assert len(house.rows(journal)) == 2


def python_loop(*_: object) -> Verdict:
    while True:
        pass


def sleeping(*_: object) -> Verdict:
    time.sleep(3)
    return Verdict.authentic()


def locked(*_: object) -> Verdict:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=3)
    return Verdict.authentic()


def exits(*_: object) -> Verdict:
    raise SystemExit(3)


def raises(*_: object) -> Verdict:
    raise KeyError("what")


def raises_the_wrong_error(*_: object) -> Verdict:
    raise SendRejected("not here")


@pytest.mark.parametrize("method", ["verify", "translate"])
@pytest.mark.parametrize(
    "deed", [raises, exits, raises_the_wrong_error, lambda *_: 42, lambda *_: None, python_loop, sleeping, locked]
)
def test_a_plugin_that_misbehaves_again_and_again_is_set_aside_and_the_others_go_on(
    two_types: House, method: str, deed: Callable[..., Verdict]
) -> None:
    house = two_types
    other(house).instead[method] = deed
    taking, give = quick(house)
    taking.start()

    tickets = give(
        ("acme", house.webhook(house.says("before"))),
        ("other", house.webhook(house.says("kept", to="+15550003"))),
        ("acme", house.webhook(house.says("after"))),
        ("other", house.webhook(house.says("kept too", to="+15550003"))),
        ("other", house.webhook(house.says("and this", to="+15550003"))),
    )
    again = give(*[("acme", house.webhook(house.says(f"later {n}"))) for n in range(5)])
    taking.stop()

    assert [ticket.answer for ticket in tickets] == [WebhookAnswer(200, b"taken")] * 5
    assert len(again) >= 5
    replayer = Replayer(house.rooms, seconds=0.3)
    for pause in (0.0, *PAUSES) * 3:  # in translating, the later ones have waited behind the first
        house.clock.move(seconds=pause)
        replayer.step()
    assert not house.host.receives("other")
    assert method in house.host.breakers.last_failure("other", method)
    assert [row["connection_key"] for row in house.rows(kept_webhooks)] == ["other"] * 3
    house.drain()
    assert {row["text"] for row in house.rows(messages)} >= {"before", "after"}


def nonsense_answer(*_: object) -> Verdict:
    return Verdict("answered", "hello")  # type: ignore[arg-type]  # the point


def nonsense_acknowledgement(*_: object) -> Verdict:
    return Verdict("authentic", "hello")  # type: ignore[arg-type]  # the point


def broken_identity(*_: object) -> list[MessageReceived]:
    class Odd(MessageReceived):
        @property
        def identity(self) -> str:
            raise ValueError("no identity today")

    return [Odd(channel_address="+15550003", contact_address="+39055", external_id="1")]


@pytest.mark.parametrize(
    ("method", "deed"),
    [
        ("verify", nonsense_answer),
        ("verify", nonsense_acknowledgement),
        ("translate", lambda *_: ["a text"]),
        ("translate", broken_identity),
    ],
)
def test_nonsense_deep_inside_an_answer_is_nonsense_too(
    two_types: House, method: str, deed: Callable[..., object]
) -> None:
    other(two_types).instead[method] = deed
    [answer] = two_types.post(two_types.webhook(two_types.says(to="+15550003")), connection="other")

    assert answer == WebhookAnswer(200, b"taken")
    assert two_types.host.breakers.last_failure("other", method).startswith(f"{method} ")
    assert two_types.host.receives("other")  # one failure is parked alone
    assert two_types.one(kept_webhooks)["reason"] == "plugin_failed"


def test_what_was_kept_while_a_plugin_was_set_aside_is_taken_up_by_a_replay(two_types: House) -> None:
    house = two_types
    other(house).instead["translate"] = raises
    house.post(house.webhook(house.says("one", to="+15550003"), house.says("two", to="+15550003")), connection="other")

    other(house).instead.clear()
    house.host.release("other")
    report = replay_kept(house.rooms)
    house.drain()

    assert (report.accepted, report.kept) == (1, 0)
    assert [row["text"] for row in house.rows(messages)] == ["one", "two"]
    assert replay_kept(house.rooms).accepted == 0


def test_a_webhook_of_which_one_channel_is_unknown_keeps_what_it_knows_and_is_kept_raw(house: House) -> None:
    house.receive(house.says("known"), house.says("unknown", to="+19990000"))

    assert [row["text"] for row in house.rows(messages)] == ["known"]
    assert house.one(kept_webhooks)["reason"] == "unknown_channel"

    house.apply(desk=DESK.replace('"+15550002"', '"+19990000"'))
    assert replay_kept(house.rooms).accepted == 1
    house.drain()
    assert [row["text"] for row in house.rows(messages)] == ["known", "unknown"]


def test_huge_headers_are_kept_without_the_hugest(house: House) -> None:
    house.host.set_aside("acme", "for this test")
    webhook = house.webhook(house.says("later"))
    house.post(Webhook(webhook.method, webhook.url, "", {**webhook.headers, "x-huge": "x" * 60_000}, webhook.body,
                       webhook.received_at))  # fmt: skip
    house.host.release("acme")

    assert replay_kept(house.rooms).accepted == 1


def test_characters_no_database_takes_keep_nobody_out(house: House) -> None:
    """PostgreSQL stores no U+0000; a provider may send it anywhere."""
    odd = house.says("te\x00xt", external_id="a\x00b", contact_name="A\x00nn", metadata={"k\x00": "v\x00"})
    answers = house.post(house.webhook(odd), house.webhook(house.says("neighbour")))
    house.drain()

    assert [answer.status for answer in answers] == [200, 200]
    assert [row["text"] for row in house.rows(messages)] == ["text", "neighbour"]
    assert house.rows(kept_webhooks) == []


def test_an_id_too_long_for_any_index_is_kept_raw_and_keeps_nobody_out(house: House) -> None:
    long = house.says("odd", external_id="".join(chr(33 + (n * 7919) % 90) for n in range(9000)))
    answers = house.post(house.webhook(long, house.says("same request")), house.webhook(house.says("neighbour")))
    house.drain()

    assert [answer.status for answer in answers] == [200, 200]
    assert [row["text"] for row in house.rows(messages)] == ["same request", "neighbour"]
    assert house.one(kept_webhooks)["reason"] == "key_too_long"


def test_what_the_database_refuses_is_kept_raw_and_keeps_nobody_out(house: House) -> None:
    """Law of the batch: whatever one request holds must not keep its neighbours out."""

    def unstorable(_: object, webhook: Webhook) -> list[MessageReceived]:
        events = [MessageReceived(channel_address=MAIN, contact_address="+39055", external_id=webhook.body.decode())]
        if webhook.body == b"bad":
            events[0] = Odd(**events[0].model_dump())
        return events

    class Odd(MessageReceived):
        @property
        def identity(self) -> str:
            return "\ud800"  # half a character: no driver can encode it

    house.acme.instead["translate"] = unstorable
    answers = house.post(*[house.webhook(body=body) for body in (b"one", b"bad", b"two")])

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert {row["identity"] for row in house.rows(journal)} == {"one", "two"}
    assert house.one(kept_webhooks)["reason"] == "not_storable"


@pytest.mark.slow
def test_database_down_is_503_and_what_is_sent_again_is_there_once(
    private_pg_server: PostgresServer, tmp_path: Path
) -> None:
    with House(private_pg_server.create_database("house"), tmp_path) as house:
        house.post(house.webhook(house.says("before", external_id="1")))
        webhooks = [house.webhook(house.says("during", external_id="2")), house.webhook(house.says(external_id="3"))]
        private_pg_server.stop()

        down = house.post(*webhooks)

        private_pg_server.start()
        again = house.post(*webhooks)
        twice = house.post(*webhooks)

        assert {answer.status for answer in down} == {503}
        assert {answer.status for answer in again + twice} == {200}
        assert [row["identity"] for row in house.rows(journal)] == ["1", "2", "3"]
        assert intake_module.UNAVAILABLE.status == 503
