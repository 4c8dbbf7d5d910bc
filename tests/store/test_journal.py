"""The journal's queries: once, in order of lanes, kept and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.ids import new_id
from casella.store import Store, journal
from tests.builders import make_channel

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    opened = Store(migrated_url)
    yield opened
    opened.close()


def row(channel_id: str, identity: str, lane: int = 0, **more: object) -> dict[str, object]:
    return {"lane": lane, "channel_id": channel_id, "message_id": new_id(), "kind": "message_received",
            "identity": identity, "event": "{}", "received_at": NOW, **more}  # fmt: skip


def test_a_known_identity_vanishes_also_within_one_batch(store: Store) -> None:
    with store.write() as db:
        channel = make_channel(db)
        assert journal.append(db, [row(channel, "a"), row(channel, "b"), row(channel, "a")]) == 2
        assert journal.append(db, [row(channel, "b")]) == 0
        assert journal.append(db, [row(channel, "a", kind="message_status"), row(make_channel(db), "a")]) == 2


def test_a_large_batch_keeps_its_order(store: Store) -> None:
    with store.write() as db:
        channel = make_channel(db)
        assert journal.append(db, [row(channel, f"{number:05}") for number in range(3000)]) == 3000
        waiting = journal.pending(db, 0, 5000)

    assert [item.identity for item in waiting] == [f"{number:05}" for number in range(3000)]


def test_lanes_are_told_apart_and_finished_ones_are_quiet(store: Store) -> None:
    with store.write() as db:
        channel = make_channel(db)
        journal.append(
            db, [row(channel, "a", 1), row(channel, "b", 3, received_at=NOW - timedelta(hours=1)), row(channel, "c", 1)]
        )
        assert sorted(journal.waiting_lanes(db)) == [1, 3]
        assert journal.oldest_waiting(db) == NOW - timedelta(hours=1)
        first = journal.pending(db, 1, 1)
        assert [item.identity for item in first] == ["a"]
        journal.finish(db, [item.id for item in journal.pending(db, 1, 10)])
        assert list(journal.waiting_lanes(db)) == [3]
        journal.finish(db, [item.id for item in journal.pending(db, 3, 10)])
        assert journal.oldest_waiting(db) is None


def test_failures_are_counted_and_the_final_one_parks_the_row(store: Store) -> None:
    with store.write() as db:
        journal.append(db, [row(make_channel(db), "a")])
        number = journal.pending(db, 0, 1)[0].id
        journal.fail(db, number, "first\x00 " + "x" * 900, final=False)
        again = journal.pending(db, 0, 1)[0]
        assert (again.attempts, len(again.error or "")) == (1, 500)
        journal.fail(db, number, "last", final=True)
        assert journal.pending(db, 0, 1) == []
        assert journal.retry_failed(db) == 1
        assert journal.pending(db, 0, 1)[0].attempts == 0


def test_kept_webhooks_wait_in_order_until_they_are_replayed(store: Store) -> None:
    def kept(key: str) -> dict[str, object]:
        return {"id": new_id(), "connection_key": key, "reason": "quarantined", "method": "POST", "query": "",
                "headers_sealed": "x", "body": b"\x00\xff", "received_at": NOW}  # fmt: skip

    rows = [kept("acme"), kept("acme"), kept("other")]
    with store.write() as db:
        journal.keep(db, rows)
        assert [item.id for item in journal.kept(db, "", 2)] == [rows[0]["id"], rows[1]["id"]]
        assert bytes(journal.kept(db, "", 1)[0].body) == b"\x00\xff"
        assert (journal.count_kept(db), journal.count_kept(db, "acme")) == (3, 2)
        journal.mark_replayed(db, [str(rows[0]["id"])], NOW, {"outcome": "accepted"})
        assert (journal.count_kept(db), journal.count_kept(db, "acme")) == (2, 1)
        assert [item.id for item in journal.kept(db, "", 9)] == [rows[1]["id"], rows[2]["id"]]


@given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 64))
def test_a_lane_is_the_same_for_ever(channel: str, address: str, count: int) -> None:
    assert 0 <= journal.lane_of(channel, address, count) < count
    assert journal.lane_of(channel, address, count) == journal.lane_of(channel, address, count)


def test_lanes_are_used_evenly() -> None:
    assert journal.lane_of("01ABC", "+390555000001", 16) == 11  # what is stored today must be found tomorrow
    used = Counter(journal.lane_of("01ABC", f"+39055{number:06}", 16) for number in range(1600))
    assert len(used) == 16
    assert max(used.values()) < 2 * 100
