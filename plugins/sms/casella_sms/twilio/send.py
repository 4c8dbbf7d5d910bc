"""Sending: POST Messages.json (channels.md §1.6)."""

from __future__ import annotations

import httpx

from casella.plugin import ChannelMisconfigured, OutgoingMessage, Refusal, SendUncertain, Sent, asking, sending
from casella_sms.causes import read_json
from casella_sms.twilio.errors import asking_error, error_of_code, send_error
from casella_sms.twilio.settings import TwilioSettings

_FAILED = frozenset({"failed", "undelivered", "canceled"})


def send(settings: TwilioSettings, sender: str, message: OutgoingMessage, http: httpx.Client) -> Sent:
    """Hand one message to Twilio. Raises a SendError."""
    with sending():
        response = http.post(
            settings.messages_url,
            data=_parameters(settings, sender, message),
            auth=settings.credentials,
            follow_redirects=False,
        )
    if not response.is_success:
        raise send_error(response)
    return sent_as(response)


def _parameters(settings: TwilioSettings, sender: str, message: OutgoingMessage) -> dict[str, str | list[str]]:
    """The service is named beside the sender: the conversation keeps its number, and the pool's rules hold."""
    parameters: dict[str, str | list[str]] = {"To": message.to, "From": sender}
    if settings.messaging_service_sid:
        parameters["MessagingServiceSid"] = settings.messaging_service_sid
    if message.text:
        parameters["Body"] = message.text
    if message.attachments:
        parameters["MediaUrl"] = [attachment.url for attachment in message.attachments]
    if message.status_url:
        parameters["StatusCallback"] = message.status_url
    return parameters


def sent_as(response: httpx.Response) -> Sent:
    """The message that Twilio says it has taken. Raises a SendError."""
    answer = read_json(response)
    sid = answer.get("sid")
    if not isinstance(sid, str) or not sid:
        raise SendUncertain("Twilio answered, but did not say which message it took.", provider_code="unreadable")
    if answer.get("status") in _FAILED:  # no callback ever comes for a first status
        code = answer.get("error_code")
        raise error_of_code(code if isinstance(code, int) else 0, response)
    return Sent(sid)


def health(settings: TwilioSettings, http: httpx.Client) -> Refusal | None:
    """Whether the account works. Raises a SendError when Twilio cannot be asked."""
    with asking():
        response = http.get(settings.account_url, auth=settings.credentials, follow_redirects=False)
    if not response.is_success:
        error = asking_error(response)
        if isinstance(error, ChannelMisconfigured):
            return Refusal("account_refused", error.text)
        raise error
    state = read_json(response).get("status", "active")
    return None if state == "active" else Refusal("account_inactive", "The account is not active at Twilio.")
