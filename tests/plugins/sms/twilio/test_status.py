"""Status callbacks: how a message of ours fares."""

from __future__ import annotations

import pytest

from casella.plugin import Event, MessageStatusChanged, Unsupported
from tests.plugins.sms.builders import OURS, PLUGIN, SID, STATUS, STATUS_URL, THEIRS, URL, connection, form_webhook


def translated(url: str = STATUS_URL, **fields: str) -> list[Event]:
    webhook = form_webhook({**STATUS, **fields}, url=url)
    assert PLUGIN.verify(connection(), webhook).outcome == "authentic"
    return PLUGIN.translate(connection(), webhook)


def changed(url: str = STATUS_URL, **fields: str) -> MessageStatusChanged:
    (event,) = translated(url, **fields)
    assert isinstance(event, MessageStatusChanged)
    return event


@pytest.mark.parametrize(
    ("reported", "status"),
    [
        ("sent", "sent"),
        ("partially_delivered", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
        ("failed", "failed"),
        ("undelivered", "failed"),
        ("canceled", "failed"),
    ],
)
def test_each_status_is_told_in_our_words(reported: str, status: str) -> None:
    event = changed(MessageStatus=reported)
    assert event.status == status
    assert (event.channel_address, event.contact_address) == (OURS, THEIRS)
    assert (event.external_id, event.identity) == (SID, f"{SID}:{status}")
    assert (event.problem is not None) == (status == "failed")


@pytest.mark.parametrize("reported", ["accepted", "scheduled", "queued", "sending"])
def test_stations_before_sent_are_no_news(reported: str) -> None:
    assert translated(MessageStatus=reported, SmsStatus=reported) == []


def test_the_older_name_is_read_too() -> None:
    assert changed(MessageStatus="", SmsStatus="undelivered").status == "failed"


def test_an_unknown_status_is_kept() -> None:
    (event,) = translated(MessageStatus="paused" * 30)
    assert isinstance(event, Unsupported)
    assert "paused" in event.what


@pytest.mark.parametrize(
    ("url", "message_id"),
    [
        (STATUS_URL, "m-1"),
        (URL, None),
        (f"{URL}?message_id=", None),
        (f"{URL}?x=1&message_id=a%20b&message_id=c", "a b"),
        (f"{URL}?{'x=1&' * 2000}", None),
    ],
)
def test_our_own_id_comes_back_in_the_query(url: str, message_id: str | None) -> None:
    assert changed(url=url).message_id == message_id


def test_a_service_that_has_not_chosen_its_sender_yet() -> None:
    event = changed(From="", MessageStatus="failed", ErrorCode="30034")
    assert (event.channel_address, event.contact_address) == ("", THEIRS)


class TestProblem:
    def test_a_known_code_says_what_to_do(self) -> None:
        problem = changed(MessageStatus="undelivered", ErrorCode="30003").problem
        assert problem is not None
        assert (problem.code, problem.retryable, problem.stops_contact) == ("30003", True, False)

    def test_an_opt_out_stops_the_contact(self) -> None:
        problem = changed(MessageStatus="failed", ErrorCode="21610").problem
        assert problem is not None
        assert (problem.retryable, problem.stops_contact) == (False, True)

    @pytest.mark.parametrize(
        ("code", "kept"), [("12345", "12345"), ("", "undelivered"), ("9" * 90, "9" * 64), ("x", "x"), ("²", "²")]
    )
    def test_an_unknown_code_is_kept(self, code: str, kept: str) -> None:
        problem = changed(MessageStatus="undelivered", ErrorCode=code).problem
        assert problem is not None
        assert (problem.code, problem.text, problem.retryable) == (kept, "The message could not be delivered.", False)

    def test_a_canceled_message_says_so(self) -> None:
        problem = changed(MessageStatus="canceled").problem
        assert problem is not None
        assert problem.code == "canceled"
