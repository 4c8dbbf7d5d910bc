"""Telnyx' error codes, each with what to do. 1xxxx: the request; 4xxxx: the message. What one carrier says of a sender,
one country of its registration or one kind of sender of a destination, stops no channel.

Beside each row is its name at Telnyx, and where it is from, compared on 30 November 2026: [M] the "Messaging Error Code
Reference" (developers.telnyx.com/docs/messaging/messages/error-codes) of 10 April 2026; [A] the list of API errors
(development/api-fundamentals/api-errors), read on 29 November, its beginning again; [H] HTTP's own meaning."""

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
from casella_sms.causes import Cause, problem_of, read_json

_MINUTE, _HOUR = 60.0, 3600.0
_BAD_NUMBER = Cause(SendRejected, "This number does not exist or cannot receive text messages.")
_BAD_SENDER = Cause(
    ChannelSuspect, "Telnyx does not take this sender here: check the number and its messaging profile."
)
_BAD_REQUEST = Cause(SendRejected, "Telnyx refused the message.")
_BAD_CREDENTIALS = Cause(ChannelMisconfigured, "Telnyx does not accept the account's API key.")
_FILTERED = Cause(SendRejected, "The message was filtered as unwanted: check its content and the registration.")
_UNREGISTERED = Cause(SendRejected, "The number is not registered (A2P 10DLC): messages to the US are blocked.")
_NOT_VERIFIED = Cause(SendRejected, "The toll-free number is not verified: messages to the US and Canada are blocked.")
_FORBIDDEN = Cause(ChannelSuspect, "Telnyx does not allow this with the account's API key.")
_TOO_FAST = Cause(ChannelThrottled, "Too many messages or requests at once.", wait=1.0)
_DAILY_CAP = Cause(ContactThrottled, "The sender has used up its daily allowance at this carrier.", wait=_HOUR)
_EXPIRED = Cause(SendRejected, "The message was not delivered in time.")
_TOO_LARGE = Cause(SendRejected, "The message is larger than the carrier allows.")
_UNSUITED = Cause(SendRejected, "This sender and this recipient cannot exchange such a message.")
_DISABLED = Cause(ChannelMisconfigured, "The account or its messaging profile is disabled at Telnyx.")
_BUSY = Cause(ChannelUnreachable, "The carrier is congested or did not answer.", wait=_MINUTE)

CAUSES: dict[int, Cause] = {
    10001: _BAD_NUMBER,  # [A] Inactive phone number
    10002: _BAD_NUMBER,  # [A] Invalid phone number
    10016: _BAD_NUMBER,  # [A] Phone number must be in +E.164 format
    # [A] Invalid URL
    10003: Cause(SendRejected, "Telnyx does not take an address of an attachment, or of this desk's callbacks."),
    10004: _BAD_REQUEST,  # [A] Missing required parameter
    10015: _BAD_REQUEST,  # [A] Bad Request
    10009: _BAD_CREDENTIALS,  # [A] Authentication failed
    10010: _FORBIDDEN,  # [A] "to perform the requested action on the specified resource"
    10011: _TOO_FAST,  # [A] Too many requests
    20002: _BAD_CREDENTIALS,  # [A] API Key revoked
    20006: _BAD_CREDENTIALS,  # [A] Expired access token
    20012: _DISABLED,  # [A] Account inactive
    # [A] Insufficient funds
    20100: Cause(ChannelMisconfigured, "The account at Telnyx has no credit left."),
    40001: _BAD_NUMBER,  # [M] Not routable
    40002: _FILTERED,  # [M] Blocked as spam (temporary)
    40003: _FILTERED,  # [M] Blocked as spam (permanent)
    # [M] Rejected by destination
    40004: Cause(SendRejected, "The recipient's carrier rejected the message."),
    40005: _EXPIRED,  # [M] Message expired
    40006: _BUSY,  # [M] Recipient unavailable: "recipient's carrier server is down"
    # [M] Undeliverable
    40008: Cause(SendRejected, "The carrier could not deliver the message."),
    # [M] Invalid message body
    40009: Cause(SendRejected, "The carrier does not take the message's text."),
    40010: _UNREGISTERED,  # [M] Not 10DLC registered
    40011: _TOO_FAST,  # [M] Rate limit exceeded (upstream)
    40012: _BAD_NUMBER,  # [M] Invalid destination number
    # [M] Invalid source number
    40013: Cause(SendRejected, "The recipient's carrier does not take this sender."),
    40014: _EXPIRED,  # [M] Expired in queue
    40015: _FILTERED,  # [M] Internal spam filter
    40016: _DAILY_CAP,  # [M] T-Mobile sending limit
    40017: _FILTERED,  # [M] AT&T spam rejection
    40018: _DAILY_CAP,  # [M] AT&T sending limit
    40019: _UNREGISTERED,  # [M] AT&T invalid tag data
    40020: _FILTERED,  # [M] Artificial traffic inflation
    40100: _BAD_SENDER,  # [M] Not messaging enabled
    40150: _BAD_SENDER,  # [M] Not in voice registry
    40151: _BAD_SENDER,  # [M] Enablement pending elsewhere
    40155: _BAD_SENDER,  # [M] LOA required
    # [M] Blocked (STOP)
    40300: Cause(ContactStopped, "The recipient has unsubscribed from this sender with STOP."),
    40301: _UNSUITED,  # [M] Unsupported message type
    40302: _TOO_LARGE,  # [M] Message too large
    40304: _BAD_REQUEST,  # [M] Invalid content combination
    40305: _BAD_SENDER,  # [M] Invalid 'from' address
    40306: _BAD_SENDER,  # [M] Alpha sender not configured
    40307: _BAD_SENDER,  # [M] Alpha sender mismatch
    40308: _UNSUITED,  # [M] Invalid 'from' for MMS
    # [M] Invalid destination region
    40309: Cause(SendRejected, "Messages to this country are not switched on at Telnyx."),
    40310: _BAD_NUMBER,  # [M] Invalid 'to' address
    40311: _BAD_SENDER,  # [M] Invalid profile secret
    40312: _DISABLED,  # [M] Profile disabled
    40313: _BAD_SENDER,  # [M] Missing profile secret
    40314: _DISABLED,  # [M] Messaging disabled on the account
    40315: _BAD_SENDER,  # [M] Unhealthy sender
    # [M] No content
    40316: Cause(SendRejected, "The message has neither text nor an attachment."),
    40317: _TOO_LARGE,  # [M] Invalid MMS content: more than ten files or 1 MB
    # [M] Queue full
    40318: Cause(ChannelThrottled, "Too many messages are waiting at Telnyx for this sender.", wait=_MINUTE),
    40319: _UNSUITED,  # [M] Incompatible message type
    # [M] Temporarily unusable sender
    40320: Cause(ChannelThrottled, "The sender cannot be used for the moment.", wait=_MINUTE),
    40321: _BAD_SENDER,  # [M] No usable numbers in pool
    40322: _FILTERED,  # [M] Blocked content
    40323: _BAD_SENDER,  # [M] Activation failed
    40325: _BAD_SENDER,  # [M] Invalid alpha sender ID
    40328: _TOO_LARGE,  # [M] SMS too large (warning): too many parts
    40329: _NOT_VERIFIED,  # [M] Toll-free not verified
    40330: _NOT_VERIFIED,  # [M] Toll-free not provisioned
    # [M] Missing whitelist: no country at all is switched on
    40331: Cause(SendRejected, "Messages to this country are not switched on at Telnyx."),
    # [M] Spend limit reached; it is set back at midnight UTC
    40333: Cause(ChannelThrottled, "The daily spend limit of the messaging profile is reached.", wait=_HOUR),
}
_BY_STATUS: dict[int, Cause] = {
    401: _BAD_CREDENTIALS,  # [H] Unauthorized
    403: _FORBIDDEN,  # [H] Forbidden
    # [H] Request Timeout
    408: Cause(ChannelUnreachable, "Telnyx waited too long for our request."),
    429: _TOO_FAST,  # [H] Too Many Requests
    # [H] Service Unavailable
    503: Cause(ChannelUnreachable, "Telnyx is not available at the moment."),
}
_SERVER_ERROR = Cause(SendUncertain, "Telnyx had an error of its own; it may have taken the message all the same.")
_REDIRECT = Cause(ChannelMisconfigured, "The provider's address leads elsewhere: check base_url.")


def send_error(response: httpx.Response) -> SendError:
    """The error that a response other than 2xx stands for. A server's error says nothing of the message, whatever code
    it names."""
    if response.status_code >= 500 and response.status_code != 503:
        return _SERVER_ERROR.raisable(response, f"http_{response.status_code}")
    code = first_code(read_json(response).get("errors"))
    cause = _cause(code) or _BY_STATUS.get(response.status_code)
    if cause is None:
        cause = _REDIRECT if response.status_code < 400 else _BAD_REQUEST
    return cause.raisable(response, code or f"http_{response.status_code}")


def asking_error(response: httpx.Response) -> SendError:
    """The same when nothing was sent, only asked: then a server's error leaves nothing uncertain."""
    error = send_error(response)
    return ChannelUnreachable(provider_code=error.provider_code) if isinstance(error, SendUncertain) else error


def delivery_problem(errors: object, reported: str) -> DeliveryProblem:
    """What the errors of a receipt mean."""
    code = first_code(errors)
    return problem_of(_cause(code), code or reported)


def first_code(errors: object) -> str:
    """The code of the first error that has one, as text."""
    for error in errors if isinstance(errors, list) else ():
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, str | int) and str(code).isascii() and str(code).isdigit():
            return str(code)[:16]
    return ""


def _cause(code: str) -> Cause | None:
    return CAUSES.get(int(code)) if code else None
