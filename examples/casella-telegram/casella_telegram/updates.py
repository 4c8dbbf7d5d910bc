"""Updates as the Bot API writes them (core.telegram.org/bots/api#update), as far as they are read. Whatever else is in
them is ignored; whatever is of another type makes that one part count as missing."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from casella.plugin import clean_text


def _cleaned(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_cleaned)]
Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Moment = Annotated[int, Field(gt=0, lt=2**33)]


def _readable(values: list[object], read: ValidatorFunctionWrapHandler) -> list[object]:
    """The elements that can be read: one that cannot does not take the others with it."""
    kept: list[object] = []
    for value in values:
        with suppress(ValidationError):
            kept += read([value])
    return kept


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_missing(cls, value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
        try:
            return read(value)
        except ValidationError:
            field = cls.model_fields[info.field_name or ""]
            if isinstance(value, list) and get_origin(field.annotation) is list:
                return _readable(value, read)
            if field.is_required():
                raise
            return field.get_default(call_default_factory=True)


class User(_Part):
    first_name: Text = ""
    last_name: Text = ""
    username: Text = ""
    language_code: Text = ""

    @property
    def name(self) -> str | None:
        return clean_text(f"{self.first_name} {self.last_name}".strip() or self.username) or None


class Chat(_Part):
    id: Number
    type: Text


class File(_Part):
    """Of any kind; a photo comes as a list of sizes."""

    file_id: Annotated[Text, Field(min_length=1)]
    file_size: Number | None = None
    mime_type: Text = ""
    file_name: Text | None = None
    width: Number = 0
    is_animated: bool = False
    is_video: bool = False


class Entity(_Part):
    type: Text
    offset: Number
    length: Number
    url: Text = ""


class Location(_Part):
    latitude: float
    longitude: float


class Venue(_Part):
    location: Location
    title: Text = ""
    address: Text = ""


class Card(_Part):
    phone_number: Text = ""
    first_name: Text = ""
    last_name: Text = ""


class Button(_Part):
    text: Text = ""
    callback_data: Text = ""


class Keyboard(_Part):
    inline_keyboard: list[list[Button]] = []


class Quoted(_Part):
    message_id: Number


class Message(_Part):
    message_id: Number
    chat: Chat
    sender: User | None = Field(None, alias="from")
    date: Moment
    edit_date: Moment | None = None
    text: Text = ""
    caption: Text = ""
    entities: list[Entity] = []
    caption_entities: list[Entity] = []
    photo: list[File] = []
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    document: File | None = None
    sticker: File | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Card | None = None
    reply_to_message: Quoted | None = None
    reply_markup: Keyboard | None = None
    media_group_id: Text = ""


class Callback(_Part):
    """A pressed button."""

    id: Annotated[Text, Field(min_length=1, max_length=200)]
    sender: User = Field(alias="from")
    message: Message
    data: Text = ""


class Reaction(_Part):
    type: Text
    emoji: Text = ""


class Reacted(_Part):
    chat: Chat
    message_id: Number
    date: Moment
    new_reaction: list[Reaction] = []


class Membership(_Part):
    status: Text


class Member(_Part):
    """The bot's own place in a chat: "kicked" when somebody blocks it, "member" when he lets it in again."""

    chat: Chat
    date: Moment
    new_chat_member: Membership
