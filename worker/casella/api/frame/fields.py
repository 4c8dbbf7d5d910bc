"""Kinds of input: what a text, a name or an id from outside may be. A database refuses U+0000, and half a surrogate
pair is no text; both are refused here, with a sentence, instead of there."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, Field

from casella.errors import NotFound
from casella.ids import is_id
from casella.plugin.events import MAX_TEXT
from casella.plugin.values import TURNING

_NO_NUL = r"^[^\u0000]*$"
_ONE_LINE = r"^[^\u0000-\u001f\u007f]*$"
_HIDDEN = r"\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_VISIBLE_LINE = rf"^[^ {_HIDDEN}][^{_HIDDEN}]*$"
_ID_PATTERN = r"^[0-9A-HJKMNP-TV-Z]{26}$"
_ID_EXAMPLE = "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain U+0000")
    return text


def _one_line(text: str) -> str:
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("must not contain control characters")
    return text


def _printed(text: str) -> str:
    if text[:1] <= " ":
        raise ValueError("must not begin with a blank")
    if any(one in TURNING or "\x7f" <= one <= "\x9f" or one in "\u2028\u2029" for one in text):
        raise ValueError("must not contain line breaks or signs that turn the text round")
    return _one_line(text)


def _id(text: str) -> str:
    if not is_id(text):
        raise NotFound
    return text


storable = AfterValidator(_storable)
"""Of a text: it holds no U+0000."""
MessageText = Annotated[
    str, Field(max_length=MAX_TEXT, json_schema_extra={"pattern": _NO_NUL}), AfterValidator(_storable)
]
Line = Annotated[str, Field(max_length=200, json_schema_extra={"pattern": _ONE_LINE}), AfterValidator(_one_line)]
Tag = Annotated[
    str,
    Field(min_length=1, max_length=64, json_schema_extra={"pattern": _VISIBLE_LINE}),
    AfterValidator(_printed),
]
Id = Annotated[str, Field(pattern=_ID_PATTERN, examples=[_ID_EXAMPLE])]

_PATH = Path(description="An id.", json_schema_extra={"pattern": _ID_PATTERN}, examples=[_ID_EXAMPLE])
ConversationId = Annotated[str, _PATH, AfterValidator(_id)]
MessageId = Annotated[str, _PATH, AfterValidator(_id)]
AttachmentId = Annotated[str, _PATH, AfterValidator(_id)]
ContactId = Annotated[str, _PATH, AfterValidator(_id)]
ImportId = Annotated[str, _PATH, AfterValidator(_id)]
MergeId = Annotated[str, _PATH, AfterValidator(_id)]
ChatId = Annotated[str, _PATH, AfterValidator(_id)]
ViewId = Annotated[str, _PATH, AfterValidator(_id)]
DeviceId = Annotated[str, _PATH, AfterValidator(_id)]
SubscriptionId = Annotated[str, _PATH, AfterValidator(_id)]
CampaignId = Annotated[str, _PATH, AfterValidator(_id)]
LetterId = Annotated[str, _PATH, AfterValidator(_id)]
AgentId = Annotated[str, _PATH, AfterValidator(_id)]
InboxId = Annotated[str, _PATH, AfterValidator(_id)]
ChannelId = Annotated[str, _PATH, AfterValidator(_id)]
TokenId = Annotated[str, _PATH, AfterValidator(_id)]

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
CursorText = Annotated[
    str | None,
    Query(max_length=300, description="Where to go on: a cursor of an earlier answer. Opaque; begin without one."),
]
