"""What is old is forgotten however much of it there is, a batch at a time."""

from __future__ import annotations

from datetime import timedelta

from casella.ids import new_id
from casella.inbox.sending.uploads import UPLOADS_AT_ONCE
from casella.jobs.pruning import prune
from casella.jobs.workers import DUTIES
from casella.store import bulk
from casella.store.forgetting import BATCH
from casella.store.tables import attachments, idempotency_keys
from tests.house import House


def test_a_backlog_is_gone_after_some_batches_and_the_rest_stays(house: House) -> None:
    now, agent = house.clock.now(), house.agent("ann").id
    old = now - timedelta(days=house.settings.kept_days + 1)
    keys = [{"agent_id": agent, "key": str(n), "fingerprint": "", "created_at": old} for n in range(BATCH + 1)]
    keys.append({"agent_id": agent, "key": "new", "fingerprint": "", "created_at": now})
    files = [
        {"id": new_id(), "kind": "image", "mime": "image/png", "state": "stored", "created_at": old}
        for _ in range(UPLOADS_AT_ONCE * 2 + 1)
    ]
    with house.rooms.store.write() as db:
        bulk.insert(db, idempotency_keys, keys)
        bulk.insert(db, attachments, files)
    assert [prune(house.rooms) for _ in range(3)] == [True, True, False]
    assert [row["key"] for row in house.rows(idempotency_keys)] == ["new"]
    assert house.rows(attachments) == []


def test_it_has_a_thread_of_its_own_and_keeps_the_sweep_from_nothing() -> None:
    [duty] = [duty for duty in DUTIES if duty.name == "old rows"]
    assert duty.threads == 1
