"""What agents note about contacts, over HTTP."""

from __future__ import annotations

from casella.ids import new_id
from casella.inbox.contacts import importing
from casella.store.queries.people import contact_index
from tests.api.conftest import Cast
from tests.builders import make_agent, make_contact, make_conversation


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


def test_every_member_of_any_inbox_finds_a_contact_and_who_is_in_none_does_not(cast: Cast) -> None:
    contact = contact_of(cast)
    with cast.house.store.write() as db:
        nina = make_agent(db, name="Nina", key="nina", email="nina@casella.test")
        contact_index.renew(db, [contact])
    cast.house.desk_changed()
    for agent in (cast.ann, cast.eve, cast.dora):
        found = cast.client(agent).get("/api/v1/contacts", params={"q": "zoe"}).json()
        assert [(one["id"], one["name"]) for one in found["items"]] == [(contact, "Zoë")]
        assert cast.client(agent).get(f"/api/v1/contacts/{contact}").json() == found["items"][0]
    for path in ("/api/v1/contacts?q=zoe", f"/api/v1/contacts/{contact}"):
        assert cast.client(nina).get(path).json()["code"] == "no_inbox"


def test_pages_of_contacts_meet(cast: Cast) -> None:
    with cast.house.store.write() as db:
        made = [make_contact(db, name=f"Ada {number}") for number in range(5)]
        contact_index.renew(db, made)
    client = cast.client(cast.ann)
    for query in ({}, {"q": "ada"}):
        walked: list[str] = []
        more: dict[str, str] = {}
        while True:
            page = client.get("/api/v1/contacts", params={**query, **more, "limit": "2"}).json()
            walked += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            more = {"cursor": page["next"]}
        assert sorted(walked) == sorted(made)
    assert client.get("/api/v1/contacts", params={"cursor": "WyJrIiwxXQ"}).json()["code"] == "bad_cursor"


def test_a_contact_is_made_once_changed_and_linked(cast: Cast) -> None:
    """S-65, S-66, S-103: made first, then linked."""
    made = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        conversation = make_conversation(db, channel_id=made)
    client = cast.client(cast.ann)
    body = {"name": "Ada", "numbers": ["+39 06 1234 5678"], "tags": ["vip"]}
    answers = [
        client.post("/api/v1/contacts", json=body, headers={"Idempotency-Key": "make-ada"}).json() for _ in range(2)
    ]
    assert answers[0] == answers[1]
    ada = answers[0]["id"]
    changed = client.patch(f"/api/v1/contacts/{ada}", json={"name": "Ada Lovelace", "locale": "en"}).json()
    assert (changed["name"], changed["locale"], changed["tags"]) == ("Ada Lovelace", "en", ["vip"])
    linked = client.put(f"/api/v1/conversations/{conversation}/contact", json={"contact": ada})
    assert (linked.status_code, linked.json()["contact"]["display_name"]) == (200, "Ada Lovelace"), linked.text
    assert linked.json()["contact"]["linked"] is True
    history = client.get("/api/v1/conversations", params={"contact": ada, "status": "all"}).json()["items"]
    assert [one["id"] for one in history] == [conversation]
    taken = client.post("/api/v1/contacts", json={"numbers": ["+390612345678"]}, headers={"Accept-Language": "it"})
    assert (taken.status_code, taken.json()["code"], taken.json()["contact_id"]) == (409, "number_known", ada)


def test_two_contacts_are_merged_once_and_told_apart(cast: Cast) -> None:
    client = cast.client(cast.ann)
    ada, bea = (client.post("/api/v1/contacts", json={"name": name}).json()["id"] for name in ("Ada", "Bea"))
    path = f"/api/v1/contacts/{ada}"
    for _ in range(2):
        assert client.post(f"{path}/merge", json={"contact": bea}).status_code == 200
    assert client.get(f"/api/v1/contacts/{bea}").status_code == 404
    [merge] = client.get(f"{path}/merges").json()
    assert (merge["gone_id"], merge["gone_name"], merge["by"]["name"], merge["may_undo"]) == (bea, "Bea", "Ann", True)
    undone = client.post(f"{path}/merges/{merge['id']}/undo")
    assert (undone.status_code, undone.json()["name"]) == (200, "Bea"), undone.text
    again = client.post(f"{path}/merges/{merge['id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "merge_final")
    assert client.post(f"{path}/merge", json={"contact": ada}).json()["code"] == "same_contact"


def test_managers_bring_a_file_and_take_one_home(cast: Cast) -> None:
    manager, body = cast.client(cast.carla), {"name": "a.csv", "csv": "name,numbers\nAda,+15551230001\nNo,12\n"}
    looked = manager.post("/api/v1/contacts/imports", json={**body, "dry_run": True}, headers={"Accept-Language": "it"})
    assert (looked.status_code, looked.json()["state"], looked.json()["created"]) == (201, "checked", 1), looked.text
    assert looked.json()["mistakes"][0]["text"] == "Questo non è un numero di telefono completo."
    begun = manager.post("/api/v1/contacts/imports", json=body).json()
    while importing.take_some(cast.house.rooms):
        pass
    done = manager.get(f"/api/v1/contacts/imports/{begun['id']}").json()
    assert (done["state"], done["done"], done["created"]) == ("done", 2, 1)
    assert [one["id"] for one in manager.get("/api/v1/contacts/imports").json()] == [begun["id"]]
    file = manager.get("/api/v1/contacts/export")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.text.splitlines() == ["name,numbers,locale,tags", "Ada,+15551230001,,"]
    for path in ("imports", "export", f"imports/{begun['id']}"):
        assert cast.client(cast.ann).get(f"/api/v1/contacts/{path}").status_code == 403
    assert cast.client(cast.dora).get(f"/api/v1/contacts/imports/{begun['id']}").status_code == 404


def test_a_contact_that_is_none_is_not_there(cast: Cast) -> None:
    stranger = new_id()
    path = f"/api/v1/contacts/{stranger}"
    assert cast.client(cast.ann).post(f"{path}/tags", json={"tag": "vip"}).status_code == 404
    assert cast.client(cast.ann).post(f"{path}/sign-out").status_code == 404


def test_managers_note_what_many_have_agreed_to(cast: Cast) -> None:
    with cast.house.store.write() as db:
        ada, bo = make_contact(db, name="Ada"), make_contact(db, name="Bo")
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    body = {
        "contact_ids": [ada, bo, new_id()], "purpose": "marketing", "state": "opted_in", "channels": [channel],
        "source": "Counter", "at": "2026-01-05T10:00:00+01:00",
    }  # fmt: skip
    client, path = cast.client(cast.carla), "/api/v1/contacts/consents"
    for answer in (client.post(path, json={**body, "dry_run": True}), client.post(path, json=body)):
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["opted_in"], found["known"], found["older"]) == (2, 0, 0)
        assert found["skipped"] == [{"contact": body["contact_ids"][2], "code": "no_such_contact"}]
    assert client.post(path, json=body).json()["known"] == 2
    assert cast.client(cast.ann).post(path, json=body).status_code == 403
    refused = cast.client(cast.dora, **{"Accept-Language": "it"}).post(
        path, json={**body, "at": "2999-01-01T00:00:00Z"}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "consent_in_future")
    assert refused.json()["detail"] == "Nessuno ha detto qualcosa nel futuro."
