"""What the routes hand to the intake: a small JSON document, signed with the connection's own key, so that nothing
becomes an event that the routes have not let in. Signing and reading are each other's mirror."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from casella.plugin import (
    Connection,
    DeliveredSeen,
    Event,
    MediaRef,
    MessageReceived,
    ReadSeen,
    TypingSeen,
    Unsupported,
    Verdict,
    Webhook,
    clean_text,
)
from casella.plugin.events import AttachmentKind
from casella_webchat.settings import WebchatSettings
from casella_webchat.tokens import key_for

SIGNATURE = "x-casella-webchat"
MOST_FILES = 5
LONGEST_TEXT = 10_000
_ID = Annotated[str, Field(min_length=1, max_length=300)]
_Time = Annotated[int, Field(ge=0, le=253_402_300_799_999_999)]  # microseconds, to the end of the year 9999
_Letter = TypeVar("_Letter", bound="Letter")


class Letter(BaseModel):
    """Something a visitor did. Unknown fields are of a newer version, and ignored."""

    model_config = ConfigDict(frozen=True, strict=True)

    widget: _ID
    visitor: _ID


class File(BaseModel):
    """A file he uploaded before."""

    model_config = ConfigDict(frozen=True, strict=True)

    id: _ID
    kind: AttachmentKind
    mime: str = Field("application/octet-stream", max_length=200)
    name: str | None = Field(None, max_length=200)
    size: Annotated[int, Field(ge=0)] | None = None


def _texts(given: object) -> dict[str, str]:
    """The texts among these facts; a later version may say more."""
    pairs = given.items() if isinstance(given, dict) else ()
    return {name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)}


def _readable(given: object) -> list[File]:
    """The files among these: one that cannot be read costs neither its neighbours nor the words."""
    found = []
    for item in given[:MOST_FILES] if isinstance(given, list) else ():
        try:
            found.append(File.model_validate(item))
        except ValidationError:
            continue
    return found


class Message(Letter):
    """He wrote. `client_id`: his browser's own id of it; the same one is the same message."""

    type: Literal["message"] = "message"
    client_id: _ID
    text: str = Field("", max_length=LONGEST_TEXT)
    files: Annotated[list[File], BeforeValidator(_readable)] = []
    reply_to: str | None = Field(None, max_length=300)
    name: str | None = Field(None, max_length=200)
    facts: Annotated[dict[str, str], BeforeValidator(_texts)] = {}


class Typing(Letter):
    type: Literal["typing"] = "typing"
    at: _Time


class Seen(Letter):
    """Up to when messages have reached him, or been read."""

    type: Literal["seen"] = "seen"
    state: Literal["delivered", "read"]
    until: _Time


_LETTER: TypeAdapter[Message | Typing | Seen] = TypeAdapter(
    Annotated[Message | Typing | Seen, Field(discriminator="type")]
)


def sealed(connection: Connection[WebchatSettings], letter: Letter, now: datetime) -> Webhook:
    """The letter as a webhook of its connection."""
    body = orjson.dumps(letter.model_dump())
    headers = {"content-type": "application/json", SIGNATURE: signature(connection.settings, body)}
    return Webhook("POST", connection.webhook_url, "", headers, body, now)


def signature(settings: WebchatSettings, body: bytes) -> str:
    return hmac.new(key_for(settings, "letters"), body, hashlib.sha256).hexdigest()


def verify(settings: WebchatSettings, webhook: Webhook) -> Verdict:
    """Only what the routes have sealed is authentic: a stranger who posts to the webhook's address is refused, also
    with a visitor's token in hand."""
    if webhook.method != "POST":
        return Verdict.refused(400, "wrong_method")
    given = webhook.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    if not hmac.compare_digest(given, signature(settings, webhook.body).encode()):
        return Verdict.refused(403, "bad_signature")
    return Verdict.authentic()


def translate(webhook: Webhook) -> Sequence[Event]:
    """The event of a letter. One that cannot be read is of another version of this plugin: kept, shown to nobody."""
    try:
        letter = _LETTER.validate_json(webhook.body)
    except ValidationError:
        return [Unsupported(channel_address="?", contact_address="?", what="letter", raw=_raw(webhook.body))]
    who = {"channel_address": clean_text(letter.widget), "contact_address": clean_text(letter.visitor)}
    match letter:
        case Message():
            return [_message(letter, who)]
        case Typing(at=at):
            return [TypingSeen(**who, since=_moment(at))]
        case Seen(state="read", until=until):
            return [ReadSeen(**who, watermark=_moment(until))]
        case Seen(until=until):
            return [DeliveredSeen(**who, watermark=_moment(until))]


def external_id(visitor: str, client_id: str) -> str:
    """What a visitor's message is called here: his browser's id, within his own."""
    return f"{visitor}/{client_id}"


def _message(letter: Message, who: dict[str, str]) -> MessageReceived:
    return MessageReceived(
        channel_address=who["channel_address"],
        contact_address=who["contact_address"],
        external_id=clean_text(external_id(letter.visitor, letter.client_id)),
        message_kind=letter.files[0].kind if letter.files else "text",
        text=clean_text(letter.text),
        contact_name=clean_text(letter.name) if letter.name else None,
        attachments=tuple(
            MediaRef(
                upload=clean_text(file.id),
                kind=file.kind,
                mime=clean_text(file.mime),
                name=clean_text(file.name) if file.name else None,
                size=file.size,
            )
            for file in letter.files
        ),
        reply_to=clean_text(letter.reply_to) if letter.reply_to else None,
        metadata={clean_text(name): clean_text(value) for name, value in letter.facts.items()},
    )


def microseconds(at: datetime) -> int:
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000)


def _raw(body: bytes) -> str:
    return clean_text(body[:2000].decode("utf-8", "replace")).replace("\\u0000", "")
