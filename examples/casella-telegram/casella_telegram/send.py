"""Sending. One message of ours is one message of Telegram's: a picture with a caption, never two."""

from __future__ import annotations

import json

import httpx
from pydantic import BaseModel, ValidationError

from casella.plugin import (
    ButtonsContent,
    Channel,
    ContactsContent,
    LocationContent,
    OutgoingAttachment,
    OutgoingMessage,
    ReactionContent,
    SendRejected,
    SendUncertain,
    Sent,
    sending,
)
from casella_telegram import api
from casella_telegram.settings import TelegramSettings

Document = dict[str, object]
_METHODS = {
    "image": ("sendPhoto", "photo"), "voice": ("sendVoice", "voice"), "audio": ("sendAudio", "audio"),
    "video": ("sendVideo", "video"), "document": ("sendDocument", "document"), "sticker": ("sendSticker", "sticker"),
}  # fmt: skip
_MOST_DATA = 64  # bytes of a button's callback_data


class SentMessage(BaseModel):
    """What Telegram says when it has taken a message."""

    class Chat(BaseModel):
        id: int

    message_id: int
    chat: Chat


def send(channel: Channel[TelegramSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
    if not _is_chat(message.to):
        raise SendRejected("This is no Telegram chat.", provider_code="no_chat_id")
    document: Document = {"chat_id": int(message.to)}
    if isinstance(message.content, ReactionContent):
        return _react(channel, message, document, message.content.emoji, http)
    if message.reply_to:
        document["reply_parameters"] = {"message_id": _number(message.reply_to), "allow_sending_without_reply": True}
    if message.attachments:
        return _file(channel, message, document, message.attachments[0], http)
    method, more = _words(message)
    return _sent(_post(channel, http, method, {**document, **more}))


def show_typing(channel: Channel[TelegramSettings], to: str, http: httpx.Client) -> None:
    if _is_chat(to):
        _post(channel, http, "sendChatAction", {"chat_id": int(to), "action": "typing"})


def _words(message: OutgoingMessage) -> tuple[str, Document]:
    """The method and its fields for what is no file."""
    content = message.content
    if isinstance(content, LocationContent):
        place: Document = {"latitude": content.latitude, "longitude": content.longitude}
        if not (content.name or content.address):
            return "sendLocation", place
        return "sendVenue", {**place, "title": content.name or content.address, "address": content.address}
    if isinstance(content, ContactsContent):
        card = content.cards[0]
        if not card.phones:
            raise SendRejected("Telegram sends contacts with a phone number only.", provider_code="no_phone")
        return "sendContact", {"phone_number": card.phones[0], "first_name": card.name}
    document: Document = {"text": message.text}
    if isinstance(content, ButtonsContent):
        document["reply_markup"] = {"inline_keyboard": [[_button(c.id, c.title)] for c in content.choices]}
    return "sendMessage", document


def _button(id: str, title: str) -> Document:
    if len(id.encode()) > _MOST_DATA:
        raise SendRejected("A button's id may have 64 bytes at Telegram.", provider_code="button_id")
    return {"text": title, "callback_data": id}


def _react(
    channel: Channel[TelegramSettings], message: OutgoingMessage, document: Document, emoji: str, http: httpx.Client
) -> Sent:
    if not message.reply_to:
        raise SendRejected("A reaction needs the message it is to.", provider_code="no_target")
    reaction = [{"type": "emoji", "emoji": emoji}] if emoji else []
    target = {**document, "message_id": _number(message.reply_to), "reaction": reaction}
    _post(channel, http, "setMessageReaction", target)
    return Sent(f"reaction:{message.id}")


def _file(
    channel: Channel[TelegramSettings],
    message: OutgoingMessage,
    document: Document,
    file: OutgoingAttachment,
    http: httpx.Client,
) -> Sent:
    """Uploaded where we have the file itself; else Telegram fetches it (pictures to 5 MB, others to 20 MB)."""
    method, name = _METHODS[file.kind]
    if message.text and file.kind != "sticker":
        document["caption"] = message.text
    if file.open is None:
        return _sent(_post(channel, http, method, {**document, name: file.url}))
    if "reply_parameters" in document:
        document["reply_parameters"] = json.dumps(document["reply_parameters"])
    with file.open() as reader:
        upload = (name, (file.name, reader.read(), file.mime))
    return _sent(_post(channel, http, method, document, upload))


def _post(
    channel: Channel[TelegramSettings],
    http: httpx.Client,
    method: str,
    document: Document,
    file: tuple[str, tuple[str, bytes, str]] | None = None,
) -> api.Answer:
    with sending():
        response = api.call(channel.settings, http, method, document, file)
    if not response.is_success:
        raise api.error_of(response)
    answer = api.read(response)
    if answer is None or not answer.ok:
        raise SendUncertain(provider_code="unreadable")
    return answer


def _sent(answer: api.Answer) -> Sent:
    try:
        taken = SentMessage.model_validate(answer.result)
    except ValidationError as error:
        raise SendUncertain(provider_code="no_id") from error
    return Sent(f"{taken.chat.id}:{taken.message_id}")


def _is_chat(to: str) -> bool:
    """Chats are numbered by up to 52 bits; groups have a minus."""
    digits = to.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 16


def _number(external_id: str) -> int:
    """The message's number within its chat."""
    last = external_id.rpartition(":")[2]
    if not (last.isascii() and last.isdigit() and len(last) <= 16):
        raise SendRejected("What is quoted is no message of Telegram's.", provider_code="no_message_id")
    return int(last)
