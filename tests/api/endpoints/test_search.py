"""Finding messages by their words."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from casella.inbox.reading.search import index_pending
from casella.store.tables import search_pending
from tests.api.conftest import Cast
from tests.builders import make_conversation, make_message

SEARCH = "/api/v1/search"


def say(cast: Cast, *texts: str, inbox: str | None = None) -> list[str]:
    """Messages in one conversation, made searchable."""
    with cast.house.store.write() as db:
        conversation = make_conversation(db, inbox_id=inbox or cast.support)
        found = [make_message(db, conversation, text=text) for text in texts]
        db.execute(insert(search_pending), [{"message_id": message_id} for message_id in found])
        while index_pending(db, 2):
            pass
    return found


def find(cast: Cast, query: str, agent: str | None = None) -> list[str]:
    answer = cast.client(agent or cast.ann).get(SEARCH, params={"q": query})
    assert answer.status_code == 200, answer.text
    return [hit["message"]["text"] for hit in answer.json()["items"]]


def test_all_words_in_any_case_the_last_may_be_a_beginning(cast: Cast) -> None:
    say(cast, "Where is my ORDER?", "order nine", "Ihre Bestellung", "Disorder")
    assert find(cast, "order") == ["order nine", "Where is my ORDER?"]
    assert find(cast, "my order") == ["Where is my ORDER?"]
    assert find(cast, "best") == ["Ihre Bestellung"]
    assert find(cast, "ord nine") == []


def test_a_hit_carries_the_row_of_its_conversation(cast: Cast) -> None:
    say(cast, "first words", "more words")
    client = cast.client(cast.ann)
    hits = client.get(SEARCH, params={"q": "words"}).json()["items"]
    [row] = client.get("/api/v1/conversations").json()["items"]
    assert [hit["conversation"] for hit in hits] == [row, row]


def test_only_what_one_may_see(cast: Cast) -> None:
    say(cast, "ours secret")
    say(cast, "theirs secret", inbox=cast.sales)
    assert find(cast, "secret") == ["ours secret"]
    assert find(cast, "secret", cast.eve) == ["theirs secret"]
    assert set(find(cast, "secret", cast.dora)) == {"ours secret", "theirs secret"}


def test_pages_go_on_newest_first(cast: Cast) -> None:
    say(cast, *(f"word {number}" for number in range(7)))
    client = cast.client(cast.ann)
    walked: list[str] = []
    cursor: str | None = None
    while True:
        query: dict[str, str | int] = {"q": "word", "limit": 3, **({"cursor": cursor} if cursor else {})}
        page = client.get(SEARCH, params=query).json()
        walked += [hit["message"]["text"] for hit in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert walked == [f"word {number}" for number in reversed(range(7))]


def test_a_message_indexed_twice_is_found_once(cast: Cast) -> None:
    (message_id,) = say(cast, "twice told")
    with cast.house.store.write() as db:
        db.execute(insert(search_pending), {"message_id": message_id})
        db.execute(insert(search_pending), {"message_id": message_id})
        assert index_pending(db, 10) == 2
        assert index_pending(db, 10) == 0
    assert find(cast, "told") == ["twice told"]


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "' OR 1=1 --",
        "a* OR b*",
        "NEAR(a b)",
        "text:a",
        "-a",
        "a & !b | c",
        "(a",
        "_",
        "città 🎉",
        "日本",
        "x " * 99,
    ],
)
def test_any_text_is_only_words(cast: Cast, query: str) -> None:
    say(cast, "città 日本 a b")
    answer = cast.client(cast.ann).get(SEARCH, params={"q": query})
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert answer.json()["code"] == "no_words"


@pytest.mark.parametrize("cursor", ["nonsense", "WyJzIiwieCJd", "WyJkIiwiMSJd"])
def test_a_made_up_cursor_is_refused(cast: Cast, cursor: str) -> None:
    answer = cast.client(cast.ann).get(SEARCH, params={"q": "a", "cursor": cursor})
    assert answer.json()["code"] == "bad_cursor"
