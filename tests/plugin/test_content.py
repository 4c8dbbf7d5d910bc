"""What a message carries: it survives JSON, says itself in words, and has limits."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from casella.plugin import (
    ButtonsContent,
    Capabilities,
    Choice,
    ContactCard,
    ContactsContent,
    Content,
    ListContent,
    ListSection,
    LocationContent,
    ReactionContent,
    TemplateButton,
    TemplateContent,
    content_from_json,
)
from casella.plugin.content import ContentKind

YES = Choice(id="y", title="Yes")
EXAMPLES: list[tuple[Content, str, str]] = [
    (LocationContent(latitude=45.07, longitude=7.69, name="Shop", address="Via Po 1"), "", "Shop, Via Po 1"),
    (LocationContent(latitude=45.07, longitude=-7.69), "", "45.070000, -7.690000"),
    (ContactsContent(cards=(ContactCard(name="Ada", phones=("+39011",), emails=("a@b.example",)),)), "",
     "Ada, +39011, a@b.example"),
    (ReactionContent(emoji="👍"), "ignored", "👍"),
    (ReactionContent(), "", ""),
    (ButtonsContent(choices=(YES,)), "Sure?", "Sure?"),
    (ListContent(button="Choose", sections=(ListSection(choices=(YES,)),)), "Which?", "Which?"),
    (TemplateContent(name="order_update", language="en_US", body=("42",), buttons=(TemplateButton(index=0, text="x"),)),
     "", "[order_update]\n42"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "text", "words"), EXAMPLES)
def test_it_says_itself_in_words(content: Content, text: str, words: str) -> None:
    assert content.words(text) == words


@pytest.mark.parametrize(("content", "text", "words"), EXAMPLES)
def test_it_survives_json(content: Content, text: str, words: str) -> None:
    assert content_from_json(content.model_dump(mode="json")) == content


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "poll"},
        {"kind": "location", "latitude": 91, "longitude": 0},
        {"kind": "buttons", "choices": []},
        {"kind": "template", "name": "a b", "language": "en"},
        {"kind": "template", "name": "a", "language": "en", "header_media": "http://x.example/1"},
        {"kind": "reaction", "emoji": "👍", "more": 1},
        None,
        [],
    ],
)
def test_what_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        content_from_json(value)


def test_capabilities_say_what_a_message_can_carry() -> None:
    nothing = Capabilities(address_kind="acme", text_limit=10)
    everything = Capabilities(
        address_kind="acme", text_limit=10, location=True, contact_cards=True, reactions=True, buttons=3, list_rows=10,
        message_templates=True,
    )  # fmt: skip
    kinds: list[ContentKind] = ["location", "contacts", "reaction", "buttons", "list", "template"]
    assert [nothing.carries(kind) for kind in kinds] == [False] * 6
    assert [everything.carries(kind) for kind in kinds] == [True] * 6
