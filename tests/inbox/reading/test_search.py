"""Indexing behind the messages, in batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, insert, select, update

from casella.errors import Invalid
from casella.inbox.reading.members import find_member
from casella.inbox.reading.search import index_pending, search_messages
from casella.store import Store
from casella.store.queries.search_queries import MOST_WORDS, words_of
from casella.store.tables import messages, search_pending
from tests.builders import make_agent, make_conversation, make_inbox, make_message


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
