"""What Meta's error codes mean for us (channels.md §6.4). Code and subcode decide; messages change."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import orjson

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    OutsideReplyWindow,
    SendError,
    SendRejected,
    SendUncertain,
    retry_after,
)
from casella_meta.reading import Document, mapping

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Cause:
    """What an error means. `wait`: seconds at least until it is tried again."""

    error: type[SendError]
    text: str
    wait: float | None = None
    max_attempts: int | None = None


_TOKEN = Cause(ChannelMisconfigured, "Meta does not accept the access token: connect the page or account again.")
_PERMISSION = Cause(ChannelMisconfigured, "The app lacks a permission for this page or account.")
_IN_DEVELOPMENT = Cause(SendRejected, "Meta's app is still in development: it may write to its testers only.")
_TOO_FAST = Cause(ChannelThrottled, "The page or account sends faster than Meta allows.", wait=10.0)
_BUSY = Cause(ChannelUnreachable, "Meta is not available at the moment.", wait=5.0, max_attempts=3)
_WINDOW = Cause(OutsideReplyWindow, "More than 24 hours have passed since the contact wrote.")
_AWAY = Cause(SendRejected, "This person cannot be written to: blocked, deactivated, or the conversation was deleted.")
_NOBODY = Cause(SendRejected, "Meta knows nobody by this id on this page or account.")
_RESTRICTED = Cause(ChannelMisconfigured, "Meta has restricted this page or account from sending.")

BY_SUBCODE: dict[tuple[int, int], Cause] = {
    (10, 2018278): _WINDOW,
    (10, 2534022): _WINDOW,
    (10, 1893063): _RESTRICTED,
    (200, 1545041): _AWAY,
    (200, 2018028): _IN_DEVELOPMENT,
    (200, 2018108): _IN_DEVELOPMENT,
    (100, 2018001): _NOBODY,
    (100, 2534014): _NOBODY,
    (100, 1893061): Cause(SendRejected, "Meta has removed this way of writing outside the window."),
    (100, 2534025): Cause(SendRejected, "A private reply was given already."),
    (1, 1357046): Cause(SendUncertain, "Meta's answer was broken; the message may have arrived."),
    (1, 99): _PERMISSION,
}
BY_CODE: dict[int, Cause] = {
    10: _PERMISSION,
    200: _PERMISSION,
    3: _PERMISSION,
    551: _AWAY,
    100: Cause(SendRejected, "Meta does not take this message as it was written."),
    613: _TOO_FAST,
    4: Cause(ChannelThrottled, "The app calls Meta more often than allowed.", wait=_MINUTE),
    17: _TOO_FAST,
    32: _TOO_FAST,
    80006: _TOO_FAST,
    1: _BUSY,
    2: _BUSY,
    1200: _BUSY,
    190: _TOKEN,
    368: Cause(ChannelMisconfigured, "Meta has blocked the page or account for breaking its policies."),
}
_BY_STATUS: dict[int, Cause] = {
    401: _TOKEN,
    408: Cause(ChannelUnreachable, "Meta waited too long for our request."),
    429: _TOO_FAST,
}
_SERVER_ERROR = Cause(SendUncertain, "Meta had an error of its own; it may have taken the message all the same.")
_REDIRECT = Cause(ChannelMisconfigured, "The provider's address leads elsewhere: check base_url.")
_REFUSED = Cause(SendRejected, "Meta refused the message.")


def cause_of(code: int, subcode: int | None) -> Cause | None:
    found = BY_SUBCODE.get((code, subcode)) if subcode is not None else None
    return found or BY_CODE.get(code) or (_PERMISSION if 200 < code <= 299 else None)


def send_error(response: httpx.Response) -> SendError:
    """The error that a response other than 2xx stands for."""
    error = mapping(read_json(response).get("error"))
    code, subcode = _whole(error.get("code")), _whole(error.get("error_subcode"))
    if code is None:
        return _raisable(_by_status(response.status_code), response, f"http_{response.status_code}")
    cause = cause_of(code, subcode) or (_BUSY if error.get("is_transient") is True else None)
    shown = f"{code}/{subcode}" if subcode is not None else str(code)
    return _raisable(cause or _by_status(response.status_code), response, shown)


def asking_error(response: httpx.Response) -> SendError:
    """The same when nothing was sent, only asked: then a server's error leaves nothing uncertain."""
    error = send_error(response)
    return ChannelUnreachable(provider_code=error.provider_code) if isinstance(error, SendUncertain) else error


def read_json(response: httpx.Response) -> Document:
    """The JSON object of a response; empty for anything else."""
    try:
        return mapping(orjson.loads(response.content))
    except ValueError:
        return {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _by_status(status: int) -> Cause:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return _SERVER_ERROR
    return _REDIRECT if status < 400 else _REFUSED


def _raisable(cause: Cause, response: httpx.Response, code: str) -> SendError:
    wait = retry_after(response) if cause.error.retryable else None
    return cause.error(
        cause.text,
        provider_code=code,
        retry_after=cause.wait if wait is None else wait,
        max_attempts=cause.max_attempts,
    )
