"""Sending a message, and everything else we say to the Cloud API."""

from __future__ import annotations

import httpx

from casella.plugin import (
    Channel,
    ChannelMisconfigured,
    OutgoingAttachment,
    OutgoingMessage,
    Refusal,
    SendUncertain,
    Sent,
    asking,
    sending,
)
from casella_whatsapp.errors import asking_error, message_id, read_json, send_error
from casella_whatsapp.payload import Json, content_part, envelope, media_kind, media_part, text_part
from casella_whatsapp.reading import word
from casella_whatsapp.settings import WhatsAppSettings

_LONGEST_ID = 512


def send(channel: Channel[WhatsAppSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
    """One message in one request; a file is uploaded before, which sends nothing yet."""
    settings = channel.settings
    url = f"{settings.graph}/{phone_number_id(channel)}"
    body = {**envelope(message), **_part(settings, url, message, http)}
    with sending():
        response = http.post(f"{url}/messages", json=body, headers=settings.authorization)
    if not response.is_success:
        raise send_error(response)
    external_id = message_id(response)
    if not 0 < len(external_id) <= _LONGEST_ID:
        raise SendUncertain("WhatsApp has taken the message without naming it.", provider_code="no_id")
    return Sent(external_id)


def _part(settings: WhatsAppSettings, url: str, message: OutgoingMessage, http: httpx.Client) -> Json:
    if message.content is not None:
        return content_part(message.content, message)
    if message.attachments:
        (attachment, *_) = message.attachments  # the capabilities say one
        return media_part(attachment, _source(settings, url, attachment, http), message.text)
    return text_part(message.text)


def _source(settings: WhatsAppSettings, url: str, attachment: OutgoingAttachment, http: httpx.Client) -> Json:
    """Where WhatsApp finds the file: uploaded, or a link to this desk."""
    if not settings.upload_media or attachment.open is None:
        return {"link": attachment.url}
    # The codec must be said for voice notes, or WhatsApp refuses the upload.
    mime = "audio/ogg; codecs=opus" if attachment.mime == "audio/ogg" else attachment.mime
    shown = mime if media_kind(attachment) != "document" or attachment.mime != "" else "application/octet-stream"
    with attachment.open() as file, asking():
        response = http.post(
            f"{url}/media",
            data={"messaging_product": "whatsapp", "type": shown},
            files={"file": (attachment.name, file, shown)},
            headers=settings.authorization,
        )
    if not response.is_success:
        raise asking_error(response)
    uploaded = word(read_json(response).get("id"))
    return {"id": uploaded} if uploaded else {"link": attachment.url}


def mark_read(
    channel: Channel[WhatsAppSettings], external_id: str, http: httpx.Client, *, typing: bool = False
) -> None:
    """The blue ticks; with `typing`, the dots too, for 25 seconds or until an answer."""
    body: Json = {"messaging_product": "whatsapp", "status": "read", "message_id": external_id}
    if typing:
        body["typing_indicator"] = {"type": "text"}
    settings = channel.settings
    with asking():
        url = f"{settings.graph}/{phone_number_id(channel)}/messages"
        response = http.post(url, json=body, headers=settings.authorization)
    if not response.is_success:
        raise asking_error(response)


def health(channel: Channel[WhatsAppSettings], http: httpx.Client) -> Refusal | None:
    """Whether the token opens this number."""
    settings = channel.settings
    with asking():
        response = http.get(
            f"{settings.graph}/{phone_number_id(channel)}",
            params={"fields": "display_phone_number,quality_rating,status"},
            headers=settings.authorization,
        )
    if not response.is_success:
        error = asking_error(response)
        if isinstance(error, ChannelMisconfigured):
            return Refusal(error.code, error.text)
        raise error
    if word(read_json(response).get("status")) in ("BANNED", "FLAGGED", "RESTRICTED", "DISCONNECTED"):
        return Refusal("number_restricted", "WhatsApp has restricted or disconnected this number.")
    return None


def phone_number_id(channel: Channel[WhatsAppSettings]) -> str:
    """Meta's id of our number. Raises ChannelMisconfigured."""
    known = channel.settings.numbers.get(channel.address)
    if known is None:
        raise ChannelMisconfigured(f"The connection's `numbers` do not name {channel.address}.")
    return known
