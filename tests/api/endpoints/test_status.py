"""Health, readiness, metrics."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, text

from casella.store.tables import kept_webhooks
from tests.api.conftest import Cast
from tests.api.house import House, open_house
from tests.builders import NOW, make_contact, make_conversation

HERE = {"Host": "127.0.0.1:8000"}


def test_health_asks_nobody(lite_house: House) -> None:
    assert lite_house.client().get("/health").json() == {"status": "ok"}


def test_ready_says_which_part_is_not(house: House) -> None:
    client = house.client()
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["checks"]) == (
        200, {"database": "ok", "migrations": "ok", "disk": "ok", "workers": "ok"},
    )  # fmt: skip
    house.ready["plugin acme"] = "set aside: it hung"
    assert client.get("/ready").status_code == 200
    house.ready["workers"] = "the sweep has not come round"
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["checks"]["workers"] == "the sweep has not come round"


def test_tables_of_another_version_are_not_ready(database_url: str, tmp_path: Path) -> None:
    """On a database of its own: other tests go on with the shared one."""
    with open_house(database_url, tmp_path) as house:
        with house.store.write() as db:
            db.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        answer = house.client().get("/ready")
    assert answer.status_code == 503
    assert "casella migrate" in answer.json()["checks"]["migrations"]


def test_metrics_tell_what_waits(cast: Cast) -> None:
    with cast.house.store.write() as db:
        db.execute(
            insert(kept_webhooks).values(
                id="k", connection_key="sms", reason="quarantine", method="POST", query="", headers_sealed="",
                body=b"", received_at=NOW,
            )
        )  # fmt: skip
    client = cast.client(cast.ann)
    client.get("/api/v1/me")
    answer = client.get("/metrics", headers=HERE)
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert "casella_kept_webhooks 1.0" in lines
    assert 'casella_outbox{state="queued"} 0.0' in lines
    assert any(line.startswith('casella_http_requests_total{method="GET",route="/api/v1/me"') for line in lines)


def test_without_a_token_metrics_are_for_this_machine(lite_house: House) -> None:
    assert lite_house.client().get("/metrics", headers=HERE).status_code == 200
    assert lite_house.client(address="192.0.2.7").get("/metrics").status_code == 403
    proxied = lite_house.client().get("/metrics", headers={**HERE, "X-Forwarded-For": "192.0.2.7"})
    assert proxied.status_code == 403


@pytest.mark.parametrize(
    ("authorization", "status"), [("Bearer scrape me", 200), ("Bearer wrong", 403), ("", 403), ("Bearer é", 403)]
)
def test_with_a_token_metrics_need_it(
    migrated_sqlite_url: str, tmp_path: Path, authorization: str, status: int
) -> None:
    with open_house(migrated_sqlite_url, tmp_path, metrics_token="scrape me") as house:
        client = house.client(address="192.0.2.7")
        answer = client.get("/metrics", headers={b"Authorization": authorization.encode("latin-1")})
        assert answer.status_code == status


def test_no_label_grows_with_what_strangers_send(lite_house: House) -> None:
    client = lite_house.client()
    for number in range(5):
        client.get(f"/nowhere/{number}")
        client.request(f"VERB{number}", "/health")
    exposed = client.get("/metrics", headers=HERE).text
    assert "/nowhere/" not in exposed
    assert "VERB" not in exposed


def test_managers_see_what_is_out_of_order(cast: Cast) -> None:
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        paused = {"code": "channel_misconfigured", "text": "The password was refused.", "id": channel}
        db.execute(text("UPDATE channels SET paused_code = :code, paused_text = :text WHERE id = :id"), paused)
    ann, carla, eve = cast.client(cast.ann), cast.client(cast.carla), cast.client(cast.eve)
    assert ann.get("/api/v1/channels").json()[0]["paused_code"] is None
    assert carla.get("/api/v1/channels").json()[0]["paused_code"] == "channel_misconfigured"
    assert eve.get("/api/v1/channels").json() == []
    assert ann.get("/api/v1/connections").status_code == 403
    (connection,) = carla.get("/api/v1/connections").json()
    assert (connection["channel_type"], connection["problem"], connection["kept_webhooks"]) == ("quiet", None, 0)
    assert ann.post(f"/api/v1/channels/{channel}/resume").status_code == 403
    assert carla.post(f"/api/v1/channels/{channel}/resume").json()["paused_code"] is None
    assert "deliveries" in cast.house.bell.rung


def test_everybodys_names_and_ones_own_inboxes(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    assert [inbox["key"] for inbox in ann.get("/api/v1/inboxes").json()] == ["support"]
    assert [agent["name"] for agent in ann.get("/api/v1/agents").json()] == ["Ann", "Bob", "Carla", "Dora", "Eve"]
    assert set(ann.get("/api/v1/agents").json()[0]) == {"id", "key", "name"}
    assert ann.get("/api/v1/teams").json() == []
    assert {inbox["key"] for inbox in cast.client(cast.dora).get("/api/v1/inboxes").json()} == {"support", "sales"}


def test_a_contact_is_there_for_who_talks_to_him(cast: Cast) -> None:
    with cast.house.store.write() as db:
        contact = make_contact(db, name="Zoë", address="+393331234567")
        make_conversation(db, inbox_id=cast.support, contact_id=contact)
    shown = cast.client(cast.ann).get(f"/api/v1/contacts/{contact}").json()
    assert shown["name"] == "Zoë"
    assert shown["addresses"] == [{"kind": "phone", "address": "+393331234567", "opted_out": False}]
    found = cast.client(cast.eve).get(f"/api/v1/contacts/{contact}")
    assert found.status_code == 200, "members of any inbox find a shared contact, but not his conversations"
    assert not cast.client(cast.eve).get("/api/v1/conversations", params={"contact": contact}).json()["items"]
