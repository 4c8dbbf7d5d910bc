"""Every row of Twilio's error table and a few codes more, as the answer to a send and as a status callback."""

from __future__ import annotations

import httpx
import orjson
import pytest

from casella.plugin import (
    ChannelMisconfigured,
    ChannelSuspect,
    ChannelThrottled,
    ChannelUnreachable,
    ContactStopped,
    ContactThrottled,
    OutsideReplyWindow,
    SendError,
    SendRejected,
    SendUncertain,
)
from casella_sms.twilio.errors import CAUSES, delivery_problem, send_error

ROWS: dict[type[SendError], tuple[int, ...]] = {
    ContactStopped: (21610,),
    SendRejected: (
        *(21211, 21614, 21217, 21604, 21266, 21608, 21408, 21606, 21612, 21657, 21659, 21617, 21602, 21620, 21623),
        *(21655, 21656, 11751, 30004, 30005, 30006, 30007, 30018, 30019, 30024, 30032, 30033, 30034, 30042),
        *(63003, 63005, 63013, 63019, 63021, 63022, 63024, 63027, 63028, 63029, 63030, 63032, 63033, 63034, 63036),
        *(63040, 63041, 63042, 63049, 21910, 30011, 30036, 30038, 30040, 30041, 30450, 63014, 63031, 63035),
    ),
    ChannelSuspect: (20010, 30037, 63001, 63008, 63010, 63020),
    ChannelMisconfigured: (21212, 21603, 21609, 21660, 30002, 20005, 20003, 20404, 63007, 63112),
    ChannelThrottled: (21611, 30001, 30022, 20429, 63018, 63017, 63038, 30454),
    ContactThrottled: (30023, 30027),
    ChannelUnreachable: (30003, 30008, 30017, 30410, 63009, 63012),
    OutsideReplyWindow: (63016,),
}
TABLE = [(code, error) for error, codes in ROWS.items() for code in codes]


def answer(status: int, document: object = None, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, content=orjson.dumps(document), headers=headers)


def test_the_rows_are_the_whole_table() -> None:
    assert {code for code, _ in TABLE} == set(CAUSES)
    assert len(TABLE) == len(CAUSES)


@pytest.mark.parametrize(("code", "expected"), TABLE)
def test_a_code_is_classed_by_its_row(code: int, expected: type[SendError]) -> None:
    error = send_error(answer(400, {"code": code, "message": "To +12025550143 is no good", "status": 400}))
    assert type(error) is expected
    assert error.provider_code == str(code)
    assert error.text.removesuffix(f" ({code})") == CAUSES[code].text
    assert error.text[0].isupper()
    assert CAUSES[code].text.endswith(".")
    assert "+1202" not in str(error), "Twilio's sentence repeats what was sent"


@pytest.mark.parametrize(("code", "expected"), TABLE)
def test_the_same_code_in_a_callback(code: int, expected: type[SendError]) -> None:
    problem = delivery_problem(str(code))
    assert (problem.code, problem.text) == (str(code), CAUSES[code].text)
    assert problem.retryable is expected.retryable
    assert problem.stops_contact is (expected is ContactStopped)


@pytest.mark.parametrize(("code", "attempts"), [(30003, 3), (30008, 2), (30017, None), (20429, None)])
def test_how_often_at_most(code: int, attempts: int | None) -> None:
    assert send_error(answer(400, {"code": code})).max_attempts == attempts


@pytest.mark.parametrize(
    ("code", "headers", "wait"),
    [
        (20429, {}, None),
        (20429, {"retry-after": "12"}, 12.0),
        (20429, {"retry-after": "soon"}, None),
        (20429, {"retry-after": "999999"}, 3600.0),
        (21611, {}, 60.0),
        (21611, {"retry-after": "0"}, 0.0),
        (30023, {}, 3600.0),
        (30003, {}, 300.0),
        (21211, {"retry-after": "12"}, None),
    ],
)
def test_how_long_at_least(code: int, headers: dict[str, str], wait: float | None) -> None:
    assert send_error(answer(429, {"code": code}, headers)).retry_after == wait


@pytest.mark.parametrize(
    ("status", "expected", "attempts"),
    [
        (301, ChannelMisconfigured, None),
        (400, SendRejected, None),
        (401, ChannelMisconfigured, None),
        (403, SendRejected, None),
        (404, SendRejected, None),
        (408, ChannelUnreachable, None),
        (429, ChannelThrottled, None),
        (500, SendUncertain, None),
        (502, SendUncertain, None),
        (503, ChannelUnreachable, None),
        (599, SendUncertain, None),
    ],
)
@pytest.mark.parametrize("document", [None, [], {}, {"code": None}, {"code": "21211"}, {"code": True}, {"code": 99999}])
def test_without_a_known_code_the_status_decides(
    status: int, expected: type[SendError], attempts: int | None, document: object
) -> None:
    error = send_error(answer(status, document))
    assert type(error) is expected
    assert error.max_attempts == attempts


def test_an_unknown_code_is_kept_for_people_who_look_it_up() -> None:
    assert send_error(answer(400, {"code": 99999})).provider_code == "99999"
    assert send_error(httpx.Response(502, content=b"<html>")).provider_code == "http_502"
