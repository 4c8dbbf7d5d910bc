"""What one recipient, thread, country, template or kind of message causes never stops a channel (field cases
davidchua/pymessenger#93 and howdyai/botkit#559).

`ACCOUNT` names every code that stops one, with why it holds for everybody. Whatever else a provider may say, of which
most is in no list, stops nobody: the message fails, or `health` is asked."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import (
    ChannelMisconfigured,
    ChannelSuspect,
    ChannelThrottled,
    DeliveryProblem,
    OutsideReplyWindow,
    SendError,
    SendRejected,
)
from casella_meta import errors as meta
from casella_sms.bandwidth import errors as bandwidth
from casella_sms.telnyx import errors as telnyx
from casella_sms.twilio import errors as twilio
from casella_sms.vonage import errors as vonage
from casella_whatsapp import errors as whatsapp

Raise = Callable[[int, int | None], SendError]

ACCOUNT: dict[str, dict[int, str]] = {
    "meta": {
        190: "the token is dead",
        230: "the token lacks pages_messaging",
        368: "the page is blocked for its policies",
    },
    "whatsapp": {
        0: "the token is dead",
        190: "the token is dead",
        368: "the account is restricted",
        131031: "the account is locked",
        131037: "the number's name is not approved",
        131042: "the account's payment",
        131045: "the number's registration",
        133010: "the number is not registered",
    },
    "twilio": {
        20003: "the credentials",
        20005: "the account is not active",
        20404: "the account is unknown",
        21212: "our own number is none",
        21603: "our own number is missing",
        21609: "our own callback address",
        21660: "our own number is of another account",
        30002: "the account is suspended",
        63007: "our own WhatsApp sender is unknown",
        63112: "the WhatsApp account is disabled",
    },
    "telnyx": {
        10009: "the key",
        20002: "the key is revoked",
        20006: "the key has expired",
        20012: "the account is inactive",
        20100: "no credit",
        40312: "the messaging profile is disabled",
        40314: "the account is disabled",
    },
    "bandwidth": {4481: "our own number is barred"},
    "vonage": {
        4: "the credentials",
        8: "the account is barred",
        9: "no credit",
        11: "the account may not use this API",
        14: "the signature's secret",
        23: "our own callback address",
        32: "the signature's secret",
    },
}


def _said(status: int, document: object) -> httpx.Response:
    return httpx.Response(status, content=orjson.dumps(document))


def _meta(code: int, subcode: int | None) -> SendError:
    error = {"message": "No", "code": code, **({"error_subcode": subcode} if subcode is not None else {})}
    return meta.send_error(_said(400, {"error": error}))


SENDING: dict[str, Raise] = {
    "meta": _meta,
    "whatsapp": lambda code, _: whatsapp.send_error(_said(400, {"error": {"code": code}})),
    "twilio": lambda code, _: twilio.send_error(_said(400, {"code": code})),
    "telnyx": lambda code, _: telnyx.send_error(_said(400, {"errors": [{"code": str(code)}]})),
    "vonage": lambda code, _: vonage.status_error(str(code), _said(200, {})),
}
RECEIPTS: dict[str, Callable[[int], DeliveryProblem]] = {
    "whatsapp": lambda code: whatsapp.delivery_problem(str(code)),
    "twilio": lambda code: twilio.delivery_problem(str(code)),
    "telnyx": lambda code: telnyx.delivery_problem([{"code": str(code)}], "failed"),
    "bandwidth": bandwidth.delivery_problem,
    "vonage": lambda code: vonage.delivery_problem(str(code), "failed"),
}
NEIGHBOURHOODS = st.one_of(
    st.integers(0, 700), st.integers(1000, 10_000), st.integers(10_000, 70_000), st.integers(80_000, 140_000)
)
TABLES = (
    meta.BY_CODE,
    whatsapp.CAUSES,
    twilio.CAUSES,
    telnyx.CAUSES,
    bandwidth.CAUSES,
    vonage.SEND_CAUSES,
    vonage.DELIVERY_CAUSES,
)
CODES = sorted({*range(1000), *(code for table in TABLES for code in table)})
SUBCODES = st.none() | st.integers(1, 4_000_000)


@pytest.mark.parametrize("provider", SENDING)
def test_the_codes_of_the_account_stop_the_channel(provider: str) -> None:
    for code in ACCOUNT[provider]:
        assert isinstance(SENDING[provider](code, None), ChannelMisconfigured), code


@pytest.mark.parametrize("provider", SENDING)
@given(code=NEIGHBOURHOODS, subcode=SUBCODES)
def test_no_other_answer_stops_it(provider: str, code: int, subcode: int | None) -> None:
    error = SENDING[provider](code, subcode)
    if code not in ACCOUNT[provider]:
        assert not isinstance(error, ChannelMisconfigured)
        assert error.scope != "channel" or error.retryable


@pytest.mark.parametrize("provider", SENDING)
def test_no_row_of_the_tables_stops_it_but_these(provider: str) -> None:
    stopping = {code for code in CODES if isinstance(SENDING[provider](code, None), ChannelMisconfigured)}
    assert stopping == set(ACCOUNT[provider])


@pytest.mark.parametrize("provider", RECEIPTS)
def test_no_receipt_stops_it_but_these(provider: str) -> None:
    stopping = {code for code in CODES if RECEIPTS[provider](code).pauses_channel}
    of_receipts = set() if provider == "vonage" else set(ACCOUNT[provider])
    assert stopping <= of_receipts, "Vonage counts what it answers and what it reports apart"


def test_a_recipient_without_credit_is_not_the_account_without_credit() -> None:
    """`err-code` 15 is of the recipient's prepaid account (found on 30 November 2026 in Nexmo's own clients)."""
    problem = RECEIPTS["vonage"](15)
    assert not problem.pauses_channel
    assert "recipient" in problem.text


@pytest.mark.parametrize("subcode", sorted({subcode for _, subcode in meta.BY_SUBCODE}))
@pytest.mark.parametrize("code", [3, 10, 200, 551])
def test_a_subcode_of_a_person_or_thread_is_not_read_as_its_code(code: int, subcode: int) -> None:
    error = _meta(code, subcode)
    assert not isinstance(error, ChannelMisconfigured) or subcode == 1893063, "which is about the page itself"


@pytest.mark.parametrize(
    ("code", "subcode", "raised", "words"),
    [
        (10, 2018300, SendRejected, "another app"),
        (10, 2018108, SendRejected, "cannot be written to"),
        (10, 2018065, OutsideReplyWindow, "24 hours"),
        (10, 2018278, OutsideReplyWindow, "24 hours"),
        (4, 2018354, SendRejected, "too soon"),
        (10, 4242424, ChannelSuspect, "10/4242424"),
        (10, None, ChannelSuspect, "(10)"),
        (3, None, ChannelSuspect, "(3)"),
        (200, 999, ChannelSuspect, "200/999"),
        (299, None, ChannelSuspect, "(299)"),
        (1, 99, ChannelSuspect, "1/99"),
    ],
)
def test_what_meta_says(code: int, subcode: int | None, raised: type[SendError], words: str) -> None:
    error = _meta(code, subcode)
    assert type(error) is raised
    assert words in error.text


@pytest.mark.parametrize("code", [30018, 30024, 30032, 30033, 30034])
def test_one_countrys_registration_stops_one_countrys_messages(code: int) -> None:
    assert type(SENDING["twilio"](code, None)) is SendRejected
    assert not RECEIPTS["twilio"](code).pauses_channel


@pytest.mark.parametrize(("provider", "code"), [("twilio", 30023), ("telnyx", 40016), ("telnyx", 40018)])
def test_one_carriers_daily_cap_slows_nobody_else(provider: str, code: int) -> None:
    error = SENDING[provider](code, None)
    assert not isinstance(error, ChannelThrottled)
    assert error.retryable


@pytest.mark.parametrize(
    ("provider", "code", "raised", "words"),
    [
        ("telnyx", 40017, SendRejected, "filtered"),
        ("telnyx", 40328, SendRejected, "larger"),
        ("telnyx", 40333, ChannelThrottled, "spend limit"),
        ("telnyx", 40315, ChannelSuspect, "40315"),
        ("whatsapp", 130403, SendRejected, "You have blocked"),
        ("whatsapp", 131063, SendRejected, "Marketing templates"),
        ("twilio", 63014, SendRejected, "blocked"),
        ("twilio", 63035, SendRejected, "cannot be sent to this recipient"),
        ("twilio", 30037, ChannelSuspect, "30037"),
    ],
)
def test_rows_mended_when_the_lists_were_compared(
    provider: str, code: int, raised: type[SendError], words: str
) -> None:
    error = SENDING[provider](code, None)
    assert type(error) is raised
    assert words in error.text


@pytest.mark.parametrize("code", [5600, 5611, 5650])
def test_a_carriers_failure_is_tried_once_more_at_most(code: int) -> None:
    assert RECEIPTS["bandwidth"](code).retryable
    assert bandwidth.CAUSES[code].max_attempts == 2


@pytest.mark.parametrize(
    "raised", [whatsapp.send_error(_said(403, {"error": {"code": code}})) for code in (3, 10, 33, 200, 299, 131005)]
)
def test_a_permission_that_may_be_of_one_kind_of_message_is_asked_about(raised: SendError) -> None:
    assert isinstance(raised, ChannelSuspect)
    assert raised.provider_code
    assert raised.provider_code in raised.text, "people are told which code it was"


@pytest.mark.parametrize("module", [telnyx, bandwidth, vonage])
def test_forbidden_is_asked_about(module: object) -> None:
    raising = getattr(module, "http_error", None) or getattr(module, "send_error")  # noqa: B009 - one or the other
    assert isinstance(raising(httpx.Response(403)), ChannelSuspect)
