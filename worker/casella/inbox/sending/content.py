"""What a message carries besides words and files: whether its channel takes it, and how it is kept in its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from casella.plugin import ButtonsContent, Capabilities, Choice, Content, ListContent, content_from_json
from casella.plugin.content import ContentKind

WITH_TEXT = frozenset({"buttons", "list"})
"""Kinds that stand beside a text of the sender's. The others say everything themselves."""
_NAMES: Mapping[ContentKind, str] = {
    "location": "a place",
    "contacts": "cards of people",
    "reaction": "reactions",
    "buttons": "buttons",
    "list": "lists",
    "template": "templates",
}
_ROW_KINDS: Mapping[ContentKind, str] = {"buttons": "interactive", "list": "interactive"}
_KEY = "content"


def carried_problem(
    capabilities: Capabilities, content: Content, text: str, *, with_files: bool
) -> tuple[str, str, str] | None:
    """Why a channel does not take this content: code, sentence, and what to do instead. None if it does."""
    if not capabilities.carries(content.kind):
        text = f"This channel cannot carry {_NAMES[content.kind]}."
        return "content_not_supported", text, "Write it in words."
    if with_files or (text.strip() and content.kind not in WITH_TEXT):
        return "content_alone", "This kind of message takes no text or file beside it.", "Send them separately."
    if isinstance(content, ButtonsContent):
        return _choices_problem(content.choices, capabilities.buttons, capabilities.button_title, "buttons")
    if isinstance(content, ListContent):
        rows = choices_of(content)
        return _choices_problem(rows, capabilities.list_rows, capabilities.row_title, "rows in a list")
    return None


def choices_of(content: Content) -> Sequence[Choice]:
    """What the contact may tap."""
    if isinstance(content, ButtonsContent):
        return content.choices
    if isinstance(content, ListContent):
        return [choice for section in content.sections for choice in section.choices]
    return ()


def _choices_problem(choices: Sequence[Choice], most: int, longest: int, what: str) -> tuple[str, str, str] | None:
    if len(choices) > most:
        return "too_many_choices", f"This channel takes {most} {what}.", "Offer fewer."
    if longest and any(len(choice.title) > longest for choice in choices):
        return "choice_too_long", f"A title may have {longest} characters on this channel.", "Shorten it."
    return None


def row_kind(content: Content) -> str:
    """What `messages.kind` says of it."""
    return _ROW_KINDS.get(content.kind, content.kind)


def to_details(content: Content) -> dict[str, object]:
    """As it is kept in `messages.details`."""
    return {_KEY: content.model_dump(mode="json", exclude_defaults=True) | {"kind": content.kind}}


def from_details(details: object) -> Content | None:
    """The content of a message's row, if it has one."""
    value = details.get(_KEY) if isinstance(details, dict) else None
    if value is None:
        return None
    try:
        return content_from_json(value)
    except ValidationError:  # written by a later version: sent as its words
        return None
