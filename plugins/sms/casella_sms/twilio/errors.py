"""Twilio's error codes, each with what to do (channels.md §1.8). Only the code counts: the wording may change, and it
repeats what we sent.

The same code can come at once, as the answer to a send, or later, in a status callback: `send_error` and
`delivery_problem` read the same table.

Beside each row is where its scope is from: [T] Twilio's page of that code, read on 29 or 30 November 2026; [M] Twilio's
table of WhatsApp's codes and its own, read on both days; [N] its Error and Warning Dictionary, read when the table was
made (channels.md §1.8), its name compared on 30 November with two public copies of the dictionary's part on messaging;
[E] the same, not found in these copies; [H] HTTP's own meaning.
"""

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
_NOT_REGISTERED_THERE = Cause(
    SendRejected, "The sender is not registered or provisioned at the recipient's carrier or in his country."
)
_TEMPLATE = Cause(SendRejected, "The template is unknown, not approved, paused, or its values do not fit.")
_UNSUITED = Cause(SendRejected, "This kind of message cannot be sent to this recipient.")
_BAD_CREDENTIALS = Cause(ChannelMisconfigured, "Twilio does not accept the account's credentials.")
_QUEUE_FULL = Cause(ChannelThrottled, "Too many messages are waiting at Twilio for this sender.", wait=_MINUTE)
_TOO_FAST = Cause(ChannelThrottled, "Too many requests to Twilio at once.")
_CARRIERS_CAP = Cause(ContactThrottled, "The sender has used up its daily allowance at this carrier.", wait=_HOUR)
_CONGESTED = Cause(ChannelUnreachable, "The carrier is congested or did not answer.", wait=_MINUTE)
_FILTERED = Cause(SendRejected, "A carrier filtered the message as unwanted: check its content and the registration.")
_BLOCKED = Cause(SendRejected, "The recipient or the carrier blocks messages from this sender.")
_NOT_ALLOWED = Cause(SendRejected, "This recipient cannot be reached, or has blocked this sender.")
_BAD_MEDIA = Cause(SendRejected, "An attachment cannot be fetched, is too large, or is of a kind that cannot be sent.")
_LIMITED = Cause(ChannelThrottled, "The sender has reached its rate or daily limit.", wait=_MINUTE)

CAUSES: dict[int, Cause] = {
    # the recipient
    21211: _BAD_NUMBER,  # [E]
    21614: _BAD_NUMBER,  # [N]
    21217: _BAD_NUMBER,  # [E]
    21604: _BAD_NUMBER,  # [E]
    21266: Cause(SendRejected, "A number cannot write to itself."),  # [E]
    63031: Cause(SendRejected, "A number cannot write to itself."),  # [N]
    21608: Cause(SendRejected, "A trial account may write to verified numbers only."),  # [E]
    21610: Cause(ContactStopped, "The recipient has unsubscribed from this sender with STOP."),  # [N]
    # [N] Unreachable destination handset
    30003: Cause(ChannelUnreachable, "The phone is switched off or out of reach.", wait=5 * _MINUTE, max_attempts=3),
    30004: _BLOCKED,  # [E]
    30005: Cause(SendRejected, "The number is unknown or no longer in service."),  # [E]
    30006: Cause(SendRejected, "The number is a landline or a carrier that takes no text messages."),  # [N]
    # [N] MMS not supported by the receiving phone number
    30011: Cause(SendRejected, "This number takes no picture messages."),
    63003: _NOT_ALLOWED,  # [M]
    63013: _FILTERED,  # [M] against the channel's policies
    63014: _NOT_ALLOWED,  # [T] "blocked because the recipient took an action"
    63024: _NOT_ALLOWED,  # [M]
    63032: _NOT_ALLOWED,  # [M]
    63033: _NOT_ALLOWED,  # [M]
    63035: _UNSUITED,  # [N] RCS not launched, no tester, or another region
    63036: _UNSUITED,  # [N] not on RCS, or not on WhatsApp
    63049: Cause(SendRejected, "WhatsApp withheld the message, to keep people from too much marketing."),  # [E]
    # this sender with this recipient, his country or his carrier: everybody else is written to as before
    21408: _NOT_FROM_HERE,  # [N] geographic permissions
    21612: _NOT_FROM_HERE,  # [N]
    21606: _NOT_FROM_HERE,  # [T] "for this destination/account"
    21657: _NOT_FROM_HERE,  # [T] "not supported in the specific destination"
    21659: _NOT_FROM_HERE,  # [T] "Short Code country mismatch"
    30018: _NOT_REGISTERED_THERE,  # [E] countries that ask for sender ids to be registered
    30024: _NOT_REGISTERED_THERE,  # [T] a country's or a carrier's; "the destination number has recently ported"
    # [N] Toll-Free Number Has Not Been Verified
    30032: Cause(SendRejected, "The toll-free number is not verified: messages to the US and Canada are blocked."),
    # [E] of the US
    30033: Cause(SendRejected, "The number's campaign (A2P 10DLC) is suspended: messages to the US are blocked."),
    30034: Cause(SendRejected, "The number is not registered (A2P 10DLC): messages to the US are blocked."),  # [N]
    30042: _NOT_FROM_HERE,  # [T] the sender id, in countries that check it
    30040: _NOT_REGISTERED_THERE,  # [N] Destination carrier requires Sender ID pre-registration
    30041: _NOT_REGISTERED_THERE,  # [N] an unregistered number, to the United Kingdom
    21910: _UNSUITED,  # [N] Invalid 'From' and 'To' pair
    30007: _FILTERED,  # [N]
    30038: _FILTERED,  # [N] OTP Message Body Filtered
    30450: Cause(SendRejected, "Twilio blocked the message."),  # [N] Message delivery blocked
    # the message
    21617: Cause(SendRejected, "The text is longer than 1600 characters."),  # [E]
    21602: Cause(SendRejected, "The message has neither text nor an attachment."),  # [E]
    21620: _BAD_MEDIA,  # [E]
    21623: Cause(SendRejected, "The message has more than ten attachments."),  # [E]
    21655: _TEMPLATE,  # [N] ContentSid
    21656: _TEMPLATE,  # [E] ContentVariables
    11751: _BAD_MEDIA,  # [N]
    30019: Cause(SendRejected, "The message is larger than the carrier allows: use a smaller attachment."),  # [N]
    63005: _UNSUITED,  # [M] the content
    63016: Cause(OutsideReplyWindow, "More than 24 hours have passed: only a template may be sent."),  # [M]
    63019: _BAD_MEDIA,  # [M]
    63021: _BAD_MEDIA,  # [M]
    63034: _BAD_MEDIA,  # [E]
    **dict.fromkeys((63022, 63027, 63028, 63029, 63030), _TEMPLATE),  # [M]
    **dict.fromkeys((63040, 63041, 63042), _TEMPLATE),  # [E] rejected, paused, disabled
    # how fast
    21611: _QUEUE_FULL,  # [N]
    30001: _QUEUE_FULL,  # [E]
    30008: Cause(ChannelUnreachable, "The carrier gave no reason.", wait=_MINUTE, max_attempts=2),  # [E] "one retry"
    30017: _CONGESTED,  # [E]
    30410: _CONGESTED,  # [E]
    30022: Cause(ChannelThrottled, "The sender is faster than its registration allows.", wait=_MINUTE),  # [N]
    30023: _CARRIERS_CAP,  # [E] T-Mobile's
    30027: _CARRIERS_CAP,  # [N] T-Mobile's
    20429: _TOO_FAST,  # [E]
    63012: Cause(ChannelUnreachable, "WhatsApp is not available at the moment.", wait=10.0, max_attempts=3),  # [M]
    # [N] "Channel provider returned an internal service error"
    63009: Cause(ChannelUnreachable, "WhatsApp is not available at the moment.", wait=10.0, max_attempts=3),
    30036: Cause(SendRejected, "The message was not delivered in time."),  # [N] Validity Period Expired
    63018: _LIMITED,  # [M]
    63017: _LIMITED,  # [E]
    63038: Cause(ChannelThrottled, "The account has reached Twilio's daily limit.", wait=_HOUR),  # [N]
    # [N] Account exceeded the messages limit
    30454: Cause(ChannelThrottled, "The account has reached Twilio's daily limit.", wait=_HOUR),
    # the account, or our own number: nothing leaves
    20003: _BAD_CREDENTIALS,  # [E]
    20005: _SUSPENDED,  # [E]
    20404: Cause(ChannelMisconfigured, "Twilio does not know this account."),  # [E]
    30002: _SUSPENDED,  # [N]
    21603: _BAD_SENDER,  # [T]
    21212: _BAD_SENDER,  # [E]
    21660: _BAD_SENDER,  # [T] the number is another account's
    # [T] Invalid 'StatusCallback': of the desk, the same for everybody
    21609: Cause(ChannelMisconfigured, "Twilio does not take this desk's public address for its callbacks."),
    63007: Cause(ChannelMisconfigured, "Twilio does not know this WhatsApp or RCS sender."),  # [N]
    63112: Cause(ChannelMisconfigured, "Meta has disabled the WhatsApp account of this sender."),  # [E]
    # perhaps
    20010: Cause(ChannelSuspect, "Twilio has switched this off for the account."),  # [T]
    30037: Cause(ChannelSuspect, "Twilio has switched this off for the account."),  # [N] Outbound Messaging Disabled
    63008: Cause(ChannelSuspect, "Something of this sender is set up wrongly at Twilio."),  # [N]
    63001: Cause(ChannelSuspect, "WhatsApp does not accept Twilio's credentials for this sender."),  # [M]
    63010: Cause(ChannelSuspect, "WhatsApp could not take the message."),  # [M]
    63020: Cause(ChannelSuspect, "There is a problem with the Meta business account or its payment."),  # [M]
}

_BY_STATUS: dict[int, Cause] = {
    401: _BAD_CREDENTIALS,  # [H] Unauthorized
    # [H] Request Timeout
    408: Cause(ChannelUnreachable, "Twilio waited too long for our request."),
    429: _TOO_FAST,  # [H] Too Many Requests
    # [H] Service Unavailable
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
