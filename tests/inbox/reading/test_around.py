"""A hit of a search opens in the middle of its conversation."""

from __future__ import annotations

import pytest

from casella.errors import NotFound
from casella.inbox.reading import lists
from casella.inbox.reading.lists import MessagePage
from casella.store.tables import conversations, messages
from tests.house import House
from tests.inbox.personal.test_read_marks import member, says

SEVEN = [f"message {number}" for number in range(7)]


def around(house: House, text: str, limit: int) -> MessagePage:
    found = house.one(messages, text=text)
    with house.rooms.store.read() as db:
        conversation, id = str(found["conversation_id"]), str(found["id"])
        return lists.messages_around(db, member(house, "ann"), conversation, id, limit)


@pytest.mark.parametrize(
    ("at", "shown", "older", "newer"),
    [(3, (1, 6), True, True), (0, (0, 3), False, True), (6, (4, 7), True, False), (1, (0, 4), False, True)],
)
def test_it_opens_at_a_message(house: House, at: int, shown: tuple[int, int], older: bool, newer: bool) -> None:
    says(house, *SEVEN)
    page = around(house, SEVEN[at], 5)
    assert [item.text for item in page.items] == SEVEN[slice(*shown)]
    assert (page.older is not None, page.newer is not None) == (older, newer)


def test_the_pages_beside_it_go_on_from_there(house: House) -> None:
    says(house, *SEVEN)
    page, conversation = around(house, SEVEN[3], 3), str(house.one(conversations)["id"])
    with house.rooms.store.read() as db:
        ann = member(house, "ann")
        before = lists.list_messages(db, ann, conversation, 9, before=page.older)
        after = lists.list_messages(db, ann, conversation, 9, after=page.newer)
    assert [item.text for part in (before, page, after) for item in part.items] == SEVEN


def test_a_message_of_another_conversation_is_not_there(house: House) -> None:
    says(house, "here")
    house.receive(house.says("there", "+390559999"))
    here, there = (house.one(messages, text=text) for text in ("here", "there"))
    with house.rooms.store.read() as db, pytest.raises(NotFound):
        lists.messages_around(db, member(house, "ann"), str(here["conversation_id"]), str(there["id"]), 5)
