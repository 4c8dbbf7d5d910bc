"""The one question about an HTTP error: may the provider have taken the message?"""

from __future__ import annotations

import traceback

import httpx
import pytest

from casella.plugin import ChannelUnreachable, SendError, SendRejected, SendUncertain, asking, retry_after, sending

CERTAINLY_NOT = [
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol),
]
PERHAPS = [
    *(httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.CloseError),
    *(httpx.RemoteProtocolError, httpx.LocalProtocolError, httpx.DecodingError, httpx.TooManyRedirects),
]


def leaves_of(error: type[httpx.RequestError]) -> set[type[httpx.RequestError]]:
    below = error.__subclasses__()
    return {leaf for one in below for leaf in leaves_of(one)} if below else {error}


def test_every_error_of_httpx_is_classed_here() -> None:
    assert set(CERTAINLY_NOT) | set(PERHAPS) == leaves_of(httpx.RequestError)


@pytest.mark.parametrize("error", CERTAINLY_NOT)
def test_what_never_left_is_tried_again(error: type[httpx.RequestError]) -> None:
    with pytest.raises(ChannelUnreachable) as raised, sending():
        raise error("https://x/?token=secret")
    assert raised.value.retryable
    assert raised.value.provider_code == error.__name__
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("error", PERHAPS)
def test_what_may_have_arrived_is_uncertain(error: type[httpx.RequestError]) -> None:
    with pytest.raises(SendUncertain) as raised, sending():
        raise error("cut")
    assert not raised.value.retryable


@pytest.mark.parametrize("error", [*CERTAINLY_NOT, *PERHAPS])
def test_a_question_can_always_be_asked_again(error: type[httpx.RequestError]) -> None:
    with pytest.raises(ChannelUnreachable), asking():
        raise error("cut")


@pytest.mark.parametrize("context", [sending, asking])
@pytest.mark.parametrize("error", [ValueError("x"), SendRejected()])
def test_other_errors_pass(context: type, error: Exception) -> None:
    with pytest.raises(type(error)) as raised, context():
        raise error
    assert raised.value is error


def test_the_cause_is_kept_for_who_looks_for_it() -> None:
    with pytest.raises(SendError) as raised, sending():
        raise httpx.ReadTimeout("slow")
    assert "ReadTimeout" in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 7 ", 7.0),
        ("99999", 3600.0),
        ("9" * 400, 3600.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    response = httpx.Response(429, headers=[(b"retry-after", value.encode())])
    assert retry_after(response) == seconds


def test_no_retry_after() -> None:
    assert retry_after(httpx.Response(429)) is None
