"""What Meta's error codes mean for us (channels.md §6.4). Code and subcode decide; messages change.

Only what certainly holds for the whole page or account stops it. An unknown subcode says nothing of its code's other
ones, and 3, 10 and 200 are said of single people, threads and kinds of messages as well: those are `ChannelSuspect`.

Beside each row is where it is from: [M] Meta's list "Common Error Codes" of the Messenger Platform (18 March 2026),
[S] Sleekflow's copy of that list (November 2024), [W] seen on the wire by others, named there, [P] Meta's page of
policies, [G] the Graph API's list of errors, [H] HTTP's own meaning. On 30 November 2026 [M] was found again with its
beginning only (the rows of codes 1 to 4), the others as they were."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import orjson

from casella.plugin import (
    ChannelMisconfigured,
    ChannelSuspect,
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
_LACKS_MESSAGING = Cause(ChannelMisconfigured, "The access token lacks the permission to send messages.")
_NOT_ALLOWED = Cause(ChannelSuspect, "Meta does not allow this: the contact, the kind of message, or a permission.")
_ANOTHER_APP = Cause(SendRejected, "At the moment another app has this conversation: only it can answer.")
_IN_DEVELOPMENT = Cause(SendRejected, "Meta's app is still in development: it may write to its testers only.")
_TOO_FAST = Cause(ChannelThrottled, "The page or account sends faster than Meta allows.", wait=10.0)
_BUSY = Cause(ChannelUnreachable, "Meta is not available at the moment.", wait=5.0, max_attempts=3)
_WINDOW = Cause(OutsideReplyWindow, "More than 24 hours have passed since the contact wrote.")
_AWAY = Cause(SendRejected, "This person cannot be written to: blocked, deactivated, or the conversation was deleted.")
_NOBODY = Cause(SendRejected, "Meta knows nobody by this id on this page or account.")
_RESTRICTED = Cause(ChannelMisconfigured, "Meta has restricted this page or account from sending.")

BY_SUBCODE: dict[tuple[int, int], Cause] = {
    (10, 2018278): _WINDOW,  # [M]
    (10, 2018065): _WINDOW,  # [M]
    (10, 2534022): _WINDOW,  # Instagram [M]
    (10, 2018108): _AWAY,  # [M] "This Person Cannot Receive Messages"
    (10, 2018300): _ANOTHER_APP,  # [W] davidchua/pymessenger#93
    (10, 1893063): _RESTRICTED,  # [P] about the page itself
    (200, 1545041): _AWAY,  # [M]
    (200, 2018108): _AWAY,  # [M] the same sentence under the other code
    (200, 2018021): _AWAY,  # [W] rickydunlop/fbmessenger-node#24
    (200, 2018028): _IN_DEVELOPMENT,  # [S]
    (551, 1545041): _AWAY,  # [W] microsoft/botframework-sdk#4556
    (100, 2018001): _NOBODY,  # [M]
    (100, 2018218): _NOBODY,  # [W] chatwoot/chatwoot#6632
    (100, 2534014): _NOBODY,  # Instagram [M]
    (100, 1893061): Cause(SendRejected, "Meta has removed this way of writing outside the window."),  # [P]
    (100, 2534025): Cause(SendRejected, "A private reply was given already."),  # [M]
    (4, 2018354): Cause(SendRejected, "It is too soon for another notification of this kind to this contact."),  # [M]
    (9, 2018352): Cause(SendRejected, "This contact has had as many marketing messages as are allowed."),  # [S]
    (1, 1357046): Cause(SendUncertain, "Meta's answer was broken; the message may have arrived."),  # [M]
    (1, 99): _NOT_ALLOWED,  # [M] "Missing permissions can cause this issue"
}
BY_CODE: dict[int, Cause] = {
    10: _NOT_ALLOWED,  # [G] the app's permission, yet [M] lists people and windows under it
    200: _NOT_ALLOWED,  # [G], and [M] people under it
    3: _NOT_ALLOWED,  # [G] "capability or permissions": also of one kind of message
    230: _LACKS_MESSAGING,  # [G] "requires pages_messaging permission"
    551: _AWAY,  # [M]
    100: Cause(SendRejected, "Meta does not take this message as it was written."),  # [M]
    613: _TOO_FAST,  # [M]
    4: Cause(ChannelThrottled, "The app calls Meta more often than allowed.", wait=_MINUTE),  # [M]
    17: _TOO_FAST,  # [G]
    32: _TOO_FAST,  # [G]
    80006: _TOO_FAST,  # [G] of Messenger's calls for a page
    1: _BUSY,  # [G]
    2: _BUSY,  # [M], which adds that the customer may have blocked the page
    1200: _BUSY,  # [W] remixz/messenger-bot#61
    190: _TOKEN,  # [M]
    368: Cause(ChannelMisconfigured, "Meta has blocked the page or account for breaking its policies."),  # [G]
}
_BY_STATUS: dict[int, Cause] = {
    401: _TOKEN,  # [H] Unauthorized
    # [H] Request Timeout
    408: Cause(ChannelUnreachable, "Meta waited too long for our request."),
    429: _TOO_FAST,  # [H] Too Many Requests
}
_SERVER_ERROR = Cause(SendUncertain, "Meta had an error of its own; it may have taken the message all the same.")
_REDIRECT = Cause(ChannelMisconfigured, "The provider's address leads elsewhere: check base_url.")
_REFUSED = Cause(SendRejected, "Meta refused the message.")


def cause_of(code: int, subcode: int | None) -> Cause | None:
    found = BY_SUBCODE.get((code, subcode)) if subcode is not None else None
    return found or BY_CODE.get(code) or (_NOT_ALLOWED if 200 < code <= 299 else None)


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
        f"{cause.text} ({code})" if cause.error is ChannelSuspect else cause.text,
        provider_code=code,
        retry_after=cause.wait if wait is None else wait,
        max_attempts=cause.max_attempts,
    )
