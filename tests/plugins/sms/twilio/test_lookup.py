"""Whether a send that was cut short arrived. Saying "not taken" wrongly sends twice: most of these tests try that."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from casella.plugin import ChannelMisconfigured, ChannelUnreachable, LookupResult, OutgoingAttachment, SendAttempt, Sent
from casella.plugin.testing import Answer, Provider
from tests.plugins.sms.builders import NOON, OURS, PLUGIN, SID, THEIRS, channel, message

LATER = timedelta(minutes=10)
IMAGE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/jpeg", 40_000, "roof.jpg")
TAKEN = LookupResult("taken", Sent(SID))
UNKNOWN = LookupResult("unknown")
NOT_TAKEN = LookupResult("not_taken")


def row(seconds: float = 1, from_: str | None = OURS, **changes: object) -> dict[str, object]:
    """A message as Twilio lists it, written down so many seconds after the attempt began."""
    return {
        "sid": SID,
        "to": THEIRS,
        "from": from_,
        "body": "Hello",
        "num_media": "0",
        "direction": "outbound-api",
        "date_created": format_datetime(NOON + timedelta(seconds=seconds)),
        "date_sent": None,
        **changes,
    }


def listing(*rows: object, at: timedelta = LATER, more: bool = False) -> Answer:
    document = {"messages": list(rows), "next_page_uri": "/2010-04-01/next" if more else None}
    return Answer.of_json(200, document, {"date": format_datetime(NOON + at, usegmt=True)})


def looked_up(*answers: Answer, known: frozenset[str] = frozenset(), **message_parts: object) -> LookupResult:
    attempt = SendAttempt(message(**message_parts), NOON, 1, known)  # type: ignore[arg-type]  # text, attachments
    with Provider(answers).client() as http:
        return PLUGIN.lookup(channel(), attempt, http)


def test_a_message_with_the_same_text_since_then_is_it() -> None:
    assert looked_up(listing(row())) == TAKEN


def test_it_is_asked_by_numbers_and_day_and_then_without_the_day() -> None:
    """A message that waits in Twilio's queue has no date of sending, and is in no day."""
    provider = Provider((listing(), listing(row())))
    with provider.client() as http:
        assert PLUGIN.lookup(channel(), SendAttempt(message(), NOON, 1), http) == TAKEN
    by_day, by_pair = (dict(request.url.params) for request in provider.requests)
    assert by_day == {"To": THEIRS, "From": OURS, "PageSize": "100", "DateSent>": "2026-11-22"}
    assert by_pair == {"To": THEIRS, "From": OURS, "PageSize": "100"}


def test_just_after_midnight_the_day_before_is_asked() -> None:
    provider = Provider((listing(),))
    midnight = NOON.replace(hour=0, second=2)
    with provider.client() as http:
        PLUGIN.lookup(channel(), SendAttempt(message(), midnight, 1), http)
    assert provider.requests[0].url.params["DateSent>"] == "2026-11-21"


def test_nothing_listed_long_after_is_a_proof() -> None:
    assert looked_up(listing()) == NOT_TAKEN


@pytest.mark.parametrize(
    ("why", "answer"),
    [
        ("it may still be on its way", listing(at=timedelta(seconds=100))),
        ("Twilio's clock is not known", Answer.of_json(200, {"messages": []})),
        ("Twilio's clock is not readable", Answer.of_json(200, {"messages": []}, {"date": "yesterday"})),
        ("the list is longer", listing(more=True)),
        ("smart encoding may have changed the text", listing(row(body="Hello!"))),
        ("a row cannot be read", listing(row(date_created="soon"))),
        ("a row is none", listing("row")),
        ("a row has no id", listing(row(sid=None))),
        ("a row has no text", listing(row(body=None))),
        ("a row counts oddly", listing(row(num_media="few"))),
        ("there is no list", Answer.of_json(200, {}, {"date": format_datetime(NOON + LATER)})),
        ("the answer is no JSON", Answer(200, b"<html>", {"date": format_datetime(NOON + LATER)})),
    ],
)
def test_without_a_proof_it_stays_unknown(why: str, answer: Answer) -> None:
    assert looked_up(answer) == UNKNOWN, why


@pytest.mark.parametrize(
    ("why", "other"),
    [
        ("it is older", row(seconds=-60)),
        ("it went to somebody else", row(to="+12025550199")),
        ("it came from another number of ours", row(from_="+14155550100")),
        ("it came in", row(direction="inbound")),
    ],
)
def test_other_messages_do_not_count(why: str, other: dict[str, object]) -> None:
    assert looked_up(listing(other)) == NOT_TAKEN, why


def test_a_longer_list_that_reaches_back_far_enough_is_complete() -> None:
    assert looked_up(listing(row(seconds=-60), more=True)) == NOT_TAKEN


def test_an_earlier_message_with_the_same_text_is_not_taken_for_it() -> None:
    """It was sent in the same second, and its id is known."""
    assert looked_up(listing(row(seconds=-1)), known=frozenset({SID})) == NOT_TAKEN
    assert looked_up(listing(row(seconds=-1))) == TAKEN


def test_of_several_the_nearest_is_it() -> None:
    assert looked_up(listing(row(seconds=300, sid="SMlate"), row(seconds=2), row(seconds=200, sid="SMx"))) == TAKEN


def test_a_sender_chosen_later_still_counts() -> None:
    assert looked_up(listing(row(from_=None))) == TAKEN


def test_pictures_are_counted() -> None:
    assert looked_up(listing(row(body="", num_media="1")), text="", attachments=(IMAGE,)) == TAKEN
    assert looked_up(listing(row(body="", num_media="2")), text="", attachments=(IMAGE,)) == UNKNOWN


def test_a_date_without_a_zone_is_utc() -> None:
    assert looked_up(listing(row(date_created="Sun, 22 Nov 2026 12:00:01 -0000"))) == TAKEN


def test_a_provider_that_cannot_be_asked_says_so() -> None:
    with pytest.raises(ChannelUnreachable):
        looked_up(Answer.broken(httpx.ReadTimeout))
    with pytest.raises(ChannelMisconfigured):
        looked_up(Answer(401))
    with pytest.raises(ChannelUnreachable):
        looked_up(listing(), Answer(500))
