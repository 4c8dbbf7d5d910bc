"""What a message carries besides words and files: a place, people, a reaction, choices, a template.

`OutgoingMessage.content` holds one of these; what a channel type can carry is declared in its capabilities, and the
host refuses the rest before it reaches a plugin. Each says itself in words (`words`): what lists, searches and channels
without buttons show. Unchanged from the API to the plugin, so the limits here are those of every channel; a narrower
one is the plugin's to refuse.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from casella.plugin.events import MediaRef
from casella.plugin.values import clean_name

ContentKind = Literal["location", "contacts", "reaction", "buttons", "list", "template"]
_Line = Annotated[str, Field(min_length=1, max_length=1024)]
_Short = Annotated[str, Field(max_length=300)]
_Id = Annotated[str, Field(min_length=1, max_length=256)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LocationContent(_Frozen):
    """A place, in degrees (WGS 84)."""

    kind: Literal["location"] = "location"
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: _Short = ""
    address: _Short = ""

    def words(self, text: str) -> str:
        return text or ", ".join(part for part in (self.name, self.address) if part) or self.coordinates

    @property
    def coordinates(self) -> str:
        return f"{self.latitude:.6f}, {self.longitude:.6f}"


class ContactCard(_Frozen):
    """One person or company."""

    name: _Line
    phones: tuple[_Short, ...] = Field((), max_length=10)
    emails: tuple[_Short, ...] = Field((), max_length=10)
    company: _Short = ""


class ContactsContent(_Frozen):
    """Cards of people."""

    kind: Literal["contacts"] = "contacts"
    cards: tuple[ContactCard, ...] = Field(min_length=1, max_length=20)

    def words(self, text: str) -> str:
        return text or "\n".join(", ".join((card.name, *card.phones, *card.emails)) for card in self.cards)


class ReactionContent(_Frozen):
    """A reaction to the message that is quoted (`reply_to`). An empty `emoji` takes it back."""

    kind: Literal["reaction"] = "reaction"
    emoji: str = Field("", max_length=32)

    def words(self, text: str) -> str:
        return self.emoji


class Choice(_Frozen):
    """One button or row. `id`: what comes back in the answer's `metadata["payload"]`."""

    id: _Id
    title: _Line
    description: _Short = ""


class ButtonsContent(_Frozen):
    """The message's text with buttons to answer by."""

    kind: Literal["buttons"] = "buttons"
    choices: tuple[Choice, ...] = Field(min_length=1, max_length=20)
    header: _Short = ""
    footer: _Short = ""

    def words(self, text: str) -> str:
        return text


class ListSection(_Frozen):
    title: _Short = ""
    choices: tuple[Choice, ...] = Field(min_length=1, max_length=20)


class ListContent(_Frozen):
    """The message's text with a list that opens by a button."""

    kind: Literal["list"] = "list"
    button: _Line
    sections: tuple[ListSection, ...] = Field(min_length=1, max_length=20)
    header: _Short = ""
    footer: _Short = ""

    def words(self, text: str) -> str:
        return text


class TemplateButton(_Frozen):
    """What the template's button number `index` is given: an address's end, a payload, a code."""

    index: int = Field(ge=0, le=9)
    sub_type: Literal["quick_reply", "url", "copy_code"] = "quick_reply"
    text: _Line


class TemplateContent(_Frozen):
    """A text that the provider has approved beforehand; the only thing that may be sent outside the reply window.
    `header` and `body`: what stands for its variables, in order; named variables as "name=value" are not known here.
    `header_media`: the address (https) of the picture, film or document of its header."""

    kind: Literal["template"] = "template"
    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,512}$")
    language: str = Field(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$")
    header: tuple[_Line, ...] = Field((), max_length=20)
    body: tuple[_Line, ...] = Field((), max_length=50)
    buttons: tuple[TemplateButton, ...] = Field((), max_length=10)
    header_media: str | None = Field(None, max_length=2000, pattern=r"^https://")
    header_media_kind: Literal["image", "video", "document"] = "image"

    def words(self, text: str) -> str:
        return text or "\n".join((f"[{self.name}]", *self.header, *self.body))


Content = Annotated[
    LocationContent | ContactsContent | ReactionContent | ButtonsContent | ListContent | TemplateContent,
    Field(discriminator="kind"),
]
_ADAPTER: TypeAdapter[Content] = TypeAdapter(Content)


def content_from_json(value: object) -> Content:
    """The content that `content.model_dump(mode="json")` gave. Raises pydantic.ValidationError on anything else."""
    return _ADAPTER.validate_python(value)


HeaderKind = Literal["", "text", "image", "video", "document", "location"]
TemplateState = Literal["approved", "pending", "rejected", "paused", "disabled", "other"]


class MessageTemplate(_Frozen):
    """A template at the provider. Only an `approved` one can be sent; `reason` says why another cannot. `header_kind`:
    text, or the kind of file that must be given. `variables`: how many the header and the body have."""

    name: str
    language: str
    state: TemplateState
    reason: str = ""
    category: str = ""
    header_kind: HeaderKind = ""
    header_text: str = ""
    body: str = ""
    footer: str = ""
    header_variables: int = 0
    variables: int = 0
    buttons: tuple[str, ...] = ()


class Profile(_Frozen):
    """What a provider tells of a contact. `picture`: where his picture is, fetched like an attachment
    (`ChannelPlugin.locate_media`). `language`: as `it` or `it-IT`; since 1.4."""

    name: Annotated[str | None, AfterValidator(clean_name)] = Field(None, max_length=300)
    picture: MediaRef | None = None
    language: str | None = Field(None, max_length=35)
