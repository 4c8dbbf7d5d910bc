"""Whatever is looked for, by whomever, in pages of any length: it is what a look at every message finds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, true, update

from casella.store import Store
from casella.store.queries.search_index import append, index_pending
from casella.store.queries.search_queries import Hit, Pace, Sight, find, words_of
from casella.store.tables import conversations, messages, search_pending
from tests.budget import tries
from tests.builders import make_conversation, make_inbox, make_message

_WORDS = ("the", "there", "parcel", "refund", "colour", "zebra")
_WEIGHTS = (60, 20, 10, 6, 3, 1)
_PACES = {
    "by the index": Pace(few=10**9),
    "by the index, but for the last word": Pace(few=10**9, merged=0),
    "walked": Pace(few=-1, walks=(3, 10, 40)),
    "usual": Pace(),
}


@dataclass(frozen=True)
class Corpus:
    store: Store
    inboxes: Sequence[str]
    texts: Sequence[tuple[str, str, str]]  # message id, inbox id, text; the newest first


@pytest.fixture
def corpus(migrated_url: str) -> Iterator[Corpus]:
    store = Store(migrated_url)
    chance = random.Random(1)
    with store.write() as db:
        inboxes = [make_inbox(db) for _ in range(4)]
        there = [(inbox, make_conversation(db, inbox_id=inbox)) for inbox in inboxes for _ in range(2)]
        texts = []
        for _ in range(160):
            inbox, conversation = chance.choice(there)
            text = " ".join(chance.choices(_WORDS, _WEIGHTS, k=chance.randrange(6)))
            texts.append((make_message(db, conversation, text=text), inbox, text))
        db.execute(insert(search_pending), [{"message_id": id} for id, _, _ in texts])
        while index_pending(db, 50):
            pass
    yield Corpus(store, inboxes, texts[::-1])
    store.close()


@settings(max_examples=tries(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.lists(st.sampled_from([*_WORDS, "th", "z", "none"]), min_size=1, max_size=3),
    seen=st.sets(st.integers(0, 3)),
    limit=st.integers(1, 12),
    pace=st.sampled_from(sorted(_PACES)),
    admin=st.booleans(),
)
def test_it_is_what_a_look_at_every_message_finds(
    corpus: Corpus, query: list[str], seen: set[int], limit: int, pace: str, admin: bool
) -> None:
    inbox_ids = [corpus.inboxes[number] for number in sorted(seen)]
    visible = conversations.c.inbox_id.in_(inbox_ids)
    sight = Sight(visible, None if admin else inbox_ids)  # who sees every inbox is held to `visible` all the same
    *whole, beginning = query
    wanted = [
        id
        for id, inbox, text in corpus.texts
        if inbox in inbox_ids
        and all(word in text.split() for word in whole)
        and any(word.startswith(beginning) for word in text.split())
    ]
    assert _all_pages(corpus.store, query, sight, limit, _PACES[pace]) == wanted


def _all_pages(store: Store, query: Sequence[str], sight: Sight, limit: int, pace: Pace) -> list[str]:
    found: list[Hit] = []
    with store.read() as db:
        while True:
            page = find(db, query, sight, found[-1].place if found else None, limit, pace)
            found += page
            if len(page) < limit:
                return [hit.message_id for hit in found]


@pytest.mark.parametrize("pace", _PACES)
@pytest.mark.parametrize("query", ["_", "ª"])  # a word to us, and none to the database
def test_what_is_no_word_to_the_database_finds_nothing(corpus: Corpus, query: str, pace: str) -> None:
    with corpus.store.read() as db:
        for inbox_ids in (None, corpus.inboxes):
            assert find(db, words_of(query), Sight(true(), inbox_ids), None, 10, _PACES[pace]) == []


@pytest.mark.parametrize("pace", _PACES)
def test_an_inbox_is_no_word_of_a_message(corpus: Corpus, pace: str) -> None:
    inbox = corpus.inboxes[0]
    with corpus.store.read() as db:
        assert find(db, words_of(inbox), Sight(true(), None), None, 10, _PACES[pace]) == []
        assert find(db, words_of(f"#{inbox}"), Sight(true(), [inbox]), None, 10, _PACES[pace]) == []


@pytest.mark.parametrize("pace", _PACES)
def test_what_has_moved_is_found_where_it_is_and_only_there(corpus: Corpus, pace: str) -> None:
    before, after = corpus.inboxes[:2]
    store = corpus.store

    def found(inbox: str) -> list[str]:
        return _all_pages(store, ["the"], Sight(conversations.c.inbox_id == inbox, [inbox]), 7, _PACES[pace])

    order = [id for id, _, _ in corpus.texts]
    stays, comes = found(after), found(before)
    with store.write() as db:
        moved = select(conversations.c.id).where(conversations.c.inbox_id == before)
        ids = db.execute(moved).scalars().all()
        db.execute(update(conversations).where(conversations.c.id.in_(ids)).values(inbox_id=after))
        append(db, [], moved=ids)
    assert found(before) == [], "it is held against the conversation, not against the index"
    with store.write() as db:
        while index_pending(db, 50):
            pass
    assert found(before) == []
    assert found(after) == sorted([*stays, *comes], key=order.index), (
        "each in its place, as if it had always been there"
    )


def test_a_changed_message_keeps_its_place(corpus: Corpus) -> None:
    oldest = corpus.texts[-1][0]
    with corpus.store.write() as db:
        db.execute(update(messages).where(messages.c.id == oldest).values(text="the last word"))
        db.execute(insert(search_pending), {"message_id": oldest})
        index_pending(db, 10)
    assert _all_pages(corpus.store, ["the"], Sight(true(), None), 50, Pace())[-1] == oldest
