"""What Telegram sends us. One update in a request, authenticated by the secret that was given to setWebhook."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from casella.plugin import (
    ConsentChanged,
    Event,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    Unsupported,
    Verdict,
    Webhook,
    WebhookAnswer,
    clean_text,
)
from casella_telegram import content
from casella_telegram.settings import TelegramSettings
from casella_telegram.updates import Callback, Chat, Member, Message, Reacted

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
_Part = TypeVar("_Part", bound=BaseModel)


def verify(settings: TelegramSettings, webhook: Webhook) -> Verdict:
    expected = settings.webhook_secret.get_secret_value().encode()
    if not hmac.compare_digest(webhook.headers.get(SECRET_HEADER, "").encode("utf-8", "replace"), expected):
        return Verdict.refused(403, "bad_secret")
    update = _update(webhook.body)
    if update is None:
        return Verdict.refused(400, "not_an_update")
    return Verdict.authentic(_relief(update))


def translate(settings: TelegramSettings, webhook: Webhook) -> list[Event]:
    update = _update(webhook.body)
    event = _event(settings.bot_id, update) if update is not None else None
    return [] if event is None else [event]


def external_id(chat: Chat, message_id: int) -> str:
    """Messages are numbered within their chat only."""
    return f"{chat.id}:{message_id}"


def _relief(update: dict[str, object]) -> WebhookAnswer | None:
    """The button that was pressed stops waiting: Telegram takes one call of its API in the answer to an update
    (core.telegram.org/bots/api#making-requests-when-getting-updates), and shows a clock until it gets this one."""
    pressed = update.get("callback_query")
    id = pressed.get("id") if isinstance(pressed, dict) else None
    if not isinstance(id, str):
        return None
    body = orjson.dumps({"method": "answerCallbackQuery", "callback_query_id": clean_text(id)})
    return WebhookAnswer(200, body, "application/json")


def _update(body: bytes) -> dict[str, object] | None:
    try:
        document = orjson.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) and type(document.get("update_id")) is int else None


def _event(bot: str, update: dict[str, object]) -> Event | None:
    if message := _part(Message, update.get("message")):
        return _private(bot, message.chat, "group_message") or _received(bot, message)
    if edited := _part(Message, update.get("edited_message")):
        return _private(bot, edited.chat, "group_message") or _edited(bot, edited)
    if pressed := _part(Callback, update.get("callback_query")):
        return _private(bot, pressed.message.chat, "group_button") or _pressed(bot, pressed)
    if reacted := _part(Reacted, update.get("message_reaction")):
        return _private(bot, reacted.chat, "group_reaction") or _reacted(bot, reacted)
    if member := _part(Member, update.get("my_chat_member")):
        return _private(bot, member.chat, "group_membership") or _membership(bot, member, update)
    return _unknown(bot, update)


def _part(model: type[_Part], value: object) -> _Part | None:
    try:
        return model.model_validate(value) if value is not None else None
    except ValidationError:
        return None


def _private(bot: str, chat: Chat, what: str) -> Unsupported | None:
    if chat.type == "private":
        return None
    return Unsupported(channel_address=bot, contact_address=str(chat.id), what=what)


def _received(bot: str, message: Message) -> MessageReceived:
    found = content.of(message)
    return MessageReceived(
        channel_address=bot,
        contact_address=str(message.chat.id),
        provider_time=_moment(message.date),
        external_id=external_id(message.chat, message.message_id),
        message_kind=found.kind,
        text=found.text,
        contact_name=message.sender.name if message.sender else None,
        attachments=found.attachments,
        reply_to=_quoted(message),
        metadata={**found.metadata, **_language(message)},
    )


def _edited(bot: str, message: Message) -> MessageEdited:
    return MessageEdited(
        channel_address=bot,
        contact_address=str(message.chat.id),
        provider_time=_moment(message.edit_date or message.date),
        external_id=external_id(message.chat, message.message_id),
        text=content.of(message).text,
    )


def _pressed(bot: str, pressed: Callback) -> MessageReceived:
    buttons = [button for row in (_rows(pressed.message)) for button in row]
    title = next((button.text for button in buttons if button.callback_data == pressed.data), pressed.data)
    return MessageReceived(
        channel_address=bot,
        contact_address=str(pressed.message.chat.id),
        external_id=f"button:{pressed.id}",
        message_kind="button",
        text=title,
        contact_name=pressed.sender.name,
        reply_to=external_id(pressed.message.chat, pressed.message.message_id),
        metadata={"payload": pressed.data},
    )


def _rows(message: Message) -> list[list[content.Button]]:
    return message.reply_markup.inline_keyboard if message.reply_markup else []


def _reacted(bot: str, reacted: Reacted) -> ReactionChanged:
    """Of several only the newest emoji is kept; a paid or custom one has no character and counts as none."""
    emojis = [reaction.emoji for reaction in reacted.new_reaction if reaction.type == "emoji"]
    return ReactionChanged(
        channel_address=bot,
        contact_address=str(reacted.chat.id),
        provider_time=_moment(reacted.date),
        external_id=external_id(reacted.chat, reacted.message_id),
        emoji=emojis[-1] if emojis else "",
    )


def _membership(bot: str, member: Member, update: dict[str, object]) -> ConsentChanged | Unsupported:
    state = member.new_chat_member.status
    if state not in ("kicked", "member"):
        return Unsupported(channel_address=bot, contact_address=str(member.chat.id), what="membership", raw=state)
    return ConsentChanged(
        channel_address=bot,
        contact_address=str(member.chat.id),
        provider_time=_moment(member.date),
        state="opted_out" if state == "kicked" else "opted_in",
        source="provider",
        evidence=state,
        external_id=f"update:{update['update_id']}",
    )


def _unknown(bot: str, update: dict[str, object]) -> Unsupported:
    kinds = sorted(clean_text(str(name)) for name in update if name != "update_id")
    return Unsupported(
        channel_address=bot, contact_address="", what=kinds[0] if kinds else "empty", raw=str(update["update_id"])
    )


def _quoted(message: Message) -> str | None:
    return external_id(message.chat, message.reply_to_message.message_id) if message.reply_to_message else None


def _language(message: Message) -> dict[str, str]:
    spoken = message.sender.language_code if message.sender else ""
    return {"language": spoken} if spoken else {}


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
