"""Indexing behind the messages, in batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, insert, select, update

from casella.errors import Invalid
from casella.inbox.reading.members import find_member
from casella.inbox.reading.search import index_pending, index_some, search_messages
from casella.origins import spellings_of
from casella.store import Store
from casella.store.queries.search_queries import MOST_WORDS, words_of
from casella.store.tables import messages, search_pending
from tests.builders import make_agent, make_conversation, make_inbox, make_message
from tests.house import House


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    store = Store(migrated_url)
    yield store
    store.close()


def test_what_waits_is_taken_in_batches_until_nothing_does(store: Store) -> None:
    with store.write() as db:
        inbox = make_inbox(db)
        member = find_member(db, make_agent(db, inboxes=[inbox]))
        conversation = make_conversation(db, inbox_id=inbox)
        ids = [make_message(db, conversation, text=f"parcel {number}") for number in range(5)]
        ids.append(make_message(db, conversation, text=""))
        db.execute(insert(search_pending), [{"message_id": message_id} for message_id in [*ids, "gone"]])
    assert member is not None
    counts = []
    while True:
        with store.write() as db:
            counts.append(index_pending(db, 3))
        if counts[-1] == 0:
            break
    assert counts == [3, 3, 1, 0]
    with store.read() as db:
        assert db.execute(select(func.count()).select_from(search_pending)).scalar_one() == 0
        page = search_messages(db, member, "parcel", None, 10)
        with pytest.raises(Invalid):
            search_messages(db, member, "?!", None, 10)
    assert [hit.message.text for hit in page.items] == [f"parcel {number}" for number in (4, 3, 2, 1, 0)]
    store.close()


def test_words_are_bounded() -> None:
    assert words_of("Där är 'två' ord!") == ["där", "är", "två", "ord"]
    assert len(words_of("x " * 100)) == MOST_WORDS


@pytest.mark.parametrize("after", ["parcel", ""])
def test_what_a_message_said_before_is_not_found_any_more(store: Store, after: str) -> None:
    with store.write() as db:
        inbox = make_inbox(db)
        member = find_member(db, make_agent(db, inboxes=[inbox]))
        message_id = make_message(db, make_conversation(db, inbox_id=inbox), text="letter")
        for text in ("letter", after, after):
            db.execute(update(messages).where(messages.c.id == message_id).values(text=text))
            db.execute(insert(search_pending), {"message_id": message_id})
            index_pending(db, 10)
        assert member is not None
        assert search_messages(db, member, "letter", None, 10).items == []
        assert len(search_messages(db, member, "parcel", None, 10).items) == (1 if after else 0)
    store.close()


@pytest.mark.parametrize(
    "written",
    [
        "+390612345678",
        "390612345678",
        "+39 06 1234 5678",
        "0612345678",
        "06 1234-5678",
        "(06) 1234 5678",
        "0039 0612345678",
    ],
)
def test_field_31_a_number_is_found_however_it_is_written(house: House, written: str) -> None:
    """By an agent of an Italian desk, whether anybody has written it in a message or not."""
    house.receive(house.says("The roof leaks", sender="+390612345678"))
    house.receive(house.says("It still does", sender="+390612345678"))
    house.receive(house.says("Good morning", sender="+390699999999"))
    assert found(house, written) == ["It still does"]


def test_field_31_messages_that_say_the_number_follow(house: House) -> None:
    house.receive(house.says("The roof leaks", sender="+390612345678"))
    house.receive(house.says("Call 0612345678 for me", sender="+390699999999"))
    index_some(house.rooms)
    assert found(house, "0612345678") == ["The roof leaks", "Call 0612345678 for me"]
    assert found(house, "0612345678", limit=1) == ["The roof leaks"]


def test_field_31_whoever_may_not_see_the_conversation_does_not_find_it(house: House) -> None:
    with house.rooms.store.write() as db:
        stranger = find_member(db, make_agent(db, inboxes=[make_inbox(db)]))
    assert stranger is not None
    house.receive(house.says("The roof leaks", sender="+390612345678"))
    with house.rooms.store.read() as db:
        assert search_messages(db, stranger, "+390612345678", None, 10).items == []


@pytest.mark.parametrize("written", ["12345", "order 390612345678", "+", "1" * 19])
def test_what_is_no_number_is_words(written: str) -> None:
    assert spellings_of(written, {"IT"}) == set()


def found(house: House, query: str, limit: int = 10) -> list[str]:
    with house.rooms.store.read() as db:
        member = find_member(db, house.agent("ann").id)
        assert member is not None
        page = search_messages(db, member, query, None, limit, {"IT", "US"})
    return [hit.message.text for hit in page.items]
