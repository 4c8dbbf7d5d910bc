"""What Meta's error codes mean for us (channels.md §5.6). Only the code decides; messages change.

Only what certainly holds for the whole number or account stops it; permissions may be of one kind of message, and are
`ChannelSuspect`.

Beside each row is where it is from, compared on 30 November 2026: [M] Meta's page "WhatsApp error codes" (its whole
text, in a public copy); [L] its last part, on the Marketing Messages API; [K] known from the payloads of
others only, not found on the page, and stopping nothing; [H] HTTP's own meaning."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import orjson

from casella.plugin import (
    ChannelMisconfigured,
    ChannelSuspect,
    ChannelThrottled,
    ChannelUnreachable,
    ContactThrottled,
    DeliveryProblem,
    OutsideReplyWindow,
    SendError,
    SendRejected,
    SendUncertain,
    retry_after,
)
from casella_whatsapp.reading import Document, mapping, word

_MINUTE, _HOUR = 60.0, 3600.0
_FEW = 4


@dataclass(frozen=True, slots=True)
class Cause:
    """What an error code means. `wait`: seconds at least until it is tried again."""

    error: type[SendError]
    text: str
    wait: float | None = None
    max_attempts: int | None = None

    @property
    def pauses(self) -> bool:
        return self.error is ChannelMisconfigured

    @property
    def worth_again(self) -> bool:
        return self.error.retryable


_TOKEN = Cause(ChannelMisconfigured, "Meta does not accept the access token: connect the account again.")
_PERMISSION = Cause(ChannelSuspect, "Meta does not allow this: the kind of message, or a permission of the token.")
_BUSY = Cause(ChannelUnreachable, "WhatsApp is not available at the moment.", wait=10.0, max_attempts=_FEW)
_TOO_FAST = Cause(ChannelThrottled, "The account sends faster than WhatsApp allows.", wait=5.0)
_BAD_REQUEST = Cause(SendRejected, "WhatsApp does not take this message as it was written.")
_LOCKED = Cause(ChannelMisconfigured, "The account is locked or restricted by WhatsApp.")
_REGISTRATION = Cause(ChannelMisconfigured, "The number is not registered with WhatsApp, or its name not approved.")
_WITHHELD = Cause(SendRejected, "WhatsApp withheld the message, to keep people from too much marketing.")

CAUSES: dict[int, Cause] = {
    # [M] the reply window
    131047: Cause(OutsideReplyWindow, "More than 24 hours have passed since the contact wrote: send a template."),
    131026: Cause(SendRejected, "It cannot be delivered: no WhatsApp there, an old version, or a block."),  # [M]
    131049: _WITHHELD,  # [M]
    130472: _WITHHELD,  # [M]
    131050: Cause(SendRejected, "The contact has stopped marketing messages from you."),  # [M]
    130403: Cause(SendRejected, "You have blocked this contact on WhatsApp: unblock it first."),  # [M]
    130429: _TOO_FAST,  # [M]
    131056: Cause(ContactThrottled, "Too many messages to this one contact in a short time.", wait=6.0),  # [M]
    # [M] of one of our numbers
    131048: Cause(ChannelThrottled, "WhatsApp slows this number down because of its quality.", wait=10 * _MINUTE),
    4: Cause(ChannelThrottled, "The app calls Meta more often than allowed.", wait=_MINUTE),  # [M]
    80007: Cause(ChannelThrottled, "The account calls Meta more often than allowed.", wait=_MINUTE),  # [M]
    131000: _BUSY,  # [M]
    131016: _BUSY,  # [M]
    1: _BUSY,  # [M]
    2: _BUSY,  # [M]
    131057: Cause(ChannelUnreachable, "The account is in maintenance.", wait=_MINUTE),  # [M]
    133004: Cause(ChannelUnreachable, "WhatsApp's server is not available at the moment.", wait=30.0),  # [M]
    131053: Cause(ChannelUnreachable, "The file could not be uploaded.", wait=5.0, max_attempts=2),  # [M]
    131052: Cause(SendRejected, "The file could not be fetched, or is not what it says."),  # [M]
    131051: Cause(SendRejected, "WhatsApp does not know this kind of message."),  # [M]
    131009: _BAD_REQUEST,  # [M]
    131008: _BAD_REQUEST,  # [M]
    100: _BAD_REQUEST,  # [M]
    33: Cause(ChannelSuspect, "WhatsApp does not know our number, or what the message refers to."),  # [M]
    131021: Cause(SendRejected, "A number cannot write to itself."),  # [M]
    131030: Cause(SendRejected, "This number is not on the test account's list of recipients."),  # [M]
    131042: Cause(ChannelMisconfigured, "There is a problem with the account's payment method."),  # [M]
    131031: _LOCKED,  # [M]
    368: _LOCKED,  # [M]
    130497: Cause(SendRejected, "The account may not write to people of this country."),  # [M]
    131045: _REGISTRATION,  # [M]
    133010: _REGISTRATION,  # [M]
    131037: _REGISTRATION,  # [M]
    132000: Cause(SendRejected, "The template needs another number of values."),  # [M]
    132001: Cause(SendRejected, "There is no such template in this language, or it is not approved."),  # [M]
    132005: Cause(SendRejected, "The template is too long with these values."),  # [M]
    132007: Cause(SendRejected, "The template's content goes against WhatsApp's policy."),  # [M]
    132012: Cause(SendRejected, "A value does not fit its place in the template."),  # [M]
    132015: Cause(SendRejected, "The template is paused because of its quality."),  # [M]
    132016: Cause(SendRejected, "The template was paused too often and is disabled."),  # [M]
    131063: Cause(SendRejected, "Marketing templates are switched off for this account."),  # [M]
    132018: Cause(SendRejected, "The template needs other values than these."),  # [L]
    134101: Cause(SendRejected, "The template is new and not ready yet: try again in ten minutes."),  # [L]
    134102: Cause(SendRejected, "The template cannot be used at the moment."),  # [L]
    132068: Cause(SendRejected, "The flow is blocked."),  # [M]
    132069: Cause(SendRejected, "The flow is throttled."),  # [M]
    131062: Cause(SendRejected, "This message needs the contact's number, not a user id."),  # [K]
    131064: Cause(ChannelSuspect, "WhatsApp has lowered the account's limits because of violations."),  # [M]
    131005: _PERMISSION,  # [M]
    131055: Cause(SendRejected, "WhatsApp does not take this kind of message here."),  # [L]
    131059: _BUSY,  # [K]
    134011: Cause(SendRejected, "WhatsApp's terms for payments are not accepted yet."),  # [M]
    135000: _BAD_REQUEST,  # [M]
    190: _TOKEN,  # [M]
    0: _TOKEN,  # [M]
    3: _PERMISSION,  # [M]
    10: _PERMISSION,  # [M]
}
_BY_STATUS: dict[int, Cause] = {
    401: _TOKEN,  # [H] Unauthorized
    # [H] Request Timeout
    408: Cause(ChannelUnreachable, "WhatsApp waited too long for our request."),
    429: _TOO_FAST,  # [H] Too Many Requests
}
_SERVER_ERROR = Cause(SendUncertain, "WhatsApp had an error of its own; it may have taken the message all the same.")
_REDIRECT = Cause(ChannelMisconfigured, "The provider's address leads elsewhere: check base_url.")
_REFUSED = Cause(SendRejected, "WhatsApp refused the message.")


def cause_of(code: int) -> Cause | None:
    return CAUSES.get(code) or (_PERMISSION if 200 <= code <= 299 else None)


def send_error(response: httpx.Response) -> SendError:
    """The error that a response other than 2xx stands for."""
    error = mapping(read_json(response).get("error"))
    code = error.get("code")
    if not isinstance(code, int) or isinstance(code, bool):
        return _raisable(_by_status(response.status_code), response, f"http_{response.status_code}")
    cause = cause_of(code) or (_BUSY if error.get("is_transient") is True else _by_status(response.status_code))
    return _raisable(cause, response, str(code))


def asking_error(response: httpx.Response) -> SendError:
    """The same when nothing was sent, only asked or uploaded: then a server's error leaves nothing uncertain."""
    error = send_error(response)
    return ChannelUnreachable(provider_code=error.provider_code) if isinstance(error, SendUncertain) else error


def delivery_problem(code: str) -> DeliveryProblem:
    """What a code in a failed receipt means."""
    cause = cause_of(int(code)) if code.isascii() and code.isdigit() and len(code) < 10 else None
    if cause is None:
        return DeliveryProblem(code=code[:64] or "unknown", text="The message could not be delivered.")
    return DeliveryProblem(
        code=code,
        text=cause.text,
        retryable=cause.worth_again,
        pauses_channel=cause.pauses,
        outside_window=cause.error is OutsideReplyWindow,
    )


def read_json(response: httpx.Response) -> Document:
    """The JSON object of a response; empty for anything else."""
    try:
        return mapping(orjson.loads(response.content))
    except ValueError:
        return {}


def message_id(response: httpx.Response) -> str:
    """The id of the message that a response says was taken; empty if it says none."""
    found = read_json(response).get("messages")
    return word(mapping(found[0]).get("id")) if isinstance(found, list) and found else ""


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
