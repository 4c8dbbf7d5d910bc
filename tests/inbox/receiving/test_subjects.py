"""What a conversation is about, where a channel's messages say so: shown, and asked about by rules."""

from __future__ import annotations

import pytest

from casella.store.tables import conversation_tags, conversations
from tests.house import House

RULE = """
rules:
  - name: About a roof
    when: message_received
    if: {conversation.subject: {contains_word: roof}}
    then: [{tag: order}]
"""


@pytest.mark.parametrize(("first", "then"), [("Leaking roof", ""), ("", "Leaking roof"), ("Leaking roof", "Re: roof")])
def test_the_first_subject_of_a_conversation_is_its_own_and_rules_see_it(house: House, first: str, then: str) -> None:
    house.apply(rules=RULE)
    house.receive(house.says("Please call", subject=first))
    house.receive(house.says("At noon", subject=then))
    assert house.one(conversations)["subject"] == "Leaking roof"
    assert len(house.rows(conversation_tags)) == 1


def test_without_one_it_has_none(house: House) -> None:
    house.receive(house.says("Hello", subject=" \x00 "))
    assert house.one(conversations)["subject"] is None
