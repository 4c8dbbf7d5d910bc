"""Budgets hold exactly, on both databases, however many ask at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from casella.store import Store
from casella.store.queries import assistant_queries, idempotency_queries
from tests.builders import NOW, make_agent, make_inbox

DAY = "2026-11-23"


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    made = Store(migrated_url)
    yield made
    made.close()


def take(store: Store, requests: int | None, tokens: int | None = None) -> bool:
    with store.write() as db:
        return assistant_queries.take_request(db, "agent", "a", DAY, requests, tokens)


def test_a_budget_of_requests_is_never_exceeded(store: Store) -> None:
    taken: list[bool] = []
    threads = [threading.Thread(target=lambda: taken.append(take(store, 5))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True] * 5
    with store.read() as db:
        assert assistant_queries.used(db, "agent", "a", DAY) == (5, 0)


def test_a_budget_of_tokens_refuses_once_it_is_used_up(store: Store) -> None:
    assert take(store, None, 100)
    with store.write() as db:
        assistant_queries.add_tokens(db, [("agent", "a"), ("inbox", "b")], DAY, 100)
    assert not take(store, None, 100)
    assert take(store, None, 101)


@pytest.mark.parametrize("limits", [(0, None), (None, 0)])
def test_nothing_is_nothing(store: Store, limits: tuple[int | None, int | None]) -> None:
    assert not take(store, *limits)


def test_without_a_limit_there_is_none_and_days_do_not_share(store: Store) -> None:
    assert all(take(store, None) for _ in range(3))
    with store.read() as db:
        assert assistant_queries.used(db, "agent", "a", "2026-11-24") == (0, 0)
        assert assistant_queries.used(db, "inbox", "a", DAY) == (0, 0)


def test_an_approved_answer_is_kept_once_per_proposal(store: Store) -> None:
    with store.write() as db:
        inbox = make_inbox(db)
        for text in ("first", "second"):
            kept = {"id": f"id-{text}", "inbox_id": inbox, "proposal_id": "p", "question": "q", "text": text, "at": NOW}
            assistant_queries.keep_answer(db, kept)
        [row] = assistant_queries.answers_of(db, inbox, 10)
        assert row.text == "second"
        before = assistant_queries.answers_mark(db, inbox)
        assistant_queries.drop_answer(db, "p")
        assert assistant_queries.answers_mark(db, inbox) != before


def test_a_key_under_way_is_released_or_taken_over_when_it_was_abandoned(store: Store) -> None:
    with store.write() as db:
        agent = make_agent(db)
        assert idempotency_queries.begin(db, agent, "k", "f", NOW)
        assert not idempotency_queries.begin(db, agent, "k", "f", NOW)
        assert not idempotency_queries.take_over(db, agent, "k", NOW - timedelta(minutes=5), NOW)
        assert idempotency_queries.take_over(db, agent, "k", NOW + timedelta(seconds=1), NOW)
        idempotency_queries.release(db, agent, "k")
        assert idempotency_queries.begin(db, agent, "k", "f", NOW)
        idempotency_queries.finish(db, agent, "k", 200, "{}")
        idempotency_queries.release(db, agent, "k")
        assert idempotency_queries.stored(db, agent, "k").status == 200
