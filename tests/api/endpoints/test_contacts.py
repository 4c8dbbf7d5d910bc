"""What agents note about contacts, over HTTP."""

from __future__ import annotations

from tests.api.conftest import Cast
from tests.builders import make_contact, make_conversation


def contact_of(cast: Cast) -> str:
    made = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        contact = make_contact(db, name="Zoë")
        make_conversation(db, channel_id=made, contact_id=contact)
    return contact


def test_signing_a_contact_out_is_done_once_and_again(cast: Cast) -> None:
    contact = contact_of(cast)
    for _ in range(2):
        answer = cast.client(cast.ann).post(f"/api/v1/contacts/{contact}/sign-out")
        assert (answer.status_code, answer.json()["name"]) == (200, "Zoë")


def test_tags_are_put_on_and_taken_off_once(cast: Cast) -> None:
    contact = contact_of(cast)
    client = cast.client(cast.ann)
    path = f"/api/v1/contacts/{contact}"
    for tag in ("vip", "vip", "press"):
        answer = client.post(f"{path}/tags", json={"tag": tag})
        assert answer.status_code == 200, answer.text
    assert client.get(path).json()["tags"] == ["press", "vip"]
    assert client.post(f"{path}/tags/remove", json={"tag": "vip"}).json()["tags"] == ["press"]
    assert client.post(f"{path}/tags/remove", json={"tag": "vip"}).json()["tags"] == ["press"]
    assert client.put(f"{path}/favourite", json={"favourite": True}).json()["favourite"] is True


def test_a_contact_of_others_is_not_there(cast: Cast) -> None:
    with cast.house.store.write() as db:
        stranger = make_contact(db)
    path = f"/api/v1/contacts/{stranger}"
    assert cast.client(cast.ann).post(f"{path}/tags", json={"tag": "vip"}).status_code == 404
    assert cast.client(cast.ann).post(f"{path}/sign-out").status_code == 404
