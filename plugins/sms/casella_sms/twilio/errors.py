"""Twilio's error codes, each with what to do (channels.md §1.8). Only the code counts: the wording may change, and it
repeats what we sent.

The same code can come at once, as the answer to a send, or later, in a status callback: `send_error` and
`delivery_problem` read the same table.
"""

from __future__ import annotations

import httpx

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    ContactStopped,
    DeliveryProblem,
    OutsideReplyWindow,
    SendError,
    SendRejected,
    SendUncertain,
)
from casella_sms.causes import Cause, problem_of, read_json

_MINUTE, _HOUR = 60.0, 3600.0
_BAD_NUMBER = Cause(SendRejected, "This number does not exist or cannot receive text messages.")
_NOT_FROM_HERE = Cause(SendRejected, "Messages from this sender to this number or country are not allowed.")
_BAD_SENDER = Cause(ChannelMisconfigured, "Twilio does not know the sender: check the channel's number.")
_SUSPENDED = Cause(ChannelMisconfigured, "The account is suspended at Twilio.")
_UNREGISTERED_SENDER = Cause(ChannelMisconfigured, "The sender is not provisioned or registered at Twilio.")
_BAD_CREDENTIALS = Cause(ChannelMisconfigured, "Twilio does not accept the account's credentials.")
_QUEUE_FULL = Cause(ChannelThrottled, "Too many messages are waiting at Twilio for this sender.", wait=_MINUTE)
_TOO_FAST = Cause(ChannelThrottled, "Too many requests to Twilio at once.")
_DAILY_CAP = Cause(ChannelThrottled, "The sender has used up its daily allowance at the carrier.", wait=_HOUR)
_CONGESTED = Cause(ChannelUnreachable, "The carrier is congested or did not answer.", wait=_MINUTE)
_FILTERED = Cause(SendRejected, "A carrier filtered the message as unwanted: check its content and the registration.")
_BLOCKED = Cause(SendRejected, "The recipient or the carrier blocks messages from this sender.")
_NOT_ALLOWED = Cause(SendRejected, "This recipient cannot be reached, or has blocked this sender.")
_BAD_MEDIA = Cause(SendRejected, "An attachment cannot be fetched, is too large, or is of a kind that cannot be sent.")
_LIMITED = Cause(ChannelThrottled, "The sender has reached its rate or daily limit.", wait=_MINUTE)

CAUSES: dict[int, Cause] = {
    21211: _BAD_NUMBER,
    21614: _BAD_NUMBER,
    21217: _BAD_NUMBER,
    21604: _BAD_NUMBER,
    21266: Cause(SendRejected, "A number cannot write to itself."),
    21609: Cause(ChannelMisconfigured, "Twilio does not take this desk's public address for its callbacks."),
    21610: Cause(ContactStopped, "The recipient has unsubscribed from this sender with STOP."),
    21408: _NOT_FROM_HERE,
    21612: _NOT_FROM_HERE,
    21606: _NOT_FROM_HERE,  # about this destination: it must not stop everybody else's messages
    21603: _BAD_SENDER,
    21659: _NOT_FROM_HERE,
    21617: Cause(SendRejected, "The text is longer than 1600 characters."),
    21602: Cause(SendRejected, "The message has neither text nor an attachment."),
    21620: _BAD_MEDIA,
    21623: Cause(SendRejected, "The message has more than ten attachments."),
    11751: _BAD_MEDIA,
    21611: _QUEUE_FULL,
    30001: _QUEUE_FULL,
    30002: _SUSPENDED,
    20005: _SUSPENDED,
    30003: Cause(ChannelUnreachable, "The phone is switched off or out of reach.", wait=5 * _MINUTE, max_attempts=3),
    30004: _BLOCKED,
    30005: Cause(SendRejected, "The number is unknown or no longer in service."),
    30006: Cause(SendRejected, "The number is a landline or a carrier that takes no text messages."),
    30007: _FILTERED,
    30008: Cause(ChannelUnreachable, "The carrier gave no reason.", wait=_MINUTE, max_attempts=2),
    30017: _CONGESTED,
    30410: _CONGESTED,
    30019: Cause(SendRejected, "The message is larger than the carrier allows: use a smaller attachment."),
    30022: Cause(ChannelThrottled, "The sender is faster than its registration allows.", wait=_MINUTE),
    30023: _DAILY_CAP,
    30027: _DAILY_CAP,
    30032: Cause(ChannelMisconfigured, "The toll-free number is not verified."),
    30034: Cause(ChannelMisconfigured, "The number is not registered for messages to the United States (A2P 10DLC)."),
    30024: _UNREGISTERED_SENDER,
    30018: _UNREGISTERED_SENDER,
    20003: _BAD_CREDENTIALS,
    20404: Cause(ChannelMisconfigured, "Twilio does not know this account."),
    20429: _TOO_FAST,
    63016: Cause(OutsideReplyWindow, "More than 24 hours have passed: only a template may be sent."),
    63018: _LIMITED,
    63017: _LIMITED,
    63038: _DAILY_CAP,
    63003: _NOT_ALLOWED,
    63024: _NOT_ALLOWED,
    63033: _NOT_ALLOWED,
    63032: _NOT_ALLOWED,
    63019: _BAD_MEDIA,
    63034: _BAD_MEDIA,
    63021: _BAD_MEDIA,
}

_BY_STATUS: dict[int, Cause] = {
    401: _BAD_CREDENTIALS,
    408: Cause(ChannelUnreachable, "Twilio waited too long for our request."),
    429: _TOO_FAST,
    503: Cause(ChannelUnreachable, "Twilio is not available at the moment."),
}
_SERVER_ERROR = Cause(SendUncertain, "Twilio had an error of its own; it may have taken the message all the same.")
"""§1.8 would try three times more, but a 500, 502 or 504 may be said after the message was taken, and there is no
idempotency key: it is looked up first. 503 is said before anything is done, and is tried again."""
_REDIRECT = Cause(ChannelMisconfigured, "The provider's address leads elsewhere: check base_url.")


def send_error(response: httpx.Response) -> SendError:
    """The error that a response other than 2xx stands for."""
    code = error_code(response)
    cause = CAUSES.get(code) if code else None
    return (cause or _by_status(response.status_code)).raisable(response, str(code or f"http_{response.status_code}"))


def asking_error(response: httpx.Response) -> SendError:
    """The same when nothing was sent, only asked: then a server's error leaves nothing uncertain."""
    error = send_error(response)
    return ChannelUnreachable(provider_code=error.provider_code) if isinstance(error, SendUncertain) else error


def error_of_code(code: int, response: httpx.Response) -> SendError:
    """The error of a message that Twilio took, and failed at once."""
    unknown = Cause(SendRejected, "Twilio took the message and failed it at once.")
    return CAUSES.get(code, unknown).raisable(response, str(code))


def delivery_problem(code: str) -> DeliveryProblem:
    """What a code in a status callback means."""
    cause = CAUSES.get(int(code)) if code.isascii() and code.isdigit() and len(code) < 10 else None
    return problem_of(cause, code)


def error_code(response: httpx.Response) -> int | None:
    """Twilio's code in an error's body, if there is one."""
    code = read_json(response).get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _by_status(status: int) -> Cause:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return _SERVER_ERROR
    return _REDIRECT if status < 400 else Cause(SendRejected, "Twilio refused the message.")
