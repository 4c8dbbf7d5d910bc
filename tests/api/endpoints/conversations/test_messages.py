"""Reading and answering over HTTP."""

from __future__ import annotations

import threading
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update

from casella.store.tables import messages, outbox
from tests.api.conftest import Cast
from tests.builders import NOW, make_attachment, make_conversation, make_message

SHAPE = {
    "id", "external_id", "direction", "kind", "text", "sender", "attachments", "reply_to", "provider_time",
    "received_at", "state", "error", "details",
}  # fmt: skip


@pytest.fixture
def conversation(cast: Cast) -> str:
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        conversation_id = make_conversation(db, channel_id=channel)
        make_message(db, conversation_id, text="Is it ready?", external_id="SM1", provider_time=NOW)
    return conversation_id


def reply(client: httpx.Client, conversation: str, text: str = "Yes", key: str | None = "k1") -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/api/v1/conversations/{conversation}/messages", json={"text": text}, headers=headers)


def test_a_message_has_exactly_the_promised_shape(cast: Cast, conversation: str) -> None:
    with cast.house.store.write() as db:
        failed = make_message(
            db,
            conversation,
            direction="out",
            state="failed",
            sender_id=cast.ann,
            error_code="contact_stopped",
            error_text="The recipient has opted out.",
            error_retryable=False,
            reply_to_external="SM1",
        )
        picture = make_attachment(db, failed)
    first, second = cast.client(cast.ann).get(f"/api/v1/conversations/{conversation}/messages").json()["items"]
    assert set(first) == SHAPE
    assert (first["text"], first["direction"], first["external_id"], first["state"]) == (
        "Is it ready?", "in", "SM1", "received",
    )  # fmt: skip
    assert first["provider_time"] == "2026-11-23T10:00:00Z"
    assert first["sender"]["kind"] == "contact"
    assert first["error"] is None
    assert second["sender"] == {"kind": "agent", "id": cast.ann, "name": "Ann"}
    assert second["error"] == {"code": "contact_stopped", "retryable": False, "text": "The recipient has opted out."}
    assert second["reply_to"] == first["id"]
    (attachment,) = second["attachments"]
    assert (attachment["kind"], attachment["mime"], attachment["size"]) == ("image", "image/png", 68)
    assert attachment["url"] == f"/api/v1/attachments/{picture}"


def test_pages_go_both_ways_and_meet(cast: Cast, conversation: str) -> None:
    with cast.house.store.write() as db:
        for number in range(9):
            make_message(db, conversation, text=str(number))
    client, url = cast.client(cast.ann), f"/api/v1/conversations/{conversation}/messages"
    newest = client.get(url, params={"limit": 4}).json()
    assert [item["text"] for item in newest["items"]] == ["5", "6", "7", "8"]
    assert newest["newer"] is None
    middle = client.get(url, params={"limit": 4, "before": newest["older"]}).json()
    assert [item["text"] for item in middle["items"]] == ["1", "2", "3", "4"]
    oldest = client.get(url, params={"limit": 4, "before": middle["older"]}).json()
    assert [item["text"] for item in oldest["items"]] == ["Is it ready?", "0"]
    assert oldest["older"] is None
    onward = client.get(url, params={"limit": 4, "after": oldest["newer"]}).json()
    assert onward["items"] == middle["items"]
    end = client.get(url, params={"limit": 9, "after": onward["newer"]}).json()
    assert [item["text"] for item in end["items"]] == ["5", "6", "7", "8"]
    assert end["newer"] is None


def test_order_is_provider_time_then_sequence(cast: Cast, conversation: str) -> None:
    with cast.house.store.write() as db:
        make_message(db, conversation, text="late", at=NOW + timedelta(minutes=2))
        make_message(db, conversation, text="early", at=NOW + timedelta(minutes=1))
    items = cast.client(cast.ann).get(f"/api/v1/conversations/{conversation}/messages").json()["items"]
    assert [item["text"] for item in items] == ["Is it ready?", "early", "late"]


def test_a_reply_is_queued_shown_and_rung(cast: Cast, conversation: str) -> None:
    answer = reply(cast.client(cast.ann), conversation, "Sì, è pronto 🎉")
    assert answer.status_code == 201
    message = answer.json()
    assert (message["direction"], message["state"], message["text"]) == ("out", "queued", "Sì, è pronto 🎉")
    assert message["sender"] == {"kind": "agent", "id": cast.ann, "name": "Ann"}
    assert {"deliveries", "feed"} <= set(cast.house.bell.rung)
    assert cast.client(cast.bob).get(f"/api/v1/messages/{message['id']}").json() == message


def test_what_is_sent_again_is_a_new_message_and_rung_like_any(cast: Cast, conversation: str) -> None:
    with cast.house.store.write() as db:
        failed = make_message(
            db, conversation, direction="out", text="Once more", state="failed", sender_kind="agent",
            sender_id=cast.ann, error_code="blocked", error_text="Switched off.", error_retryable=True,
        )  # fmt: skip
    answer = cast.client(cast.ann).post(f"/api/v1/messages/{failed}/retry")
    assert (answer.status_code, answer.json()["text"], answer.json()["state"]) == (201, "Once more", "queued")
    assert {"deliveries", "feed", "search"} <= set(cast.house.bell.rung)


def test_without_a_key_nothing_is_sent(cast: Cast, conversation: str) -> None:
    answer = reply(cast.client(cast.ann), conversation, key=None)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert answer.headers["content-type"] == "application/problem+json"
    assert sent_count(cast) == 0


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "with space"])
def test_a_bad_key_is_refused(cast: Cast, conversation: str, key: str) -> None:
    answer = reply(cast.client(cast.ann), conversation, key=key)
    assert answer.status_code == 400
    assert sent_count(cast) == 0


def test_the_same_key_gives_the_same_answer(cast: Cast, conversation: str) -> None:
    client = cast.client(cast.ann)
    first, again = reply(client, conversation), reply(client, conversation)
    assert again.json() == first.json()
    assert again.status_code == 201
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert sent_count(cast) == 1


def test_the_same_key_for_another_text_is_a_conflict(cast: Cast, conversation: str) -> None:
    client = cast.client(cast.ann)
    reply(client, conversation)
    other = reply(client, conversation, "No")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert sent_count(cast) == 1


def test_keys_belong_to_their_agent(cast: Cast, conversation: str) -> None:
    assert reply(cast.client(cast.ann), conversation).json() != reply(cast.client(cast.bob), conversation).json()
    assert sent_count(cast) == 2


def test_ten_at_the_same_instant_send_one(cast: Cast, conversation: str) -> None:
    client = cast.client(cast.ann)
    answers: list[httpx.Response] = []
    start = threading.Barrier(10)

    def send() -> None:
        start.wait()
        answers.append(reply(client, conversation))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sent_count(cast) == 1


def test_a_refused_reply_says_why_and_leaves_its_key_free(cast: Cast, conversation: str) -> None:
    client = cast.client(cast.ann)
    too_long = reply(client, conversation, "x" * 1601)
    assert too_long.status_code == 422
    assert too_long.json()["code"] not in ("invalid", "send_refused")
    assert reply(client, conversation, "short").status_code == 201


def test_nothing_to_say_is_refused(cast: Cast, conversation: str) -> None:
    assert reply(cast.client(cast.ann), conversation, " \n").status_code == 422


def test_other_inboxes_are_not_there(cast: Cast, conversation: str) -> None:
    eve = cast.client(cast.eve)
    url = f"/api/v1/conversations/{conversation}/messages"
    with cast.house.store.read() as db:
        message_id = db.execute(select(messages.c.id)).scalar_one()
    assert reply(eve, conversation).status_code == 404
    assert eve.get(url).status_code == 404
    assert eve.get(f"/api/v1/messages/{message_id}").status_code == 404
    assert cast.client(cast.dora).get(url).status_code == 200
    assert sent_count(cast) == 0


@pytest.mark.parametrize("path_id", ["nonsense", "0" * 26, "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E", "%00", "a" * 5000])
def test_a_made_up_conversation_is_404(cast: Cast, path_id: str) -> None:
    assert cast.client(cast.ann).get(f"/api/v1/conversations/{path_id}/messages").status_code == 404


def test_managers_see_the_attempts(cast: Cast, conversation: str) -> None:
    message_id = reply(cast.client(cast.ann), conversation).json()["id"]
    url = f"/api/v1/messages/{message_id}/attempts"
    assert cast.client(cast.ann).get(url).json()["code"] == "not_allowed"
    assert cast.client(cast.carla).get(url).json() == []


def test_an_agent_settles_an_unconfirmed_message(cast: Cast, conversation: str) -> None:
    client = cast.client(cast.ann)
    message_id = reply(client, conversation).json()["id"]
    url = f"/api/v1/messages/{message_id}/resolve"
    early = client.post(url, json={"verdict": "sent"})
    assert (early.status_code, early.json()["code"]) == (409, "not_unconfirmed")
    with cast.house.store.write() as db:
        db.execute(update(messages).where(messages.c.id == message_id).values(state="unconfirmed"))
        db.execute(update(outbox).where(outbox.c.message_id == message_id).values(state="unconfirmed"))
    assert client.post(url, json={"verdict": "perhaps"}).status_code == 422
    assert cast.client(cast.eve).post(url, json={"verdict": "sent"}).status_code == 404
    assert client.post(url, json={"verdict": "sent"}).json()["state"] == "sent"
    assert client.post(url, json={"verdict": "send_again"}).status_code == 409


def sent_count(cast: Cast) -> int:
    with cast.house.store.read() as db:
        return int(
            db.execute(select(func.count()).select_from(messages).where(messages.c.direction == "out")).scalar_one()
        )
