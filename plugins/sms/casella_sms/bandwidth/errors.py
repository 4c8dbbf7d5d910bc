"""Bandwidth's error codes (dev.bandwidth.com, "Messaging errors"): 4xxx is ours, x1–x4 refused by Bandwidth, x7 by the
carrier; 5xxx a service failed; 9xxx nobody knows."""

from __future__ import annotations

import httpx

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    ContactStopped,
    DeliveryProblem,
    SendError,
    SendRejected,
    SendUncertain,
)
from casella_sms.causes import Cause, problem_of

_MINUTE, _HOUR = 60.0, 3600.0
_BAD_NUMBER = Cause(SendRejected, "This number does not exist or cannot receive text messages.")
_BAD_SENDER = Cause(ChannelMisconfigured, "Bandwidth does not take the sender: check the number and its application.")
_FILTERED = Cause(SendRejected, "A carrier filtered the message as unwanted: check its content and the registration.")
_BLOCKED = Cause(SendRejected, "The recipient or the carrier blocks messages from this sender.")
_BAD_MEDIA = Cause(SendRejected, "An attachment cannot be fetched, is too large, or is of a kind that cannot be sent.")
_UNREGISTERED = Cause(
    ChannelMisconfigured, "The sender is not registered or verified for messages to the United States."
)
_TOO_FAST = Cause(ChannelThrottled, "The sender is faster than its allowance.", wait=_MINUTE)
_STOPPED = Cause(ContactStopped, "The recipient has opted out of messages from this sender.")
_NO_ANSWER = Cause(ChannelUnreachable, "The carrier is congested or did not answer.", wait=_MINUTE)

CAUSES: dict[int, Cause] = {
    4301: Cause(SendRejected, "Bandwidth does not take the message's form."),
    4302: _BAD_SENDER,
    4303: _BAD_NUMBER,
    4350: _BAD_SENDER,
    4351: _BAD_NUMBER,
    4352: _BAD_NUMBER,
    4353: Cause(SendRejected, "Messages from this sender to this country are not allowed."),
    4360: Cause(SendRejected, "The message has neither text nor an attachment, or too much of them."),
    4401: _BLOCKED,
    4403: Cause(SendRejected, "Messages from this sender to this number are not allowed."),
    4404: _BAD_NUMBER,
    4405: _BAD_SENDER,
    4406: _BAD_NUMBER,
    4407: _BAD_NUMBER,
    4409: _BAD_SENDER,
    4411: _BAD_SENDER,
    4431: _BAD_SENDER,
    4432: Cause(SendRejected, "Messages to this country are not switched on at Bandwidth."),
    4434: _UNREGISTERED,
    4435: _BAD_MEDIA,
    4470: _FILTERED,
    4475: _UNREGISTERED,
    4476: _UNREGISTERED,
    4481: _UNREGISTERED,
    4700: Cause(SendRejected, "The carrier does not take this message."),
    4701: Cause(SendRejected, "The number is unknown, or has no text messages."),
    4702: Cause(ChannelUnreachable, "The phone is switched off or out of reach.", wait=5 * _MINUTE, max_attempts=3),
    4711: _BAD_MEDIA,
    4712: _BAD_MEDIA,
    4713: _BAD_MEDIA,
    4720: _BAD_NUMBER,
    4721: _BAD_NUMBER,
    4730: Cause(SendRejected, "The number is unknown or no longer in service."),
    4740: _BAD_SENDER,
    4750: Cause(SendRejected, "The carrier rejected the message."),
    4751: Cause(SendRejected, "The carrier rejected the message."),
    4770: _FILTERED,
    4771: _TOO_FAST,
    4772: Cause(ChannelThrottled, "The sender has used up its daily allowance at the carrier.", wait=_HOUR),
    4775: _STOPPED,
    4780: _UNREGISTERED,
    4781: _UNREGISTERED,
    4785: _FILTERED,
    4795: _TOO_FAST,
    5100: _NO_ANSWER,
    5106: _NO_ANSWER,
    5111: _NO_ANSWER,
    5220: _NO_ANSWER,
    5221: _NO_ANSWER,
    5500: _NO_ANSWER,
    5501: _NO_ANSWER,
    5600: _NO_ANSWER,
    5601: _NO_ANSWER,
    5610: _NO_ANSWER,
    5620: _NO_ANSWER,
    5630: _NO_ANSWER,
    5650: _NO_ANSWER,
    9902: Cause(ChannelUnreachable, "The carrier gave no reason.", wait=_MINUTE, max_attempts=2),
}
_CARRIER_SAID_NO = Cause(SendRejected, "The message was rejected.")
_BAD_CREDENTIALS = Cause(ChannelMisconfigured, "Bandwidth does not accept the account's credentials.")
_BY_STATUS: dict[int, Cause] = {
    401: _BAD_CREDENTIALS,
    403: _BAD_CREDENTIALS,
    404: Cause(ChannelMisconfigured, "Bandwidth does not know this account."),
    408: Cause(ChannelUnreachable, "Bandwidth waited too long for our request."),
    429: Cause(ChannelThrottled, "Too many requests to Bandwidth at once.", wait=1.0),
    503: Cause(ChannelUnreachable, "Bandwidth is not available at the moment."),
}
_SERVER_ERROR = Cause(SendUncertain, "Bandwidth had an error of its own; it may have taken the message all the same.")
_REDIRECT = Cause(ChannelMisconfigured, "The provider's address leads elsewhere: check base_url.")


def send_error(response: httpx.Response) -> SendError:
    """The error that a response other than 2xx stands for: Bandwidth says it by the status alone."""
    status = response.status_code
    cause = _BY_STATUS.get(status)
    if cause is None:
        cause = _SERVER_ERROR if status >= 500 else _REDIRECT if status < 400 else _REFUSED
    return cause.raisable(response, f"http_{status}")


_REFUSED = Cause(SendRejected, "Bandwidth refused the message.")


def delivery_problem(code: object) -> DeliveryProblem:
    """What the code of a `message-failed` means; one that is not in the table, by its first digit."""
    number = code if isinstance(code, int) and not isinstance(code, bool) and 0 <= code < 10_000 else None
    if number is None:
        return problem_of(None, "unknown")
    by_digit = _CARRIER_SAID_NO if 4000 <= number < 5000 else _NO_ANSWER if 5000 <= number < 6000 else None
    return problem_of(CAUSES.get(number, by_digit), str(number))
