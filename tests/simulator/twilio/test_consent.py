"""STOP and START as the carrier understands them."""

import pytest

from casella_simulator.twilio.account import TwilioNumber
from casella_simulator.twilio.consent import OptOuts, keyword

NUMBER = TwilioNumber(number="+12025550178")
POOLED = TwilioNumber(number="+12025550179", messaging_service="MG" + "0" * 32)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("STOP", "STOP"),
        (" stop ", "STOP"),
        ("OptOut", "STOP"),
        ("Unsubscribe", "STOP"),
        ("yes", "START"),
        ("UNSTOP", "START"),
        ("info", "HELP"),
        ("stop by at 5", None),
        ("stop.", None),
        ("", None),
    ],
)
def test_the_whole_message_must_be_the_keyword(text: str, expected: str | None) -> None:
    assert keyword(text) == expected


def test_stop_blocks_one_phone_on_one_number_until_start() -> None:
    opt_outs = OptOuts()
    assert opt_outs.hear(NUMBER, "+1", "STOP")
    assert opt_outs.stopped(NUMBER.number, "+1")
    assert not opt_outs.stopped(NUMBER.number, "+2")
    assert not opt_outs.stopped(POOLED.number, "+1")
    opt_outs.hear(NUMBER, "+1", "START")
    assert not opt_outs.stopped(NUMBER.number, "+1")


def test_with_a_messaging_service_the_whole_pool_is_stopped() -> None:
    opt_outs = OptOuts()
    opt_outs.hear(POOLED, "+1", "stop")
    assert POOLED.messaging_service
    assert opt_outs.stopped(POOLED.messaging_service, "+1")


def test_only_a_change_is_confirmed_but_help_is_always_answered() -> None:
    opt_outs = OptOuts()
    words = ["START", "STOP", "STOP", "START", "HELP", "HELP"]
    answers = [opt_outs.hear(NUMBER, "+1", word) for word in words]
    assert [bool(answer and answer.confirmation) for answer in answers] == [False, True, False, True, True, True]
    assert opt_outs.hear(NUMBER, "+1", "hello") is None
