"""How sends end: sent, tried again with backoff, failed, unconfirmed; channels paused, and people told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from casella.inbox.sending.outcomes import LONGEST_WISH, MOST_ATTEMPTS, backoff
from casella.inbox.sending.permission import Permission, can_send
from casella.plugin import (
    ChannelMisconfigured,
    ChannelSuspect,
    ChannelThrottled,
    ChannelUnreachable,
    OutsideReplyWindow,
    Refusal,
    SendRejected,
    SendUncertain,
    Sent,
)
from casella.store.queries.organisation_queries import resume_channel
from casella.store.tables import channels, conversations, feed, messages, outbox, send_attempts
from tests.fakes import AcmeChannel
from tests.house import ANNA, BERT, House


@pytest.fixture
def queued(house: House) -> str:
    """The id of a queued message to Anna."""
    house.receive(house.says())
    return house.reply("Hello")


def row(house: House, message_id: str) -> dict[str, Any]:
    return house.one(messages, id=message_id)


@given(st.integers(1, 40), st.floats(0, 1))
def test_backoff_doubles_to_five_minutes_with_half_of_it_by_chance(attempt: int, chance: float) -> None:
    whole = min(300.0, 2.0 ** (attempt - 1))
    assert whole / 2 <= backoff(attempt, chance) <= whole
    assert backoff(attempt + 1, 1.0) >= backoff(attempt, 1.0)
    assert whole / 2 <= backoff(attempt) <= whole


@pytest.mark.parametrize("error", [SendRejected(provider_code="30006"), OutsideReplyWindow()])
def test_a_final_error_fails_the_message_with_its_words(house: House, queued: str, error: Any) -> None:
    house.acme.provider.answers[ANNA] = [error]
    house.deliver()

    stored = row(house, queued)
    assert (stored["state"], stored["error_code"], stored["error_text"]) == ("failed", error.code, error.text)
    assert stored["error_retryable"] is False
    assert house.rows(outbox) == []
    attempt = house.one(send_attempts)
    assert (attempt["outcome"], attempt["provider_code"]) == (error.code, error.provider_code)


def test_an_unreachable_provider_is_tried_again_later_and_the_error_goes_when_it_works(
    house: House, queued: str
) -> None:
    house.acme.provider.answers[ANNA] = [ChannelUnreachable()]
    house.deliver()

    waiting = house.one(outbox)
    assert (row(house, queued)["state"], waiting["state"], waiting["attempts"]) == ("queued", "queued", 1)
    assert 0.5 <= (waiting["due_at"] - house.clock.now()).total_seconds() <= 1.0
    house.clock.move(seconds=2)
    house.deliver()
    assert (row(house, queued)["state"], row(house, queued)["error_code"]) == ("sent", None)


def test_after_the_most_attempts_it_fails_for_good(house: House, queued: str) -> None:
    house.acme.provider.answers[ANNA] = [ChannelUnreachable() for _ in range(20)]
    for _ in range(20):
        house.deliver()
        house.clock.move(minutes=6)

    assert row(house, queued)["state"] == "failed"
    assert len(house.rows(send_attempts)) == MOST_ATTEMPTS


def test_a_providers_stricter_rule_is_kept(house: House, queued: str) -> None:
    house.acme.provider.answers[ANNA] = [ChannelUnreachable(max_attempts=2) for _ in range(5)]
    for _ in range(5):
        house.deliver()
        house.clock.move(minutes=6)

    assert row(house, queued)["state"] == "failed"
    assert len(house.rows(send_attempts)) == 2


def test_what_has_waited_a_day_is_not_tried_again(house: House, queued: str) -> None:
    house.clock.move(hours=25)
    house.acme.provider.answers[ANNA] = [ChannelUnreachable()]
    house.deliver()

    assert row(house, queued)["state"] == "failed"


def test_throttling_pauses_the_whole_channel_for_as_long_as_the_provider_says(house: House, queued: str) -> None:
    house.receive(house.says(sender=BERT))
    other = house.reply("To Bert", house.rows(messages, direction="in")[-1]["conversation_id"])
    house.acme.provider.answers[ANNA] = [ChannelThrottled(retry_after=30)]
    house.send_once(most=1)
    house.deliver()
    assert (row(house, queued)["state"], row(house, other)["state"]) == ("queued", "queued")

    house.clock.move(seconds=29)
    assert house.deliver() == 0
    house.clock.move(seconds=2)
    assert house.deliver() == 2


def test_a_misconfigured_channel_is_paused_with_its_queue_until_it_is_resumed(house: House, queued: str) -> None:
    house.acme.provider.answers[ANNA] = [ChannelMisconfigured("The token is wrong.", provider_code="20003")]
    house.deliver()
    house.clock.move(days=3)
    assert house.deliver() == 0

    paused = next(item for item in house.rows(channels) if item["paused_code"])
    assert (paused["paused_text"], paused["paused_until"]) == ("The token is wrong.", None)
    told = orjson.loads(house.one(feed, kind="channel.paused")["payload"])
    assert told["text"] == "The token is wrong."
    assert row(house, queued)["state"] == "queued"

    with house.rooms.store.write() as db:
        db.execute(update(channels).values(paused_code=None, paused_text=None, paused_until=None))
    assert house.deliver() == 1


SUSPECT = ChannelSuspect("No permission. (10)", provider_code="10")


def test_a_doubtful_refusal_of_a_sound_channel_fails_one_message(house: House, queued: str) -> None:
    house.receive(house.says(sender=BERT))
    other = house.reply("To Bert", house.rows(messages, direction="in")[-1]["conversation_id"])
    house.acme.provider.answers[ANNA] = [SUSPECT]
    house.deliver()

    assert (row(house, queued)["state"], row(house, queued)["error_text"]) == ("failed", "No permission. (10)")
    assert row(house, other)["state"] == "sent"
    assert not [one for one in house.rows(channels) if one["paused_code"]]


def unwell(*_: object) -> Refusal:
    return Refusal("channel_misconfigured", "The token is dead.")


def misconfigured(*_: object) -> Refusal:
    raise ChannelMisconfigured("The token is dead.")


@pytest.mark.parametrize("health", [unwell, misconfigured])
def test_a_doubtful_refusal_of_a_sick_channel_pauses_it_and_says_the_code(
    house: House, queued: str, health: Callable[..., object]
) -> None:
    house.acme.instead["health"] = health
    house.acme.provider.answers[ANNA] = [SUSPECT]
    house.deliver()

    [paused] = [one for one in house.rows(channels) if one["paused_code"]]
    assert (paused["paused_code"], paused["paused_text"]) == ("channel_misconfigured", "The token is dead. (10)")
    assert row(house, queued)["state"] == "queued"


def unreachable(*_: object) -> Refusal:
    raise ChannelUnreachable


@pytest.mark.parametrize("health", [unreachable, lambda *_: 1 // 0, lambda *_: "nonsense"])
def test_where_nobody_can_tell_one_message_fails(house: House, queued: str, health: Callable[..., object]) -> None:
    house.acme.instead["health"] = health
    house.acme.provider.answers[ANNA] = [SUSPECT]
    house.deliver()

    assert row(house, queued)["state"] == "failed"
    assert not [one for one in house.rows(channels) if one["paused_code"]]


def test_after_a_resume_what_stopped_the_channel_comes_last_and_fails_alone(house: House, queued: str) -> None:
    """One message whose error says of the channel what is true of it alone."""
    broken = ChannelMisconfigured("The token is wrong.", provider_code="x")
    house.acme.provider.answers[ANNA] = [broken, broken]
    house.deliver()
    house.receive(house.says(sender=BERT))
    other = house.reply("To Bert", house.rows(messages, direction="in")[-1]["conversation_id"])
    house.clock.move(minutes=10)
    with house.rooms.store.write() as db:
        [channel] = [one for one in house.rows(channels) if one["paused_code"]]
        assert resume_channel(db, channel["id"], [channel["inbox_id"]], house.clock.now())
    house.deliver()
    assert (row(house, other)["state"], row(house, queued)["state"]) == ("sent", "queued")
    house.clock.move(seconds=6)
    house.deliver()
    assert row(house, queued)["state"] == "failed"
    assert not [one for one in house.rows(channels) if one["paused_code"]], "everybody else is answered as before"


def uncertain(*_: object) -> Sent:
    raise SendUncertain


def raises(*_: object) -> Sent:
    raise ZeroDivisionError


def exits(*_: object) -> Sent:
    raise SystemExit


A_NUMBER: Any = 4711  # as from a plugin that nobody type-checked


@pytest.mark.parametrize(
    "deed", [uncertain, raises, exits, lambda *_: None, lambda *_: Sent(A_NUMBER), lambda *_: Sent("")]
)
def test_whatever_may_have_been_taken_is_unconfirmed_and_never_sent_again_by_itself(
    house: House, queued: str, deed: Callable[..., Sent]
) -> None:
    house.acme.instead["send"] = deed
    house.deliver()
    house.acme.instead.clear()
    house.host.release("acme")
    house.clock.move(hours=1)
    house.deliver()

    assert row(house, queued)["state"] == "unconfirmed"
    assert house.acme.provider.arrived == []


@pytest.mark.parametrize("deed", [raises, exits, lambda *_: None, lambda *_: Sent(A_NUMBER)])
def test_a_plugin_that_misbehaves_in_sending_leaves_its_message_to_people(
    house: House, queued: str, deed: Callable[..., Sent]
) -> None:
    house.acme.instead["send"] = deed
    house.deliver()

    assert house.host.breakers.last_failure("acme", "send").startswith("send ")
    assert row(house, queued)["state"] == "unconfirmed"


@pytest.mark.parametrize("wish", [float("nan"), float("inf"), 1e300, -5.0, "soon"])
def test_an_odd_wish_of_the_provider_does_not_stop_the_recording(house: House, queued: str, wish: Any) -> None:
    house.acme.provider.answers[ANNA] = [ChannelThrottled("odd\x00words", provider_code=7, retry_after=wish)]  # type: ignore[arg-type]  # the point
    house.deliver()

    assert row(house, queued)["state"] == "queued"
    assert house.one(outbox)["due_at"] <= house.clock.now() + timedelta(seconds=LONGEST_WISH)


def test_an_id_the_provider_gives_twice_names_the_first_message_only(house: House, queued: str) -> None:
    house.receive(house.says(sender=BERT))
    other = house.reply("To Bert", house.rows(messages, direction="in")[-1]["conversation_id"])
    house.acme.provider.answers = {ANNA: [Sent("same")], BERT: [Sent("same")]}
    house.deliver()
    third = house.reply("Once more", row(house, queued)["conversation_id"])
    house.acme.provider.answers = {ANNA: [Sent("same")]}
    house.deliver()

    assert [row(house, id)["state"] for id in (queued, other, third)] == ["sent", "sent", "sent"]
    assert sorted(str(row(house, id)["external_id"]) for id in (queued, other, third)) == ["None", "None", "same"]
    assert house.rows(outbox) == []


@pytest.fixture
def windowed(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    """A channel with a day to answer, and templates for later."""
    channel = AcmeChannel(reply_window=86_400.0, message_templates=True)
    with House(migrated_url, tmp_path, plugins=[channel]) as built:
        yield built


@pytest.mark.parametrize("by_receipt", [True, False])
def test_when_the_provider_says_the_window_is_over_it_is(windowed: House, by_receipt: bool) -> None:
    """WhatsApp's 131047, at once or a minute later: whatever we have counted, free text is refused beforehand."""
    windowed.receive(windowed.says())
    conversation = windowed.one(conversations)["id"]

    def answer() -> Permission:
        with windowed.rooms.store.read() as db:
            return can_send(db, windowed.rooms, conversation, windowed.clock.now())

    assert answer().allowed
    if not by_receipt:
        windowed.acme.provider.answers[ANNA] = [OutsideReplyWindow()]
    windowed.reply("too late?")
    windowed.deliver()
    if by_receipt:
        problem = {"code": "131047", "text": "More than 24 hours.", "outside_window": True}
        external = windowed.one(messages, direction="out")["external_id"]
        windowed.receive(windowed.receipt(external, "failed", problem=problem))
    refused = answer()
    assert (refused.allowed, refused.code, refused.instead) == (
        False,
        "outside_reply_window",
        "Send an approved template.",
    )
    windowed.clock.move(minutes=1)
    windowed.receive(windowed.says("I am back"))
    assert answer().allowed
