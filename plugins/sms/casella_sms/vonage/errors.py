"""Vonage's codes, each with what to do: `status` of the SMS API's answer, `err-code` of its receipts, and the HTTP
status of the Messages API (channels.md §3.1). In the answer to a send, 4, 8, 9, 11, 14, 23 and 32 are of the account or
the desk. No code of a receipt stops a channel: each is of one recipient, carrier or country.

Beside each row is its name at Vonage, and where it is from, compared on 30 November 2026: [S] "API Errors: SMS API"
and "Troubleshooting SMS"; [R] the list of `err-code`s as nyaruka/courier and Nexmo's clients for Java and .NET have it
(Vonage's own page of receipts was not found again); [N] such a list where it also says what is meant; [H] HTTP's own
meaning; [A] the same, and the general errors of Vonage's APIs (whose statuses were not found again)."""

from __future__ import annotations

import httpx

from casella.plugin import (
    ChannelMisconfigured,
    ChannelSuspect,
    ChannelThrottled,
    ChannelUnreachable,
    ContactStopped,
    ContactThrottled,
    DeliveryProblem,
    SendError,
    SendRejected,
    SendUncertain,
)
from casella_sms.causes import Cause, problem_of

_MINUTE, _HOUR = 60.0, 3600.0
_BAD_NUMBER = Cause(SendRejected, "This number does not exist or cannot receive text messages.")
_BAD_CREDENTIALS = Cause(ChannelMisconfigured, "Vonage does not accept the account's credentials.")
_NOT_ENABLED = Cause(ChannelMisconfigured, "The account at Vonage may not send this way.")
_NO_CREDIT = Cause(ChannelMisconfigured, "The account at Vonage has no credit left.")
_TOO_FAST = Cause(ChannelThrottled, "Too many messages at once for this account.", wait=1.0)
_REFUSED = Cause(SendRejected, "Vonage refused the message.")
_BLOCKED = Cause(SendRejected, "The recipient or the carrier blocks messages from this sender.")
_FILTERED = Cause(SendRejected, "A carrier filtered the message as unwanted: check its content and the registration.")
_REGULATION = Cause(SendRejected, "The rules of the recipient's country do not allow this message from this sender.")
_SERVER_ERROR = Cause(SendUncertain, "Vonage had an error of its own; it may have taken the message all the same.")

SEND_CAUSES: dict[int, Cause] = {
    1: _TOO_FAST,  # [S] Throttled
    2: _REFUSED,  # [S] Missing Parameters
    3: _REFUSED,  # [S] Invalid Parameters
    4: _BAD_CREDENTIALS,  # [S] Invalid Credentials
    5: _SERVER_ERROR,  # [S] Internal Error
    6: _BAD_NUMBER,  # [S] Invalid Message
    7: _BLOCKED,  # [S] Number Barred
    8: _NOT_ENABLED,  # [S] Partner Account Barred
    9: _NO_CREDIT,  # [S] Partner Quota Violation
    # [S] Too Many Existing Binds
    10: Cause(ChannelThrottled, "Too many connections of this account to Vonage.", wait=_MINUTE),
    11: _NOT_ENABLED,  # [S] Account Not Enabled For HTTP
    12: Cause(SendRejected, "The text is longer than Vonage takes."),  # [S] Message Too Long
    14: _BAD_CREDENTIALS,  # [S] Invalid Signature
    15: Cause(SendRejected, "Vonage does not take this sender for this recipient."),  # [S] Invalid Sender Address
    22: _BAD_NUMBER,  # [S] Invalid Network Code
    # [S] Invalid Callback URL
    23: Cause(ChannelMisconfigured, "Vonage does not take this desk's public address for its callbacks."),
    # [S] Non-Whitelisted Destination
    29: Cause(SendRejected, "A trial account may write to the numbers on its list only."),
    32: _BAD_CREDENTIALS,  # [S] Signature And API Secret Disallowed
    33: _BAD_NUMBER,  # [S] Number De-activated
}
DELIVERY_CAUSES: dict[int, Cause] = {
    1: Cause(SendRejected, "The carrier gave no reason."),  # [R] Unknown
    # [R] Absent Subscriber - Temporary
    2: Cause(ChannelUnreachable, "The phone is switched off or out of reach.", wait=5 * _MINUTE, max_attempts=3),
    3: Cause(SendRejected, "The number is unknown or no longer in service."),  # [R] Absent Subscriber - Permanent
    4: _BLOCKED,  # [R] Call Barred by User
    5: Cause(
        SendRejected, "The number has moved to another carrier, which cannot be reached."
    ),  # [R] Portability Error
    6: _FILTERED,  # [R] Anti-Spam Rejection
    7: Cause(ChannelUnreachable, "The phone was busy.", wait=_MINUTE),  # [R] Handset Busy
    8: Cause(ChannelUnreachable, "The carrier's network failed.", wait=_MINUTE),  # [R] Network Error
    # [N] Illegal Number: "the user has already sent a STOP"
    9: Cause(ContactStopped, "The recipient has opted out of messages from this sender."),
    10: _REFUSED,  # [R] Illegal Message
    11: _BAD_NUMBER,  # [R] Unroutable
    12: Cause(SendRejected, "The recipient cannot be reached."),  # [R] Destination Unreachable
    13: Cause(SendRejected, "The recipient's age is not verified."),  # [R] Subscriber Age Restriction
    14: _BLOCKED,  # [R] Number Blocked by Carrier
    # [N] Prepaid Insufficient Funds: of the recipient's account, never of ours
    15: Cause(SendRejected, "The recipient's prepaid account has no credit left to receive it."),
    # [R] Gateway Quota Exceeded
    16: Cause(ContactThrottled, "The allowance on this way to the recipient is used up.", wait=_HOUR),
    **dict.fromkeys(range(50, 55), _REGULATION),  # [R] Entity, Header, Content, Consent Filter; Regulation Error
    99: Cause(SendRejected, "The way to the recipient has a problem."),  # [N] General Error
}
_BY_STATUS: dict[int, Cause] = {
    401: _BAD_CREDENTIALS,  # [A] unauthorized
    402: _NO_CREDIT,  # [A] low-balance
    # [A] forbidden
    403: Cause(ChannelSuspect, "Vonage does not allow this with the account's credentials."),
    # [H] Request Timeout
    408: Cause(ChannelUnreachable, "Vonage waited too long for our request."),
    # [A] validation, account-suspended and others
    420: Cause(ChannelSuspect, "Vonage does not take this request of the account."),
    429: _TOO_FAST,  # [H] Too Many Requests
    # [H] Service Unavailable
    503: Cause(ChannelUnreachable, "Vonage is not available at the moment."),
}
_REDIRECT = Cause(ChannelMisconfigured, "The provider's address leads elsewhere: check base_url and messages_url.")


def http_error(response: httpx.Response) -> SendError:
    """The error that a response other than 2xx stands for."""
    status = response.status_code
    cause = _BY_STATUS.get(status)
    if cause is None:
        cause = _SERVER_ERROR if status >= 500 else _REDIRECT if status < 400 else _REFUSED
    return cause.raisable(response, f"http_{status}")


def asking_error(response: httpx.Response) -> SendError:
    """The same when nothing was sent, only asked: then a server's error leaves nothing uncertain."""
    error = http_error(response)
    return ChannelUnreachable(provider_code=error.provider_code) if isinstance(error, SendUncertain) else error


def status_error(status: str, response: httpx.Response) -> SendError:
    """The error that a `status` other than 0 stands for: the SMS API says everything with HTTP 200."""
    return SEND_CAUSES.get(_number(status), _REFUSED).raisable(response, status[:16])


def delivery_problem(code: str, reported: str) -> DeliveryProblem:
    """What the code of a receipt means."""
    return problem_of(DELIVERY_CAUSES.get(_number(code)), code or reported)


def _number(code: str) -> int:
    return int(code) if code.isascii() and code.isdigit() and len(code) < 10 else -1
