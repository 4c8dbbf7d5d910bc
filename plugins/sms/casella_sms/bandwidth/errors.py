"""Bandwidth's error codes: 4xxx is ours, x1–x4 refused by Bandwidth, x7 by the carrier; 5xxx a service failed, of the
carrier's at most once more; 9xxx nobody knows. All of them come in receipts, where nothing can be asked: only the one
that bars our own number (4481) stops a channel; what a carrier, a country or a kind of number refuses stops one
message.

Beside each row is its name at Bandwidth, and where it is from, compared on 30 November 2026: [B] Bandwidth's own table
(Bandwidth/api-docs, `site/docs/messaging/errors.mdx`), with its explanation; [L] the names of its page of today,
dev.bandwidth.com/docs/messaging/errors, as spoked/mcpd wrote them down on 31 August 2026, without explanations;
[H] dev.bandwidth.com/v2-messaging/codes, or HTTP's own meaning."""

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
_BAD_SENDER = Cause(ChannelSuspect, "Bandwidth does not take this sender here: check the number and its application.")
_FILTERED = Cause(SendRejected, "A carrier filtered the message as unwanted: check its content and the registration.")
_BLOCKED = Cause(SendRejected, "The recipient or the carrier blocks messages from this sender.")
_BAD_MEDIA = Cause(SendRejected, "An attachment cannot be fetched, is too large, or is of a kind that cannot be sent.")
_UNREGISTERED = Cause(SendRejected, "The sender is not registered or verified: messages to the US are blocked.")
_TOO_FAST = Cause(ChannelThrottled, "The sender is faster than its allowance.", wait=_MINUTE)
_DAILY_CAP = Cause(ContactThrottled, "The sender has used up its daily allowance at this carrier.", wait=_HOUR)
_NO_ROUTE = Cause(SendRejected, "There is no way to this number at the moment.")
_EXPIRED = Cause(SendRejected, "The message was not delivered in time.")
_STOPPED = Cause(ContactStopped, "The recipient has opted out of messages from this sender.")
_NO_ANSWER = Cause(ChannelUnreachable, "Bandwidth could not send it on.", wait=_MINUTE)
_NO_ANSWER_OF_CARRIER = Cause(
    ChannelUnreachable, "The carrier is congested or did not answer.", wait=_MINUTE, max_attempts=2
)

CAUSES: dict[int, Cause] = {
    4001: _BAD_SENDER,  # [B] service-not-allowed
    4301: Cause(SendRejected, "The message has characters that cannot be sent."),  # [B] malformed-invalid-encoding
    4302: _BAD_SENDER,  # [B] malformed-invalid-from-number
    4303: _BAD_NUMBER,  # [B] malformed-invalid-to-number
    4350: _BAD_NUMBER,  # [B] malformed-for-destination
    4360: _EXPIRED,  # [B] message-not-sent-expiration-date-passed
    4401: Cause(SendRejected, "There is no way from this sender to this number."),  # [B] rejected-routing-error
    4403: _BAD_SENDER,  # [B] rejected-forbidden-from-number
    4404: _BAD_NUMBER,  # [B] rejected-forbidden-to-number
    4405: _BAD_SENDER,  # [B] rejected-unallocated-from-number
    4406: _BAD_NUMBER,  # [B] rejected-unallocated-to-number
    4407: _BAD_SENDER,  # [B] rejected-account-not-defined-from-number
    4408: _BAD_NUMBER,  # [B] rejected-account-not-defined-to-number
    4409: Cause(SendRejected, "This number takes no picture messages."),  # [B] rejected-invalid-from-profile
    4410: _BAD_MEDIA,  # [B] media-unavailable
    4411: _BAD_MEDIA,  # [B] rejected-message-size-limit-exceeded
    4412: _BAD_MEDIA,  # [B] media-content-invalid
    4420: _NO_ROUTE,  # [B] rejected-carrier-does-not-exist
    4421: _NO_ROUTE,  # [B] rejected-forbidden-no-destination
    4431: Cause(SendRejected, "The account may not use short codes."),  # [B] rejected-forbidden-shortcode
    # [B] rejected-forbidden-country
    4432: Cause(SendRejected, "Messages to this country are not switched on at Bandwidth."),
    4433: _UNREGISTERED,  # [B] rejected-forbidden-tollfree
    4434: Cause(
        SendRejected, "This toll-free number takes no messages."
    ),  # [B] rejected-forbidden-tollfree-for-recipient
    4435: Cause(SendRejected, "The message has too many recipients."),  # [B] forbidden-too-many-recipients
    4451: _BAD_SENDER,  # [B] rejected-wrong-user-id
    4452: _BAD_SENDER,  # [B] rejected-wrong-application-id
    4470: _FILTERED,  # [B] rejected-spam-detected
    4475: _STOPPED,  # [L] destination-rejected-due-to-user-opt-out, found by Bandwidth itself
    4476: _UNREGISTERED,  # [L] blocked-unregistered
    # [B] rejected-from-number-in-blacklist
    4481: Cause(ChannelMisconfigured, "Bandwidth has barred the sender because of complaints."),
    4482: _BLOCKED,  # [B] rejected-to-number-in-blacklist
    4492: Cause(SendRejected, "Emergency numbers cannot be written to."),  # [B] reject-emergency
    4493: _BAD_SENDER,  # [B] rejected-unauthorized
    4700: Cause(SendRejected, "The recipient's carrier or phone takes no such message."),  # [B] invalid-service-type
    # [B] destination-service-unavailable
    4701: Cause(SendRejected, "The number cannot be reached, or has no text messages."),
    # [B] destination-subscriber-unavailable
    4702: Cause(ChannelUnreachable, "The phone is switched off or out of reach.", wait=5 * _MINUTE, max_attempts=3),
    4710: _BAD_MEDIA,  # [L] media-unavailable
    4711: _BAD_MEDIA,  # [L] rejected-message-size-limit-exceeded
    4712: _BAD_MEDIA,  # [L] media-content-invalid
    4720: _BAD_NUMBER,  # [B] invalid-destination-address
    4721: Cause(SendRejected, "The number is no longer in service."),  # [B] destination-tn-deactivated
    4730: _NO_ROUTE,  # [B] no-route-to-destination-carrier
    # [L] too-many-recipients
    4735: Cause(SendRejected, "The message has too many recipients."),
    4740: Cause(
        SendRejected, "The recipient's carrier does not take this sender."
    ),  # [B] invalid-source-address-address
    4750: Cause(SendRejected, "The carrier rejected the message without a reason."),  # [B] destination-rejected-message
    # [B] destination-rejected-message-size-invalid
    4751: Cause(SendRejected, "The message is longer than the carrier takes."),
    4752: Cause(SendRejected, "The carrier does not take the message's form."),  # [B] destination-rejected-malformed
    # [L] destination-rejected-handset
    4753: Cause(SendRejected, "The recipient's phone rejected the message."),
    # [L] unsupported-channel
    4754: Cause(SendRejected, "The recipient's carrier or phone takes no such message."),
    4770: _FILTERED,  # [B] destination-spam-detected
    # [L] rejected-shortened-url
    4771: Cause(SendRejected, "A shortened link in the message was not accepted: use an address of your own."),
    4772: _BLOCKED,  # [L] rejected-tn-blocked
    4773: _UNREGISTERED,  # [L] inactive-campaign
    4774: _UNREGISTERED,  # [L] provisioning-issue
    4775: _STOPPED,  # [B] destination-rejected-due-to-user-opt-out
    4780: _DAILY_CAP,  # [L] volume-violation-tmo; [B] has it as p2p-volume-violation
    4781: _TOO_FAST,  # [L] volume-violation-att
    4785: _TOO_FAST,  # [L] volumetric-violation
    4790: _BLOCKED,  # [B] destination-rejected-sc-not-allowed
    4791: _BLOCKED,  # [B] destination-rejected-campaign-not-allowed
    4792: _UNREGISTERED,  # [B] destination-rejected-sc-not-provisioned
    4793: _UNREGISTERED,  # [B] destination-rejected-sc-expired
    4794: _EXPIRED,  # [L] destination-rejected-expired
    4795: _UNREGISTERED,  # [B] tfn-not-verified
    # [B] Bandwidth's own failures, each worth trying again
    **dict.fromkeys((5100, 5101, 5106, 5111, 5201, 5211, 5220, 5231, 5500, 5501, 5999), _NO_ANSWER),
    # [B] the carriers': "limit to a single retry attempt"
    **dict.fromkeys((5600, 5610, 5611, 5620, 5630, 5650), _NO_ANSWER_OF_CARRIER),
    9902: Cause(SendRejected, "No receipt came in time; the message may have arrived."),  # [B] delivery-receipt-expired
    # [B] unknown-error
    9999: Cause(SendRejected, "The carrier failed the message for a reason that Bandwidth does not know."),
}
_CARRIER_SAID_NO = Cause(SendRejected, "The message was rejected.")
_BAD_CREDENTIALS = Cause(ChannelMisconfigured, "Bandwidth does not accept the account's credentials.")
_BY_STATUS: dict[int, Cause] = {
    401: _BAD_CREDENTIALS,  # [H] Unauthorized
    # [H] Forbidden
    403: Cause(ChannelSuspect, "Bandwidth does not allow this with the account's credentials."),
    # [H] Not Found
    404: Cause(ChannelMisconfigured, "Bandwidth does not know this account."),
    # [H] Request Timeout
    408: Cause(ChannelUnreachable, "Bandwidth waited too long for our request."),
    # [H] Too Many Requests
    429: Cause(ChannelThrottled, "Too many requests to Bandwidth at once.", wait=1.0),
    # [H] Service Unavailable
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


def asking_error(response: httpx.Response) -> SendError:
    """The same when nothing was sent, only asked: then a server's error leaves nothing uncertain."""
    error = send_error(response)
    return ChannelUnreachable(provider_code=error.provider_code) if isinstance(error, SendUncertain) else error


def delivery_problem(code: object) -> DeliveryProblem:
    """What the code of a `message-failed` means; one that is not in the table, by its first digit."""
    number = code if isinstance(code, int) and not isinstance(code, bool) and 0 <= code < 10_000 else None
    if number is None:
        return problem_of(None, "unknown")
    by_digit = _CARRIER_SAID_NO if 4000 <= number < 5000 else _NO_ANSWER if 5000 <= number < 6000 else None
    return problem_of(CAUSES.get(number, by_digit), str(number))
