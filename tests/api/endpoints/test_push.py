"""Devices over the API: one's own, taken only if a push service could bring something there."""

from __future__ import annotations

import pytest

from casella.store.tables import push_devices
from tests.api.conftest import Cast

OF = "/api/v1/me/push"
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
BODY = {"endpoint": "https://push.example/send/abc", "expirationTime": None, "keys": KEYS, "label": "Phone"}


def test_a_browser_is_registered_listed_and_removed(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    key = ann.get(f"{OF}/key").json()["public_key"]
    assert key == cast.client(cast.bob).get(f"{OF}/key").json()["public_key"], "the house's"
    made = ann.post(f"{OF}/devices", json=BODY)
    assert made.status_code == 201, made.text
    assert (made.json()["label"], made.json()["service"]) == ("Phone", "push.example")
    assert ann.get(f"{OF}/devices").json() == [made.json()]
    bob, path = cast.client(cast.bob), f"{OF}/devices/{made.json()['id']}"
    assert bob.get(f"{OF}/devices").json() == []
    assert bob.delete(path).status_code == 404
    assert ann.delete(path).status_code == 204
    assert ann.get(f"{OF}/devices").json() == []


def test_it_belongs_to_the_session_it_was_registered_with(cast: Cast) -> None:
    ann = cast.client(cast.ann)
    ann.post(f"{OF}/devices", json=BODY)
    with cast.house.store.read() as db:
        row = db.execute(push_devices.select()).one()
    assert row.agent_id == cast.ann
    assert "send/abc" not in str(tuple(row))
    assert cast.client(cast.dora).delete(f"/api/v1/agents/{cast.ann}/credentials/{row.token_id}").status_code == 204


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/x"},
        {"endpoint": "https://u:p@push.example/x"},
        {"endpoint": "https://push.example:port/x"},
        {"keys": {**KEYS, "p256dh": "AAAA"}},
        {"keys": {**KEYS, "auth": "AAAA"}},
        {"keys": {"p256dh": KEYS["p256dh"]}},
    ],
)
def test_what_is_no_device_is_refused(lite_cast: Cast, wrong: dict[str, object]) -> None:
    answer = lite_cast.client(lite_cast.ann).post(f"{OF}/devices", json={**BODY, **wrong})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] in ("bad_device", "invalid")
