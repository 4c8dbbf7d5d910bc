"""Erasing and exporting one person over the API: for admins alone, counted before it is done."""

from __future__ import annotations

import io
import zipfile

from tests.api.conftest import Cast
from tests.builders import make_contact, make_conversation, make_message


def somebody(cast: Cast) -> str:
    with cast.house.store.write() as db:
        contact = make_contact(db, name="Ada Zebra")
        conversation = make_conversation(db, inbox_id=cast.support, contact_id=contact)
        make_message(db, conversation, text="Hello from Zebra")
    return contact


def test_it_is_counted_unless_it_is_said_otherwise_and_done_once(cast: Cast) -> None:
    dora, contact = cast.client(cast.dora), somebody(cast)
    path, counts = f"/api/v1/contacts/{contact}/erasure", {"conversations": 1, "messages": 1, "attachments": 0}
    assert dora.post(path, json={}).json() == {"erased": False, "counts": counts}
    assert dora.get(f"/api/v1/contacts/{contact}").status_code == 200
    done = dora.post(path, json={"dry_run": False}, headers={"Idempotency-Key": "erase"})
    assert (done.status_code, done.json()) == (200, {"erased": True, "counts": counts})
    assert dora.post(path, json={"dry_run": False}, headers={"Idempotency-Key": "erase"}).json() == done.json()
    assert dora.get(f"/api/v1/contacts/{contact}").status_code == 404
    assert dora.post(path, json={}).status_code == 404
    [deed] = dora.get("/api/v1/erasures").json()
    assert (deed["agent_id"], deed["counts"]) == (cast.dora, counts)
    assert contact not in str(deed)


def test_a_copy_is_a_zip(cast: Cast) -> None:
    answer = cast.client(cast.dora).get(f"/api/v1/contacts/{somebody(cast)}/everything")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert b"Hello from Zebra" in b"".join(archive.read(name) for name in archive.namelist())


def test_nobody_but_an_admin_may(cast: Cast) -> None:
    contact = somebody(cast)
    for who, status in ((cast.carla, 403), (cast.ann, 403), (None, 401)):
        client = cast.client(who)
        answers = [
            client.post(f"/api/v1/contacts/{contact}/erasure", json={"dry_run": False}),
            client.get(f"/api/v1/contacts/{contact}/everything"), client.get("/api/v1/erasures"),
        ]  # fmt: skip
        assert {answer.status_code for answer in answers} == {status}
    assert cast.client(cast.dora).get(f"/api/v1/contacts/{contact}").status_code == 200
