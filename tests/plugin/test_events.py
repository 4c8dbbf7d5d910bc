"""Events: told apart by kind, recognised when they come again, fit for every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from casella.plugin import (
    AddressChanged,
    ConsentChanged,
    DeliveredSeen,
    DeliveryProblem,
    Event,
    MediaRef,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageStatusChanged,
    ReactionChanged,
    ReadSeen,
    Referral,
    TypingSeen,
    Unsupported,
    clean_text,
    event_from_json,
)
from casella.plugin.events import EVENT_TYPES, MAX_TEXT, utc_from_timestamp

WHO = {"channel_address": "ours", "contact_address": "theirs"}
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EXAMPLES: list[Event] = [
    MessageReceived(**WHO, external_id="1", text="Hi", attachments=(MediaRef(ref="r"),), metadata={"a": "b"}),
    MessageEchoed(**WHO, external_id="2", message_id="m"),
    MessageStatusChanged(**WHO, external_id="3", status="failed", problem=DeliveryProblem(code="1", text="No.")),
    MessageEdited(**WHO, external_id="4", text="Hi!"),
    MessageDeleted(**WHO, external_id="5"),
    ReactionChanged(**WHO, external_id="6", emoji="👍"),
    ConsentChanged(**WHO, state="opted_out", source="keyword", evidence="STOP"),
    AddressChanged(**WHO, new_address="new"),
    TypingSeen(**WHO, since=NOON),
    ReadSeen(**WHO, watermark=NOON),
    DeliveredSeen(**WHO, watermark=NOON),
    Referral(**WHO, source="ad"),
    Unsupported(**WHO, what="a poll"),
]
ids = [event.kind for event in EXAMPLES]


def test_there_is_an_example_of_every_event() -> None:
    assert [type(event) for event in EXAMPLES] == list(EVENT_TYPES)
    assert len(set(ids)) == len(EVENT_TYPES)


@pytest.mark.parametrize("event", EXAMPLES, ids=ids)
def test_an_event_survives_json(event: Event) -> None:
    again = event_from_json(event.model_dump_json())
    assert again == event
    assert type(again) is type(event)
    assert again.identity == event.identity


@pytest.mark.parametrize("event", EXAMPLES, ids=ids)
def test_an_event_is_frozen_and_takes_nothing_unknown(event: Event) -> None:
    with pytest.raises(ValidationError):
        event.channel_address = "x"  # type: ignore[misc]  # that it is frozen is what is tried
    with pytest.raises(ValidationError):
        type(event).model_validate({**event.model_dump(), "surprise": 1})


@pytest.mark.parametrize("event", EXAMPLES, ids=ids)
def test_the_time_of_the_provider_is_no_part_of_the_identity(event: Event) -> None:
    """A repetition may carry the time of the repetition."""
    assert event.model_copy(update={"provider_time": NOON}).identity == event.identity


@pytest.mark.parametrize("event", EXAMPLES, ids=ids)
def test_a_time_without_a_zone_is_refused(event: Event) -> None:
    with pytest.raises(ValidationError):
        type(event).model_validate({**event.model_dump(), "provider_time": datetime(2026, 11, 22)})


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        (EXAMPLES[0], {"external_id": "9"}),
        (EXAMPLES[2], {"status": "sent"}),
        (EXAMPLES[2], {"external_id": "9"}),
        (EXAMPLES[3], {"text": "Hi?"}),
        (EXAMPLES[5], {"emoji": ""}),
        (EXAMPLES[5], {"contact_address": "another"}),
        (EXAMPLES[6], {"state": "opted_in"}),
        (EXAMPLES[6], {"external_id": "9"}),
        (EXAMPLES[8], {"since": NOON + timedelta(seconds=3)}),
        (EXAMPLES[9], {"watermark": NOON + timedelta(seconds=1)}),
        (EXAMPLES[3], {"revision": "2"}),
        (EXAMPLES[5], {"revision": "2"}),
        (EXAMPLES[10], {"watermark": NOON + timedelta(seconds=1)}),
        (EXAMPLES[12], {"raw": "x"}),
    ],
)
def test_what_differs_has_another_identity(event: Event, changes: dict[str, object]) -> None:
    assert event.model_copy(update=changes).identity != event.identity


@pytest.mark.parametrize("text", ["", "null", "{}", '{"kind": "message_received"}', '{"kind": "x"}', "[", b"\xff"])
def test_what_is_no_event_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValidationError):
        event_from_json(text)


class TestCleanText:
    @given(st.text(st.characters(), max_size=200))
    def test_it_can_always_be_stored(self, text: str) -> None:
        cleaned = clean_text(text)
        assert "\x00" not in cleaned
        assert cleaned.encode("utf-8").decode("utf-8") == cleaned
        assert clean_text(cleaned) == cleaned

    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200))
    def test_what_can_be_stored_is_untouched(self, text: str) -> None:
        assert clean_text(text) == text

    @pytest.mark.parametrize(
        ("text", "cleaned"), [("a\x00b", "ab"), ("\ud800x", "?x"), (" Hi \n", " Hi \n"), ("İ", "İ"), ("", "")]
    )
    def test_examples(self, text: str, cleaned: str) -> None:
        assert clean_text(text) == cleaned

    def test_it_is_capped(self) -> None:
        assert len(clean_text("😀" * (MAX_TEXT + 5))) == MAX_TEXT


@pytest.mark.parametrize("seconds", [1789387200, 1789387200000, 1789387200.0])
def test_seconds_and_milliseconds_are_told_apart(seconds: float) -> None:
    assert utc_from_timestamp(seconds) == datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
