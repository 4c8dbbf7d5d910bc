"""Subscriptions over the API: kept by admins, read by managers, seen by nobody else."""

from __future__ import annotations

import httpx
import pytest

from casella.inbox.subscriptions import post_due, write_some
from casella.store.tables import subscription_letters
from tests.api.conftest import Cast
from tests.builders import make_conversation

OF = "/api/v1/subscriptions"
URL = "https://crm.example/casella"


def subscribed(cast: Cast, **more: object) -> dict[str, object]:
    answer = cast.client(cast.dora).post(OF, json={"url": URL, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_an_admin_keeps_them_and_a_manager_reads_them(cast: Cast) -> None:
    made = subscribed(cast, kinds=["message.created"], inboxes=[cast.support], description="CRM")
    assert str(made["secret"]).startswith("whsec_")
    [shown] = cast.client(cast.carla).get(OF).json()
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    dora, path = cast.client(cast.dora), f"{OF}/{made['id']}"
    off = dora.patch(path, json={"active": False}).json()
    assert (off["state"], off["off_reason"], off["kinds"]) == ("off", "switched off by hand", ["message.created"])
    on = dora.patch(path, json={"active": True, "kinds": []}).json()
    assert (on["state"], on["off_reason"], on["kinds"]) == ("active", None, [])
    renewed = dora.post(f"{path}/secret").json()
    assert renewed["secret"] not in ("", made["secret"])
    assert dora.delete(path).status_code == 204
    assert cast.client(cast.carla).get(OF).json() == []
    assert dora.delete(path).status_code == 404


def test_nobody_but_an_admin_changes_them(cast: Cast) -> None:
    id = subscribed(cast)["id"]
    for who, status in ((cast.carla, 403), (cast.ann, 403), (None, 401)):
        client = cast.client(who)
        answers = [
            client.post(OF, json={"url": URL}), client.patch(f"{OF}/{id}", json={"active": False}),
            client.post(f"{OF}/{id}/secret"), client.delete(f"{OF}/{id}"),
        ]  # fmt: skip
        assert {answer.status_code for answer in answers} == {status}
    assert cast.client(cast.ann).get(OF).status_code == 403
    assert cast.client(cast.ann).get(f"{OF}/{id}/letters").status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"url": "http://crm.example/"}, 422, "bad_address"),
        ({"url": "https://u:p@crm.example/"}, 422, "bad_address"),
        ({"url": URL, "kinds": ["draft.updated"]}, 422, "invalid"),
        ({"url": URL, "inboxes": ["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"]}, 404, "not_found"),
        ({}, 422, "invalid"),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(
    lite_cast: Cast, wrong: dict[str, object], status: int, code: str
) -> None:
    answer = lite_cast.client(lite_cast.dora).post(OF, json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_fifty_are_enough(lite_cast: Cast) -> None:
    dora = lite_cast.client(lite_cast.dora)
    for _ in range(50):
        assert dora.post(OF, json={"url": URL}).status_code == 201
    answer = dora.post(OF, json={"url": URL})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_subscriptions")


def test_the_log_goes_on_by_cursor_and_shows_what_one_sees(cast: Cast) -> None:
    id = str(subscribed(cast)["id"])
    now, rooms = cast.house.clock.now(), cast.house.rooms
    with rooms.store.write() as db:
        for number, inbox in enumerate((cast.support, cast.sales, cast.support)):
            about = make_conversation(db, inbox_id=inbox)
            row = {
                "id": f"01KB2Z8Q4M7T1V3X5Y7Z9A1C0{number}", "subscription_id": id, "event_id": number,
                "kind": "message.created", "conversation_id": about, "body": "{}", "due_at": now, "created_at": now,
            }  # fmt: skip
            db.execute(subscription_letters.insert().values(row))
    carla = cast.client(cast.carla)
    first = carla.get(f"{OF}/{id}/letters", params={"limit": 1}).json()
    second = carla.get(f"{OF}/{id}/letters", params={"limit": 1, "cursor": first["next"]}).json()
    assert [one["id"][-1] for one in first["items"] + second["items"]] == ["2", "0"]
    assert second["next"] is None
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as http:
        write_some(rooms)
        assert post_due(rooms, http, 1) == 1
    assert carla.post("/api/v1/subscription-letters/01KB2Z8Q4M7T1V3X5Y7Z9A1C01/retry").status_code == 404
    assert carla.get(f"{OF}/01KB2Z8Q4M7T1V3X5Y7Z9A1C3E/letters").status_code == 404
