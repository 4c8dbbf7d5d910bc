"""What a reply of a rule carries besides words: buttons, a list, a template with its values, a place."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from casella_rules.language.argument_types import Argument, InSchema, WrittenText, mistake
from casella_rules.yaml.problems import quoted

MOST_CHOICES = 20
_TitleText = Annotated[str, Field(min_length=1, max_length=72)]
_Line = Annotated[str, Field(max_length=300)]


class ReplyChoice(Argument):
    """One button or row. A bare text is its title."""

    title: _TitleText = Field(description="What the customer taps, and rules see as `button`", examples=["My order"])
    id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="What comes back as `payload`; the title if not said", examples=["ORDER"]
    )
    description: _Line = Field(default="", description="A second line, in lists", examples=["Where is it?"])


def _titled(value: object) -> object:
    return {"title": value} if isinstance(value, str) else value


def _told_apart(choices: tuple[ReplyChoice, ...]) -> tuple[ReplyChoice, ...]:
    if not choices:
        raise mistake("this list is empty", "Offer at least one choice")
    seen: set[str] = set()
    for choice in choices:
        if choice.title in seen:
            raise mistake(f"{quoted(choice.title)} is offered twice", "Customers could not tell them apart")
        seen.add(choice.title)
    return choices


OneChoice = Annotated[ReplyChoice, BeforeValidator(_titled), InSchema(or_text=True)]
Choices = Annotated[tuple[OneChoice, ...], Field(strict=False, max_length=MOST_CHOICES), AfterValidator(_told_apart)]


class ReplySection(Argument):
    """Some rows of a list under a title."""

    title: Annotated[str, Field(max_length=24)] = Field(default="", description="Above the rows", examples=["Orders"])
    rows: Choices = Field(description="The rows", examples=[["Where is it?", "Cancel it"]])


class ReplyList(Argument):
    """A list that opens by a button: rows, or sections of rows."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["rows"]}, {"required": ["sections"]}]})

    button: _TitleText = Field(description="What opens it", examples=["Topics"])
    rows: Choices | None = Field(default=None, description="The rows", examples=[["Orders", "Invoices"]])
    sections: Annotated[tuple[ReplySection, ...], Field(strict=False, max_length=MOST_CHOICES)] | None = Field(
        default=None, description="Rows in sections", examples=[[{"title": "Orders", "rows": ["Where is it?"]}]]
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.rows is None) == (not self.sections):
            raise mistake("a list needs either 'rows' or 'sections'", "Write {button: …, rows: […]}")
        _told_apart(tuple(choice for section in self.parts for choice in section.rows))
        return self

    @property
    def parts(self) -> tuple[ReplySection, ...]:
        """Its sections, one without a title where only rows were written."""
        if self.rows is not None:
            return (ReplySection(rows=self.rows),)
        return self.sections or ()


def _worded(value: object) -> object:
    """Order numbers need no quotes."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


_VALUE_SCHEMA: dict[str, JsonValue] = {"type": ["string", "number"], "minLength": 1}
TemplateValue = Annotated[str, BeforeValidator(_worded), Field(min_length=1, max_length=1024),
                          InSchema(written=_VALUE_SCHEMA)]  # fmt: skip
_Values = Annotated[tuple[TemplateValue, ...], Field(strict=False, max_length=50)]


class ReplyTemplateButton(Argument):
    """What one button of the template is given."""

    index: int = Field(ge=0, le=9, description="Which button, from 0", examples=[0])
    sub_type: Literal["quick_reply", "url", "copy_code"] = Field(
        default="quick_reply", description="What kind of button it is", examples=["url"]
    )
    text: TemplateValue = Field(description="The address's end, the payload, or the code", examples=["42"])


class ReplyTemplate(Argument):
    """A text that the provider has approved, with what stands for its variables; the only reply that may be sent when
    the reply window is over."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,512}$")] = Field(
        description="Its name at the provider", examples=["order_update"]
    )
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$")] = Field(
        description="Its language at the provider", examples=["en_US"]
    )
    header: _Values = Field(default=(), description="Values of its header", examples=[["42"]])
    body: _Values = Field(default=(), description="Values of its text", examples=[["{{ contact.first_name }}"]])
    buttons: Annotated[tuple[ReplyTemplateButton, ...], Field(strict=False, max_length=10)] = Field(
        default=(), description="What its buttons are given", examples=[[{"index": 0, "text": "42"}]]
    )
    header_media: Annotated[str, Field(pattern=r"^https://", max_length=2000)] | None = Field(
        default=None, description="Address of the file in its header", examples=["https://shop.example/roof.jpg"]
    )
    header_media_kind: Literal["image", "video", "document"] = Field(
        default="image", description="What kind of file that is", examples=["document"]
    )

    @property
    def written(self) -> tuple[str, ...]:
        """Everything in it that may hold variables."""
        return (*self.header, *self.body, *(button.text for button in self.buttons))


class ReplyPlace(Argument):
    """A place, in degrees."""

    latitude: float = Field(ge=-90, le=90, description="North of the equator", examples=[45.07])
    longitude: float = Field(ge=-180, le=180, description="East of Greenwich", examples=[7.69])
    name: _Line = Field(default="", description="What it is called", examples=["Our shop"])
    address: WrittenText | None = Field(default=None, description="Where it is", examples=["Via Po 1, Torino"])


__all__ = ["Choices", "ReplyChoice", "ReplyList", "ReplyPlace", "ReplySection", "ReplyTemplate", "ReplyTemplateButton"]
