"""Asking providers for what their webhooks did not bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from casella.inbox.receiving.missed_messages import FIRST_LOOK, FURTHEST, OVERLAP, ask_missed
from casella.plugin import (
    Channel,
    ChannelMisconfigured,
    ChannelSuspect,
    ChannelThrottled,
    ChannelUnreachable,
    Event,
    MessageReceived,
    Refusal,
    SendError,
    SendRejected,
)
from casella.store.tables import channels, feed, messages
from tests import loopback
from tests.fakes import AcmeChannel, AcmeSettings
from tests.house import ANNA, MAIN, House

EVERY = 300.0


class Forgetful(AcmeChannel):
    """An ACME whose list of messages can be asked. `listed`: what it says, or raises."""

    def __init__(self) -> None:
        super().__init__(missed_every=EVERY)
        self.listed: Sequence[Event] | Exception = ()
        self.asked: list[tuple[str, datetime]] = []
        self.ailment: Refusal | None = None

    def missed(self, channel: Channel[AcmeSettings], since: datetime, http: httpx.Client) -> Sequence[Event]:
        self.asked.append((channel.address, since))
        if isinstance(self.listed, Exception):
            raise self.listed
        return [event for event in self.listed if event.channel_address == channel.address]

    def health(self, channel: Channel[AcmeSettings], http: httpx.Client) -> Refusal | None:
        return self.ailment


@pytest.fixture
def acme() -> Forgetful:
    return Forgetful()


@pytest.fixture
def house(migrated_url: str, tmp_path: Path, acme: Forgetful) -> Iterator[House]:
    with House(migrated_url, tmp_path, plugins=[acme]) as house:
        house.apply()
        yield house


def ask(house: House) -> int:
    with loopback.Client() as http:
        found = ask_missed(house.rooms, http)
    house.drain()
    return found


def said(external_id: str, text: str) -> MessageReceived:
    return MessageReceived(channel_address=MAIN, contact_address=ANNA, external_id=external_id, text=text)


def test_what_was_lost_is_received_once_and_what_came_is_not_doubled(house: House, acme: Forgetful) -> None:
    house.receive(house.says("I came", external_id="m-1"))
    acme.listed = [said("m-1", "I came"), said("m-2", "I was lost")]
    assert ask(house) == 1
    house.clock.move(seconds=EVERY)
    assert ask(house) == 0
    house.receive(house.says("I was lost", external_id="m-2"))
    assert sorted(str(row["text"]) for row in house.rows(messages)) == ["I came", "I was lost"]


def test_what_is_still_on_its_way_is_not_missed(house: House, acme: Forgetful) -> None:
    acme.listed = [said("m-1", "Just now").model_copy(update={"provider_time": house.clock.now()})]
    assert ask(house) == 0
    house.clock.move(seconds=EVERY)
    assert ask(house) == 1, "its webhook did not come in its time"


def test_a_channel_is_asked_when_its_turn_comes_and_no_earlier(house: House, acme: Forgetful) -> None:
    begin = house.clock.now()
    ask(house)
    ask(house)
    assert sorted(acme.asked) == sorted((channel.address, begin - FIRST_LOOK - OVERLAP) for channel in _all(house))
    house.clock.move(seconds=EVERY)
    ask(house)
    assert acme.asked[-1][1] == begin - OVERLAP


def test_after_a_failure_it_asks_from_where_it_was(house: House, acme: Forgetful) -> None:
    begin = house.clock.now()
    ask(house)
    acme.listed = ChannelUnreachable()
    house.clock.move(hours=1)
    assert ask(house) == 0
    assert not house.rooms.host.breakers.last_failure("acme", "missed")
    acme.listed = ()
    house.clock.move(days=10)
    ask(house)
    assert acme.asked[-3][1] == begin - OVERLAP
    assert acme.asked[-1][1] == house.clock.now() - FURTHEST - OVERLAP
    assert house.one(channels, address=MAIN)["missed_until"] == house.clock.now()


def paused(house: House) -> tuple[object, object]:
    row = house.one(channels, address=MAIN)
    return row["paused_code"], row["paused_text"]


def test_a_channel_that_cannot_be_asked_at_all_is_paused_and_told_as_one_that_cannot_send(
    house: House, acme: Forgetful
) -> None:
    acme.listed = ChannelMisconfigured("The token is not accepted.")
    assert ask(house) == 0
    assert paused(house) == ("channel_misconfigured", "The token is not accepted.")
    assert len(house.rows(feed, kind="channel.paused")) == 2, "one for each channel"
    house.clock.move(seconds=EVERY)
    ask(house)
    assert len(house.rows(feed, kind="channel.paused")) == 2, "told once"


def test_of_a_suspicion_its_health_decides(house: House, acme: Forgetful) -> None:
    acme.listed = ChannelSuspect("Not permitted.", provider_code="403")
    assert ask(house) == 0
    assert paused(house) == (None, None)
    acme.ailment = Refusal("wrong_token", "The token has expired.")
    house.clock.move(seconds=EVERY)
    ask(house)
    assert paused(house) == ("channel_misconfigured", "The token has expired. (403)")


def test_asked_too_often_it_waits_as_a_sender_does(house: House, acme: Forgetful) -> None:
    acme.listed = ChannelThrottled(retry_after=40)
    ask(house)
    row = house.one(channels, address=MAIN)
    assert (row["paused_code"], row["paused_until"]) == (
        "channel_throttled",
        house.clock.now() + timedelta(seconds=40),
    )


@pytest.mark.parametrize("error", [ChannelUnreachable(), SendRejected("No such list.")])
def test_what_concerns_the_question_alone_pauses_nobody(house: House, acme: Forgetful, error: SendError) -> None:
    acme.listed = error
    assert ask(house) == 0
    assert paused(house) == (None, None)


def test_a_plugin_that_answers_nonsense_has_failed(house: House, acme: Forgetful) -> None:
    acme.listed = [said("m-1", "x").model_copy(update={"external_id": None})]
    assert ask(house) == 0
    assert house.rooms.host.breakers.last_failure("acme", "missed")


def _all(house: House) -> list[Channel]:
    return [entry.channel for entry in house.rooms.directory.current.channels.values() if entry.channel]
