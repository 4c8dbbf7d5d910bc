"""Sending a message, and everything else we say to the Graph API (channels.md §6.3)."""

from __future__ import annotations

from typing import TypeVar

import httpx

from casella.plugin import (
    ButtonsContent,
    Channel,
    ChannelMisconfigured,
    Choice,
    MediaRef,
    OutgoingAttachment,
    OutgoingMessage,
    OutsideReplyWindow,
    Profile,
    ReactionContent,
    Refusal,
    SendRejected,
    SendUncertain,
    Sent,
    asking,
    sending,
)
from casella_meta.errors import asking_error, read_json, send_error
from casella_meta.reading import Document, word
from casella_meta.settings import MetaSettings

Json = dict[str, object]
SettingsT = TypeVar("SettingsT", bound=MetaSettings)
_LONGEST_ID = 512
_TITLE, _PAYLOAD = 20, 1000
_FILES = {"image": "image", "sticker": "image", "audio": "audio", "voice": "audio", "video": "video"}


def send(channel: Channel[SettingsT], message: OutgoingMessage, http: httpx.Client) -> Sent:
    """One message in one request."""
    if isinstance(message.content, ReactionContent):
        return _react(channel, message, message.content, http)
    body: Json = {"recipient": {"id": message.to}, **_kind(message), "message": _message(message)}
    with sending():
        response = http.post(_url(channel), json=body, headers=authorization(channel))
    if not response.is_success:
        raise send_error(response)
    external_id = word(read_json(response).get("message_id"))
    if not 0 < len(external_id) <= _LONGEST_ID:
        raise SendUncertain("Meta has taken the message without naming it.", provider_code="no_id")
    return Sent(external_id)


def _kind(message: OutgoingMessage) -> Json:
    """Within the window a response. Behind it, only what a person writes, under the tag that says so: never inside the
    window, never for a rule (channels.md §8, trap 24)."""
    if message.in_window:
        return {"messaging_type": "RESPONSE"}
    if not message.by_person:
        raise OutsideReplyWindow
    return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def _message(message: OutgoingMessage) -> Json:
    """`metadata` comes back in the echo, which may be faster than the answer."""
    body: Json = {"metadata": message.id}
    if len(message.attachments) > 1:
        # Several pictures as one message: fbsamples/messenger-platform-samples, commit a688958 ("Multi-Image API").
        body["attachments"] = [_attachment(attachment) for attachment in message.attachments]
    elif message.attachments:
        body["attachment"] = _attachment(message.attachments[0])
    else:
        body["text"] = message.text
    if isinstance(message.content, ButtonsContent):
        body["quick_replies"] = [_quick_reply(choice) for choice in message.content.choices]
    if message.reply_to:
        body["reply_to"] = {"mid": message.reply_to}
    return body


def _attachment(attachment: OutgoingAttachment) -> Json:
    kind = _FILES.get(attachment.kind, "file")
    return {"type": kind, "payload": {"url": attachment.url, "is_reusable": False}}


def _quick_reply(choice: Choice) -> Json:
    if len(choice.title) > _TITLE:
        raise SendRejected(f"A button's title may have {_TITLE} characters.", provider_code="too_long")
    return {"content_type": "text", "title": choice.title, "payload": choice.id[:_PAYLOAD]}


def _react(channel: Channel[SettingsT], message: OutgoingMessage, content: ReactionContent, http: httpx.Client) -> Sent:
    """A reaction is an action, and gets no id of its own."""
    payload: Json = {"message_id": message.reply_to or ""}
    if content.emoji:
        payload["reaction"] = "love" if content.emoji in ("❤", "❤️") else content.emoji
    with sending():
        response = _act(channel, message.to, "react" if content.emoji else "unreact", http, payload=payload)
    if not response.is_success:
        raise send_error(response)
    return Sent(f"reaction:{message.id}")


def act(channel: Channel[SettingsT], to: str, action: str, http: httpx.Client) -> None:
    """typing_on, typing_off or mark_seen: each in a request of its own."""
    with asking():
        response = _act(channel, to, action, http)
    if not response.is_success:
        raise asking_error(response)


def _act(channel: Channel[SettingsT], to: str, action: str, http: httpx.Client, **more: Json) -> httpx.Response:
    body: Json = {"recipient": {"id": to}, "sender_action": action, **more}
    return http.post(_url(channel), json=body, headers=authorization(channel))


def profile(channel: Channel[SettingsT], address: str, fields: str, http: httpx.Client) -> Profile:
    """A person's name and picture, as far as Meta tells them."""
    if not (address.isascii() and address.isalnum()):
        return Profile()
    answer = _ask(channel, address, fields, http)
    name = word(answer.get("name")) or f"{word(answer.get('first_name'))} {word(answer.get('last_name'))}".strip()
    picture = word(answer.get("profile_pic"))
    return Profile(
        name=(name or word(answer.get("username")))[:300] or None,
        picture=MediaRef(ref=picture, kind="image", mime="image/jpeg") if picture else None,
    )


def health(channel: Channel[SettingsT], http: httpx.Client) -> Refusal | None:
    """Whether the token opens this page or account."""
    try:
        _ask(channel, channel.settings.sender(channel.address), "id", http)
    except ChannelMisconfigured as error:
        return Refusal(error.code, error.text)
    return None


def _ask(channel: Channel[SettingsT], what: str, fields: str, http: httpx.Client) -> Document:
    with asking():
        response = http.get(
            f"{channel.settings.graph}/{what}", params={"fields": fields}, headers=authorization(channel)
        )
    if not response.is_success:
        raise asking_error(response)
    return read_json(response)


def authorization(channel: Channel[SettingsT]) -> dict[str, str]:
    """Raises ChannelMisconfigured for a page or account without a token."""
    token = channel.settings.tokens.get(channel.address)
    if token is None:
        raise ChannelMisconfigured(f"The connection has no access token for {channel.address}.")
    return {"authorization": f"Bearer {token.get_secret_value()}"}


def _url(channel: Channel[SettingsT]) -> str:
    return f"{channel.settings.graph}/{channel.settings.sender(channel.address)}/messages"
