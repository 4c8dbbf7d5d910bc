"""What was kept is taken up by itself: in order, once, and nothing waits for ever behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from casella.host import Host
from casella.host.breakers import Breakers
from casella.inbox.house import plugin_watch
from casella.inbox.receiving.replay import PAUSES, Replayer, replay_kept
from casella.plugin import Connection, Event, MessageReceived, Webhook
from casella.store.tables import journal, kept_webhooks, messages, plugins_aside
from tests.fakes import AcmeChannel, AcmeSettings
from tests.house import ANNA, MAIN, House

POISON = b"poison"


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = 10_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def house(migrated_url: str, tmp_path: Path, hands: Hands) -> Iterator[House]:
    with House(migrated_url, tmp_path, host=Host(breakers=Breakers(hands))) as house:
        yield house


@pytest.fixture
def replayer(house: House) -> Replayer:
    found = Replayer(house.rooms)
    found.step()  # what a fresh process does at first
    return found


def raises(*_: object) -> object:
    raise KeyError("what")


def texts(house: House) -> list[object]:
    house.drain()
    return [row["text"] for row in house.rows(messages)]


def settle(house: House, replayer: Replayer) -> None:
    """Everything that can be taken up at this moment, and a look when nothing is there."""
    for _ in range(3):
        while replayer.step():
            pass
        time.sleep(0.03)  # longer than a commit takes: what is kept is in the database


def keep_set_aside(other: House) -> None:
    """Four webhooks kept by a process that has set the plugin aside, and has told so."""
    for number in range(3):
        other.host.breakers.failed("acme", "translate", "raised KeyError", f"{number}")
    for number in range(4):
        other.post(other.webhook(other.says("one", external_id=f"{number}")))
    plugin_watch.agree(other.rooms)


def fail_at(house: House, body: bytes) -> None:
    """The plugin fails at this request alone."""
    plain = AcmeChannel()

    def translate(connection: Connection[AcmeSettings], webhook: Webhook) -> Sequence[Event]:
        if webhook.body == body:
            raise KeyError("what")
        return plain.translate(connection, webhook)

    house.acme.instead["translate"] = translate


def test_later_webhooks_wait_behind_a_kept_one_and_come_in_order(house: House, replayer: Replayer) -> None:
    house.acme.instead["translate"] = raises
    house.post(house.webhook(house.says("one")))
    house.acme.instead.clear()
    house.post(house.webhook(house.says("two")))
    assert texts(house) == []
    assert [row["reason"] for row in house.rows(kept_webhooks)] == ["plugin_failed", "behind"]

    settle(house, replayer)
    assert texts(house) == ["one", "two"]
    house.post(house.webhook(house.says("three")))
    assert texts(house) == ["one", "two", "three"]


def test_what_fails_alone_is_left_to_people_after_three_tries_and_the_others_go_on(
    house: House, replayer: Replayer
) -> None:
    fail_at(house, POISON)
    house.post(house.webhook(house.says("before")))
    house.post(house.webhook(body=POISON))
    house.post(house.webhook(house.says("after")))
    for pause in (0.0, *PAUSES):
        assert texts(house) == ["before"]
        house.clock.move(seconds=pause)
        settle(house, replayer)

    assert texts(house) == ["before", "after"]
    assert house.rows(kept_webhooks, replayed_at=None) == house.rows(kept_webhooks, body=POISON)
    assert house.one(kept_webhooks, body=POISON)["due_at"] is None
    house.post(house.webhook(house.says("later")))
    assert texts(house) == ["before", "after", "later"]


def test_set_aside_for_receiving_one_probe_lets_all_of_it_in_in_order(
    house: House, replayer: Replayer, hands: Hands
) -> None:
    house.acme.instead["verify"] = raises
    for number in range(10):
        house.post(house.webhook(house.says(f"{number}")))
    assert not house.host.receives("acme")
    house.acme.instead.clear()
    house.clock.move(seconds=5)
    settle(house, replayer)
    assert texts(house) == []  # it is not yet time

    hands.at += 15
    settle(house, replayer)
    assert house.host.receives("acme")
    assert texts(house) == [f"{number}" for number in range(10)]


def test_poison_at_the_head_does_not_keep_a_healthy_plugin_out(house: House, replayer: Replayer, hands: Hands) -> None:
    house.acme.instead["verify"] = raises
    for number in range(3):
        house.post(house.webhook(body=POISON + b"%d" % number))
    assert not house.host.receives("acme")
    house.acme.instead.clear()
    house.acme.instead["translate"] = lambda _, webhook: _poisoned(webhook)
    house.post(house.webhook(body=b"good"))

    hands.at += 15
    settle(house, replayer)
    assert house.host.receives("acme")
    for pause in (0.0, *PAUSES) * 9:
        hands.at += 20  # three in a row that it cannot read have set it aside for translating, once
        house.clock.move(seconds=pause)
        settle(house, replayer)
    assert texts(house) == ["good"]


def _poisoned(webhook: Webhook) -> list[Event]:
    if webhook.body.startswith(POISON):
        raise KeyError("what")
    text = webhook.body.decode()
    return [MessageReceived(channel_address=MAIN, contact_address="+39055", external_id=text, text=text)]


def test_a_late_copy_of_a_kept_webhook_is_the_same_message(house: House, replayer: Replayer) -> None:
    house.acme.instead["translate"] = raises
    webhook = house.webhook(house.says("once", external_id="same"))
    house.post(webhook)
    house.acme.instead.clear()
    house.post(webhook)
    settle(house, replayer)
    house.post(webhook)

    assert texts(house) == ["once"]
    assert len(house.rows(journal)) == 1


@pytest.mark.parametrize("kept", [0, 1], ids=["the message is kept", "its edit is kept"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["as written", "the edit first"])
def test_a_message_and_its_edit_are_one_text_whichever_of_them_is_kept(
    house: House, replayer: Replayer, order: tuple[int, int], kept: int
) -> None:
    where = {"channel_address": MAIN, "contact_address": ANNA, "external_id": "m-1"}
    edit = {"kind": "message_edited", **where, "text": "second", "revision": "r-1"}
    requests = [house.webhook(house.says("first", external_id="m-1")), house.webhook(edit)]
    for number in order:
        if number == kept:
            house.acme.instead["translate"] = raises
        house.post(requests[number])
        house.acme.instead.clear()
    texts(house)  # as far as anything was translated
    settle(house, replayer)

    assert texts(house) == ["second"]
    house.post(*requests)
    assert texts(house) == ["second"]


def test_another_version_of_a_plugin_gets_everything_again(house: House, replayer: Replayer) -> None:
    fail_at(house, POISON)
    house.post(house.webhook(body=POISON))
    for pause in (0.0, *PAUSES):
        house.clock.move(seconds=pause)
        settle(house, replayer)
    house.acme.instead["translate"] = lambda _, webhook: _poisoned(replace(webhook, body=b"read now"))

    settle(house, Replayer(house.rooms))  # as after a restart
    assert texts(house) == ["read now"]


def test_what_another_process_kept_is_waited_for_here_too(house: House, tmp_path: Path) -> None:
    with House(house.settings.database_url, tmp_path, desk=None, clock=house.clock) as other:
        other.acme.instead["translate"] = raises
        other.post(other.webhook(other.says("one")))
        plugin_watch.agree(house.rooms)
        house.post(house.webhook(house.says("two", external_id="another")))
        replayer = Replayer(house.rooms)
        settle(house, replayer)
        assert texts(house) == ["one", "two"]


def test_a_fresh_process_that_takes_all_up_lets_in_what_another_had_set_aside(house: House, tmp_path: Path) -> None:
    """Nothing is left to try it with afterwards: it would be shown as set aside until its next webhook."""
    with House(house.settings.database_url, tmp_path, desk=None, clock=house.clock) as other:
        keep_set_aside(other)
        assert house.rows(plugins_aside)
        house.clock.move(seconds=20)

        settle(house, Replayer(house.rooms))
        plugin_watch.agree(house.rooms)
        assert house.rows(plugins_aside) == []
        assert house.host.receives("acme")
        assert len(texts(house)) == 4


def test_replaying_by_hand_lets_in_what_was_set_aside(house: House, tmp_path: Path) -> None:
    with House(house.settings.database_url, tmp_path, desk=None, clock=house.clock) as other:
        keep_set_aside(other)
        house.clock.move(seconds=20)

        assert replay_kept(house.rooms).accepted == 4
        assert house.rows(plugins_aside) == []
