"""Bandwidth's error codes, after its own table (Bandwidth/api-docs, `site/docs/messaging/errors.mdx`): 4xxx is ours,
x1–x4 refused by Bandwidth, x7 by the carrier; 5xxx a service failed, of the carrier's at most once more; 9xxx nobody
knows. Beside each code stands its name there. All of them come in receipts, where nothing can be asked: only the one
that bars our own number (4481) stops a channel; what a carrier, a country or a kind of number refuses stops one
message."""

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
    4001: _BAD_SENDER,  # service-not-allowed
    4301: Cause(SendRejected, "The message has characters that cannot be sent."),  # malformed-invalid-encoding
    4302: _BAD_SENDER,  # malformed-invalid-from-number
    4303: _BAD_NUMBER,  # malformed-invalid-to-number
    4350: _BAD_NUMBER,  # malformed-for-destination
    4360: _EXPIRED,  # message-not-sent-expiration-date-passed
    4401: Cause(SendRejected, "There is no way from this sender to this number."),  # rejected-routing-error
    4403: _BAD_SENDER,  # rejected-forbidden-from-number
    4404: _BAD_NUMBER,  # rejected-forbidden-to-number
    4405: _BAD_SENDER,  # rejected-unallocated-from-number
    4406: _BAD_NUMBER,  # rejected-unallocated-to-number
    4407: _BAD_SENDER,  # rejected-account-not-defined-from-number
    4408: _BAD_NUMBER,  # rejected-account-not-defined-to-number
    4409: Cause(SendRejected, "This number takes no picture messages."),  # rejected-invalid-from-profile
    4410: _BAD_MEDIA,  # media-unavailable
    4411: _BAD_MEDIA,  # rejected-message-size-limit-exceeded
    4412: _BAD_MEDIA,  # media-content-invalid
    4420: _NO_ROUTE,  # rejected-carrier-does-not-exist
    4421: _NO_ROUTE,  # rejected-forbidden-no-destination
    4431: Cause(SendRejected, "The account may not use short codes."),  # rejected-forbidden-shortcode
    # rejected-forbidden-country
    4432: Cause(SendRejected, "Messages to this country are not switched on at Bandwidth."),
    4433: _UNREGISTERED,  # rejected-forbidden-tollfree
    4434: Cause(SendRejected, "This toll-free number takes no messages."),  # rejected-forbidden-tollfree-for-recipient
    4435: Cause(SendRejected, "The message has too many recipients."),  # forbidden-too-many-recipients
    4451: _BAD_SENDER,  # rejected-wrong-user-id
    4452: _BAD_SENDER,  # rejected-wrong-application-id
    4470: _FILTERED,  # rejected-spam-detected
    # rejected-from-number-in-blacklist
    4481: Cause(ChannelMisconfigured, "Bandwidth has barred the sender because of complaints."),
    4482: _BLOCKED,  # rejected-to-number-in-blacklist
    4492: Cause(SendRejected, "Emergency numbers cannot be written to."),  # reject-emergency
    4493: _BAD_SENDER,  # rejected-unauthorized
    4700: Cause(SendRejected, "The recipient's carrier or phone takes no such message."),  # invalid-service-type
    # destination-service-unavailable
    4701: Cause(SendRejected, "The number cannot be reached, or has no text messages."),
    # destination-subscriber-unavailable
    4702: Cause(ChannelUnreachable, "The phone is switched off or out of reach.", wait=5 * _MINUTE, max_attempts=3),
    4711: _BAD_MEDIA,  # rejected-message-size-limit-exceeded
    4712: _BAD_MEDIA,  # media-content-invalid
    4720: _BAD_NUMBER,  # invalid-destination-address
    4721: Cause(SendRejected, "The number is no longer in service."),  # destination-tn-deactivated
    4730: _NO_ROUTE,  # no-route-to-destination-carrier
    4740: Cause(SendRejected, "The recipient's carrier does not take this sender."),  # invalid-source-address-address
    4750: Cause(SendRejected, "The carrier rejected the message without a reason."),  # destination-rejected-message
    # destination-rejected-message-size-invalid
    4751: Cause(SendRejected, "The message is longer than the carrier takes."),
    4752: Cause(SendRejected, "The carrier does not take the message's form."),  # destination-rejected-malformed
    4770: _FILTERED,  # destination-spam-detected
    # rejected-shortened-url
    4771: Cause(SendRejected, "A shortened link in the message was not accepted: use an address of your own."),
    4772: _BLOCKED,  # rejected-tn-blocked
    4773: _UNREGISTERED,  # inactive-campaign
    4774: _UNREGISTERED,  # provisioning-issue
    4775: _STOPPED,  # destination-rejected-due-to-user-opt-out
    4780: _DAILY_CAP,  # volume-violation-tmo
    4781: _TOO_FAST,  # volume-violation-att
    4785: _TOO_FAST,  # volumetric-violation
    4790: _BLOCKED,  # destination-rejected-sc-not-allowed
    4791: _BLOCKED,  # destination-rejected-campaign-not-allowed
    4792: _UNREGISTERED,  # destination-rejected-sc-not-provisioned
    4793: _UNREGISTERED,  # destination-rejected-sc-expired
    4795: _UNREGISTERED,  # tfn-not-verified
    **dict.fromkeys((5100, 5101, 5106, 5111, 5201, 5211, 5220, 5231, 5500, 5501, 5999), _NO_ANSWER),
    **dict.fromkeys((5600, 5610, 5620, 5630, 5650), _NO_ANSWER_OF_CARRIER),
    9902: Cause(SendRejected, "No receipt came in time; the message may have arrived."),  # delivery-receipt-expired
    # unknown-error
    9999: Cause(SendRejected, "The carrier failed the message for a reason that Bandwidth does not know."),
}
_CARRIER_SAID_NO = Cause(SendRejected, "The message was rejected.")
_BAD_CREDENTIALS = Cause(ChannelMisconfigured, "Bandwidth does not accept the account's credentials.")
_BY_STATUS: dict[int, Cause] = {
    401: _BAD_CREDENTIALS,
    403: Cause(ChannelSuspect, "Bandwidth does not allow this with the account's credentials."),
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
