"""Providers are asked who contacts are: once, beside the lanes, without taking anybody's name away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from casella.inbox.receiving import profiles
from casella.plugin import ChannelUnreachable, MediaRef, MediaRequest, Profile, SendRejected
from casella.store.tables import contact_profiles, contacts, decisions, feed, messages
from tests.fakes import AcmeChannel
from tests.house import House

RULE = "rules:\n  - {name: Greet, when: message_received, if: always, then: [note: seen]}\n"


class Asked:
    """The provider's answers, and how often it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[], Profile] = lambda: Profile(name="Ada Lovelace")
        self.count = 0

    def __call__(self, *_: object) -> Profile:
        self.count += 1
        return self.answer()


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path, asked: Asked) -> Iterator[House]:
    acme = AcmeChannel(profiles=True)
    acme.instead["profile"] = asked
    with House(migrated_sqlite_url, tmp_path, plugins=[acme]) as built:
        yield built


def ask(house: House, http: httpx.Client | None = None) -> None:
    while profiles.ask_due(house.rooms, http or house.http):
        pass


def later(house: House, **by: float) -> None:
    house.clock.move(**by)
    ask(house)


def refuse() -> Profile:
    raise ChannelUnreachable


def test_somebody_new_gets_a_name_and_nobody_is_asked_twice(house: House, asked: Asked) -> None:
    house.apply(rules=RULE)
    house.receive(house.says("Hello"), house.says("Again"))
    before = len(house.rows(decisions))
    ask(house)
    house.receive(house.says("Once more"))
    ask(house)
    assert house.one(contacts)["name"] == "Ada Lovelace"
    assert asked.count == 1
    told = [row for row in house.rows(feed, kind="conversation.updated") if b"profile" in bytes(str(row), "utf-8")]
    assert len(told) == 1
    assert (before, len(house.rows(decisions))) == (2, 3), "rules hear of messages, not of names"


def test_a_provider_that_does_not_answer_delays_no_message(house: House, asked: Asked) -> None:
    gate, inside = threading.Event(), threading.Event()

    def wait() -> Profile:
        inside.set()
        gate.wait(10)
        return Profile(name="Late")

    asked.answer = wait
    house.receive(house.says())
    thread = threading.Thread(target=ask, args=(house,))
    thread.start()
    try:
        assert inside.wait(10)
        house.receive(house.says("Second"))
        house.reply("Answer")
        house.deliver()
        assert len(house.rows(messages)) == 3
    finally:
        gate.set()
        thread.join()
    assert house.one(contacts)["name"] == "Late"


def test_what_fails_is_asked_again_later_and_then_left(house: House, asked: Asked) -> None:
    asked.answer = refuse
    house.receive(house.says())
    ask(house)
    ask(house)
    assert asked.count == 1, "not at once"
    for _ in range(10):
        later(house, hours=6)
    assert asked.count == profiles.MOST_ATTEMPTS
    asked.answer = lambda: Profile(name="Ada")
    house.receive(house.says("Still here"))
    later(house, days=31)
    assert house.one(contacts)["name"] == "Ada"


def test_a_refusal_is_final_for_now(house: House, asked: Asked) -> None:
    def reject() -> Profile:
        raise SendRejected

    asked.answer = reject
    house.receive(house.says())
    ask(house)
    later(house, days=1)
    assert asked.count == 1


def test_a_name_of_the_houses_own_is_never_replaced(house: House, asked: Asked) -> None:
    house.receive(house.says())
    with house.rooms.store.write() as db:
        db.execute(update(contacts).values(name="Aunt Ada"))
    ask(house)
    assert house.one(contacts)["name"] == "Aunt Ada"
    assert house.one(contact_profiles)["name"] == "Ada Lovelace"


def test_a_name_that_the_provider_told_is_renewed_by_it(house: House, asked: Asked) -> None:
    house.receive(house.says())
    ask(house)
    asked.answer = lambda: Profile(name="Ada King")
    later(house, days=31)
    assert asked.count == 1, "who is silent is not asked about"
    house.receive(house.says("New year"))
    later(house, days=31)
    assert house.one(contacts)["name"] == "Ada King"
    with house.rooms.store.write() as db:
        db.execute(update(contacts).values(name="Ada of ours", linked=True))
    asked.answer = lambda: Profile(name="Somebody")
    house.receive(house.says("And again"))
    later(house, days=31)
    assert house.one(contacts)["name"] == "Ada of ours"


def test_a_picture_is_fetched_under_guard_and_replaces_the_last(house: House, asked: Asked) -> None:
    house.acme.instead["locate_media"] = lambda _channel, ref, _http: MediaRequest(ref.ref, allowed_hosts=("pic.test",))
    asked.answer = lambda: Profile(name="Ada", picture=MediaRef(ref="http://169.254.0.1/me.png", kind="image"))
    house.receive(house.says())
    ask(house)
    kept = house.one(contact_profiles)
    assert (kept["name"], kept["picture_key"]) == ("Ada", None), "a name without its picture is worth having"


def test_of_a_plugin_that_raises_the_question_is_kept(house: House, asked: Asked) -> None:
    def fail() -> Profile:
        raise RuntimeError("broken")

    asked.answer = fail
    house.receive(house.says())
    ask(house)
    assert house.rooms.host.breakers.last_failure("acme", "profile").startswith("profile raised RuntimeError (")
    assert house.one(contact_profiles)["attempts"] == 0
